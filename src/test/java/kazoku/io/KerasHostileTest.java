package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import kazoku.Fuzz;
import kazoku.layers.Dense;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are damaged, or made to do harm: one sentence, soon. */
@Timeout(300)
class KerasHostileTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir(factory = Fuzz.Memory.class)
  Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"lines.keras3.keras", "lines.keras2.h5"})
  void damagedModelsAreReadOrRefused(String name) throws IOException {
    byte[] file = Files.readAllBytes(IoFiles.path("keras/" + name));
    assertThat(keras(file).read(7, folder.resolve(name), Keras::read)).isBetween(0.1, 0.99);
  }

  @ParameterizedTest
  @ValueSource(strings = {"doubles", "packed", "many"})
  void damagedWeightsAreReadOrRefused(String name) throws IOException {
    byte[] file = Files.readAllBytes(IoFiles.path("keras/hostile/" + name + ".weights.h5"));
    Dense dense =
        switch (name) {
          case "packed" -> new Dense(3, 5);
          case "many" -> new Dense(150, 2);
          default -> new Dense(3, 2);
        };
    double refused =
        keras(file).read(11, folder.resolve("w.h5"), path -> Keras.weights(path, dense));
    assertThat(refused).isBetween(0.2, 0.99);
  }

  /** Those that jHDF writes have headers and groups of another form, with checksums. */
  @Test
  void damagedWeightsOfOursAreReadOrRefused() throws IOException {
    Path path = folder.resolve("ours.h5");
    Dense dense = new Dense(3, 2);
    Map<String, Values> weights =
        Map.of("W", Values.of(new float[6], 3, 2), "b", Values.of(new float[2], 2));
    List<KerasVariable> variables =
        KerasVariables.below("layers/dense", "", KerasVariables.of(dense));
    Map<String, Values> below = new LinkedHashMap<>();
    weights.forEach((name, values) -> below.put("/" + name, values));
    KerasWeights.write(path, variables, below);
    byte[] file = Files.readAllBytes(path);
    double refused = keras(file).read(17, path, damaged -> Keras.weights(damaged, dense));
    assertThat(refused).isBetween(0.2, 0.99);
  }

  @Test
  void damagedConfigsAreReadOrRefused() throws IOException {
    Map<String, byte[]> files = files("several.keras3.keras");
    Consumer<byte[]> reader =
        damaged -> {
          files.put(KerasFile.CONFIG, damaged);
          try {
            Keras.read(archive(files, Deflater.NO_COMPRESSION));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    assertThat(keras(files.get(KerasFile.CONFIG)).read(13, reader)).isBetween(0.1, 0.99);
  }

  private static Fuzz keras(byte[] file) {
    return Fuzz.of("Keras: ", file);
  }

  private static Map<String, byte[]> files(String name) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(IoFiles.path("keras/" + name).toFile())) {
      for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
        files.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    return files;
  }

  private Path archive(Map<String, byte[]> files) throws IOException {
    return archive(files, Deflater.DEFAULT_COMPRESSION);
  }

  private Path archive(Map<String, byte[]> files, int level) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setLevel(level);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return Files.write(folder.resolve("made.keras"), bytes.toByteArray());
  }

  // HDF5.

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "soft          | layers/dense/vars/0 is a link to a path or to another file",
        "external      | layers/dense/vars/0 is a link to a path or to another file",
        "external_data | layers/dense/vars/0 is broken",
        "circle        | layers/dense/vars/0 is no array",
        "shape         | layers/dense/vars/0 has an axis of size 1073741824",
        "empty         | layers/dense/vars/0 has an axis of size 1099511627776",
        "compound      | layers/dense/vars/0 must have floating-point numbers of 16, 32 or 64 bits",
        "unwritten     | layers/dense/vars/0 has chunks that were never written",
        "another_filter | layers/dense/vars/0 has the filter 32000; only gzip (1), shuffle (2) and"
            + " fletcher32 (3) are read",
        "bomb          | layers/dense/vars/0 has a chunk of another length",
        "large_chunks  | layers/dense/vars/0 has chunks that are too long",
      })
  void linksAndShapesThatLeadAstray(String name, String fault) {
    Path path = IoFiles.path("keras/hostile/" + name + ".weights.h5");
    assertThatThrownBy(() -> Keras.weights(path, new Dense(3, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Keras: " + path + " (")
        .hasMessageEndingWith(" bytes) cannot be read: " + fault);
  }

  /** Even where the layer is as large: so many numbers do not fit in so few bytes. */
  @Test
  void arraysThatSwell() {
    Path path = IoFiles.path("keras/hostile/swollen.weights.h5");
    assertThatThrownBy(() -> Keras.weights(path, new Dense(1 << 11, 1 << 11)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(
            " cannot be read: layers/dense/vars/0 has more numbers than so many bytes hold");
  }

  /** A tree of names each of whose branches is the tree itself. */
  @Test
  void treesThatAreTheirOwnBranches() throws IOException {
    byte[] file = Files.readAllBytes(IoFiles.path("keras/hostile/doubles.weights.h5"));
    int tree = new String(file, StandardCharsets.ISO_8859_1).indexOf("TREE");
    file[tree + 5] = 1;
    file[tree + 6] = 16;
    for (int branch = 0; branch < 16; branch++) {
      for (int k = 0; k < Long.BYTES; k++) {
        file[tree + 32 + 16 * branch + k] = (byte) ((long) tree >> (8 * k));
      }
    }
    Path path = Files.write(folder.resolve("tree.h5"), file);
    assertThatThrownBy(() -> Keras.weights(path, new Dense(3, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Keras: ");
  }

  // Archives.

  @Test
  void archivesThatSwell() throws IOException {
    Map<String, byte[]> files = files("tagger.keras3.keras");
    files.put(KerasFile.WEIGHTS, new byte[200 << 20]);
    Path path = archive(files);
    assertThat(Files.size(path)).isLessThan(1 << 20);
    refused(path, "model.weights.h5 says that it has 209715200 bytes");
    files.put(KerasFile.CONFIG, new byte[20 << 20]);
    refused(archive(files), "config.json says that it has 20971520 bytes");
  }

  @Test
  void namesThatLeadOutOfTheArchive() throws IOException {
    Map<String, byte[]> files = files("tagger.keras3.keras");
    files.put("../../../config.json", files.remove(KerasFile.CONFIG));
    refused(archive(files), "it has no config.json");
    assertThat(folder).isDirectoryNotContaining(path -> !path.endsWith("made.keras"));
  }

  @Test
  void configsThatAreDeepOrLong() throws IOException {
    Map<String, byte[]> files = files("tagger.keras3.keras");
    files.put(KerasFile.CONFIG, "[".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    refused(archive(files), "its config is no JSON, or too long or too deep");
    files.put(
        KerasFile.CONFIG, ("[" + "[],".repeat(1 << 20) + "0]").getBytes(StandardCharsets.UTF_8));
    refused(
        archive(files, Deflater.NO_COMPRESSION), "its config is no JSON, or too long or too deep");
  }

  private static void refused(Path path, String fault) {
    assertThatThrownBy(() -> Keras.read(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Keras: " + path + " (")
        .hasMessageContaining(" bytes) cannot be read: ")
        .hasMessageEndingWith(fault);
  }

  // Configs.

  /** A model's config with something changed in the layer of a class. */
  private Path changed(String name, String className, Consumer<ObjectNode> change)
      throws IOException {
    Map<String, byte[]> files = files(name);
    JsonNode config = JSON.readTree(files.get(KerasFile.CONFIG));
    for (JsonNode layer : config.get("config").get("layers")) {
      if (layer.get("class_name").asText().equals(className)) {
        change.accept((ObjectNode) layer);
      }
    }
    files.put(KerasFile.CONFIG, JSON.writeValueAsBytes(config));
    return archive(files);
  }

  @Test
  void layersOfOnesOwnAreNamedAndNotExecuted() throws IOException {
    for (String className : List.of("Lambda", "TFOpLambda", "Custom.MyLayer", "Attention")) {
      refused(
          changed("tagger.keras3.keras", "Dropout", layer -> layer.put("class_name", className)),
          "layer dropout ("
              + className
              + ") has no counterpart here; layers of one's own are never executed");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Embedding          | input_dim       | 2000000000  | has a input_dim of 2000000000",
        "Embedding          | output_dim      | -1          | has a output_dim of -1",
        "Embedding          | output_dim      | \"many\"    | must have a whole number output_dim",
        "Dropout            | rate            | 1.5         | does not fit together: Dropout: rate"
            + " must be in [0, 1), got 1.5",
        "Dropout            | noise_shape     | [3]         | has an unusual noise_shape",
        "LayerNormalization | axis            | [1]         | normalises along another axis than"
            + " the last",
        "LayerNormalization | rms_scaling     | true        | scales by the root mean square, which"
            + " is not read",
        "Bidirectional      | merge_mode      | \"best\"    | has an unknown merge_mode",
        "Bidirectional      | layer           | {}          | a layer must have a class_name and a"
            + " config",
        "TimeDistributed    | layer           | null        | must have a layer",
      })
  void settingsThatAreNotRead(String className, String key, String value, String fault)
      throws IOException {
    JsonNode node = JSON.readTree(value);
    refused(
        changed(
            "tagger.keras3.keras",
            className,
            layer -> ((ObjectNode) layer.get("config")).set(key, node)),
        fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "units                | 5            | layers/gru/cell has an array of shape [6, 12] for"
            + " steps/cell/W, which must be [6, 15]",
        "time_major           | true         | layer steps (GRU) has time before the batch, which is"
            + " not read",
        "recurrent_activation | \"sin\"      | layer steps (GRU) has the recurrent_activation sin,"
            + " which is not known",
        "activation           | {\"class_name\": \"function\", \"config\": \"mine\"} | layer steps"
            + " (GRU) has the activation mine, which is not known",
        "use_bias             | false        | layers/gru/cell has 3 arrays, and must have 2",
      })
  void settingsOfARecurrenceThatAreNotRead(String key, String value, String fault)
      throws IOException {
    JsonNode node = JSON.readTree(value);
    refused(
        changed(
            "several.keras3.keras",
            "GRU",
            layer -> ((ObjectNode) layer.get("config")).set(key, node)),
        fault);
  }

  /** Their sizes stand in the config alone. */
  @Test
  void weightsThatLayersGoWithoutAreNotMadeUp() throws IOException {
    refused(
        changed(
            "tagger.keras3.keras",
            "LayerNormalization",
            layer -> {
              ObjectNode config = (ObjectNode) layer.get("config");
              layer.put("class_name", "Dense");
              config.put("units", 1 << 24).put("use_bias", false).put("activation", "linear");
            }),
        "its layers leave out more numbers than it has bytes");
  }

  @Test
  void graphsThatAreNone() throws IOException {
    refused(
        joined("{'keras_history': ['tags', 0, 0]}"),
        "layer functional (Functional) has layers in a circle");
    refused(
        joined("{'keras_history': ['nobody', 0, 0]}"),
        "layer functional (Functional) has an output that no layer gives");
    refused(
        joined("{'keras_history': ['words', 0, 7]}"),
        "layer steps (GRU) takes an output that is not there");
    refused(
        joined("{'keras_history': [3]}"),
        "layer steps (GRU) is joined to something that is no output of a layer");
  }

  @Test
  void statesThatDoNotFit() throws IOException {
    refused(given("['encoder', 0, 1]"), "layer decoder (LSTM) must be given 2 states, got 1");
    refused(
        given("['encoder', 0, 1]", "['source', 0, 0]"),
        "layer decoder (LSTM) must be given a state c [3], got [?, 4]");
    refused(
        given("['encoder', 0, 1]", "['encoder', 0, 3]"),
        "layer decoder (LSTM) takes an output that is not there");
    refused(
        changed(
            "translator.keras3.keras",
            "Dense",
            layer ->
                layer
                    .withObject("/inbound_nodes/0/kwargs")
                    .set("initial_state", JSON.createArrayNode().add(1))),
        "layer next (Dense) is called with the argument initial_state, which is not read");
    refused(
        changed(
            "translator.keras3.keras",
            "LSTM",
            layer ->
                layer
                    .withObject("/inbound_nodes/0/kwargs")
                    .set("constants", JSON.createArrayNode().add(1))),
        "(LSTM) is called with the argument constants, which is not read");
  }

  /** A decoder that is given other states. */
  private Path given(String... histories) throws IOException {
    ArrayNode states = JSON.createArrayNode();
    for (String history : histories) {
      states.add(
          JSON.readTree(
              "{'class_name': '__keras_tensor__', 'config': {'keras_history': HISTORY}}"
                  .replace("HISTORY", history)
                  .replace('\'', '"')));
    }
    return changed(
        "translator.keras3.keras",
        "LSTM",
        layer -> {
          if (layer.get("name").asText().equals("decoder")) {
            layer.withObject("/inbound_nodes/0/kwargs").set("initial_state", states);
          }
        });
  }

  private Path joined(String tensor) throws IOException {
    JsonNode config = JSON.readTree(tensor.replace('\'', '"'));
    return changed(
        "several.keras3.keras",
        "GRU",
        layer ->
            ((ObjectNode) layer.get("inbound_nodes").get(0).get("args").get(0))
                .set("config", config));
  }

  @Test
  void modelsInModelsOverAndOver() throws IOException {
    String model =
        "{'class_name': 'InputLayer', 'name': 'x', 'config': {'batch_shape': [null, null, 3]}}";
    String inner =
        "{'class_name': 'Activation', 'name': 'y', 'config': {'activation': 'tanh'},"
            + " 'inbound_nodes': [NODES]}";
    String node =
        "{'args': [{'class_name': '__keras_tensor__', 'config': {'keras_history': [FROM]}}],"
            + " 'kwargs': {}}";
    String nodes = node.replace("FROM", "'x', 0, 0") + ", " + node.replace("FROM", "'y', 0, 0");
    for (int depth = 0; depth < 24; depth++) {
      inner =
          "{'class_name': 'Functional', 'name': 'y', 'inbound_nodes': [NODES], 'config': {'layers':"
              + " ["
              + model
              + ", "
              + inner.replace("NODES", nodes)
              + "], 'input_layers': ['x', 0, 0], 'output_layers': ['y', "
              + (depth == 0 ? 1 : 2)
              + ", 0]}}";
    }
    Map<String, byte[]> files = files("tagger.keras3.keras");
    files.put(
        KerasFile.CONFIG,
        inner.replace("NODES", "").replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    refused(archive(files), "it has more than 10000 layers");
  }
}
