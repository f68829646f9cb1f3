package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
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
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.LayerNormLSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.cells.PeepholeLSTMCell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
 * Steps in segments give what they give whole: outputs, final states and gradients, for any number
 * of steps and rows, also none.
 */
class SegmentsTest {
  private static final int[][] SIZES = {{3, 0}, {0, 5}, {2, 1}, {1, 3}, {3, 10}, {2, 11}};

  private static final List<Loop> LOOPS =
      List.of(
          Loop.DEFAULT.segments(),
          Loop.DEFAULT.segments(5).shards(2),
          Loop.DEFAULT.segments(Integer.MAX_VALUE));

  static Stream<RNN> layers() {
    Cell dropping = new LSTMCell(2, 3, 0, 0, 0.3, 0.3, true, Activation.TANH, Activation.SIGMOID);
    return Stream.of(
        new RNN(new LSTMCell(2, 3)),
        new RNN(new GRUResetAfterCell(2, 3)).reversed(),
        new RNN(new PeepholeLSTMCell(2, 3)).with(RNN.MaskedOutput.REPEAT),
        new RNN(new LayerNormLSTMCell(2, 3)).last(),
        new RNN(dropping),
        new RNN(new MinGRUCell(2, 3)));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void segmentsGiveTheSame(RNN rnn) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 4);
      Map<String, Operand<?>> fed = new LinkedHashMap<>();
      Operand<TFloat64> x = fed(tf, fed, "x", Shape.of(-1, -1, 2));
      Map<String, Operand<TFloat64>> initial = new LinkedHashMap<>();
      for (Slot slot : rnn.cell().state()) {
        initial.put(slot.name(), fed(tf, fed, slot.name(), slot.shape().prepend(-1)));
      }
      Operand<TInt32> lengths = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
      List<Operand<?>> fetched = new ArrayList<>();
      int values = 0;
      for (Signal signal : List.of(Signal.of(x), new Signal(x, lengths))) {
        fetched.addAll(results(graph, weights, rnn, signal, initial));
        for (Loop loop : LOOPS) {
          List<Operand<?>> results = results(graph, weights, rnn.with(loop), signal, initial);
          fetched.addAll(results);
          values = results.size();
        }
      }
      try (Session session = new Session(graph, Sessions.plain())) {
        session.initialize();
        for (int[] size : SIZES) {
          List<double[]> all = run(session, fed, lengths, fetched, size);
          for (int k = 0; k < all.size(); k++) {
            int whole = k - k % (values * (1 + LOOPS.size())) + k % values;
            same(all.get(k), all.get(whole), Arrays.toString(size) + ", value " + k);
          }
        }
      }
    }
  }

  private static Operand<TFloat64> fed(
      Ops tf, Map<String, Operand<?>> fed, String name, Shape shape) {
    Operand<TFloat64> placeholder = tf.placeholder(TFloat64.class, Placeholder.shape(shape));
    fed.put(name, placeholder);
    return placeholder;
  }

  /** Outputs, final states, and the gradients of some loss by input, states and weights. */
  private static List<Operand<?>> results(
      Graph graph, Weights weights, RNN rnn, Signal x, Map<String, Operand<TFloat64>> initial) {
    Ops tf = weights.tf();
    RecurrentLayer.Result result = rnn.run(weights, x, initial);
    List<Operand<?>> all = new ArrayList<>(List.of(result.outputs()));
    all.addAll(result.finalState().values());
    List<Operand<?>> by = new ArrayList<>(weights.trainable().values());
    by.add(x.value());
    by.addAll(initial.values());
    Operand<TNumber> ofOutputs = loss(tf, result.outputs());
    Operand<TNumber> ofStates =
        result.finalState().values().stream()
            .map(last -> loss(tf, last))
            .reduce((a, b) -> tf.math.add(a, b))
            .orElseThrow();
    for (Operand<TNumber> loss :
        List.of(ofStates, tf.math.mul(tf.math.add(ofOutputs, ofStates), ofStates))) {
      all.addAll(
          Arrays.asList(
              graph.addGradients(
                  loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new))));
    }
    return all;
  }

  private static Operand<TNumber> loss(Ops tf, Operand<TNumber> value) {
    Operand<TNumber> flat = tf.reshape(tf.math.sin(value), tf.constant(new int[] {-1}));
    return tf.reduceSum(flat, tf.constant(new int[] {0}));
  }

  private static List<double[]> run(
      Session session,
      Map<String, Operand<?>> fed,
      Operand<TInt32> lengths,
      List<Operand<?>> fetched,
      int[] size) {
    Random random = new Random(5);
    List<TFloat64> tensors = new ArrayList<>();
    try (TInt32 rows = TInt32.vectorOf(random.ints(size[0], 0, size[1] + 1).toArray())) {
      Session.Runner runner = session.runner().feed(lengths, rows);
      fed.forEach(
          (name, placeholder) -> {
            Shape shape = placeholder.asOutput().shape();
            Shape row = Shape.of(shape.get(-1)).prepend(size[0]);
            Shape given = name.equals("x") ? Shape.of(size[0], size[1], 2) : row;
            double[] values = random.doubles(given.size(), -1, 1).toArray();
            tensors.add(TFloat64.tensorOf(given, DataBuffers.of(values)));
            runner.feed(placeholder, tensors.get(tensors.size() - 1));
          });
      fetched.forEach(runner::fetch);
      try (Result result = runner.run()) {
        List<double[]> all = new ArrayList<>();
        result.forEach(
            entry -> {
              double[] copy = new double[Math.toIntExact(entry.getValue().shape().size())];
              entry.getValue().asRawTensor().data().asDoubles().read(copy);
              all.add(copy);
            });
        return all;
      }
    } finally {
      tensors.forEach(TFloat64::close);
    }
  }

  private static void same(double[] actual, double[] expected, String what) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    assertThat(actual).as(what).containsExactly(expected, within(1e-12 * Math.max(1, largest)));
  }

  @Test
  void segmentsThatCannotBeAreRefused() {
    assertThatThrownBy(() -> Loop.DEFAULT.segments(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Loop: steps of a segment must be at least 1, got 0");
    assertThatThrownBy(Loop.UNROLLED::segments)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Loop: segments are for loops and scans; use Loop.DEFAULT.segments(), got UNROLLED");
    assertThatThrownBy(() -> new Loop(Loop.Form.AUTO, 1, -2, false, Loop.AUTO_UNROLL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Loop: segment must be at least 1, or Loop.ROOT or Loop.WHOLE, got -2");
  }
}
