package kazoku.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Metric;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;
import kazoku.train.View;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Models that end with a {@link Crf} or learn by {@link Ctc}. */
class ModelsTest {
  private static Epochs epochs(int count) {
    return Epochs.of(count).batchSize(16).progress(Progress.NONE);
  }

  private static Layer scores(int inputSize, int outputSize) {
    return new Dense(inputSize, outputSize, Activation.IDENTITY, Initializer.GLOROT_UNIFORM);
  }

  private static float accuracy(int[][] found, int[][] expected) {
    int right = 0;
    int all = 0;
    for (int row = 0; row < found.length; row++) {
      assertThat(found[row]).hasSameSizeAs(expected[row]);
      for (int t = 0; t < found[row].length; t++) {
        right += found[row][t] == expected[row][t] ? 1 : 0;
        all++;
      }
    }
    return (float) right / all;
  }

  /** 0 → 1 → 2 → 0 from anywhere; what is seen of a label is often wrong. */
  private record Round(float[][][] inputs, int[][] labels) {
    static Round of(int rows, long seed) {
      Random random = new Random(seed);
      float[][][] inputs = new float[rows][][];
      int[][] labels = new int[rows][];
      for (int row = 0; row < rows; row++) {
        int steps = 1 + random.nextInt(9);
        inputs[row] = new float[steps][3];
        labels[row] = new int[steps];
        int label = random.nextInt(3);
        for (int t = 0; t < steps; t++) {
          labels[row][t] = label;
          int seen = random.nextFloat() < 0.6 ? label : random.nextInt(3);
          inputs[row][t][seen] = 1;
          label = (label + 1) % 3;
        }
      }
      return new Round(inputs, labels);
    }
  }

  @Test
  void aCrfKnowsWhatFollowsWhat(@TempDir Path folder) {
    Round train = Round.of(200, 1);
    Round test = Round.of(60, 2);
    Crf crf = new Crf(3);
    Layer encoder = scores(3, 3);
    try (Model plain = Model.of(encoder, 1);
        Model model = Model.of(new Sequential(encoder, crf), 1)) {
      Sequences data = Sequences.of(train.inputs()).stepLabels(train.labels());
      Sequences unseen = Sequences.of(test.inputs());
      plain.fit(data, new Adam(0.05), Loss.softmaxCrossEntropy(), epochs(8));
      model.fit(data, new Adam(0.05), Crf.loss(), epochs(8));

      int[][] found = model.view(new Sequential(encoder, crf.decoding())).tokens(unseen);
      int[][] alone = plain.view().classifySteps(unseen);
      assertThat(accuracy(found, test.labels()))
          .isGreaterThan(0.85f)
          .isGreaterThan(accuracy(alone, test.labels()) + 0.1f);
      Sequences asked = unseen.stepLabels(test.labels());
      double metric = model.evaluate(asked, Crf.loss()).metric();
      assertThat(metric).isGreaterThan(0.85);
      View best = model.view(new Sequential(encoder, crf.decoding()));
      assertThat(best.measure(asked, Metric.accuracy()).get("accuracy"))
          .isCloseTo(metric, within(1e-6));
      assertThat(best.confusion(asked).accuracy()).isCloseTo(metric, within(1e-6));

      model.view(new Sequential(encoder, crf.decoding())).export(folder.resolve("tagger"));
      try (SavedModelBundle bundle = SavedModelBundle.load(folder.resolve("tagger").toString());
          TFloat32 row = TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][][] {test.inputs()[0]}));
          TInt32 lengths = TInt32.vectorOf(test.inputs()[0].length);
          var result = bundle.call(Map.of("input", row, "lengths", lengths))) {
        TInt32 labels = (TInt32) result.get("output").orElseThrow();
        for (int t = 0; t < found[0].length; t++) {
          assertThat(labels.getInt(0, t)).isEqualTo(found[0][t]);
        }
      }
    }
  }

  /** Signs 1 and 2 that last for some steps, with silence behind each. */
  private record Signs(float[][][] inputs, int[][] labels) {
    static Signs of(int rows, long seed) {
      Random random = new Random(seed);
      float[][][] inputs = new float[rows][][];
      int[][] labels = new int[rows][];
      for (int row = 0; row < rows; row++) {
        List<float[]> steps = new ArrayList<>();
        labels[row] = random.ints(random.nextInt(4), 1, 3).toArray();
        for (int label : labels[row]) {
          for (int t = 1 + random.nextInt(3); t > 0; t--) {
            steps.add(label == 1 ? new float[] {1, 0} : new float[] {0, 1});
          }
          for (int t = 1 + random.nextInt(2); t > 0; t--) {
            steps.add(new float[] {0, 0});
          }
        }
        inputs[row] = steps.toArray(float[][]::new);
      }
      return new Signs(inputs, labels);
    }
  }

  @Test
  void ctcLearnsWithoutBeingToldWhichStepIsWhichLabel() {
    Signs train = Signs.of(120, 1);
    Signs test = Signs.of(40, 2);
    Ctc ctc = new Ctc(0, Ctc.Misfit.REFUSE);
    Layer rnn = new RNN(new GRUCell(2, 12));
    Layer scores = scores(12, 3);
    try (Model model = Model.of(new Sequential(rnn, scores), 1)) {
      Sequences data = Sequences.of(train.inputs()).labelSequences(train.labels());
      Sequences unseen = Sequences.of(test.inputs());
      double before = model.evaluate(unseen.labelSequences(test.labels()), ctc.loss()).metric();
      model.fit(data, new Adam(0.03), ctc.loss(), epochs(60));
      double after = model.evaluate(unseen.labelSequences(test.labels()), ctc.loss()).metric();
      assertThat(before).isGreaterThan(0.5);
      assertThat(after).isLessThan(0.05);
      View decoded = model.view(new Sequential(rnn, scores, ctc.decoding()));
      Sequences asked = unseen.labelSequences(test.labels());
      assertThat(decoded.measure(asked, Metric.tokenErrorRate()).get("token error rate"))
          .isLessThan(0.05);
      int[][] greedy = decoded.tokens(unseen);
      int[][] beam = model.view(new Sequential(rnn, scores, ctc.decoding(8))).tokens(unseen);
      int right = 0;
      for (int row = 0; row < test.labels().length; row++) {
        right += Arrays.equals(greedy[row], test.labels()[row]) ? 1 : 0;
        right += Arrays.equals(beam[row], test.labels()[row]) ? 1 : 0;
      }
      assertThat(right).isGreaterThan(2 * test.labels().length * 9 / 10);
    }
  }

  @Test
  void lossesWithEqualSettingsAreEqual() {
    assertThat(Crf.loss()).isEqualTo(Crf.loss());
    assertThat(new Ctc().loss()).isEqualTo(new Ctc().loss());
    assertThat(new Ctc().loss()).isNotEqualTo(new Ctc(0, Ctc.Misfit.SKIP).loss());
  }
}
