package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.layers.Conv1D.Padding;
import kazoku.layers.Trial.Given;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** Each output is a sum over its window, which sees nothing of the padding. */
class Conv1DTest {
  private static final int STEPS = 7;
  private static final int[] LENGTHS = {7, 4, 1, 0};

  static List<Arguments> settings() {
    List<Arguments> all = new ArrayList<>();
    for (Padding padding : Padding.values()) {
      for (int[] s :
          new int[][] {{1, 1, 1}, {3, 1, 1}, {2, 2, 1}, {3, 1, 2}, {4, 3, 2}, {5, 2, 1}}) {
        all.add(Arguments.of(padding, s[0], s[1], s[2]));
      }
    }
    return all;
  }

  private static Conv1D conv(Padding padding, int kernel, int stride, int dilation) {
    return new Conv1D(2, 3, kernel, stride, dilation, padding, Activation.TANH, true);
  }

  /** One row of a convolution, by its definition. */
  private static double[] row(Conv1D c, double[][] x, Map<String, double[]> w) {
    int reach = (c.kernel() - 1) * c.dilation();
    int starts = Math.max(0, x.length - (c.padding() == Padding.VALID ? reach : 0));
    int steps = (starts + c.stride() - 1) / c.stride();
    int missing = Math.max(0, c.stride() * (steps - 1) + reach + 1 - x.length);
    int before =
        c.padding() == Padding.CAUSAL ? reach : c.padding() == Padding.SAME ? missing / 2 : 0;
    double[] y = new double[steps * 3];
    for (int t = 0; t < steps; t++) {
      for (int f = 0; f < 3; f++) {
        double sum = w.get("b")[f];
        for (int k = 0; k < c.kernel(); k++) {
          int at = t * c.stride() + k * c.dilation() - before;
          for (int i = 0; at >= 0 && at < x.length && i < 2; i++) {
            sum += x[at][i] * w.get("W")[(k * 2 + i) * 3 + f];
          }
        }
        y[t * 3 + f] = Math.tanh(sum);
      }
    }
    return y;
  }

  private static double[][] steps(double[] values, int row, int length) {
    double[][] steps = new double[length][2];
    for (int t = 0; t < length; t++) {
      System.arraycopy(values, (row * STEPS + t) * 2, steps[t], 0, 2);
    }
    return steps;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void eachRowIsAsIfItStoodAlone(Padding padding, int kernel, int stride, int dilation) {
    Conv1D conv = conv(padding, kernel, stride, dilation);
    Map<String, double[]> w = Map.of("W", Trial.waves(2, kernel * 6), "b", Trial.waves(2, 3));
    Given given = Given.waves(4, STEPS, 2).lengths(LENGTHS);
    for (double filling : new double[] {0.5, Double.NaN}) {
      try (Trial trial = new Trial(conv, given.padding(filling))) {
        double[] output = trial.output();
        int columns = output.length / 4;
        int[] lengths = trial.lengths();
        for (int row = 0; row < 4; row++) {
          double[] expected = row(conv, steps(given.values(), row, LENGTHS[row]), w);
          assertThat(lengths[row]).isEqualTo(expected.length / 3);
          Trial.close(
              java.util.Arrays.copyOfRange(output, row * columns, row * columns + expected.length),
              expected);
        }
        assertThat(columns).isEqualTo(3 * lengths[0]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void hasTheGradientOfCentralDifferences(Padding padding, int kernel, int stride, int dilation) {
    Given given = Given.waves(4, STEPS, 2).lengths(LENGTHS);
    try (Trial trial = new Trial(conv(padding, kernel, stride, dilation), given)) {
      trial.checkGradients("x", "it/W", "it/b");
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void aMaskSaysTheSameAsLengths(Padding padding, int kernel, int stride, int dilation) {
    Given given = Given.waves(2, 4, 2).padding(9);
    Conv1D conv = conv(padding, kernel, stride, dilation);
    try (Trial lengths = new Trial(conv, given.lengths(3, 1));
        Trial mask = new Trial(conv, given.mask(1, 1, 1, 0, 1, 0, 0, 0))) {
      assertThat(mask.output()).isEqualTo(lengths.output());
      assertThat(mask.valid()).isEqualTo(lengths.valid());
    }
  }

  @Test
  void stepsThatTheMaskLeavesOutAreZerosAndNotValid() {
    Given holes = Given.waves(1, 5, 2).mask(0, 1, 1, 0, 1);
    try (Trial same = new Trial(new Conv1D(2, 3, 3), holes.padding(1e6));
        Trial zeros = new Trial(new Conv1D(2, 3, 3), holes.padding(0))) {
      assertThat(same.output()).isEqualTo(zeros.output());
      assertThat(same.valid()).containsExactly(0, 1, 1, 0, 1);
    }
    Conv1D valid = new Conv1D(2, 3, 2, Padding.VALID, Activation.IDENTITY);
    try (Trial trial = new Trial(valid, holes)) {
      assertThat(trial.valid()).containsExactly(0, 1, 0, 0);
    }
  }

  @Test
  void sequencesMayBeShorterThanTheKernelOrEmpty() {
    for (Padding padding : Padding.values()) {
      Conv1D conv = conv(padding, 4, 1, 2);
      int kept = padding == Padding.VALID ? 0 : 2;
      try (Trial two = new Trial(conv, Given.waves(2, 2, 2).lengths(2, 1));
          Trial noSteps = new Trial(conv, Given.of(new double[0], 2, 0, 2));
          Trial noRows = new Trial(conv, Given.of(new double[0], 0, 9, 2))) {
        assertThat(two.shape()).isEqualTo(Shape.of(2, kept, 3));
        two.checkGradients("x", "it/W");
        assertThat(noSteps.shape()).isEqualTo(Shape.of(2, 0, 3));
        assertThat(noSteps.gradients("it/b").get("it/b")).containsExactly(0, 0, 0);
        assertThat(noRows.shape()).isEqualTo(Shape.of(0, padding == Padding.VALID ? 3 : 9, 3));
      }
    }
  }

  @Test
  void aNumberOfStepsThatIsKnownStaysKnown() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, 1);
      Operand<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 9, 2)));
      Conv1D conv = new Conv1D(2, 3, 2, 2, 1, Padding.VALID, Activation.RELU, false);
      Signal y = conv.apply(w.in("conv"), Signal.of(x));
      assertThat(y.value().asOutput().shape().asArray()).containsExactly(-1, 4, 3);
      assertThat(w.asked()).containsOnlyKeys("conv/W");
      new RNN(new GRUCell(3, 4)).with(Loop.UNROLLED).apply(w.in("rnn"), y);
    }
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> new Conv1D(2, 3, 0))
        .hasMessage("Conv1D: kernel must be at least 1, got 0");
    assertThatThrownBy(() -> new Conv1D(2, 3, 3, 0, 1, Padding.SAME, Activation.TANH, true))
        .hasMessage("Conv1D: stride must be at least 1, got 0");
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.zeros(tf.array(1, 5, 3), TFloat32.class);
      assertThatThrownBy(() -> new Conv1D(2, 3, 3).apply(Weights.variables(tf, 1), x))
          .hasMessage("Conv1D: input must be [B, T, 2], got [1, 5, 3]");
    }
  }
}
