package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Stacked;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.Integration;
import kazoku.cells.LSTMCell;
import kazoku.cells.ProjectedLSTMCell;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers of PyTorch compute here what they computed there, and go back as they came. */
@Timeout(120)
class TorchTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  private static final Map<String, BiFunction<Tensors, String, Network>> ZOO = zoo();

  private static Map<String, BiFunction<Tensors, String, Network>> zoo() {
    Map<String, BiFunction<Tensors, String, Network>> zoo = new LinkedHashMap<>();
    for (String name : List.of("rnn", "rnn_bi", "rnn_cell")) {
      zoo.put(name, Torch::rnn);
    }
    zoo.put("rnn_relu", (state, name) -> Torch.rnn(state, name, Activation.RELU));
    for (String name : List.of("lstm", "lstm_deep", "lstm_plain", "lstm_projected", "lstm_cell")) {
      zoo.put(name, Torch::lstm);
    }
    for (String name : List.of("gru", "gru_deep", "gru_plain", "gru_cell")) {
      zoo.put(name, Torch::gru);
    }
    zoo.put("linear", Torch::linear);
    zoo.put("linear_plain", Torch::linear);
    zoo.put("embedding", Torch::embedding);
    zoo.put("norm", Torch::layerNorm);
    zoo.put("norm_plain", (state, name) -> Torch.layerNorm(state, name, 1e-3));
    return zoo;
  }

  static Stream<String> names() {
    return ZOO.keySet().stream();
  }

  @Test
  void everyPartOfTheZooIsTried() {
    JsonNode expected = IoFiles.json("torch/zoo.json");
    assertThat(ZOO.keySet()).containsExactlyInAnyOrderElementsOf(expected::fieldNames);
  }

  @ParameterizedTest
  @MethodSource("names")
  void aLayerComputesWhatItComputedThere(String name) throws IOException {
    JsonNode expected = IoFiles.json("torch/zoo.json").get(name);
    Network network = ZOO.get(name).apply(Torch.read(IoFiles.path("torch/zoo.pt")), name);
    JsonNode input = expected.get("input");
    Sequences data =
        name.equals("embedding")
            ? Sequences.tokens(MAPPER.treeToValue(input, int[][].class))
            : Sequences.of(MAPPER.treeToValue(input, float[][][].class));
    try (Model model = network.model(1)) {
      IoFiles.requireEqual(
          model.predictSteps(data), MAPPER.treeToValue(expected.get("output"), float[][][].class));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWholeModelWithRowsOfSeveralLengths(boolean padding) {
    Tensors state = Torch.read(IoFiles.path("torch/tagger.pt"));
    Network tagger =
        Network.sequential(
            padding
                ? Torch.embedding(state, "model.words", 0)
                : Torch.embedding(state, "model.words"),
            Torch.gru(state, "model.encoder"),
            Torch.layerNorm(state, "model.head.0"),
            Torch.linear(state, "model.head.1"));
    List<int[]> rows = new ArrayList<>();
    List<float[][]> outputs = new ArrayList<>();
    for (JsonNode row : IoFiles.json("torch/tagger.json")) {
      rows.add(MAPPER.convertValue(row.get("tokens"), int[].class));
      outputs.add(MAPPER.convertValue(row.get("output"), float[][].class));
    }
    try (Model model = tagger.model(1)) {
      IoFiles.requireEqual(
          model.predictSteps(Sequences.tokens(rows.toArray(int[][]::new))),
          outputs.toArray(float[][][]::new));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void whatComesInGoesOutAgain(String name) {
    Tensors zoo = Torch.read(IoFiles.path("torch/zoo.pt"));
    Network network = ZOO.get(name).apply(zoo, name);
    Path path = folder.resolve("back.safetensors");
    SafeTensors.write(path, Torch.state(network));
    Network again = ZOO.get(name.replace("_cell", "")).apply(SafeTensors.read(path), "");
    assertThat(again.layer()).hasSameClassAs(network.layer());
    assertThat(again.weights().keySet()).isEqualTo(network.weights().keySet());
    network
        .weights()
        .forEach(
            (weight, values) -> {
              Values same = again.weights().get(weight);
              assertThat(same.shape()).isEqualTo(values.shape());
              assertThat(same.numbers()).isEqualTo(values.numbers());
            });
  }

  @Test
  void aModelsNamesAreItsLayers() {
    Cell dropping = new LSTMCell(3, 4, 0, 0, 0.5, 0.5, true, Activation.TANH, Activation.SIGMOID);
    Layer encoder = new RNN(dropping).named("encoder");
    Layer layer =
        new Sequential(
            encoder, new Dropout(0.5), new Dense(4, 2, Activation.SOFTMAX).named("head"));
    try (Model model = Model.of(layer, 1)) {
      assertThat(Torch.state(Network.of(model)).keySet())
          .containsExactly(
              "encoder.weight_ih_l0",
              "encoder.weight_hh_l0",
              "encoder.bias_ih_l0",
              "encoder.bias_hh_l0",
              "head.weight",
              "head.bias");
      Path path = folder.resolve("own.safetensors");
      SafeTensors.write(path, model);
      Tensors own = SafeTensors.read(path);
      assertThat(own.names()).containsExactlyElementsOf(model.weights());
      try (Model same = new Network(layer, own.values()).model(7)) {
        for (String name : model.weights()) {
          assertThat(same.weight(name)).isEqualTo(model.weight(name));
        }
      }
    }
  }

  static Stream<Layer> unknown() {
    Cell lstm = new LSTMCell(3, 4);
    return Stream.of(
        new RNN(new GRUCell(3, 4)),
        new RNN(lstm).reversed(),
        new RNN(new LSTMCell(3, 4, 1, 0, 0, 0, true, Activation.TANH, Activation.SIGMOID)),
        new RNN(new LSTMCell(3, 4, 0, 2, 0, 0, true, Activation.TANH, Activation.SIGMOID)),
        new RNN(new ProjectedLSTMCell(3, 4, 2, 1, 0, false, 0, 0, true, Activation.TANH)),
        new RNN(new GRUResetAfterCell(3, 4, 0, 0, true, Activation.RELU, Activation.SIGMOID)),
        new RNN(new ElmanRNNCell(3, 4, false, Integration.ADD, true, 0, 0, true, Activation.TANH)),
        new RNN(new ElmanRNNCell(3, 4, false, Integration.ADD, false, 0, 0, true, Activation.ELU)),
        new Bidirectional(lstm).with(Bidirectional.Merge.SUM),
        new Bidirectional(lstm, new LSTMCell(3, 5)),
        new Stacked(new RNN(lstm), new RNN(new LSTMCell(4, 5))),
        new Stacked(new RNN(lstm), new RNN(new ElmanRNNCell(4, 4))),
        new Stacked(new RNN(lstm), new Bidirectional(new LSTMCell(4, 4))),
        new Stacked(new RNN(new LSTMCell(4, 4))).withResiduals(),
        new Conv1D(3, 4, 2));
  }

  @ParameterizedTest
  @MethodSource("unknown")
  void whatPyTorchHasNotIsNotWritten(Layer layer) {
    try (Model model = Model.of(layer, 1)) {
      Network network = Network.of(model);
      assertThatThrownBy(() -> Torch.state(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Torch: ");
    }
  }

  @Test
  void errorsSayWhatIsThere() {
    Tensors zoo = Torch.read(IoFiles.path("torch/zoo.pt"));
    refuse(() -> Torch.lstm(zoo, "nothing"), "got nothing.weight_ih_l0");
    refuse(
        () -> Torch.lstm(zoo, "gru"), "gru.weight_hh_l0 must be [12, 3], as the other arrays say");
    refuse(
        () -> Torch.gru(zoo, "lstm"),
        "lstm.weight_ih_l0 must have an axis that is a multiple of 3");
    refuse(() -> Torch.rnn(zoo, "lstm"), "lstm.weight_hh_l0 must be [16, 16]");
    refuse(() -> Torch.linear(zoo, "norm"), "norm.weight must be [O, I], got [3]");
    refuse(
        () -> Torch.embedding(zoo, "linear"), "has linear.weight and nothing else under its name");
    refuse(() -> Torch.embedding(zoo, "embedding", 6), "padding must be a token");
    refuse(() -> Torch.linear(zoo, null), "prefix must be given");
    Map<String, Values> state = new LinkedHashMap<>(zoo.values());
    state.keySet().removeIf(name -> !name.startsWith("lstm_deep"));
    state.remove("lstm_deep.bias_hh_l1");
    refuse(() -> Torch.lstm(written(state), "lstm_deep"), "got lstm_deep.bias_hh_l1");
    state.remove("lstm_deep.bias_ih_l1");
    state.remove("lstm_deep.weight_ih_l1");
    refuse(() -> Torch.lstm(written(state), "lstm_deep"), "and nothing else under its name, got");
  }

  private Tensors written(Map<String, Values> state) {
    Path path = folder.resolve("changed.safetensors");
    SafeTensors.write(path, state);
    return SafeTensors.read(path);
  }

  private static void refuse(ThrowingCallable call, String why) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
  }
}
