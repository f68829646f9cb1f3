package service;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.train.Export;
import kazoku.train.Inputs;
import kazoku.train.Model;

/** Small models, and JSON to ask them with. */
final class Toys {
  static final List<String> LABELS = List.of("down", "up");

  private Toys() {}

  /** Steps of 3 numbers; two scores for a sequence, with labels. */
  static Path scores(Path folder, long seed) {
    Layer layer = new Sequential(new RNN(new LSTMCell(3, 5)).last(), head());
    return exported(Model.of(layer, seed), folder, Export.frozen().labels(LABELS));
  }

  /** Tokens below 20; two scores for each step. */
  static Path tokens(Path folder) {
    Layer layer = new Sequential(new Embedding(20, 3), new RNN(new GRUCell(3, 5)), head());
    return exported(Model.of(layer, 1), folder, Export.variables().labels(LABELS));
  }

  /** Steps of 3 numbers, and when they were. Two outputs. */
  static Path several(Path folder) {
    Layer cell = new RNN(new PhasedLSTMCell(3, 2));
    Layer layer =
        (w, x) -> {
          var steps = cell.apply(w.in("rnn"), x);
          return new RNN(new GRUCell(2, 2)).last().apply(w.in("last"), steps).beside("all", steps);
        };
    Model model = Model.of(layer, Inputs.vectors(3).vectors("time", 1), 1);
    return exported(model, folder, Export.frozen());
  }

  private static Layer head() {
    return new Dense(5, 2, Activation.IDENTITY, Initializer.GLOROT_UNIFORM);
  }

  private static Path exported(Model model, Path folder, Export form) {
    try (model) {
      model.export(folder, form);
    }
    return folder;
  }

  /** A sequence of so many steps. */
  static float[][] sequence(int steps, long seed) {
    Random random = new Random(seed);
    float[][] sequence = new float[steps][3];
    for (float[] step : sequence) {
      for (int i = 0; i < step.length; i++) {
        step[i] = random.nextFloat() * 2 - 1;
      }
    }
    return sequence;
  }

  static String json(float[][] sequence) {
    StringJoiner steps = new StringJoiner(",", "[", "]");
    for (float[] step : sequence) {
      steps.add(json(step));
    }
    return steps.toString();
  }

  static String json(float[] step) {
    StringJoiner numbers = new StringJoiner(",", "[", "]");
    for (float number : step) {
      numbers.add(Float.toString(number));
    }
    return numbers.toString();
  }

  static String instances(float[][]... sequences) {
    StringJoiner all = new StringJoiner(",", "{\"instances\":[", "]}");
    for (float[][] sequence : sequences) {
      all.add(json(sequence));
    }
    return all.toString();
  }
}
