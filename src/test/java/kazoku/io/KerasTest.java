package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Signal;
import kazoku.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Models that Keras made compute here what they compute there. */
class KerasTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simple.keras3.keras",
        "simple.keras2.h5",
        "lstm.keras3.keras",
        "lstm.keras2.h5",
        "lstm.keras2.keras",
        "gru.keras3.keras",
        "gru.keras3.h5",
        "gru.keras2.h5",
        "bidirectional.keras3.keras",
        "bidirectional.keras3.h5",
        "bidirectional.keras2.h5",
        "stacked.keras3.keras",
        "stacked.keras2.h5",
        "images.keras3.keras",
        "images.keras2.h5",
        "lines.keras3.keras",
        "lines.keras2.h5",
        "tagger.keras3.keras",
        "tagger.keras3.h5",
        "tagger.keras2.h5",
        "tagger.keras2.keras",
        "classifier.keras3.keras",
        "classifier.keras2.h5",
        "masks.keras3.keras",
        "merged.keras3.keras",
        "merged33.keras3.keras",
        "merged.keras2.h5",
        "masks.keras2.h5",
        "layers.keras3.keras",
        "layers.keras2.h5",
        "letters.keras3.keras",
        "letters.keras3.h5",
        "letters.keras2.h5",
        "letters.keras2.keras",
        "several.keras3.keras",
        "several.keras2.h5",
        "translator.keras3.keras",
        "translator.keras2.h5",
        "decoder.keras3.keras",
        "decoder.keras2.h5",
        "states.keras3.keras",
        "states.keras2.h5",
        "frames.keras3.keras",
        "frames.keras2.h5",
        "convolutions.keras3.keras",
        "convolutions.keras2.h5"
      })
  void theModelComputesWhatItComputesThere(String name) {
    String[] parts = name.split("\\.");
    JsonNode said = IoFiles.json("keras/" + parts[0] + ".json");
    compare(
        Keras.read(IoFiles.path("keras/" + name)), said.get("inputs"), said.get(parts[1]), name);
  }

  /** The layer in a graph of its own, fed as Keras is: sequences of one length. */
  static void compare(Network network, JsonNode inputs, JsonNode outputs, String name) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Map<String, Operand<TFloat32>> weights = new LinkedHashMap<>();
      network
          .weights()
          .forEach(
              (path, values) ->
                  weights.put(path, tf.constant(values.shape(), DataBuffers.of(values.numbers()))));
      Weights w = Weights.given(tf, TFloat32.class, weights).forInference();
      Signal y = network.layer().apply(w, signal(tf, inputs));
      assertThat(y.beside()).as(name).hasSize(outputs.size() - 1);
      List<Signal> all = new ArrayList<>(List.of(y));
      all.addAll(y.beside().values());
      for (int k = 0; k < outputs.size(); k++) {
        try (Result result = session.runner().fetch(all.get(k).value()).run()) {
          same((TFloat32) result.get(0), outputs.get(k), name + " output " + k);
        }
      }
    }
  }

  private static void same(TFloat32 tensor, JsonNode expected, String name) {
    assertThat(tensor.shape().asArray())
        .as(name)
        .isEqualTo(JSON.convertValue(expected.get("shape"), long[].class));
    float[] ours = new float[(int) tensor.size()];
    tensor.copyTo(DataBuffers.of(ours, false, false));
    for (int i = 0; i < ours.length; i++) {
      float theirs = expected.get("values").get(i).floatValue();
      assertThat(ours[i]).as(name + ", number " + i).isCloseTo(theirs, within(1e-5f));
    }
  }

  private static Signal signal(Ops tf, JsonNode inputs) {
    Signal signal = null;
    for (Map.Entry<String, JsonNode> input : inputs.properties()) {
      Signal each = Signal.of(constant(tf, input.getValue()));
      signal = signal == null ? each : signal.beside(input.getKey(), each);
    }
    return signal;
  }

  private static Operand<? extends TNumber> constant(Ops tf, JsonNode array) {
    long[] shape = JSON.convertValue(array.get("shape"), long[].class);
    float[] values = JSON.convertValue(array.get("values"), float[].class);
    Operand<TFloat32> floats = tf.constant(Shape.of(shape), DataBuffers.of(values));
    return shape.length == 2 && values[0] % 1 == 0 ? tf.dtypes.cast(floats, TInt32.class) : floats;
  }
}
