package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import kazoku.Expr;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import org.junit.jupiter.api.Test;

/** Values computed by hand, on a model that gives its input back. */
class LossTest {
  private static final float[][][] INPUTS = {{{1, 2, 4}, {0, 1, 0}}, {{-1, 3, 0}}};
  private static final Layer SAME = ((Layer) Toys::ignoring).named("same");

  @Test
  void crossEntropyIsTheMeanOverValidSteps() {
    Sequences data = Sequences.of(INPUTS).stepLabels(new int[][] {{2, 0}, {1}});
    double expected =
        (minusLogSoftmax(2, 1, 2, 4) + minusLogSoftmax(0, 0, 1, 0) + minusLogSoftmax(1, -1, 3, 0))
            / 3;
    try (Model model = Model.of(SAME, 1)) {
      Scores scores = model.evaluate(data, Loss.softmaxCrossEntropy());
      assertThat(scores.loss()).isCloseTo(expected, within(1e-6));
      assertThat(scores.metricName()).isEqualTo("accuracy");
      assertThat(scores.metric()).isCloseTo(2 / 3.0, within(1e-6));
    }
  }

  /** The same input with other labels before it; the second row is the first one's middle. */
  @Test
  void crossEntropyOfStepsIsLearntToTheEnd() {
    float[][][] inputs = {{{1, 0}, {0, 1}, {1, 1}}, {{0, 1}, {0, 1}}};
    Sequences data = Sequences.of(inputs).stepLabels(new int[][] {{0, 1, 2}, {0, 0}});
    try (Model model = Model.of(new Sequential(new RNN(new GRUCell(2, 8)), Toys.head(8, 3)), 1)) {
      model.fit(data, new Adam(0.05), Loss.softmaxCrossEntropy(), Toys.epochs(150));
      assertThat(model.evaluate(data, Loss.softmaxCrossEntropy()).loss()).isLessThan(0.05);
    }
  }

