package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.Stream;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import kazoku.decode.Crf;
import org.junit.jupiter.api.Test;

/** Steps without a target do not count. */
class HolesTest {
  private static final float[][][] INPUTS = Toys.inputs(12, 1);

  private static Layer layers(int outputs) {
    return new Sequential(new RNN(new LSTMCell(2, 4)), Toys.head(4, outputs));
  }

  /** Every other step has a label. */
  private static int[][] holed(int[][] labels) {
    int[][] holed = Arrays.stream(labels).map(int[]::clone).toArray(int[][]::new);
    for (int[] row : holed) {
      for (int t = 1; t < row.length; t += 2) {
        row[t] = -1;
      }
    }
    return holed;
  }

  private static int[][] labels() {
    return Arrays.stream(INPUTS)
        .map(row -> Arrays.stream(row).mapToInt(step -> step[0] > 0 ? 1 : 0).toArray())
        .toArray(int[][]::new);
  }

  @Test
  void lossAndMetricsAreMeansOverTheOtherSteps() {
    Sequences holed = Sequences.of(INPUTS).stepLabels(holed(labels()));
    Metric[] metrics = {Metric.topK(1), Metric.perplexity()};
    try (Model model = Model.of(layers(2), 42)) {
      float[][][] logits = model.predictSteps(holed);
      double sum = 0;
      int right = 0;
      int count = 0;
      for (int row = 0; row < INPUTS.length; row++) {
        for (int t = 0; t < INPUTS[row].length; t += 2) {
          float[] y = logits[row][t];
          int label = labels()[row][t];
          sum += Math.log(Math.exp(y[0]) + Math.exp(y[1])) - y[label];
          right += y[label] > y[1 - label] ? 1 : 0;
          count++;
        }
      }
      Scores scores = model.evaluate(holed, Loss.softmaxCrossEntropy(), metrics);
      assertThat(scores.loss()).isCloseTo(sum / count, within(1e-6));
      assertThat(scores.metric()).isCloseTo((double) right / count, within(1e-6));
      assertThat(scores.value(Metric.topK(1).name()))
          .isCloseTo((double) right / count, within(1e-9));
      assertThat(scores.value("perplexity")).isCloseTo(Math.exp(sum / count), within(1e-5));
    }
  }

  @Test
  void whatIsNotAskedIsNotLearnt() {
    int[][] other = labels();
    for (int[] row : other) {
      for (int t = 1; t < row.length; t += 2) {
        row[t] = 1 - row[t];
      }
    }
    float[][] weights =
        Stream.of(labels(), other)
            .map(labels -> trained(Sequences.of(INPUTS).stepLabels(holed(labels)), 2))
            .toArray(float[][]::new);
    assertThat(weights[0]).isEqualTo(weights[1]);
  }

  @Test
  void numbersThatAreNoneAreHoles() {
    float[][][] sums = Toys.sums(INPUTS);
    float[][][] holed = Toys.sums(INPUTS);
    for (float[][] row : holed) {
      row[row.length - 1][0] = Float.NaN;
    }
    Sequences data = Sequences.of(INPUTS).stepTargets(holed);
    try (Model model = Model.of(layers(1), 42)) {
      float[][][] y = model.predictSteps(data);
      double squares = 0;
      int count = 0;
      for (int row = 0; row < y.length; row++) {
        for (int t = 0; t < y[row].length - 1; t++) {
          squares += Math.pow(y[row][t][0] - sums[row][t][0], 2);
          count++;
        }
      }
      Scores scores = model.evaluate(data, Loss.meanSquaredError(), Metric.rootMeanSquaredError());
      assertThat(scores.loss()).isCloseTo(squares / count, within(1e-6));
      assertThat(scores.value(Metric.rootMeanSquaredError().name()))
          .isCloseTo(Math.sqrt(squares / count), within(1e-6));
    }
    for (float weight : trained(data, 1)) {
      assertThat(weight).isFinite();
    }
  }

  private static float[] trained(Sequences data, int outputs) {
    Loss loss = outputs == 1 ? Loss.meanSquaredError() : Loss.softmaxCrossEntropy();
    try (Model model = Model.of(layers(outputs), 42)) {
      model.fit(data, new Adam(0.01), loss, Toys.epochs(3));
      return model.weight("rnn/cell/U");
    }
  }

  @Test
  void lossesOfWholeRowsRefuseHoles() {
    Crf crf = new Crf(2);
    Layer layers = new Sequential(layers(2), crf);
    try (Model model = Model.of(layers, 42)) {
      Sequences holed = Sequences.of(INPUTS).stepLabels(holed(labels()));
      assertThatThrownBy(() -> model.fit(holed, new Adam(0.01), Crf.loss(), Toys.epochs(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("Loss: .* needs a target at each step, got none in row \\d+");
    }
    assertThatThrownBy(() -> Sequences.of(INPUTS).stepLabels(holed(labels())).last())
        .hasMessageMatching("Sequences: row \\d+ must have a target at its last step, got none");
    int[][] less = labels();
    less[3][0] = -2;
    assertThatThrownBy(() -> Sequences.of(INPUTS).stepLabels(less))
        .hasMessage(
            "Sequences: labels must be 0 or more, or -1 for none, but row 3 has another, got -2");
  }
}
