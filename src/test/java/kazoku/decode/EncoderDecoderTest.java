package kazoku.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import kazoku.Cell;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.cells.JordanRNNCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.NTMCell;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Inputs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;
import kazoku.train.View;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Encoder and decoder together. */
class EncoderDecoderTest {
  private static final int END = 1;
  private static final int[][] SOURCES = {{2, 3, 4}, {4, 2, 0}, {0, 0, 0}};
  private static final int[] LENGTHS = {3, 2, 0};

  private static EncoderDecoder of(Cell encoder, Cell decoder, Bridge bridge) {
    return new EncoderDecoder(
        new TokenTable(5, 3), new RNN(encoder), new Decoder(decoder, 5, 0, END, 4), bridge);
  }

  private static final EncoderDecoder LOOKING =
      of(new GRUCell(3, 4), new LookingCell(2, 4, 3, 4), Bridge.copy());
  private static final EncoderDecoder PLAIN =
      of(new LSTMCell(3, 4), new LSTMCell(2, 4), Bridge.copy());
  private static final EncoderDecoder DENSE =
      of(new LSTMCell(3, 4), new LookingCell(2, 5, 3, 4), Bridge.dense("cell/h", "a"));

  private static Weights weights(Fed fed, long seed) {
    return Weights.variables(fed.tf, TFloat64.class, seed).in("net");
  }

  private static int[] flat(int[][] tokens) {
    return Arrays.stream(tokens).flatMapToInt(Arrays::stream).toArray();
  }

  private static Operand<TInt32> tokens(Fed fed, int[][] tokens) {
    return fed.ints(flat(tokens), tokens.length, tokens.length == 0 ? 0 : tokens[0].length);
  }

  private static Signal source(Fed fed, int[][] tokens, int[] lengths) {
    return new Signal(tokens(fed, tokens), fed.ints(lengths, lengths.length));
  }

  /** Logits of the same targets after one source. */
  private static double[][][] logits(EncoderDecoder layer, long seed, int row, int[][] targets) {
    try (Fed fed = new Fed(TFloat64.class)) {
      int[][] sources = new int[targets.length][];
      int[] lengths = new int[targets.length];
      Arrays.fill(sources, SOURCES[row]);
      Arrays.fill(lengths, LENGTHS[row]);
      Signal x = source(fed, sources, lengths).beside("target", tokens(fed, targets));
      double[] y = fed.run(List.of(layer.apply(weights(fed, seed), x).value())).get(0);
      return DecoderTest.cut(y, targets.length, targets[0].length, 5);
    }
  }

  private static Prefixes plain(EncoderDecoder layer, long seed, int row) {
    return new Prefixes(0, END, 4, targets -> logits(layer, seed, row, targets));
  }

  private static Map<String, double[]> found(EncoderDecoder net, Layer layer, long seed) {
    assertThat(layer.name()).isEqualTo(net.name());
    try (Fed fed = new Fed(TFloat64.class)) {
      return DecoderTest.run(fed, layer.apply(weights(fed, seed), source(fed, SOURCES, LENGTHS)));
    }
  }

  @Test
  void rowsAreWrittenAsInPlainJava() {
    for (EncoderDecoder net : List.of(LOOKING, PLAIN, DENSE)) {
      for (long seed = 1; seed <= 2; seed++) {
        Map<String, double[]> greedy = found(net, net.greedy(), seed);
        Map<String, double[]> beam = found(net, net.beam(3, 0.7), seed);
        for (int row = 0; row < 3; row++) {
          Prefixes.Hypothesis one = plain(net, seed, row).greedy();
          assertThat(DecoderTest.tokens(greedy, "tokens", row, 4))
              .isEqualTo(DecoderTest.padded(one.tokens(), 4));
          assertThat(greedy.get("scores")[row]).isCloseTo(one.total(), within(1e-12));
          List<Prefixes.Hypothesis> all = plain(net, seed, row).beam(3, 0.7);
          for (int k = 0; k < 3; k++) {
            assertThat(DecoderTest.tokens(beam, "beams", 3 * row + k, 4))
                .isEqualTo(DecoderTest.padded(all.get(k).tokens(), 4));
            assertThat(beam.get("beamScores")[3 * row + k])
                .isCloseTo(all.get(k).score(0.7), within(1e-12));
          }
        }
      }
    }
  }

  @Test
  void alignmentsStandBesideWhatIsWritten() {
    Map<String, double[]> found = found(LOOKING, LOOKING.greedy("w"), 2);
    for (int row = 0; row < 3; row++) {
      for (int t = 0; t < 4; t++) {
        int at = (row * 4 + t) * 3;
        double[] w = Arrays.copyOfRange(found.get("w"), at, at + 3);
        double sum = Arrays.stream(w).sum();
        assertThat(sum).isCloseTo(t < found.get("lengths")[row] ? 1 : 0, within(1e-12));
        for (int k = LENGTHS[row]; k < 3 && LENGTHS[row] > 0; k++) {
          assertThat(w[k]).isZero();
        }
      }
    }
  }