  private static double minusLogSoftmax(int label, double... logits) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit);
    }
    return Math.log(sum) - logits[label];
  }

  @Test
  void squaredErrorIsTheMeanOverValidStepsAndOutputs() {
    Sequences data =
        Sequences.of(INPUTS).stepTargets(new float[][][] {{{1, 2, 3}, {2, 1, 0}}, {{-1, 0, 0}}});
    try (Model model = Model.of(SAME, 1)) {
      Scores scores = model.evaluate(data, Loss.meanSquaredError());
      assertThat(scores.loss()).isCloseTo((1 + 4 + 9) / 9.0, within(1e-6));
      assertThat(scores.metricName()).isEqualTo("mae");
      assertThat(scores.metric()).isCloseTo((1 + 2 + 3) / 9.0, within(1e-6));
    }
  }

  private static Scores of(Loss loss, Sequences data) {
    try (Model model = Model.of(SAME, Inputs.vectors(3), 1)) {
      return model.evaluate(data, loss);
    }
  }

  private static final Sequences STEPS = Sequences.of(INPUTS);

  private static float[][][] targets(float... flat) {
    float[][] all = new float[3][];
    for (int i = 0; i < 3; i++) {
      all[i] = new float[] {flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]};
    }
    return new float[][][] {{all[0], all[1]}, {all[2]}};
  }

  @Test
  void eachLossShowsAMetricThatSuitsIt() {
    Sequences distributions = STEPS.stepTargets(targets(0, 0.4f, 0.6f, 0.5f, 0.3f, 0.2f, 0, 1, 0));
    metric(Loss.categoricalCrossEntropy(), distributions, "accuracy", 2 / 3.0);
    metric(Loss.klDivergence(), distributions, "accuracy", 2 / 3.0);
    metric(Loss.binaryCrossEntropy(), distributions, "accuracy", (1 + 2 + 3) / 9.0);
    Sequences signs = STEPS.stepTargets(targets(-1, -1, 1, -1, 1, -1, -1, -1, -1));
    metric(Loss.hinge(), signs, "accuracy", (1 + 3 + 2) / 9.0);
    Sequences labels = STEPS.stepLabels(new int[][] {{2, 0}, {1}});
    metric(Loss.categoricalHinge(), labels, "accuracy", 2 / 3.0);
    Sequences numbers = STEPS.stepTargets(targets(1, 2, 3, 2, 1, 0, -1, 0, 0));
    for (Loss loss : List.of(Loss.huber(1), Loss.logCosh(), Loss.of("mine", LossTest::third))) {
      metric(loss, numbers, "mae", (1 + 2 + 3) / 9.0);
    }
    metric(Loss.meanAbsoluteError(), numbers, "mse", (1 + 4 + 9) / 9.0);
    metric(Loss.quantile(0.5), numbers, "coverage", 8 / 9.0);
    Sequences counts = STEPS.stepTargets(targets(2, 2, 2, 2, 2, 2, 2, 2, 2));
    double errors = 0;
    for (double y : new double[] {1, 2, 4, 0, 1, 0, -1, 3, 0}) {
      errors += Math.abs(Math.exp(y) - 2);
    }
    metric(Loss.poisson(), counts, "mae", errors / 9);
    Sequences directions = STEPS.stepTargets(targets(2, 4, 8, 0, -3, 0, 3, 1, 5));
    metric(Loss.cosine(), directions, "cosine similarity", 0);
  }

  private static Expr third(Expr y, Expr t) {
    return y.minus(t).abs().pow(Expr.constant(3)).sum();
  }

  private static void metric(Loss loss, Sequences data, String name, double expected) {
    Scores scores = of(loss, data);
    assertThat(scores.metricName()).as(loss.toString()).isEqualTo(name);
    assertThat(scores.metric()).as(loss.toString()).isCloseTo(expected, within(1e-5));
  }

  @Test
  void aLossOfOnesOwnIsAnEquation() {
    Sequences numbers = STEPS.stepTargets(targets(1, 2, 3, 2, 1, 0, -1, 0, 0));
    assertThat(of(Loss.of("mine", LossTest::third), numbers).loss())
        .isCloseTo((1 + 8 + 27) / 3.0, within(1e-5));
    Loss cross = Loss.ofLabels("cross", (y, t) -> y.logSumExp().minus(y.times(t).sum()));
    Sequences labels = STEPS.stepLabels(new int[][] {{2, 0}, {1}});
    assertThat(of(cross, labels).loss())
        .isCloseTo(of(Loss.softmaxCrossEntropy(), labels).loss(), within(1e-6));
    assertThat(of(cross, labels).metric()).isCloseTo(2 / 3.0, within(1e-6));
  }

  @Test
  void aLossOfOnesOwnIsLearnt() {
    Sequences data = Toys.labelled(100, 1);
    Loss cross = Loss.ofLabels("cross", (y, t) -> y.logSumExp().minus(y.times(t).sum()));
    double[][] losses = new double[2][];
    for (int i = 0; i < 2; i++) {
      try (Model model = Model.of(Toys.classifier(), 42)) {
        Loss loss = i == 0 ? cross : Loss.softmaxCrossEntropy();
        losses[i] = model.fit(data, new Adam(0.01), loss, Toys.epochs(5)).losses();
      }
    }
    assertThat(losses[0]).containsExactly(losses[1], within(1e-5));
  }

  /** A row of weight 2 counts like two rows, in the sum; the mean is over one row. */
  @Test
  void rowsMayHaveWeights() {
    Sequences data = STEPS.stepTargets(targets(1, 2, 3, 2, 1, 0, -1, 0, 0));
    assertThat(of(Loss.meanSquaredError(), data.sampleWeights(0.5, 2)).loss())
        .isCloseTo((0.5 * (1 + 4) + 2 * 9) / 9, within(1e-6));
    assertThat(of(Loss.meanSquaredError(), data.sampleWeights(0.5, 2)).metric())
        .isCloseTo((1 + 2 + 3) / 9.0, within(1e-6));
    assertThat(of(Loss.meanSquaredError(), data.sampleWeights(1, 1)))
        .isEqualTo(of(Loss.meanSquaredError(), data));
  }

  @Test
  void rowsWithoutWeightAreNotLearnt() {
    float[][][] inputs = Toys.inputs(60, 1);
    int[] signs = Toys.signs(inputs);
    int[] wrong = signs.clone();
    double[] weights = new double[60];
    for (int row = 0; row < 60; row++) {
      weights[row] = row % 3 == 0 ? 0 : 1;
      wrong[row] = row % 3 == 0 ? 1 - signs[row] : signs[row];
    }
    Loss loss = Loss.softmaxCrossEntropy();
    try (Model model = Model.of(Toys.classifier(), 42)) {
      Sequences data = Sequences.of(inputs).labels(wrong).sampleWeights(weights);
      model.fit(data, new Adam(0.02), loss, Toys.epochs(30));
      assertThat(model.evaluate(Sequences.of(inputs).labels(signs), loss).metric())
          .isGreaterThan(0.9);
    }
  }

  /** More rows than are computed at once, and outputs with other numbers of valid steps. */
  @Test
  void meansOfSeveralOutputsAreExactOverAllRows() {
    int rows = Trainer.ROWS_AT_ONCE + 10;
    float[][][] inputs = new float[rows][][];
    float[][] last = new float[rows][1];
    float[][][] zeros = new float[rows][][];
    double steps = 0;
    double sum = 0;
    double lasts = 0;
    for (int row = 0; row < rows; row++) {
      inputs[row] = new float[1 + row % 7][1];
      zeros[row] = new float[1 + row % 7][1];
      for (float[] step : inputs[row]) {
        step[0] = row >= Trainer.ROWS_AT_ONCE ? 3 : row % 2;
        sum += step[0] * step[0];
        steps++;
      }
      lasts += inputs[row][0][0] * inputs[row][0][0];
    }
    Layer both =
        ((Layer)
                (w, x) -> {
                  w.bias("unused", 1);
                  var tf = w.tf();
                  return x.beside(
                      "first",
                      tf.squeeze(
                          tf.slice(x.value(), tf.array(0, 0, 0), tf.array(-1, 1, -1)),
                          org.tensorflow.op.core.Squeeze.axis(1L)));
                })
            .named("both");
    Sequences data = Sequences.of(inputs).stepTargets(zeros).target("first", Targets.ofRows(last));
    Loss loss = Loss.meanSquaredError().and("first", Loss.meanSquaredError(), 0.5);
    try (Model model = Model.of(both, Inputs.vectors(1), 1)) {
      assertThat(model.evaluate(data, loss).loss())
          .isCloseTo(sum / steps + 0.5 * lasts / rows, within(1e-6));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Loss cross = Loss.softmaxCrossEntropy();
    refuses(() -> Loss.huber(0), "Loss: delta must be greater than 0, got 0.0");
    refuses(() -> Loss.quantile(), "Loss: there must be at least one quantile, got 0");
    refuses(() -> Loss.quantile(0.5, 1), "Loss: a quantile must be in (0, 1), got 1.0");
    refuses(() -> cross.labelSmoothing(1), "Loss: label smoothing must be in [0, 1), got 1.0");
    refuses(
        () -> Loss.hinge().labelSmoothing(0.1),
        "Loss: label smoothing must be of a cross-entropy, got hinge");
    refuses(
        () -> Loss.meanSquaredError().classWeights(1, 2),
        "Loss: class weights must be of a cross-entropy, got mean squared error");
    refuses(() -> cross.classWeights(1, -2), "Loss: a class weight must be at least 0, got -2.0");
    Sequences labels = STEPS.stepLabels(new int[][] {{2, 0}, {1}});
    refuses(
        () -> of(cross.classWeights(1, 2), labels),
        "Loss: the class weights of a cross-entropy must be 3, as the output has, got 2");
    Sequences numbers = STEPS.stepTargets(targets(1, 0, 0, 0, 1, 0, 1, 0, 0));
    refuses(
        () -> of(Loss.binaryCrossEntropy().classWeights(1, 2, 3), numbers),
        "Loss: the class weights of a cross-entropy must be 2 for a binary one, got 3");
    refuses(
        () -> of(Loss.quantile(0.1, 0.9), numbers),
        "Loss: quantiles must be one, or 3, as the output has, got 2");
    refuses(
        () -> of(Loss.of("mine", (y, t) -> y.minus(t)), numbers),
        "Loss: an equation must give one number, as with mean() or sum() at its end, got [3]");
    refuses(
        () -> STEPS.sampleWeights(1),
        "Sequences: sample weights must be given for all 2 rows, got 1");
    refuses(
        () -> STEPS.sampleWeights(1, -1),
        "Sequences: the sample weight of row 1 must be at least 0, got -1.0");
  }

  private static void refuses(Runnable what, String sentence) {
    assertThatThrownBy(what::run).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }
}
