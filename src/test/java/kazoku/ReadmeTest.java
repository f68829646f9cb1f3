package kazoku;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.decode.Crf;
import kazoku.decode.Decoder;
import kazoku.decode.EncoderDecoder;
import kazoku.draw.Equations;
import kazoku.draw.Figure;
import kazoku.draw.Theme;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.layers.Merge;
import kazoku.layers.Pooling;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Inputs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;
import kazoku.train.Targets;
import kazoku.wrap.AttentionDecoderWrapper;
import kazoku.wrap.AttentionDecoderWrapper.Attention;
import kazoku.wrap.DropoutWrapper;
import kazoku.wrap.ResidualWrapper;
import kazoku.wrap.StackedCell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README says of structure is trained for a moment; what it draws is drawn. */
class ReadmeTest {
  private static final Epochs ONE = Epochs.of(1).progress(Progress.NONE);

  @Test
  void figures(@TempDir Path folder) {
    assertThat(Equations.of(new GRUCell(12, 64)).text())
        .isEqualTo(
            """
            [z,r] = σ(split_2(x·W_zr + h·U_zr + b_zr))
            n  = tanh(x·W_n + (r⊙h)·U_n + b_n)
            h' = z⊙h + (1−z)⊙n""");
    Figure.of(new GRUCell(12, 64)).write(folder.resolve("gru.svg"));
    Figure.of(Stacked.bidirectional(new LSTMCell(12, 64), new LSTMCell(128, 64)))
        .theme(Theme.DARK)
        .write(folder.resolve("steps.svg"));
    try (Model model = Model.of(new Sequential(new RNN(new LSTMCell(12, 8)).last()), 42)) {
      Sequences data = Sequences.of(new float[3][4][12]);
      model.draw(folder.resolve("model.svg"));
      model.activity("rnn", data.select(0)).chart("f", "c").write(folder.resolve("gates.svg"));
      model.chart("rnn/cell/U").write(folder.resolve("weights.svg"));
    }
    assertThat(folder)
        .isDirectoryContaining("glob:**gru.svg")
        .isDirectoryContaining("glob:**steps.svg")
        .isDirectoryContaining("glob:**model.svg")
        .isDirectoryContaining("glob:**gates.svg")
        .isDirectoryContaining("glob:**weights.svg");
  }

  @Test
  void wrappedCells() {
    Cell top =
        new ResidualWrapper(new DropoutWrapper(new LSTMCell(64, 64), 0.9, 1, 0.8).variational());
    Layer forecast =
        new Sequential(new RNN(new StackedCell(new GRUCell(12, 64), top)).last(), new Dense(64, 9));
    try (Model model = Model.of(forecast, 42)) {
      Sequences data = Sequences.of(new float[3][4][12]).labels(1, 2, 3);
      model.fit(data, new Adam(1e-3), Loss.softmaxCrossEntropy(), ONE);
      assertThat(model.weights()).contains("rnn/cell/1/cell/cell/U");
    }
  }

  @Test
  void aTagger() {
    Layer tagger =
        new Sequential(
            new Embedding(20_000, 64, 0),
            Stacked.bidirectional(new LSTMCell(64, 64), new LSTMCell(128, 64)).withDropOut(0.7),
            new Dense(128, 9, Activation.IDENTITY, Initializer.GLOROT_UNIFORM),
            new Crf(9));
    try (Model model = Model.of(tagger, 42)) {
      Sequences data =
          Sequences.tokens(new int[][] {{5, 9, 19_999}, {7}})
              .stepLabels(new int[][] {{0, 8, 3}, {2}});
      model.fit(data, new Adam(1e-3), Crf.loss(), ONE);
      assertThat(model.weights()).contains("stacked/1/backward/U", "crf/transitions");
    }
  }

  @Test
  void severalInputsAndOutputs() {
    Layer network =
        (w, x) -> {
          Signal words = new Embedding(20_000, 64, 0).apply(w.in("words"), x);
          Signal shapes = new Embedding(12, 8).apply(w.in("shapes"), x.beside("shapes"));
          Signal steps =
              new RNN(new GRUCell(72, 64)).apply(w.in("rnn"), Merge.concat(w.tf(), words, shapes));
          Signal intent = new Dense(64, 7).apply(w.in("intent"), Pooling.max().apply(w, steps));
          return new Dense(64, 30).apply(w.in("tags"), steps).beside("intent", intent);
        };
    try (Model model = Model.of(network, Inputs.tokens().tokens("shapes"), 42)) {
      Sequences data =
          Sequences.tokens(new int[][] {{5, 9, 7}, {7}})
              .beside("shapes", Sequences.tokens(new int[][] {{1, 2, 11}, {0}}))
              .stepLabels(new int[][] {{0, 29, 3}, {2}})
              .target("intent", Targets.ofRows(new int[] {3, 6}));
      Loss tags = Loss.softmaxCrossEntropy();
      model.fit(data, new Adam(1e-3), tags.and("intent", tags, 0.5), ONE);
      assertThat(model.view().predict("intent", data)).hasDimensions(2, 7);
    }
  }

  @Test
  void sequencesToSequences() {
    int START = 12;
    int END = 13;
    Cell attending =
        new AttentionDecoderWrapper(new GRUCell(32 + 64, 64), Attention.LUONG, 20, 64, 64);
    EncoderDecoder adder =
        new EncoderDecoder(
            new Embedding(14, 32),
            new RNN(new GRUCell(32, 64)),
            new Decoder(attending, 14, START, END, 5));
    Sequences questions = Sequences.tokens(new int[][] {{3, 10, 4}, {1, 2, 10, 9}});
    Sequences data =
        questions
            .beside("target", Sequences.tokens(new int[][] {{START, 7}, {START, 2, 1}}))
            .labelSequences(new int[][] {{7, END}, {2, 1, END}});
    try (Model model = Model.of(adder, Inputs.tokens().tokens("target"), 42)) {
      model.fit(
          data, new Adam(1e-2), Loss.softmaxCrossEntropy(), Epochs.of(60).progress(Progress.NONE));
      int[][] sums = model.view(adder.beam(5, 0.6), Inputs.tokens()).tokens(questions);
      assertThat(Arrays.deepToString(sums)).isEqualTo("[[7], [2, 1]]");
    }
  }
}