  @Test
  void drawnRowsFollowTheSource() {
    Map<String, double[]> found = found(LOOKING, LOOKING.sample(1e-3), 2);
    assertThat(found.get("tokens")).isEqualTo(found(LOOKING, LOOKING.greedy(), 2).get("tokens"));
  }

  @Test
  void noRowsAreNoRows() {
    for (Layer layer : List.of(LOOKING.greedy("w"), LOOKING.beam(2, 1), PLAIN.sample(1))) {
      try (Fed fed = new Fed(TFloat64.class)) {
        Signal none = source(fed, new int[0][], new int[0]);
        DecoderTest.run(fed, layer.apply(weights(fed, 1), none))
            .forEach((name, values) -> assertThat(values).as(name).isEmpty());
      }
    }
  }

  @Test
  void aCopyFindsTheSlotOfTheSameName() {
    EncoderDecoder nested =
        of(new NTMCell(3, 4, 3, 2, 1, 1), new NTMCell(2, 4, 3, 2, 1, 1), Bridge.copy());
    try (Fed fed = new Fed(TFloat64.class)) {
      Weights w = weights(fed, 1);
      Signal x = source(fed, SOURCES, LENGTHS);
      Signal target = Signal.of(tokens(fed, SOURCES));
      Signal read = nested.source().apply(w.in("source"), x);
      Map<String, Operand<TNumber>> last = nested.encoder().run(w.in("encoder"), read).finalState();
      List<double[]> both =
          fed.run(
              List.of(
                  nested.apply(w, x.beside("target", target)).value(),
                  nested.decoder().run(w.in("decoder"), target, last).outputs()));
      assertThat(both.get(0)).containsExactly(both.get(1));
    }
  }

  /** The gradient by every weight, of which some see the source only through the decoder. */
  private static List<double[]> gradients(EncoderDecoder net, boolean fixedSteps) {
    try (Fed fed = new Fed(TFloat64.class)) {
      Weights w = weights(fed, 3);
      Operand<TInt32> sources = tokens(fed, SOURCES);
      Operand<TInt32> targets = tokens(fed, new int[][] {{0, 2, 3}, {0, 4, 0}, {0, 3, 0}});
      if (fixedSteps) {
        sources = fed.tf.reshape(sources, fed.tf.array(3, 3));
        targets = fed.tf.reshape(targets, fed.tf.array(3, 3));
      }
      Signal x =
          new Signal(sources, fed.ints(LENGTHS, 3))
              .beside("target", new Signal(targets, fed.ints(new int[] {3, 2, 2}, 3)));
      Operand<TNumber> y = Fed.number(net.apply(w, x).value());
      Operand<TNumber> each = fed.tf.reduceSum(fed.tf.math.square(y), fed.tf.array(1, 2));
      List<Operand<TNumber>> all = new ArrayList<>(w.trainable().values());
      return fed.run(fed.gradients(each, all));
    }
  }

  @Test
  void everyWeightIsReachedAndTheLoopIsTheUnrolledForm() {
    for (EncoderDecoder net : List.of(LOOKING, PLAIN, DENSE)) {
      List<double[]> loop = gradients(net, false);
      EncoderDecoder unrolled =
          new EncoderDecoder(
              net.source(),
              ((RNN) net.encoder()).with(Loop.UNROLLED),
              net.decoder().with(Loop.UNROLLED),
              net.bridge());
      List<double[]> written = gradients(unrolled, true);
      assertThat(loop).hasSameSizeAs(written);
      for (int k = 0; k < loop.size(); k++) {
        assertThat(loop.get(k)).containsExactly(written.get(k), within(1e-9));
        assertThat(Arrays.stream(loop.get(k))).anyMatch(v -> v != 0);
      }
    }
  }

  @Test
  void writingNeedsNoWeightsOfItsOwn() {
    for (EncoderDecoder net : List.of(LOOKING, DENSE)) {
      try (Fed fed = new Fed(TFloat64.class)) {
        Weights w = weights(fed, 1);
        Signal x = source(fed, SOURCES, LENGTHS);
        net.apply(w, x.beside("target", tokens(fed, SOURCES)));
        Map<String, Operand<?>> trained = new LinkedHashMap<>(w.operands());
        net.greedy().apply(w, x);
        net.sample(1).apply(w, x);
        net.beam(2, 0).apply(w, x);
        assertThat(w.operands().keySet()).isEqualTo(trained.keySet());
      }
    }
  }

  // As a model

  private static final int WORDS = 8;

