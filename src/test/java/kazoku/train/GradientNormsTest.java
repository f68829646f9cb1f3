package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Stacked;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.Integration;
import kazoku.cells.LSTMCell;
import org.junit.jupiter.api.Test;

class GradientNormsTest {
  private static final Loss NUMBERS = Loss.meanSquaredError();
  private static final int STEPS = 40;

  private static Cell elman(Activation activation) {
    return new ElmanRNNCell(1, 4, false, Integration.ADD, false, 0, 0, true, activation);
  }

  /** Rows of one length, whose last output counts. */
  private static Sequences data(int rows) {
    float[][][] inputs = new float[rows][STEPS][1];
    float[][] targets = new float[rows][1];
    for (int row = 0; row < rows; row++) {
      targets[row][0] = row + 1;
      for (int t = 0; t < STEPS; t++) {
        inputs[row][t][0] = (float) Math.sin(row * STEPS + t);
      }
    }
    return Sequences.of(inputs).targets(targets);
  }

  /** A recurrence of {@code factor} times an orthogonal matrix. */
  private static double[] norms(Activation activation, float factor) {
    try (Model model =
        Model.of(new Sequential(new RNN(elman(activation)).last(), Toys.head(4, 1)), 42)) {
      float[] recurrent = model.weight("rnn/cell/U");
      for (int i = 0; i < recurrent.length; i++) {
        recurrent[i] *= factor;
      }
      model.weights(Map.of("rnn/cell/U", recurrent));
      GradientNorms norms = model.gradients(data(3), NUMBERS);
      assertThat(norms.steps()).containsOnlyKeys("rnn/cell/h");
      return norms.steps().get("rnn/cell/h");
    }
  }

  /** h_t = x_t·W + h_{t−1}·a·Q: each step multiplies by a what comes back. */
  @Test
  void theyVanishStayOrExplodeByTheFactorOfTheRecurrence() {
    for (float factor : new float[] {0.5f, 1, 1.5f, 0.05f}) {
      double[] norms = norms(Activation.IDENTITY, factor);
      assertThat(norms).hasSize(STEPS);
      for (int t = 1; t < STEPS; t++) {
        double before = norms[t - 1];
        if (before > 1e-35) { // Smaller numbers are no full floats.
          assertThat(before / norms[t]).isCloseTo(factor, within(1e-4 * factor));
        }
      }
    }
    double[] vanishing = norms(Activation.TANH, 0.5f);
    for (int t = 1; t < STEPS; t++) {
      assertThat(vanishing[t - 1] / vanishing[t]).isLessThan(0.5 + 1e-6);
    }
  }

  /** The last state's gradient is that of the loss by the output, and all rows add to it. */
  @Test
  void theyAreThoseOfTheMeanLossOfAllData() {
    try (Model model =
        Model.of(new Sequential(new RNN(elman(Activation.TANH)).last(), Toys.head(4, 1)), 1)) {
      Sequences data = data(600); // In batches.
      GradientNorms norms = model.gradients(data, NUMBERS);
      float[][] outputs = model.predict(data);
      double squares = 0;
      double bias = 0;
      for (int row = 0; row < outputs.length; row++) {
        double slope = 2 * (outputs[row][0] - (row + 1)) / outputs.length;
        squares += slope * slope;
        bias += slope;
      }
      double head = 0;
      for (float w : model.weight("dense/W")) {
        head += w * w;
      }
      double expected = Math.sqrt(squares * head);
      assertThat(norms.steps().get("rnn/cell/h")[STEPS - 1])
          .isCloseTo(expected, within(1e-5 * expected));
      assertThat(norms.weights().get("dense/b"))
          .isCloseTo(Math.abs(bias), within(1e-5 * Math.abs(bias)));
      assertThat(norms.layers().keySet()).containsExactly("rnn/cell", "dense");
      assertThat(norms.layers().get("dense"))
          .isCloseTo(
              Math.hypot(norms.weights().get("dense/W"), norms.weights().get("dense/b")),
              within(1e-9));
      assertThat(norms.total())
          .isCloseTo(
              Math.hypot(norms.layers().get("dense"), norms.layers().get("rnn/cell")),
              within(1e-9));
    }
  }

  @Test
  void everyRecurrentLayerHasItsStates() {
    Layer layers =
        new Sequential(
            new Stacked(new RNN(new LSTMCell(1, 3)), new RNN(new GRUCell(3, 2)).reversed())
                .named("lower"),
            new Bidirectional(new GRUCell(2, 2)).last().named("upper"),
            Toys.head(4, 1));
    try (Model model = Model.of(layers, 42)) {
      List<float[]> before = model.weights().stream().map(model::weight).toList();
      GradientNorms norms = model.gradients(data(3), NUMBERS);
      assertThat(norms.steps())
          .containsOnlyKeys(
              "lower/0/cell/h",
              "lower/0/cell/c",
              "lower/1/cell/h",
              "upper/forward/h",
              "upper/backward/h");
      norms
          .steps()
          .forEach(
              (slot, steps) -> {
                assertThat(steps).hasSize(STEPS);
                // After the last step c is read by nobody, h is the output.
                assertThat(Arrays.stream(steps).filter(g -> g == 0).count())
                    .isEqualTo(slot.endsWith("/c") ? 1 : 0);
              });
      double[] forward = norms.steps().get("upper/forward/h");
      double[] backward = norms.steps().get("upper/backward/h");
      assertThat(forward[0]).isLessThan(forward[STEPS - 1]);
      assertThat(backward[STEPS - 1]).isLessThan(backward[0]);
      assertThat(norms.weights().keySet()).containsExactlyElementsOf(model.weights());
      for (int i = 0; i < before.size(); i++) {
        assertThat(model.weight(model.weights().get(i))).containsExactly(before.get(i));
      }
      GradientNorms again = model.gradients(data(3), NUMBERS);
      assertThat(again.weights()).isEqualTo(norms.weights());
      assertThat(norms.toString()).contains("lower/0/cell/c", "all weights", "last step");
    }
  }

