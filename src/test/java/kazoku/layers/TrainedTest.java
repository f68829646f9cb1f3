package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Weights.Draw;
import kazoku.cells.GRUCell;
import kazoku.layers.Conv1D.Padding;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layers learn together: which of two tokens a sequence has. */
class TrainedTest {
  private static final Layer LAYERS =
      new Sequential(
          new Embedding(6, 8, 0),
          new Dropout(0.1, Draw.EACH_ROW),
          new BatchNorm(8),
          new Conv1D(8, 8, 3, 2, 1, Padding.CAUSAL, Activation.RELU, true),
          new Residual(new Sequential(new LayerNorm(8), new RNN(new GRUCell(8, 8)))),
          new GaussianNoise(0.05),
          Pooling.max(),
          new Dense(8, 2, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));

  private static Sequences data() {
    Random random = new Random(3);
    int[][] tokens = new int[60][];
    int[] labels = new int[tokens.length];
    for (int row = 0; row < tokens.length; row++) {
      tokens[row] = new int[1 + random.nextInt(7)];
      java.util.Arrays.setAll(tokens[row], t -> 3 + random.nextInt(3));
      labels[row] = random.nextInt(2);
      tokens[row][random.nextInt(tokens[row].length)] = 1 + labels[row];
    }
    return Sequences.tokens(tokens).labels(labels);
  }

  @Test
  void allTogether(@TempDir Path folder) {
    Epochs epochs = Epochs.of(25).batchSize(20).progress(Progress.NONE);
    float[][] predicted;
    try (Model model = Model.of(LAYERS, 5)) {
      model.fit(data(), new Adam(0.02), Loss.softmaxCrossEntropy(), epochs);
      assertThat(model.evaluate(data(), Loss.softmaxCrossEntropy()).metric()).isEqualTo(1);
      assertThat(model.weight("batchNorm/mean")).doesNotContain(0f);
      predicted = model.predict(data());
      assertThat(model.predict(data())).isDeepEqualTo(predicted);
      model.save(folder.resolve("weights"));
      model.export(folder.resolve("saved"));
    }
    try (Model model = Model.of(LAYERS, 6)) {
      model.load(folder.resolve("weights"));
      assertThat(model.predict(data())).isDeepEqualTo(predicted);
    }
  }
}
