package kazoku.io;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Stacked;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.Integration;
import kazoku.cells.LSTMCell;
import kazoku.cells.ProjectedLSTMCell;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.layers.LayerNorm;
import kazoku.train.Model;
import kazoku.train.Sequences;

/**
 * Writes models for PyTorch, with inputs and outputs: {@code torch_back.py} loads them and
 * compares. Its argument is a folder.
 */
public final class TorchBack {
  private static final int I = 3;
  private static final int H = 4;
  private static final int VOCABULARY = 9;

  private TorchBack() {}

  static Map<String, Layer> models() {
    Map<String, Layer> models = new LinkedHashMap<>();
    models.put("rnn", new RNN(new ElmanRNNCell(I, H)));
    models.put(
        "rnn_relu",
        new Stacked(
            new RNN(
                new ElmanRNNCell(
                    I, H, false, Integration.ADD, false, 0, 0, false, Activation.RELU)),
            new RNN(
                new ElmanRNNCell(
                    H, H, false, Integration.ADD, false, 0, 0, false, Activation.RELU))));
    models.put("lstm", new RNN(new LSTMCell(I, H)));
    models.put("lstm_deep", Stacked.bidirectional(new LSTMCell(I, H), new LSTMCell(2 * H, H)));
    models.put("lstm_projected", new Bidirectional(new ProjectedLSTMCell(I, H, 2)));
    models.put("gru", new RNN(new GRUResetAfterCell(I, H)));
    models.put(
        "gru_deep",
        Stacked.bidirectional(new GRUResetAfterCell(I, H), new GRUResetAfterCell(2 * H, H)));
    models.put(
        "tagger",
        new Sequential(
            new Embedding(VOCABULARY, I).named("words"),
            new RNN(new LSTMCell(I, H)).named("encoder"),
            new LayerNorm(H).named("norm"),
            new Dense(H, 2).named("head")));
    return models;
  }

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    Random random = new Random(1);
    Map<String, Object> cases = new LinkedHashMap<>();
    for (Map.Entry<String, Layer> each : models().entrySet()) {
      String name = each.getKey();
      try (Model model = Model.of(each.getValue(), 1)) {
        Map<String, float[]> weights = new LinkedHashMap<>();
        for (String weight : model.weights()) {
          float[] values = model.weight(weight);
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 2;
          }
          weights.put(weight, values);
        }
        model.weights(weights);
        Map<String, Object> numbers = new LinkedHashMap<>();
        if (name.equals("tagger")) {
          int[][] tokens = {{1, 5, 8, 0}, {2, 2, 3, 7}};
          numbers.put("input", tokens);
          numbers.put("output", model.predictSteps(Sequences.tokens(tokens)));
        } else {
          float[][][] x = new float[2][5][I];
          for (float[][] row : x) {
            for (float[] step : row) {
              for (int i = 0; i < I; i++) {
                step[i] = (float) random.nextGaussian();
              }
            }
          }
          numbers.put("input", x);
          numbers.put("output", model.predictSteps(Sequences.of(x)));
        }
        cases.put(name, numbers);
        Network network = Network.of(model);
        SafeTensors.write(folder.resolve(name + ".safetensors"), Torch.state(network));
      }
    }
    new ObjectMapper().writeValue(folder.resolve("outputs.json").toFile(), cases);
  }
}