  @Test
  void paddingAddsNothing() {
    float[][][] inputs = Toys.inputs(6, 1);
    Sequences plain = Sequences.of(inputs).labels(Toys.signs(inputs));
    Sequences padded =
        Sequences.of(Toys.padded(inputs, 3, Float.NaN), Toys.lengths(inputs))
            .labels(Toys.signs(inputs));
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Loss loss = Loss.softmaxCrossEntropy();
      GradientNorms expected = model.gradients(plain, loss);
      GradientNorms actual = model.gradients(padded, loss);
      assertThat(actual.weights()).isEqualTo(expected.weights());
      assertThat(actual.steps().get("rnn/cell/h"))
          .containsExactly(expected.steps().get("rnn/cell/h"), within(1e-9));
    }
  }

  @Test
  void theyAreDrawn() {
    double[] falling = {1, 0.1, 0.01};
    double[] shorter = {1, 0};
    Map<String, double[]> steps = new LinkedHashMap<>();
    steps.put("rnn/cell/h", falling);
    steps.put("top/cell/h", shorter);
    String svg = new GradientNorms(Map.of("W", 2.0), steps).chart().svg();
    assertThat(svg).contains(">rnn/cell/h<", ">top/cell/h<", ">1<", ">10⁻¹<", ">10⁻²<");
    for (Map<String, double[]> none :
        List.of(Map.<String, double[]>of(), Map.of("rnn/cell/h", new double[0]))) {
      assertThatThrownBy(() -> new GradientNorms(Map.of("W", 2.0), none).chart())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no recurrent layer");
    }
  }

  /**
   * The loss of an LSTM, computed in float64 by its equations, after a small step of the state:
   * half of its difference up and down, for every element of both slots after every step.
   */
  @Test
  void theyAreCentralDifferences() {
    float[][][] inputs = new float[3][6][2];
    int[] lengths = {6, 3, 5};
    float[][] targets = new float[3][1];
    for (int row = 0; row < 3; row++) {
      targets[row][0] = row - 1;
      for (int t = 0; t < 6; t++) {
        inputs[row][t][0] = (float) Math.sin(1 + 5 * row + t);
        inputs[row][t][1] = (float) Math.cos(2 + 3 * row - t);
      }
    }
    Layer layers = new Sequential(new RNN(new LSTMCell(2, 3)).last(), Toys.head(3, 1));
    try (Model model = Model.of(layers, 42)) {
      GradientNorms norms =
          model.gradients(Sequences.of(inputs, lengths).targets(targets), NUMBERS);
      for (String slot : List.of("c", "h")) {
        double[] actual = norms.steps().get("rnn/cell/" + slot);
        assertThat(actual).hasSize(6);
        for (int t = 0; t < 6; t++) {
          double squares = 0;
          for (int row = 0; row < 3; row++) {
            for (int unit = 0; unit < 3 && t < lengths[row]; unit++) {
              Push up = new Push(slot, t, unit, 1e-5);
              Push down = new Push(slot, t, unit, -1e-5);
              float[][] steps = Arrays.copyOf(inputs[row], lengths[row]);
              double difference = loss(model, steps, targets[row][0], up);
              difference -= loss(model, steps, targets[row][0], down);
              squares += Math.pow(difference / 2e-5 / 3, 2); // the loss is the mean of 3 rows
            }
          }
          assertThat(actual[t]).as(slot + t).isCloseTo(Math.sqrt(squares), within(1e-6));
        }
      }
    }
  }

  private record Push(String slot, int step, int unit, double by) {}

  private static double loss(Model model, float[][] x, double target, Push push) {
    float[] W = model.weight("rnn/cell/W");
    float[] U = model.weight("rnn/cell/U");
    float[] b = model.weight("rnn/cell/b");
    double[] c = new double[3];
    double[] h = new double[3];
    for (int t = 0; t < x.length; t++) {
      double[] a = new double[12];
      for (int k = 0; k < 12; k++) {
        a[k] = b[k];
        for (int i = 0; i < 2; i++) {
          a[k] += x[t][i] * W[12 * i + k];
        }
        for (int j = 0; j < 3; j++) {
          a[k] += h[j] * U[12 * j + k];
        }
      }
      for (int j = 0; j < 3; j++) {
        c[j] = sigmoid(a[3 + j]) * c[j] + sigmoid(a[j]) * Math.tanh(a[6 + j]);
        h[j] = sigmoid(a[9 + j]) * Math.tanh(c[j]);
      }
      if (t == push.step) {
        (push.slot.equals("c") ? c : h)[push.unit] += push.by;
      }
    }
    float[] head = model.weight("dense/W");
    double output = model.weight("dense/b")[0];
    for (int j = 0; j < 3; j++) {
      output += h[j] * head[j];
    }
    return Math.pow(output - target, 2);
  }

  private static double sigmoid(double a) {
    return 1 / (1 + Math.exp(-a));
  }
}
