package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Carried;
import kazoku.Cell;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Stacked;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.internal.Recurrence;
import kazoku.layers.BatchNorm;
import kazoku.layers.Dense;
import kazoku.layers.LayerNorm;
import kazoku.layers.Residual;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/**
 * A sequence that comes step by step gives what it gives as a whole, in float64.
 *
 * <p>To the last bit for eight rows that go through a loop. With other numbers of rows there are
 * numbers that do not fill a register of the processor; they are computed by other code, with other
 * last bits, and which ones these are depends on how many there are in a tensor, of one step or of
 * all. To rounding for one row, of which a step is a vector times a matrix and the whole a product
 * of matrices, and where a scan puts steps together.
 */
class StreamingTest {
  private static final int STEPS = 6;
  private static final int ROWS = 8;

  /** Relative to the largest number, or to 1. */
  private static final double ROUNDING = 1e-13;

  @TestFactory
  Stream<DynamicTest> everyCell() {
    return Family.examples().stream()
        .map(
            cell ->
                DynamicTest.dynamicTest(
                    cell.getClass().getSimpleName(),
                    () -> {
                      check(new RNN(cell).with(new Loop(Loop.Form.WHILE, 1)), cell, true);
                      if (Recurrence.isLinear(Trace.of(cell))) {
                        check(new RNN(cell), cell, false);
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> networks() {
    Cell gru = new GRUCell(5, 7);
    Map<String, Layer> layers = new LinkedHashMap<>();
    layers.put("stacked", new Stacked(new RNN(gru), new RNN(new LSTMCell(7, 7))).withResiduals());
    layers.put(
        "among others",
        new Sequential(
            new Dense(5, 9),
            new Residual(new RNN(new LSTMCell(9, 9))),
            new LayerNorm(9),
            new BatchNorm(9),
            new RNN(new GRUCell(9, 33)).named("second"),
            new Dense(33, 4, Activation.IDENTITY, Initializer.GLOROT_UNIFORM).named("head")));
    return layers.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> check(e.getValue(), gru, true)));
  }

  private static void check(Layer layer, Cell first, boolean exact) {
    try (Net net = new Net(layer, first)) {
      double[][] x = net.random();
      double[][] whole = net.whole(x);
      double[][] steps = net.stepByStep(x);
      double[][] alone = net.stepByStep(x[1]);
      for (int row = 0; row < ROWS; row++) {
        if (exact) {
          assertThat(steps[row]).containsExactly(whole[row]);
        }
        near(steps[row], whole[row]);
      }
      near(alone[0], whole[1]);
      near(alone[0], net.whole(x[1])[0]);
    }
  }

  private static void near(double[] actual, double[] expected) {
    double largest = Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElseThrow());
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i])).isLessThanOrEqualTo(ROUNDING * largest);
    }
  }

  /** Two passes of a layer over the same weights, as they are exported: all steps, and the next. */
  private static final class Net implements AutoCloseable {
    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final Shape step;
    private final Placeholder<TFloat64> x;
    private final Map<String, Operand<?>> first = new LinkedHashMap<>();
    private final Map<String, Operand<?>> begin = new LinkedHashMap<>();
    private final Map<String, Operand<?>> end = new LinkedHashMap<>();
    private final Operand<?> whole;
    private final Operand<?> next;
    private final Session session;

    Net(Layer layer, Cell cell) {
      long beside =
          Trace.of(cell).requests().beside().values().stream()
              .mapToLong(e -> e.shape().size())
              .sum();
      long[] sizes = cell.input().asArray().clone();
      sizes[sizes.length - 1] += beside;
      step = Shape.of(sizes);
      x = tf.placeholder(TFloat64.class, Placeholder.shape(step.prepend(-1).prepend(-1)));
      Signal input = Packed.unpack(tf, cell, x, null);
      Weights weights = Weights.variables(tf, TFloat64.class, 3).forInference();
      whole = tf.identity(layer.apply(weights.carrying(new Own()), input).value());
      next = tf.identity(layer.apply(weights.carrying(new Fed()), input).value());
      session = new Session(graph, Sessions.plain());
      session.initialize();
    }

    private class Own implements Carried {
      @Override
      public Operand<TNumber> begin(String state, Shape row, Operand<TNumber> own) {
        first.put(state, tf.identity(own));
        return own;
      }

      @Override
      public void end(String state, Operand<TNumber> last) {}
    }

    private class Fed implements Carried {
      @Override
      public Operand<TNumber> begin(String state, Shape row, Operand<TNumber> own) {
        Placeholder<TNumber> fed = tf.placeholder(own.type(), Placeholder.shape(row.prepend(-1)));
        begin.put(state, fed);
        return fed;
      }

      @Override
      public void end(String state, Operand<TNumber> last) {
        end.put(state, tf.identity(last));
      }
    }

    double[][] random() {
      Random random = new Random(1);
      double[][] rows = new double[ROWS][STEPS * (int) step.size()];
      for (double[] row : rows) {
        Arrays.setAll(row, i -> random.nextDouble() * 2 - 1);
      }
      return rows;
    }

    double[][] whole(double[]... rows) {
      try (TFloat64 input = tensor(rows, 0, STEPS);
          Result result = session.runner().feed(x, input).fetch(whole).run()) {
        return rows(result.get(0), rows.length);
      }
    }

    /** The states are carried as they come. */
    double[][] stepByStep(double[]... rows) {
      List<double[][]> outputs = new ArrayList<>();
      Result carried = beginning(rows);
      for (int t = 0; t < STEPS; t++) {
        Session.Runner runner = session.runner().fetch(next);
        int at = t == 0 ? 0 : 1;
        for (String state : begin.keySet()) {
          runner.feed(begin.get(state), carried.get(at++)).fetch(end.get(state));
        }
        try (TFloat64 input = tensor(rows, t, t + 1)) {
          Result result = runner.feed(x, input).run();
          carried.close();
          carried = result;
          outputs.add(rows(result.get(0), rows.length));
        }
      }
      carried.close();
      double[][] joined = new double[rows.length][];
      for (int row = 0; row < rows.length; row++) {
        int number = row;
        joined[row] = outputs.stream().flatMapToDouble(y -> Arrays.stream(y[number])).toArray();
      }
      return joined;
    }

    private Result beginning(double[]... rows) {
      Session.Runner runner = session.runner();
      begin.keySet().forEach(state -> runner.fetch(first.get(state)));
      try (TFloat64 input = tensor(rows, 0, 1)) {
        return runner.feed(x, input).run();
      }
    }

    private TFloat64 tensor(double[][] rows, int from, int to) {
      int size = (int) step.size();
      double[] some = new double[rows.length * (to - from) * size];
      for (int row = 0; row < rows.length; row++) {
        int count = (to - from) * size;
        System.arraycopy(rows[row], from * size, some, row * count, count);
      }
      return TFloat64.tensorOf(step.prepend(to - from).prepend(rows.length), DataBuffers.of(some));
    }

    private static double[][] rows(Tensor tensor, int rows) {
      double[] all = new double[(int) tensor.size()];
      tensor.asRawTensor().data().asDoubles().read(all);
      int size = all.length / rows;
      double[][] cut = new double[rows][];
      Arrays.setAll(cut, row -> Arrays.copyOfRange(all, row * size, (row + 1) * size));
      return cut;
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }
}
