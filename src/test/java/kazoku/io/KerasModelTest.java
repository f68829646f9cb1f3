package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What was read is a model like any other. */
class KerasModelTest {
  private static final Offset<Float> CLOSE = Offset.offset(1e-5f);

  private static float[] flat(JsonNode array) {
    return new ObjectMapper().convertValue(array.get("values"), float[].class);
  }

  private static float[][][] steps(JsonNode array) {
    float[] flat = flat(array);
    int steps = array.get("shape").get(1).asInt();
    int size = array.get("shape").get(2).asInt();
    float[][][] all = new float[array.get("shape").get(0).asInt()][steps][];
    for (int at = 0; at < flat.length; at += size) {
      all[at / size / steps][at / size % steps] = Arrays.copyOfRange(flat, at, at + size);
    }
    return all;
  }

  private static float[][] rows(JsonNode array) {
    float[] flat = flat(array);
    int size = array.get("shape").get(1).asInt();
    float[][] all = new float[flat.length / size][];
    Arrays.setAll(all, k -> Arrays.copyOfRange(flat, k * size, (k + 1) * size));
    return all;
  }

  private static int[][] tokens(JsonNode array) {
    return Arrays.stream(rows(array))
        .map(
            row -> {
              int[] whole = new int[row.length];
              Arrays.setAll(whole, k -> (int) row[k]);
              return whole;
            })
        .toArray(int[][]::new);
  }

  @Test
  void itHasTheInputsAndOutputsOfTheFile() {
    JsonNode said = IoFiles.json("keras/several.json");
    JsonNode inputs = said.get("inputs");
    Sequences data =
        Sequences.tokens(tokens(inputs.get("words")))
            .beside("times", Sequences.of(steps(inputs.get("times"))))
            .beside("speaker", Sequences.rows(rows(inputs.get("speaker"))));
    try (Model model = Keras.read(IoFiles.path("keras/several.keras3.keras")).model(1)) {
      IoFiles.requireEqual(model.predictSteps(data), steps(said.get("keras3").get(0)));
      float[][] intents = rows(said.get("keras3").get(1));
      float[][] ours = model.view().predict("intent", data);
      for (int k = 0; k < intents.length; k++) {
        assertThat(ours[k]).containsExactly(intents[k], CLOSE);
      }
    }
  }

  @Test
  void rowsOfSeveralLengthsAreAsEachAlone() {
    JsonNode said = IoFiles.json("keras/bidirectional.json");
    float[][][] rows = steps(said.get("inputs").get("x"));
    try (Model model = Keras.read(IoFiles.path("keras/bidirectional.keras2.h5")).model(1)) {
      float[][][] together = model.predictSteps(Sequences.of(rows, new int[] {2, 5, 3}));
      for (int k = 0; k < rows.length; k++) {
        float[][] alone = Arrays.copyOf(rows[k], together[k].length);
        float[][] each = model.predictSteps(Sequences.of(new float[][][] {alone}))[0];
        for (int t = 0; t < each.length; t++) {
          assertThat(together[k][t]).containsExactly(each[t], CLOSE);
        }
      }
      assertThat(together[0]).hasDimensions(2, 4);
      IoFiles.requireEqual(
          new float[][][] {together[1]}, new float[][][] {steps(said.get("keras2").get(0))[1]});
    }
  }

  @Test
  void itIsTrained() {
    JsonNode inputs = IoFiles.json("keras/classifier.json").get("inputs");
    Sequences data = Sequences.of(steps(inputs.get("steps"))).labels(0, 1, 0);
    try (Model model = Keras.read(IoFiles.path("keras/classifier.keras3.keras")).model(1)) {
      double[] losses =
          model.fit(data, new Adam(0.05), Loss.softmaxCrossEntropy(), Epochs.of(20)).losses();
      assertThat(losses[19]).isLessThan(losses[0]);
    }
  }

  /** What Keras' example of sequences to sequences trains: states go from one layer to another. */
  @Test
  void anEncoderThatHandsItsStatesToADecoderIsTrained() {
    JsonNode said = IoFiles.json("keras/translator.json");
    int[][] before = tokens(said.get("inputs").get("before"));
    Sequences data =
        Sequences.tokens(tokens(said.get("inputs").get("words")))
            .beside("before", Sequences.tokens(before))
            .labelSequences(before);
    try (Model model = Keras.read(IoFiles.path("keras/translator.keras2.h5")).model(1)) {
      IoFiles.requireEqual(model.predictSteps(data), steps(said.get("keras2").get(0)));
      double[] losses =
          model.fit(data, new Adam(0.05), Loss.softmaxCrossEntropy(), Epochs.of(20)).losses();
      assertThat(losses[19]).isLessThan(losses[0]);
    }
  }
}
