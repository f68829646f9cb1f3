package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.decode.Decoder;
import kazoku.decode.EncoderDecoder;
import kazoku.layers.Embedding;
import kazoku.train.Inputs;
import kazoku.train.Model;
import kazoku.wrap.AttentionDecoderWrapper;
import kazoku.wrap.StackedCell;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Decoding is in the file: ONNX Runtime writes the tokens that the model writes. */
class OnnxDecodeTest {
  @TempDir Path folder;

  static Stream<Layer> writers() {
    Decoder plain = new Decoder(new LSTMCell(3, 4), 5, 0, 1, 4);
    AttentionDecoderWrapper attending =
        new AttentionDecoderWrapper(
            new GRUCell(3 + 4, 4), AttentionDecoderWrapper.Attention.LUONG, 5, 4, 4);
    EncoderDecoder both =
        new EncoderDecoder(
            new Embedding(5, 3), new RNN(new GRUCell(3, 4)), new Decoder(attending, 5, 0, 1, 4));
    Decoder stack =
        new Decoder(new StackedCell(new GRUCell(3, 4), new GRUCell(4, 4)), 5, 0, 1, 4);
    return Stream.of(
        plain.greedy(),
        plain.greedy("h"),
        plain.beam(3, 0.6),
        stack.beam(2, 0),
        both.greedy("w"),
        both.beam(3, 1));
  }

  @ParameterizedTest
  @MethodSource("writers")
  void tokensAreTheModels(Layer writer) {
    try (Model model = Model.of(writer, Inputs.tokens(), 42);
        OnnxRun run = new OnnxRun(model, folder)) {
      run.check(5, 5, 3, 1).check(1, 1);
      assertThat(run.operators()).contains("Scan");
    }
  }
}
