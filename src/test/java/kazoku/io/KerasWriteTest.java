package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.Embedding;
import kazoku.layers.Masking;
import kazoku.layers.Pooling;
import kazoku.train.Model;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read again; that Keras opens it, keras_back.py checks. */
class KerasWriteTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simple.keras3.keras",
        "lstm.keras3.keras",
        "gru.keras3.keras",
        "bidirectional.keras3.keras",
        "stacked.keras3.keras",
        "images.keras3.keras",
        "tagger.keras3.keras",
        "classifier.keras2.h5",
        "masks.keras3.keras",
        "merged.keras3.keras",
        "layers.keras3.keras",
        "letters.keras3.keras",
        "letters.keras2.h5",
        "several.keras3.keras",
        "translator.keras3.keras",
        "decoder.keras3.keras",
        "states.keras3.keras",
        "frames.keras3.keras",
        "convolutions.keras3.keras"
      })
  void aModelThatWasReadIsWritten(String name) {
    String[] parts = name.split("\\.");
    JsonNode said = IoFiles.json("keras/" + parts[0] + ".json");
    Network network = Keras.read(IoFiles.path("keras/" + name));
    Path path = folder.resolve("back.keras");
    try (Model model = network.model(1)) {
      Keras.write(path, model);
    }
    assertThat(folder).isDirectoryNotContaining(other -> !other.equals(path));
    Network again = Keras.read(path);
    assertThat(again.layer()).isEqualTo(network.layer());
    KerasTest.compare(again, said.get("inputs"), said.get(parts[1]), name);
  }

  @Test
  void aModelMadeHereIsWritten() {
    Layer layer =
        new Sequential(
            new Embedding(9, 4, 0),
            new Bidirectional(new LSTMCell(4, 3)),
            new Dropout(0.5),
            new RNN(new GRUCell(6, 5)).last(),
            new Dense(5, 2, Activation.SOFTMAX));
    Path path = folder.resolve("made.keras");
    try (Model model = Model.of(layer, 3)) {
      Keras.write(path, model);
      try (Model again = Keras.read(path).model(4)) {
        assertThat(again.weights()).isEqualTo(model.weights());
        for (String name : model.weights()) {
          assertThat(again.weight(name)).containsExactly(model.weight(name));
        }
      }
    }
  }

  @Test
  void whatKerasHasNotIsRefused() {
    LSTMCell clipped = new LSTMCell(2, 3, 0, 1, 0, 0, true, Activation.TANH, Activation.SIGMOID);
    refused(
        "Keras: layer rnn must be one that Keras has, with all its settings, got RNN[",
        new RNN(clipped));
    refused(
        "Keras: a cell must have a counterpart in Keras, got MinGRUCell[",
        new RNN(new MinGRUCell(2, 3)));
    refused("Keras: layer rnn must be one", new RNN(new LSTMCell(2, 3)).reversed());
    refused("Keras: layer conv1D must be one", new Masking(), new Conv1D(2, 3, 3));
    refused("Keras: layer pooling must be one", new Masking(), Pooling.max());
    refused(
        "Keras: a layer must have a counterpart in Keras, got ",
        new RNN(new LSTMCell(2, 3)),
        (w, x) -> x);
    refused(
        "Keras: an activation must be one that Keras has, got HARD_SIGMOID_FIFTH",
        new Dense(2, 3, Activation.HARD_SIGMOID_FIFTH));
    assertThat(folder).isEmptyDirectory();
  }

  private void refused(String sentence, Layer... layers) {
    Layer first = new RNN(new GRUCell(2, 2)).named("first");
    Layer[] all = new Layer[layers.length + 1];
    all[0] = first;
    System.arraycopy(layers, 0, all, 1, layers.length);
    try (Model model = Model.of(new Sequential(all), 1)) {
      assertThatThrownBy(() -> Keras.write(folder.resolve("refused.keras"), model))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(sentence);
    }
  }

  @Test
  void anOlderFileIsReplaced() throws Exception {
    Path path = Files.writeString(folder.resolve("model.keras"), "old");
    try (Model model = Model.of(new Sequential(new RNN(new GRUCell(2, 2)).last()), 1)) {
      Keras.write(path, model);
      Keras.write(path, model);
    }
    assertThat(Keras.read(path).weights()).hasSize(3);
  }
}
