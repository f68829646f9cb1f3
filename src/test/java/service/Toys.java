package service;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.function.Supplier;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.internal.files.Aside;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.train.Export;
import kazoku.train.Inputs;
import kazoku.train.Model;

/** Small models, and JSON to ask them with. */
final class Toys {
  static final List<String> LABELS = List.of("down", "up");

  private static final Export LABELLED = Export.frozen().labels(LABELS);
  private static final Path MADE = temporary();

  private Toys() {}

  private static Path temporary() {
    try {
      Path folder = Files.createTempDirectory("service");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Steps of 3 numbers; two scores for a sequence, with labels. */
  static Path scores(Path folder, long seed) {
    Layer layer = new Sequential(new RNN(new LSTMCell(3, 5)).last(), head());
    return exported("scores" + seed, () -> Model.of(layer, seed), LABELLED, folder);
  }

  /** Tokens below 20; two scores for each step. */
  static Path tokens(Path folder) {
    Layer layer = new Sequential(new Embedding(20, 3), new RNN(new GRUCell(3, 5)), head());
    Export form = Export.variables().labels(LABELS);
    return exported("tokens", () -> Model.of(layer, 1), form, folder);
  }

  /** Steps of 3 numbers, and when they were. Two outputs. */
  static Path several(Path folder) {
    Layer cell = new RNN(new PhasedLSTMCell(3, 2));
    Layer layer =
        (w, x) -> {
          var steps = cell.apply(w.in("rnn"), x);
          return new RNN(new GRUCell(2, 2)).last().apply(w.in("last"), steps).beside("all", steps);
        };
    Inputs inputs = Inputs.vectors(3).vectors("time", 1);
    return exported("several", () -> Model.of(layer, inputs, 1), Export.frozen(), folder);
  }

  private static Layer head() {
    return new Dense(5, 2, Activation.IDENTITY, Initializer.GLOROT_UNIFORM);
  }

  /** An export takes a second: each is made once, and copied to where it is wanted. */
  private static Path exported(String name, Supplier<Model> model, Export form, Path folder) {
    try {
      Path made = MADE.resolve(name);
      if (!Files.exists(made)) {
        try (Model built = model.get()) {
          built.export(made, form);
        }
      }
      Path aside = folder.resolveSibling(folder.getFileName() + ".aside");
      try (Stream<Path> all = Files.walk(made)) {
        for (Path path : all.toList()) {
          Path to = aside.resolve(made.relativize(path).toString());
          Files.createDirectories(to.getParent());
          Files.copy(path, to);
        }
      }
      return Files.move(aside, folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path folder) {
    try {
      Aside.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
