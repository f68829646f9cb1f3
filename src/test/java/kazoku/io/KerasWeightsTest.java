package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Initializer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Weights.Draw;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.LSTMCell;
import kazoku.layers.BatchNorm;
import kazoku.layers.Dense;
import kazoku.layers.Dropout;
import kazoku.layers.Embedding;
import kazoku.layers.LayerNorm;
import kazoku.layers.TimeDistributed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights alone, for a layer of one's own. */
class KerasWeightsTest {
  private static final Sequential CLASSIFIER =
      new Sequential(
          new RNN(new GRUResetAfterCell(3, 4)).named("first"),
          new RNN(new GRUResetAfterCell(4, 3)).last().named("second"),
          new BatchNorm(3, 0.01, 1e-3, false),
          new Dense(3, 2, Activation.SIGMOID));
  private static final Sequential TAGGER =
      new Sequential(
          new Embedding(10, 4, 0),
          new Dropout(0.1, Draw.EACH_ROW).named("spatial"),
          new Bidirectional(new LSTMCell(4, 3)),
          new Dropout(0.3),
          new LayerNorm(6, 1e-3),
          // Keras computes steps that are masked as well, and says here what they give.
          new Blind(new TimeDistributed(new Dense(6, 4, Activation.SOFTMAX)), true));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keras3.weights.h5",
        "keras2.weights.h5",
        "keras2.weights_only.h5",
        "keras3.keras",
        "keras2.h5"
      })
  void aModelOfOnesOwnTakesThem(String form) {
    compare("classifier", CLASSIFIER, form);
    compare("tagger", TAGGER, form);
  }

  private static void compare(String name, Sequential layer, String form) {
    JsonNode said = IoFiles.json("keras/" + name + ".json");
    Network network = Keras.weights(IoFiles.path("keras/" + name + "." + form), layer);
    KerasTest.compare(
        network, said.get("inputs"), said.get(form.substring(0, 6)), name + "." + form);
    network.model(1).close();
  }

  @Test
  void theLayerMustBeTheOneOfTheFile() {
    String file = "keras/classifier.keras3.weights.h5";
    fails(
        file,
        new Sequential(new RNN(new GRUResetAfterCell(3, 5)), new Dense(5, 2)),
        "layers/gru/cell has an array of shape [3, 12] for rnn/cell/W, which must be [3, 15]");
    fails(
        file,
        new Sequential(new RNN(new LSTMCell(3, 4)), new Dense(4, 2)),
        "there is no layers/lstm");
    fails(
        "keras/classifier.keras2.weights_only.h5",
        new Sequential(new Dense(3, 4)),
        "it has weights of 4 layers, and the layer given has 1");
    fails(
        "keras/classifier.keras2.weights_only.h5",
        new Sequential(
            CLASSIFIER.layers().get(0),
            CLASSIFIER.layers().get(1),
            new LayerNorm(3),
            CLASSIFIER.layers().get(3)),
        "batch_normalization has 4 arrays, and must have 2");
    assertThatThrownBy(() -> Keras.weights(IoFiles.path(file), (w, x) -> x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Keras: a layer must have a counterpart in Keras, got ");
    Network graph = Keras.read(IoFiles.path("keras/several.keras3.keras"));
    assertThatThrownBy(() -> Keras.weights(IoFiles.path(file), graph.layer()))
        .hasMessageStartingWith(
            "Keras: weights alone are read for layers in a row; read the model, Keras.read(path),"
                + " got Functional[");
    assertThatThrownBy(() -> Keras.read(IoFiles.path(file)))
        .hasMessageEndingWith("it has weights alone; give their layer, Keras.weights(path, layer)");
  }

  private static void fails(String file, Sequential layer, String fault) {
    assertThatThrownBy(() -> Keras.weights(IoFiles.path(file), layer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Keras: ")
        .hasMessageEndingWith(fault);
  }

  @Test
  void aSingleLayerHasThemWithoutItsName() {
    Dense dense = new Dense(3, 2, Activation.IDENTITY, Initializer.ZEROS);
    Network network = Keras.weights(hostile("doubles"), dense);
    assertThat(network.weights()).containsOnlyKeys("W", "b");
    assertThat(network.weights().get("W").numbers()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(network.weights().get("b").numbers()).containsExactly(0.5f, -2);
  }

  /** Those that are in chunks, as h5py compresses them; its chunks need not fit an array. */
  @Test
  void compressedArraysAreRead() {
    Network packed = Keras.weights(hostile("packed"), new Dense(3, 5));
    assertThat(packed.weights().get("W").numbers())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
    assertThat(packed.weights().get("b").numbers()).containsExactly(0, .125f, .25f, .375f, .5f);
    float[] counted =
        Keras.weights(hostile("many"), new Dense(150, 2)).weights().get("W").numbers();
    for (int i = 0; i < counted.length; i++) {
      assertThat(counted[i]).isEqualTo(i);
    }
  }

  private static Path hostile(String name) {
    return IoFiles.path("keras/hostile/" + name + ".weights.h5");
  }
}