  private static int[][] rows(int count, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, count)
        .mapToObj(row -> random.ints(1 + random.nextInt(3), 2, WORDS).toArray())
        .toArray(int[][]::new);
  }

  private static int[] reversed(int[] row) {
    return IntStream.range(0, row.length).map(t -> row[row.length - 1 - t]).toArray();
  }

  @Test
  void aModelLearnsToWriteAndIsExported(@TempDir Path folder) {
    EncoderDecoder net =
        new EncoderDecoder(
            new TokenTable(WORDS, 8),
            new RNN(new GRUCell(8, 24)),
            new Decoder(new LookingCell(8, 24, 3, 24), WORDS, 0, END, 5)
                .with(new ScheduledSampling(0.2, 30)));
    int[][] sources = rows(400, 1);
    Sequences data =
        Sequences.tokens(sources)
            .beside("target", Sequences.tokens(each(sources, row -> with(0, reversed(row)))))
            .labelSequences(each(sources, row -> with(reversed(row), END)));
    int[][] unseen = rows(40, 2);
    int[][] expected = each(unseen, EncoderDecoderTest::reversed);
    try (Model model = Model.of(net, Inputs.tokens().tokens("target"), 1)) {
      model.fit(
          data, new Adam(0.01), Loss.softmaxCrossEntropy(), Epochs.of(10).progress(Progress.NONE));
      assertThat(model.weight("encoderDecoder/decoder/steps")).containsExactly(130);
      for (Layer layer : List.of(net.greedy("w"), net.beam(4, 0.6), net.sample(1e-3))) {
        View view = model.view(layer, Inputs.tokens());
        int[][] written = view.tokens(Sequences.tokens(unseen));
        long right =
            IntStream.range(0, 40)
                .filter(row -> Arrays.equals(written[row], expected[row]))
                .count();
        assertThat(right).isGreaterThan(36);
        float[][] scores = view.predict("scores", Sequences.tokens(unseen));
        view.export(folder.resolve("writer"));
        try (SavedModelBundle bundle = SavedModelBundle.load(folder.resolve("writer").toString())) {
          for (int row = 0; row < 5; row++) {
            served(bundle, unseen[row], written[row], scores[row][0]);
          }
        }
      }
    }
  }

  private static int[][] each(int[][] rows, UnaryOperator<int[]> change) {
    return Arrays.stream(rows).map(change).toArray(int[][]::new);
  }

  private static int[] with(int first, int[] row) {
    return IntStream.concat(IntStream.of(first), Arrays.stream(row)).toArray();
  }

  private static int[] with(int[] row, int last) {
    return IntStream.concat(Arrays.stream(row), IntStream.of(last)).toArray();
  }

  private static void served(SavedModelBundle bundle, int[] source, int[] written, float score) {
    try (TInt32 input = TInt32.tensorOf(StdArrays.ndCopyOf(new int[][] {source}));
        TInt32 lengths = TInt32.vectorOf(source.length);
        Result result = bundle.call(Map.of("input", input, "lengths", lengths))) {
      TInt32 tokens = (TInt32) result.get("output").orElseThrow();
      int[] all = IntStream.range(0, 5).map(t -> tokens.getInt(0, t)).toArray();
      assertThat(all).isEqualTo(DecoderTest.padded(written, 5));
      TFloat32 scores = (TFloat32) result.get("scores").orElseThrow();
      assertThat(scores.getFloat(0, 0)).isCloseTo(score, within(1e-4f));
    }
  }

  // Mistakes

  private static void says(String sentence, Runnable mistake) {
    assertThatThrownBy(mistake::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  private static void refuses(Cell encoder, Cell decoder, Bridge bridge, String sentence) {
    try (Fed fed = new Fed(TFloat64.class)) {
      Signal x = source(fed, SOURCES, LENGTHS);
      EncoderDecoder net = of(encoder, decoder, bridge);
      says(sentence, () -> net.greedy().apply(weights(fed, 1), x));
    }
  }

  @Test
  void mistakes() {
    refuses(
        new GRUCell(3, 4),
        new GRUCell(2, 5),
        Bridge.copy(),
        "EncoderDecoder: to copy to the decoder's slot h [5], one slot of the encoder must have its"
            + " name and shape; use Bridge.dense(), got [h] of [?, 4]");
    refuses(
        new GRUCell(3, 4),
        new JordanRNNCell(2, 4, 4),
        Bridge.copy(),
        "EncoderDecoder: to copy, the encoder must have a slot of the decoder's [s]; use"
            + " Bridge.dense() or Bridge.none(), got [h]");
    says(
        "EncoderDecoder: the bridge's slots must be of the decoder's [h], got c",
        () -> of(new GRUCell(3, 4), new GRUCell(2, 4), Bridge.dense("c")));
    says(
        "Bridge: slots are for a dense bridge, got [h]",
        () -> new Bridge(Bridge.Form.COPY, List.of("h")));
    try (Fed fed = new Fed(TFloat64.class)) {
      says(
          "EncoderDecoder: the tokens to learn must stand beside the input,"
              + " x.beside(\"target\", tokens); to write without them use greedy(), sample(…) or"
              + " beam(…), got []",
          () -> PLAIN.apply(weights(fed, 1), source(fed, SOURCES, LENGTHS)));
    }
  }
}
