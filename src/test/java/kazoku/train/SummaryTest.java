package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import kazoku.Bidirectional;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Stacked;
import kazoku.cells.GLACell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.decode.Decoder;
import kazoku.decode.EncoderDecoder;
import kazoku.decode.ScheduledSampling;
import kazoku.io.Keras;
import kazoku.layers.BatchNorm;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.layers.Residual;
import org.junit.jupiter.api.Test;

/** What is nested in what, and whether the columns are straight. */
class SummaryTest {

  @Test
  void whatIsNestedIsIndentedAlignedAndCounted() {
    Layer deep = new Bidirectional(new LSTMCell(6, 3)).named("the_reader_of_both_directions");
    for (int k = 0; k < 3; k++) {
      deep = new Residual(new Sequential(deep, new BatchNorm(6).named("norm"))).named("around" + k);
    }
    try (Model model = Model.of(new Sequential(deep, new Dense(6, 2)), 42)) {
      List<String> lines = model.summary().lines().toList();
      assertThat(lines).allMatch(line -> line.length() <= 100);
      int layer = lines.get(0).indexOf("layer");
      int output = lines.get(0).indexOf("output");
      assertThat(lines)
          .filteredOn(line -> line.contains("  [B, T, "))
          .hasSize(3 * 2 + 3 + 3 + 1)
          .allMatch(line -> line.substring(layer - 2, layer).isBlank())
          .allMatch(line -> line.indexOf("[B") == output);
      // A name that is too long for its column has a line of its own.
      assertThat(lines).contains(" ".repeat(12) + "the_reader_of_both_directions");
      assertThat(lines.get(lines.size() - 1))
          .matches("all weights +%,d +%d".formatted(trained(model), 3 * 2 * 6));
    }
  }

  private static long trained(Model model) {
    return model.weights().stream()
        .filter(name -> !name.matches(".*/(mean|variance)"))
        .mapToLong(name -> model.shape(name).size())
        .sum();
  }

  @Test
  void layersInResidualsAndStacksSayHowTheirStepsAreBuilt() {
    Layer stacked = new Stacked(new RNN(new MinGRUCell(6, 6)), new RNN(new GRUCell(6, 6)));
    try (Model model = Model.of(new Sequential(new Residual(stacked), new Dense(6, 2)), 42)) {
      assertThat(flat(model))
          .contains(
              "residual Residual [B, T, 6] 306",
              " layer Stacked [B, T, 6] 306",
              " 0 RNN(MinGRUCell(6, 6)) [B, T, 6] 72 weights cell/",
              "steps scan",
              " 1 RNN(GRUCell(6, 6)) [B, T, 6] 234 weights cell/",
              "steps loop, since it is not linear in its state");
    }
  }

  @Test
  void aLinearCellOfALargeStateRunsInALoop() {
    Layer small = new RNN(new GLACell(6, 6));
    Layer large = new RNN(new GLACell(32, 32));
    try (Model model = Model.of(small, 42)) {
      assertThat(flat(model)).contains("steps scan", "since it is linear in its state");
    }
    try (Model model = Model.of(large, 42)) {
      assertThat(flat(model)).contains("steps loop", "since its state is large");
    }
  }

  @Test
  void aDecoderThatReadsWhatItWroteSaysHowItsStepsAreBuilt() {
    EncoderDecoder layer =
        new EncoderDecoder(
            new Embedding(9, 4),
            new RNN(new GRUCell(4, 3)),
            new Decoder(new GRUCell(4, 3), 9, 1, 2, 5).with(new ScheduledSampling(0.5, 0)));
    try (Model model = Model.of(layer, Inputs.tokens().tokens("target"), 42)) {
      assertThat(flat(model))
          .contains(
              "encoderDecoder EncoderDecoder [B, T, 9] 252",
              " source Embedding(9, 4) [B, T, 4] 36",
              " encoder RNN(GRUCell(4, 3)) [B, T, 3] 72",
              " decoder Decoder(GRUCell(4, 3), 9, 1, 2, 5) [B, T, 9] 144",
              "state token [1], cell/h [3] steps loop");
    }
  }

  @Test
  void aNetworkFromKerasHasItsLayersByTheirNames() {
    Path file = Path.of("src/test/resources/io/keras/several.keras3.keras");
    try (Model model = Keras.read(file).model(1)) {
      assertThat(flat(model))
          .contains(
              "functional Functional [B, T, 3] 221",
              " joined Joined(CONCATENATE, 2) [B, T, 6]",
              " steps RNN(GRUResetAfterCell(6, 4)) [B, T, 4] 144",
              " mean Pooling(MEAN) [B, 4]",
              " intent Dense(6, 2) [B, 2] 14",
              "all weights 221");
    }
  }

  private static String flat(Model model) {
    return model.summary().replaceAll("\\s+", " ");
  }
}
