package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.layers.Trial.Given;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

/** Norms beside their definitions. */
class NormsTest {
  private static final Given STEPS =
      Given.waves(3, 3, 2).lengths(3, 2, 0).mask(1, 0, 1, 1, 1, 1, 1, 1, 1);

  /** The places of the valid steps. */
  private static final int[] VALID = {0, 2, 3, 4};

  @Test
  void aLayerNormIsOverTheNumbersOfAStep() {
    double[] gamma = Trial.waves(2, 4);
    Given given = Given.waves(2, 3, 4);
    double[] expected = new double[24];
    for (int step = 0; step < 6; step++) {
      double[] x = java.util.Arrays.copyOfRange(given.values(), 4 * step, 4 * step + 4);
      double mean = java.util.Arrays.stream(x).sum() / 4;
      double variance = java.util.Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / 4;
      for (int i = 0; i < 4; i++) {
        double normed = (x[i] - mean) / Math.sqrt(variance + 1e-5);
        expected[4 * step + i] = normed * gamma[i] + gamma[i];
      }
    }
    try (Trial trial = new Trial(new LayerNorm(4), given)) {
      Trial.close(trial.output(), expected);
      trial.checkGradients("x", "it/gamma", "it/beta");
    }
  }

  /** Mean, variance and unbiased variance of a feature over the valid steps. */
  private static double[] statistics(int feature) {
    double mean = 0;
    for (int step : VALID) {
      mean += STEPS.values()[2 * step + feature] / VALID.length;
    }
    double squares = 0;
    for (int step : VALID) {
      double centred = STEPS.values()[2 * step + feature] - mean;
      squares += centred * centred;
    }
    return new double[] {mean, squares / VALID.length, squares / (VALID.length - 1)};
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 7, 1e200})
  void aBatchNormIsOverTheValidStepsOfAllRows(double padding) {
    double[] gamma = Trial.waves(2, 2);
    try (Trial trial = new Trial(new BatchNorm(2, 0.1, 1e-3, true), STEPS.padding(padding))) {
      double[] y = trial.output();
      for (int step : VALID) {
        for (int i = 0; i < 2; i++) {
          double[] s = statistics(i);
          double normed = (STEPS.values()[2 * step + i] - s[0]) / Math.sqrt(s[1] + 1e-3);
          assertThat(y[2 * step + i]).isCloseTo(normed * gamma[i] + gamma[i], within(1e-10));
        }
      }
      if (padding == 0) {
        trial.checkGradients("x", "it/gamma", "it/beta");
      }
    }
  }

  @Test
  void aBatchNormOfRowsAndOfImagesIsOverAllButTheLastAxis() {
    try (Trial rows = new Trial(new BatchNorm(2), Given.waves(4, 2));
        Trial images = new Trial(new BatchNorm(2), Given.waves(2, 1, 2, 1, 2));
        Trial ends = new Trial(new BatchNorm(2), Given.waves(2, 2, 2, 2).lengths(1, 1));
        Trial full = new Trial(new BatchNorm(2), Given.waves(2, 1, 2, 2))) {
      Trial.close(images.output(), rows.output());
      rows.checkGradients("x");
      ends.checkGradients("x");
      assertThat(ends.output()).hasSize(16);
      assertThat(full.output()).hasSize(8);
    }
  }

  @Test
  void evaluationReadsTheRunningStatistics() {
    double[] gamma = Trial.waves(2, 2);
    Given mean = Given.of(new double[] {0.5, -0.5}, 2);
    Given variance = Given.of(new double[] {4, 9}, 2);
    try (Trial trial =
        new Trial(new BatchNorm(2), STEPS, false, Map.of("mean", mean, "variance", variance))) {
      double[] y = trial.output();
      for (int step : VALID) {
        for (int i = 0; i < 2; i++) {
          double normed =
              (STEPS.values()[2 * step + i] - mean.values()[i])
                  / Math.sqrt(variance.values()[i] + 1e-5);
          assertThat(y[2 * step + i]).isCloseTo(normed * gamma[i] + gamma[i], within(1e-10));
        }
      }
      trial.checkGradients("x", "it/gamma", "it/beta");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void updatesMoveTheRunningStatistics(boolean unbiased) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, TFloat64.class, 1);
      Signal x =
          new Signal(
                  tf.reshape(tf.constant(STEPS.values()), tf.array(3, 3, 2)),
                  tf.constant(STEPS.lengths()))
              .masked(tf.reshape(tf.constant(STEPS.mask()), tf.array(3, 3)));
      new BatchNorm(2, 0.25, 1e-3, unbiased).apply(w.in("norm"), x);
      assertThat(w.trainable()).containsOnlyKeys("norm/gamma", "norm/beta");
      session.initialize();
      double[] mean = {0, 0};
      double[] variance = {1, 1};
      for (int run = 0; run < 3; run++) {
        Session.Runner update = session.runner();
        w.updates(tf).forEach(update::addTarget);
        update.run().close();
        for (int i = 0; i < 2; i++) {
          mean[i] += 0.25 * (statistics(i)[0] - mean[i]);
          variance[i] += 0.25 * (statistics(i)[unbiased ? 2 : 1] - variance[i]);
        }
      }
      try (Result result =
          session.runner().fetch(w.operand("norm/mean")).fetch(w.operand("norm/variance")).run()) {
        for (int i = 0; i < 2; i++) {
          assertThat(((TFloat64) result.get(0)).getDouble(i)).isCloseTo(mean[i], within(1e-12));
          assertThat(((TFloat64) result.get(1)).getDouble(i)).isCloseTo(variance[i], within(1e-12));
        }
      }
    }
  }

  @Test
  void withoutAValidStepNothingMovesAndNothingBreaks() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, TFloat64.class, 1);
      Signal x =
          new Signal(tf.ones(tf.array(2, 3, 2), TFloat64.class), tf.constant(new int[] {0, 0}));
      Signal y = new BatchNorm(2).apply(w.in("norm"), x);
      session.initialize();
      Session.Runner update = session.runner();
      w.updates(tf).forEach(update::addTarget);
      try (Result result = update.fetch(y.value()).run()) {
        assertThat(((TFloat64) result.get(0)).getDouble(0, 0, 0)).isFinite();
      }
      try (Result result = session.runner().fetch(w.operand("norm/variance")).run()) {
        assertThat(((TFloat64) result.get(0)).getDouble(0)).isEqualTo(1);
      }
    }
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> new LayerNorm(0))
        .hasMessage("LayerNorm: inputSize must be at least 1, got 0");
    assertThatThrownBy(() -> new LayerNorm(2, 0))
        .hasMessage("LayerNorm: epsilon must be more than 0, got 0.0");
    assertThatThrownBy(() -> new BatchNorm(2, 0, 1e-3, true))
        .hasMessage("BatchNorm: rate must be in (0, 1], got 0.0");
    assertThatThrownBy(() -> new BatchNorm(2, 0.1, -1, true))
        .hasMessage("BatchNorm: epsilon must be more than 0, got -1.0");
  }
}
