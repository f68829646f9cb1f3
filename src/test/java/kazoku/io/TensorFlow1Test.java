package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.RNN;
import kazoku.cells.GRUCell;
import kazoku.layers.Dense;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints of TensorFlow 1, their cells, and what is refused. */
@Timeout(120)
class TensorFlow1Test {
  private static final int MUTATIONS = 5000;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final Map<String, Function<Tensors, Network>> ZOO = zoo();

  @TempDir Path folder;

  private static Map<String, Function<Tensors, Network>> zoo() {
    Map<String, Function<Tensors, Network>> zoo = new LinkedHashMap<>();
    zoo.put("basic_rnn", c -> TensorFlow1.rnn(c, "basic_rnn/basic_rnn_cell"));
    zoo.put("basic_lstm", c -> TensorFlow1.lstm(c, "basic_lstm/basic_lstm_cell"));
    zoo.put("lstm", c -> TensorFlow1.lstm(c, "lstm/lstm_cell", 0.5));
    for (String name :
        new String[] {
          "peepholes", "projected", "projected_peepholes", "block", "block_peepholes"
        }) {
      zoo.put(name, c -> TensorFlow1.lstm(c, name + "/lstm_cell"));
    }
    zoo.put("gru", c -> TensorFlow1.gru(c, "gru/gru_cell"));
    zoo.put("reset_after", c -> TensorFlow1.gru(c, "reset_after/cudnn_compatible_gru_cell"));
    zoo.put(
        "both",
        c ->
            TensorFlow1.bidirectional(
                TensorFlow1.gru(c, "both/fw/gru_cell"), TensorFlow1.gru(c, "both/bw/gru_cell")));
    String cells = "stacked/multi_rnn_cell/cell_";
    zoo.put(
        "stacked",
        c ->
            Network.sequential(
                TensorFlow1.lstm(c, cells + "0/basic_lstm_cell").named("lowest"),
                TensorFlow1.lstm(c, cells + "1/basic_lstm_cell")));
    zoo.put("dense", c -> TensorFlow1.dense(c, "dense"));
    zoo.put("words", c -> TensorFlow1.embedding(c, "words/embeddings"));
    return zoo;
  }

  static Stream<String> names() {
    return ZOO.keySet().stream();
  }

  private static Tensors checkpoint(String name) {
    return TensorFlow1.read(prefix(name));
  }

  private static Path prefix(String name) {
    return IoFiles.path("tf1/" + name + ".index").resolveSibling(name);
  }

  @Test
  void everyPartOfTheZooIsTried() {
    JsonNode expected = IoFiles.json("tf1/zoo.json");
    assertThat(ZOO.keySet()).containsExactlyInAnyOrderElementsOf(expected::fieldNames);
  }

  @ParameterizedTest
  @MethodSource("names")
  void aCellComputesWhatItComputedThere(String name) throws IOException {
    JsonNode expected = IoFiles.json("tf1/zoo.json").get(name);
    JsonNode input = expected.get("input");
    Sequences data =
        name.equals("words")
            ? Sequences.tokens(MAPPER.treeToValue(input, int[][].class))
            : Sequences.of(MAPPER.treeToValue(input, float[][][].class));
    try (Model model = ZOO.get(name).apply(checkpoint("zoo")).model(1)) {
      IoFiles.requireEqual(
          model.predictSteps(data), MAPPER.treeToValue(expected.get("output"), float[][][].class));
    }
  }

  @Test
  void everyTypeOfTwoShards() {
    Tensors arrays = checkpoint("arrays");
    IoFiles.requireEqual(arrays, IoFiles.json("tf1/arrays.json"));
    assertThat(arrays.names()).contains("b/text");
    refuse(() -> arrays.values("b/text"), "b/text is of the type DT_STRING, which is not read");
  }

  @Test
  void whatAModelSavesIsReadToo() {
    try (Model model = Model.of(new Dense(3, 2), 1)) {
      model.save(folder.resolve("saved"));
      model.export(folder.resolve("exported"));
      for (String prefix : new String[] {"saved/weights", "exported/variables/variables"}) {
        Tensors saved = TensorFlow1.read(folder.resolve(prefix));
        for (String name : model.weights()) {
          assertThat(saved.values(name).numbers()).isEqualTo(model.weight(name));
        }
      }
    }
  }

  @Test
  void errorsSayWhatIsThere() {
    Tensors zoo = checkpoint("zoo");
    refuse(() -> checkpoint("sliced").values("x"), "x is in slices");
    refuse(() -> TensorFlow1.read(folder.resolve("none")), "there is no file");
    refuse(() -> TensorFlow1.lstm(zoo, "lstm"), "got lstm/kernel");
    refuse(
        () -> TensorFlow1.rnn(zoo, "lstm/lstm_cell"),
        "lstm/lstm_cell must have more rows than the state, which is 16 wide, got [7, 16]");
    refuse(
        () -> TensorFlow1.rnn(zoo, "peepholes/lstm_cell", Activation.RELU),
        "must have more rows than the state");
    refuse(() -> TensorFlow1.dense(zoo, "peepholes/lstm_cell"), "and nothing else under its name");
    refuse(() -> TensorFlow1.embedding(zoo, "dense/bias"), "dense/bias must be [V, J], got [4]");
    Network rnn = new Network(new RNN(new GRUCell(2, 2)), Map.of());
    Network dense = new Network(new Dense(2, 2), Map.of());
    refuse(() -> TensorFlow1.bidirectional(rnn, dense), "backward must be a cell over time");
  }

  private static void refuse(ThrowingCallable call, String why) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("TensorFlow1: ")
        .hasMessageContaining(why);
  }

  @Test
  void damagedNumbersAreNoticed() throws IOException {
    Path copied = copied("arrays");
    Path data = copied.resolveSibling("arrays.data-00000-of-00002");
    byte[] bytes = Files.readAllBytes(data);
    bytes[0] ^= 1;
    Files.write(data, bytes);
    Tensors arrays = TensorFlow1.read(copied);
    refuse(() -> arrays.values(), "is damaged: checksums differ");
    Files.write(data, new byte[10]);
    refuse(() -> arrays.values(), "cannot be read");
    refuse(() -> TensorFlow1.read(copied), "it ends before a/");
    Files.delete(data);
    refuse(() -> TensorFlow1.read(copied), "there is no file");
  }

  private Path copied(String name) throws IOException {
    try (Stream<Path> files = Files.list(prefix(name).getParent())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    return folder.resolve(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrays", "zoo"})
  void damagedIndexesAreReadOrRefused(String name) throws IOException {
    Path copied = copied(name);
    Path index = copied.resolveSibling(name + ".index");
    int refused =
        Fuzz.run(
            Files.readAllBytes(index),
            index,
            MUTATIONS,
            3,
            path -> TensorFlow1.read(copied).values());
    assertThat(refused).isGreaterThan(MUTATIONS * 9 / 10);
  }
}
