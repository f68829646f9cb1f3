package kazoku.serve;

import java.nio.file.Path;
import java.util.Random;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.train.Model;

/** Small models and their input. */
final class Toys {
  private Toys() {}

  static Layer perRow() {
    return new Sequential(new RNN(new LSTMCell(3, 5)).last(), head());
  }

  static Layer perStep() {
    return new Sequential(new RNN(new GRUCell(3, 5)), head());
  }

  static Layer words() {
    return new Sequential(new Embedding(20, 3), new RNN(new LSTMCell(3, 5)).last(), head());
  }

  static Layer wordsPerStep() {
    return new Sequential(new Embedding(20, 3), new RNN(new LSTMCell(3, 5)), head());
  }

  private static Layer head() {
    return new Dense(5, 2, Activation.IDENTITY, Initializer.GLOROT_UNIFORM);
  }

  static Path exported(Layer layer, long seed, Path folder) {
    try (Model model = Model.of(layer, seed)) {
      model.export(folder);
    }
    return folder;
  }

  /** Rows of 1 to {@code longest} steps of 3 numbers. */
  static float[][][] rows(int rows, int longest, long seed) {
    Random random = new Random(seed);
    float[][][] all = new float[rows][][];
    for (int row = 0; row < rows; row++) {
      all[row] = steps(1 + random.nextInt(longest), random.nextLong());
    }
    return all;
  }

  /** One row of so many steps. */
  static float[][] steps(int steps, long seed) {
    Random random = new Random(seed);
    float[][] row = new float[steps][3];
    for (float[] step : row) {
      for (int i = 0; i < step.length; i++) {
        step[i] = random.nextFloat() * 2 - 1;
      }
    }
    return row;
  }
}
