package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.Weights;
import kazoku.cells.ClockworkRNNCell;
import kazoku.cells.QRNNCell;
import kazoku.cells.RGLRUCell;
import kazoku.cells.SelectiveSSMCell;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * States that are known before the loop (windows of inputs, counters) are what the loop makes of
 * them, where it carries them since steps are masked one by one: outputs, final states, and
 * gradients by weights, inputs and first states, for rows of all lengths, also for fewer steps than
 * a window has.
 */
class KnownStatesTest {
  private static final int ROWS = 3;

  static Stream<Cell> cells() {
    return Stream.of(
        new SelectiveSSMCell(4, 6, 3, 2, true, 4),
        new QRNNCell(3, 4),
        new QRNNCell(3, 4, 4, QRNNCell.Pooling.IFO, 0, true, Activation.TANH),
        new RGLRUCell(4, 4),
        new ClockworkRNNCell(3, 4));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void areWhatTheLoopMakesOfThem(Cell cell) {
    for (Loop loop : List.of(Loop.DEFAULT, Loop.DEFAULT.shards(2), Loop.DEFAULT.segments(2))) {
      try (Graph graph = new Graph()) {
        Ops tf = Ops.create(graph);
        Weights weights = Weights.variables(tf, TFloat64.class, 4);
        Map<Placeholder<?>, Shape> fed = new LinkedHashMap<>();
        Placeholder<TFloat64> x = placeholder(tf, cell.input().prepend(-1).prepend(-1));
        Placeholder<TInt32> lengths = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
        Map<String, Placeholder<TFloat64>> first = new LinkedHashMap<>();
        for (Slot slot : cell.state()) {
          first.put(slot.name(), placeholder(tf, slot.shape().prepend(-1)));
          fed.put(first.get(slot.name()), slot.shape().prepend(ROWS));
        }
        RNN rnn = new RNN(cell).with(loop);
        Placeholder<TBool> mask = tf.placeholder(TBool.class, Placeholder.shape(Shape.of(-1, -1)));
        List<Output<?>> known = results(graph, rnn, weights, Signal.of(x), first);
        List<Output<?>> ended = results(graph, rnn, weights, new Signal(x, lengths), first);
        List<Output<?>> carried = results(graph, rnn, weights, Signal.of(x).masked(mask), first);
        try (Session session = new Session(graph, Sessions.plain())) {
          session.initialize();
          for (int steps : new int[] {1, 2, 3, 7}) {
            fed.put(x, cell.input().prepend(steps).prepend(ROWS));
            int[] all = {steps, steps, steps};
            int[] some = {0, steps, steps / 2};
            for (int[] valid : List.of(all, some)) {
              try (TInt32 rows = TInt32.vectorOf(valid);
                  TBool each = mask(valid, steps)) {
                Map<Placeholder<?>, Tensor> ends = Map.of(lengths, rows, mask, each);
                List<double[]> expected = run(session, fed, ends, carried);
                same(run(session, fed, ends, ended), expected, loop, steps);
                if (valid == all) {
                  same(run(session, fed, ends, known), expected, loop, steps);
                }
              }
            }
          }
        }
      }
    }
  }

  private static TBool mask(int[] valid, int steps) {
    TBool mask = TBool.tensorOf(Shape.of(valid.length, steps));
    for (int row = 0; row < valid.length; row++) {
      for (int t = 0; t < steps; t++) {
        mask.setBoolean(t < valid[row], row, t);
      }
    }
    return mask;
  }

  private static void same(List<double[]> actual, List<double[]> expected, Loop loop, int steps) {
    for (int k = 0; k < expected.size(); k++) {
      assertThat(actual.get(k))
          .as("%s, result %d after %d steps", loop, k, steps)
          .containsExactly(expected.get(k), within(1e-9));
    }
  }

  private static Placeholder<TFloat64> placeholder(Ops tf, Shape shape) {
    return tf.placeholder(TFloat64.class, Placeholder.shape(shape));
  }

  private static List<Output<?>> results(
      Graph graph, RNN rnn, Weights weights, Signal x, Map<String, Placeholder<TFloat64>> first) {
    Ops tf = weights.tf();
    RecurrentLayer.Result result = rnn.run(weights, x, first);
    List<Operand<TNumber>> given = new ArrayList<>(List.of(result.outputs()));
    given.addAll(result.finalState().values());
    List<Output<?>> all = new ArrayList<>();
    Operand<TNumber> loss = null;
    for (Operand<TNumber> value : given) {
      all.add(value.asOutput());
      Operand<TNumber> flat = tf.reshape(tf.math.sin(value), tf.constant(new int[] {-1}));
      Operand<TNumber> sum = tf.reduceSum(flat, tf.constant(0));
      loss = loss == null ? sum : tf.math.add(loss, sum);
    }
    List<Output<?>> by = new ArrayList<>(List.of(x.value().asOutput()));
    first.values().forEach(state -> by.add(state.asOutput()));
    weights.trainable().values().forEach(weight -> by.add(weight.asOutput()));
    all.addAll(List.of(graph.addGradients(loss.asOutput(), by.toArray(Output<?>[]::new))));
    return all;
  }

  private static List<double[]> run(
      Session session,
      Map<Placeholder<?>, Shape> fed,
      Map<Placeholder<?>, Tensor> ends,
      List<Output<?>> fetched) {
    Random random = new Random(5);
    List<TFloat64> tensors = new ArrayList<>();
    try {
      Session.Runner runner = session.runner();
      ends.forEach(runner::feed);
      fed.forEach(
          (place, shape) -> {
            double[] values = random.ints(shape.size(), 0, 3).asDoubleStream().toArray();
            tensors.add(TFloat64.tensorOf(shape, DataBuffers.of(values)));
            runner.feed(place, tensors.get(tensors.size() - 1));
          });
      fetched.forEach(runner::fetch);
      List<double[]> results = new ArrayList<>();
      try (Result result = runner.run()) {
        result.forEach(
            entry -> {
              double[] copy = new double[Math.toIntExact(entry.getValue().shape().size())];
              entry.getValue().asRawTensor().data().asDoubles().read(copy);
              results.add(copy);
            });
      }
      return results;
    } finally {
      tensors.forEach(TFloat64::close);
    }
  }
}
