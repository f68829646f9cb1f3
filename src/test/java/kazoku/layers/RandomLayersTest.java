package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.Layer;
import kazoku.RowLayer;
import kazoku.Sequential;
import kazoku.Weights;
import kazoku.Weights.Draw;
import kazoku.layers.Trial.Given;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** Drop-out and noise: what is drawn, for what, and when. */
class RandomLayersTest {
  private static final int ROWS = 20;
  private static final int STEPS = 30;
  private static final int SIZE = 10;

  /** Outputs for ones, of two runs. */
  private static float[][] twoRuns(Layer layer, long seed, boolean training) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, seed);
      Operand<TFloat32> ones = tf.ones(tf.array(ROWS, STEPS, SIZE), TFloat32.class);
      Operand<TFloat32> y = layer.apply((training ? w : w.forEvaluation()).in("it"), ones);
      float[][] runs = new float[2][ROWS * STEPS * SIZE];
      for (float[] run : runs) {
        try (Result result = session.runner().fetch(y).run()) {
          ((TFloat32) result.get(0)).copyTo(DataBuffers.of(run, false, false));
        }
      }
      return runs;
    }
  }

  private static float[] step(float[] values, int row, int step) {
    int from = (row * STEPS + step) * SIZE;
    return Arrays.copyOfRange(values, from, from + SIZE);
  }

  private static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElse(0);
  }

  @ParameterizedTest
  @EnumSource(Draw.class)
  void aDrawIsRepeatableAndAnotherInEachRun(Draw draw) {
    for (Layer layer : new Layer[] {new Dropout(0.3, draw), new GaussianNoise(0.5)}) {
      float[][] once = twoRuns(layer, 7, true);
      assertThat(once[0]).isNotEqualTo(once[1]);
      assertThat(twoRuns(layer, 7, true)).isDeepEqualTo(once);
      assertThat(twoRuns(layer, 8, true)[0]).isNotEqualTo(once[0]);
    }
  }

  @Test
  void whatIsKeptIsDividedByItsShare() {
    float[] y = twoRuns(new Dropout(0.25), 3, true)[0];
    for (float v : y) {
      assertThat(v == 0 || Math.abs(v - 4 / 3f) < 1e-6).isTrue();
    }
    assertThat(mean(y)).isCloseTo(1, within(0.03));
    float[] noisy = twoRuns(new GaussianNoise(0.5), 3, true)[0];
    assertThat(mean(noisy)).isCloseTo(1, within(0.03));
    double square = 0;
    for (float v : noisy) {
      square += (v - 1) * (v - 1) / noisy.length;
    }
    assertThat(Math.sqrt(square)).isCloseTo(0.5, within(0.02));
  }

  @Test
  void masksAreSharedAsTheDrawSays() {
    float[] eachStep = twoRuns(new Dropout(0.5), 1, true)[0];
    assertThat(step(eachStep, 0, 0)).isNotEqualTo(step(eachStep, 0, 1));
    assertThat(step(eachStep, 0, 0)).isNotEqualTo(step(eachStep, 1, 0));

    float[] eachRow = twoRuns(new Dropout(0.5, Draw.EACH_ROW), 1, true)[0];
    float[] once = twoRuns(new Dropout(0.5, Draw.ONCE), 1, true)[0];
    for (int row = 0; row < ROWS; row++) {
      for (int t = 0; t < STEPS; t++) {
        assertThat(step(eachRow, row, t)).isEqualTo(step(eachRow, row, 0));
        assertThat(step(once, row, t)).isEqualTo(step(once, 0, 0));
      }
    }
    assertThat(step(eachRow, 0, 0)).isNotEqualTo(step(eachRow, 1, 0));

    float[] whole = twoRuns(new Dropout(0.5, Draw.EACH_STEP, true), 1, true)[0];
    int dropped = 0;
    for (int t = 0; t < STEPS; t++) {
      float[] step = step(whole, 0, t);
      assertThat(step).containsOnly(step[0]);
      dropped += step[0] == 0 ? 1 : 0;
    }
    assertThat(dropped).isBetween(5, 25);
  }

  @ParameterizedTest
  @EnumSource(Draw.class)
  void rowsAndImagesAreTakenAsWell(Draw draw) {
    for (Given given : new Given[] {Given.waves(3, 2), Given.waves(2, 3, 2, 2, 2)}) {
      try (Trial trial = new Trial(new Dropout(0.5, draw), given)) {
        double[] y = trial.output();
        for (int i = 0; i < y.length; i++) {
          assertThat(y[i]).isIn(0.0, -0.0, 2 * given.values()[i]);
        }
      }
    }
  }

  @Test
  void nothingIsDrawnInEvaluationOrAtRateZero() {
    assertThat(twoRuns(new Dropout(0.5), 1, false)[0]).containsOnly(1f);
    assertThat(twoRuns(new GaussianNoise(2), 1, false)[0]).containsOnly(1f);
    assertThat(twoRuns(new Dropout(0), 1, true)[0]).containsOnly(1f);
    assertThat(twoRuns(new GaussianNoise(0), 1, true)[0]).containsOnly(1f);
  }

  @Test
  void theGradientGoesThroughWhatIsKept() {
    Given mask = Given.of(new double[] {1, 0, 0, 1}, 2, 2);
    try (Trial trial =
        new Trial(
            new Dropout(0.2, Draw.EACH_ROW), Given.waves(2, 3, 2), true, Map.of("mask", mask))) {
      trial.checkGradients("x");
      assertThat(trial.output()[0]).isCloseTo(Math.sin(1) / 0.8, within(1e-12));
      assertThat(trial.output()[1]).isZero();
    }
    Given noise = Given.waves(2, 3, 2);
    try (Trial trial =
        new Trial(new GaussianNoise(0.5), Given.waves(2, 3, 2), true, Map.of("noise", noise))) {
      trial.checkGradients("x");
      assertThat(trial.output()[0]).isCloseTo(1.5 * Math.sin(1), within(1e-12));
    }
  }

  @Test
  void theLayerBehindSaysWhatARowIs() {
    Layer first = new Dropout(0.1).named("input");
    Layer layers = new Sequential(first, new GaussianNoise(0.1), new Dense(5, 2));
    assertThat(layers.input()).isEqualTo(Shape.of(5));
    assertThat(new Sequential(first).input().isUnknown()).isTrue();
    assertThat(new Sequential((w, x) -> x, new Dense(5, 2)).input().isUnknown()).isTrue();
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> new Dropout(1)).hasMessage("Dropout: rate must be in [0, 1), got 1.0");
    assertThatThrownBy(() -> new Dropout(0.5, null))
        .hasMessage("Dropout: draw must be given, got null");
    assertThatThrownBy(() -> new GaussianNoise(-1))
        .hasMessage("GaussianNoise: standardDeviation must be at least 0, got -1.0");
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      RowLayer dropout = new Dropout(0.5);
      Operand<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, -1)));
      assertThatThrownBy(() -> dropout.apply(Weights.variables(tf, 1), x))
          .hasMessage(
              "Dropout: the last axis of the input must have a known size, [.., I], got [?, ?,"
                  + " ?]");
    }
  }
}
