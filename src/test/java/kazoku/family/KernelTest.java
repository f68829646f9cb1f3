package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.PeepholeLSTMCell;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

/**
 * TensorFlow's kernels give what the loop gives, for any number of steps and rows, also none, and
 * rows of any length; and they are taken where they can be.
 */
class KernelTest {
  private static final int[][] SIZES = {{3, 0}, {0, 5}, {1, 1}, {2, 7}, {5, 30}};

  @TestFactory
  Stream<DynamicTest> kernelAndLoopAgree() {
    Activation tanh = Activation.TANH;
    return Stream.of(
            new LSTMCell(3, 4),
            new LSTMCell(3, 4, 0.7, 0.2, 0, 0, true, tanh, Activation.SIGMOID),
            new LSTMCell(3, 4, 1, 0, 0.5, 0.5, false, tanh, Activation.SIGMOID),
            new PeepholeLSTMCell(3, 4),
            new PeepholeLSTMCell(3, 4, 1, 0.3, false, tanh))
        .map(cell -> DynamicTest.dynamicTest(cell.toString(), () -> agree(cell)));
  }

  private static void agree(Cell cell) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 4).forInference();
      Operand<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, 3)));
      Operand<TInt32> lengths = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
      for (RNN rnn : List.of(new RNN(cell), new RNN(cell).reversed(), new RNN(cell).last())) {
        for (boolean padded : new boolean[] {false, true}) {
          Signal signal = new Signal(x, padded ? lengths : null);
          List<Operand<?>> loop = results(rnn.with(new Loop(Loop.Form.WHILE, 1)), weights, signal);
          List<Operand<?>> kernel = results(rnn, weights, signal);
          List<Operand<?>> shards = results(rnn.with(Loop.DEFAULT.shards(2)), weights, signal);
          try (Session session = new Session(graph, Sessions.plain())) {
            session.initialize();
            for (int[] size : SIZES) {
              float[][] expected = run(session, x, lengths, loop, size);
              same(run(session, x, lengths, kernel, size), expected, size);
              same(run(session, x, lengths, shards, size), expected, size);
            }
          }
        }
      }
    }
  }

  private static List<Operand<?>> results(RNN rnn, Weights weights, Signal x) {
    List<Loop.Choice> choices = new ArrayList<>();
    Weights heard = weights.observed(built -> choices.add(built.steps().loop()));
    RecurrentLayer.Result result = rnn.run(heard, x);
    assertThat(choices.get(0).form())
        .isEqualTo(rnn.loop().form() == Loop.Form.AUTO ? Loop.Form.KERNEL : Loop.Form.WHILE);
    List<Operand<?>> all = new ArrayList<>(List.of(result.outputs()));
    all.addAll(result.finalState().values());
    return all;
  }

  private static float[][] run(
      Session session,
      Operand<TFloat32> x,
      Operand<TInt32> lengths,
      List<Operand<?>> fetched,
      int[] size) {
    Random random = new Random(5);
    Shape shape = Shape.of(size[0], size[1], 3);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    int[] rows = random.ints(size[0], 0, size[1] + 1).toArray();
    try (TFloat32 input = TFloat32.tensorOf(shape, DataBuffers.of(values));
        TInt32 valid = TInt32.vectorOf(rows)) {
      Session.Runner runner = session.runner().feed(x, input).feed(lengths, valid);
      fetched.forEach(runner::fetch);
      try (Result result = runner.run()) {
        float[][] all = new float[fetched.size()][];
        for (int k = 0; k < all.length; k++) {
          all[k] = new float[(int) result.get(k).shape().size()];
          result.get(k).asRawTensor().data().asFloats().read(all[k]);
        }
        return all;
      }
    }
  }

  private static void same(float[][] actual, float[][] expected, int[] size) {
    for (int k = 0; k < expected.length; k++) {
      assertThat(actual[k]).as("%s rows and steps", (Object) size).hasSize(expected[k].length);
      for (int i = 0; i < expected[k].length; i++) {
        assertThat(actual[k][i]).isCloseTo(expected[k][i], within(2e-6f));
      }
    }
  }

  @Test
  void elsewhereThereIsALoop() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      RNN rnn = new RNN(new LSTMCell(3, 4));
      Operand<TFloat32> x = tf.zeros(tf.array(1, 2, 3), TFloat32.class);
      Operand<TBool> mask = tf.constant(new boolean[][] {{false, true}});
      Weights weights = Weights.variables(tf, 1);
      assertThat(form(rnn, weights.in("training"), Signal.of(x))).isEqualTo(Loop.Form.WHILE);
      assertThat(form(rnn, weights.in("masked").forInference(), Signal.of(x).masked(mask)))
          .isEqualTo(Loop.Form.WHILE);
      Activation relu = Activation.RELU;
      RNN other = new RNN(new LSTMCell(3, 4, 0, 0, 0, 0, true, relu, Activation.SIGMOID));
      assertThat(form(other, weights.in("other").forInference(), Signal.of(x)))
          .isEqualTo(Loop.Form.WHILE);
      Operand<TFloat64> wide = tf.zeros(tf.array(1, 2, 3), TFloat64.class);
      Weights wideWeights = Weights.variables(tf, TFloat64.class, 1).in("wide").forInference();
      assertThat(form(rnn, wideWeights, Signal.of(wide))).isEqualTo(Loop.Form.WHILE);
    }
  }

  private static Loop.Form form(RNN rnn, Weights weights, Signal x) {
    List<Loop.Form> forms = new ArrayList<>();
    rnn.run(weights.observed(built -> forms.add(built.steps().loop().form())), x);
    return forms.get(0);
  }

  @Test
  void aCellWithoutAKernelIsRefused() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.zeros(tf.array(1, 2, 3), TFloat32.class);
      RNN rnn = new RNN(new GRUCell(3, 4)).with(new Loop(Loop.Form.KERNEL, 1));
      Weights weights = Weights.variables(tf, 1);
      assertThatThrownBy(() -> rnn.run(weights, Signal.of(x)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "RNN(GRUCell): there must be a kernel for the cell; use Loop.DEFAULT,"
                  + " got form KERNEL");
    }
  }
}
