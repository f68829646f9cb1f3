package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.LSTMCell;
import kazoku.internal.Recurrence;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The scan gives what the loop gives, for every cell that is linear in its state: any number of
 * steps and rows, also none, rows of any length, outputs, final states and gradients.
 */
class ScanTest {
  private static final int[][] SIZES = {{3, 0}, {0, 5}, {1, 1}, {2, 2}, {3, 7}, {4, 30}};

  @TestFactory
  Stream<DynamicTest> scanAndLoopAgree() {
    return Family.cells().stream()
        .map(
            type -> {
              Golden golden = Golden.read(type.getSimpleName());
              Cell cell = Configured.record(type, golden.evaluated().config());
              return cell;
            })
        .filter(cell -> Recurrence.isLinear(Trace.of(cell)))
        .map(cell -> DynamicTest.dynamicTest(cell.toString(), () -> agree(cell)));
  }

  @Test
  void aCellThatIsNotLinearIsRefused() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat64> x = tf.zeros(tf.constant(new int[] {1, 2, 3}), TFloat64.class);
      RNN rnn = new RNN(new LSTMCell(3, 4)).with(new Loop(Loop.Form.SCAN, 1));
      Weights weights = Weights.variables(tf, TFloat64.class, 1);
      assertThatThrownBy(() -> rnn.run(weights, Signal.of(x)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "RNN(LSTMCell): a scan needs a cell that is linear in its state; use Loop.DEFAULT,"
                  + " got form SCAN");
    }
  }

  private static void agree(Cell cell) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 4).forEvaluation();
      Shape steps = cell.input().prepend(Shape.UNKNOWN_SIZE).prepend(Shape.UNKNOWN_SIZE);
      Operand<TFloat64> x = tf.placeholder(TFloat64.class, Placeholder.shape(steps));
      Operand<TInt32> lengths = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
      for (boolean padded : new boolean[] {false, true}) {
        Signal signal = new Signal(x, padded ? lengths : null);
        List<Operand<?>> loop = results(tf, graph, weights, cell, signal, Loop.Form.WHILE, 1);
        List<Operand<?>> scan = results(tf, graph, weights, cell, signal, Loop.Form.SCAN, 1);
        List<Operand<?>> shards = results(tf, graph, weights, cell, signal, Loop.Form.SCAN, 3);
        try (Session session = new Session(graph, Sessions.plain())) {
          session.initialize();
          for (int[] size : SIZES) {
            List<double[]> expected = run(session, cell, x, lengths, loop, size);
            same(run(session, cell, x, lengths, scan, size), expected, size);
            same(run(session, cell, x, lengths, shards, size), expected, size);
          }
        }
      }
    }
  }

  /** Outputs, final states, and the gradients of some loss by input and weights. */
  private static List<Operand<?>> results(
      Ops tf, Graph graph, Weights weights, Cell cell, Signal x, Loop.Form form, int shards) {
    RecurrentLayer.Result result = new RNN(cell).with(new Loop(form, shards)).run(weights, x);
    List<Operand<?>> all = new ArrayList<>(List.of(result.outputs()));
    all.addAll(result.finalState().values());
    Operand<TNumber> loss = sum(tf, tf.math.sin(result.outputs()));
    for (Operand<TNumber> last : result.finalState().values()) {
      loss = tf.math.add(loss, sum(tf, tf.math.sin(last)));
    }
    List<Operand<?>> by = new ArrayList<>(weights.trainable().values());
    by.add(x.value());
    Output<?>[] gradients =
        graph.addGradients(
            loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
    all.addAll(Arrays.asList(gradients));
    return all;
  }

  private static Operand<TNumber> sum(Ops tf, Operand<TNumber> value) {
    return tf.reduceSum(tf.reshape(value, tf.constant(new int[] {-1})), tf.constant(new int[] {0}));
  }

  private static List<double[]> run(
      Session session,
      Cell cell,
      Operand<TFloat64> x,
      Operand<TInt32> lengths,
      List<Operand<?>> fetched,
      int[] size) {
    Random random = new Random(5);
    Shape shape = cell.input().prepend(size[1]).prepend(size[0]);
    double[] values = random.doubles(shape.size(), -1, 1).toArray();
    int[] rows = random.ints(size[0], 0, size[1] + 1).toArray();
    try (TFloat64 input = TFloat64.tensorOf(shape, DataBuffers.of(values));
        TInt32 valid = TInt32.vectorOf(rows)) {
      Session.Runner runner = session.runner().feed(x, input).feed(lengths, valid);
      fetched.forEach(runner::fetch);
      try (Result result = runner.run()) {
        Map<String, double[]> all = new LinkedHashMap<>();
        result.forEach(
            entry -> {
              double[] copy = new double[Math.toIntExact(entry.getValue().shape().size())];
              entry.getValue().asRawTensor().data().asDoubles().read(copy);
              all.put(all.size() + "", copy);
            });
        return List.copyOf(all.values());
      }
    }
  }

  private static void same(List<double[]> actual, List<double[]> expected, int[] size) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int k = 0; k < actual.size(); k++) {
      double[] a = actual.get(k);
      double[] e = expected.get(k);
      assertThat(a).hasSameSizeAs(e);
      for (int i = 0; i < a.length; i++) {
        assertThat(Math.abs(a[i] - e[i]))
            .as("result %d, element %d, sizes %s", k, i, Arrays.toString(size))
            .isLessThanOrEqualTo(1e-9 * Math.max(1, Math.abs(e[i])));
      }
    }
  }
}
