package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
}
