package kazoku.io;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.LSTMCell;
import kazoku.layers.BatchNorm;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.LayerNorm;
import kazoku.layers.Pooling;
import kazoku.layers.TimeDistributed;
import kazoku.train.Model;
import kazoku.train.Sequences;
import kazoku.wrap.StackedCell;

/**
 * Writes models for Keras: all that were read of its files, and one that is made here. {@code
 * keras_back.py} opens them and compares outputs. Its argument is a folder.
 */
public final class KerasBack {
  private static final ObjectMapper JSON = new ObjectMapper();

  private KerasBack() {}

  static Layer made() {
    return new Sequential(
        new Conv1D(3, 4, 3, Conv1D.Padding.CAUSAL, Activation.RELU),
        new LayerNorm(4),
        new Bidirectional(new LSTMCell(4, 3)).named("both"),
        new Dropout(0.3),
        new RNN(new StackedCell(new GRUCell(6, 4), new ElmanRNNCell(4, 3))).named("stack"),
        new BatchNorm(3, 0.01, 1e-3, false),
        new TimeDistributed(new Dense(3, 4)),
        new RNN(new GRUResetAfterCell(4, 5)),
        Pooling.max(),
        new Dense(5, 2, Activation.SOFTMAX));
  }

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    try (Stream<Path> files = Files.list(IoFiles.path("keras"))) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        String name = file.getFileName().toString();
        if (name.matches("[a-z]+\\.keras3\\.keras")) {
          try (Model model = Keras.read(file).model(1)) {
            Keras.write(folder.resolve(name), model);
          }
        }
      }
    }
    try (Model model = Model.of(made(), 7)) {
      Random random = new Random(3);
      float[][][] input = new float[2][6][3];
      List<Float> flat = new ArrayList<>();
      for (float[][] row : input) {
        for (float[] step : row) {
          for (int i = 0; i < step.length; i++) {
            step[i] = (float) random.nextGaussian();
            flat.add(step[i]);
          }
        }
      }
      List<Float> outputs = new ArrayList<>();
      for (float[] row : model.predict(Sequences.of(input))) {
        for (float value : row) {
          outputs.add(value);
        }
      }
      Keras.write(folder.resolve("made.keras3.keras"), model);
      JSON.writeValue(
          folder.resolve("made.json").toFile(),
          Map.of(
              "inputs", Map.of("input", array(flat, 2, 6, 3)),
              "keras3", List.of(array(outputs, 2, 2))));
    }
  }

  private static Map<String, Object> array(List<Float> values, int... shape) {
    return Map.of("shape", shape, "values", values);
  }
}
