package kazoku.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.ClockworkRNNCell;
import kazoku.cells.ConvRNNCell;
import kazoku.cells.DNCCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.MLSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.cells.NTMCell;
import kazoku.cells.ProjectedLSTMCell;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Decoders against plain Java loops. */
class DecoderTest {
  private static final int SIZE = 3;
  private static final int END = 2;
  private static final Decoder DECODER = new Decoder(new GRUCell(4, 5), SIZE, 0, END, 4);

  /** Weights in which rows end early, late and never. */
  private static Weights weights(Fed fed, long seed) {
    return Weights.variables(fed.tf, TFloat64.class, seed).in("decoder");
  }

  static double[][][] cut(double[] flat, int rows, int steps, int size) {
    double[][][] all = new double[rows][steps][];
    for (int i = 0; i < rows * steps; i++) {
      all[i / steps][i % steps] = Arrays.copyOfRange(flat, i * size, (i + 1) * size);
    }
    return all;
  }

  private static int[] flat(int[][] tokens) {
    return Arrays.stream(tokens).flatMapToInt(Arrays::stream).toArray();
  }

  private static double[][][] logits(Decoder decoder, long seed, int[][] tokens) {
    try (Fed fed = new Fed(TFloat64.class)) {
      Operand<TInt32> x = fed.ints(flat(tokens), tokens.length, tokens[0].length);
      Operand<? extends TNumber> y = decoder.apply(weights(fed, seed), Signal.of(x)).value();
      return cut(
          fed.run(List.of(y)).get(0), tokens.length, tokens[0].length, decoder.vocabularySize());
    }
  }

  private static Prefixes plain(Decoder decoder, long seed) {
    return new Prefixes(
        decoder.startToken(),
        decoder.endToken(),
        decoder.maxSteps(),
        tokens -> logits(decoder, seed, tokens));
  }

  /** Everything that stands beside what is found; tokens and lengths by these names. */
  private static Map<String, double[]> found(
      Generator generator, long seed, int[][] beginnings, int[] lengths) {
    try (Fed fed = new Fed(TFloat64.class)) {
      int steps = beginnings.length == 0 ? 0 : beginnings[0].length;
      Operand<TInt32> x = fed.ints(flat(beginnings), beginnings.length, steps);
      Signal given =
          lengths == null ? Signal.of(x) : new Signal(x, fed.ints(lengths, lengths.length));
      return run(fed, generator.apply(weights(fed, seed), given));
    }
  }

  static Map<String, double[]> run(Fed fed, Signal signal) {
    Map<String, Operand<?>> all = new LinkedHashMap<>();
    all.put("tokens", signal.value());
    all.put("lengths", signal.lengths());
    signal.beside().forEach((name, other) -> all.put(name, other.value()));
    List<double[]> values = fed.run(new ArrayList<>(all.values()));
    Map<String, double[]> named = new LinkedHashMap<>();
    int k = 0;
    for (String name : all.keySet()) {
      named.put(name, values.get(k++));
    }
    return named;
  }

  static int[] tokens(Map<String, double[]> found, String name, int row, int steps) {
    return Arrays.stream(found.get(name), row * steps, (row + 1) * steps)
        .mapToInt(v -> (int) v)
        .toArray();
  }

  static int[] padded(int[] tokens, int steps) {
    int[] all = new int[steps];
    Arrays.fill(all, Decoded.NONE);
    System.arraycopy(tokens, 0, all, 0, tokens.length);
    return all;
  }

  @Test
  void greedyIsTheLoopOverSingleSteps() {
    boolean[] seen = new boolean[DECODER.maxSteps() + 1];
    for (long seed = 1; seed <= 8; seed++) {
      Map<String, double[]> found = found(DECODER.greedy(), seed, new int[2][0], null);
      Prefixes.Hypothesis plain = plain(DECODER, seed).greedy();
      for (int row = 0; row < 2; row++) {
        assertThat(tokens(found, "tokens", row, 4)).isEqualTo(padded(plain.tokens(), 4));
        assertThat(found.get("lengths")[row]).isEqualTo(plain.tokens().length);
        assertThat(found.get("scores")[row]).isCloseTo(plain.total(), within(1e-12));
      }
      seen[plain.tokens().length] = true;
    }
    assertThat(seen[0] && seen[4]).as("some rows ended at once and some never").isTrue();
  }

  @ParameterizedTest
  @CsvSource({"1,0", "1,2", "2,0", "2,0.6", "3,1.5", "5,0", "5,4"})
  void beamIsThatOfPlainJava(int width, double alpha) {
    for (long seed = 1; seed <= 6; seed++) {
      compare(plain(DECODER, seed).beam(width, alpha), width, alpha, seed);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 5})
  void aBeamOfAllSequencesIsTheExhaustiveSearch(double alpha) {
    Decoder three = new Decoder(new LSTMCell(2, 3), SIZE, 1, END, 3);
    for (long seed = 1; seed <= 3; seed++) {
      List<Prefixes.Hypothesis> all = plain(three, seed).exhaustive(SIZE, alpha);
      assertThat(all).hasSize(15);
      compare(three, all, 27, alpha, seed);
    }
  }

  private void compare(List<Prefixes.Hypothesis> plain, int width, double alpha, long seed) {
    compare(DECODER, plain, width, alpha, seed);
  }

  private static void compare(
      Decoder decoder, List<Prefixes.Hypothesis> plain, int width, double alpha, long seed) {
    int steps = decoder.maxSteps();
    Map<String, double[]> found = found(decoder.beam(width, alpha), seed, new int[2][0], null);
    for (int row = 0; row < 2; row++) {
      for (int k = 0; k < width; k++) {
        int[] tokens = tokens(found, "beams", row * width + k, steps);
        double score = found.get("beamScores")[row * width + k];
        if (k < plain.size()) {
          assertThat(tokens).isEqualTo(padded(plain.get(k).tokens(), steps));
          assertThat(score).isCloseTo(plain.get(k).score(alpha), within(1e-12));
        } else {
          assertThat(tokens).containsOnly(Decoded.NONE);
          assertThat(score).isEqualTo(Double.NEGATIVE_INFINITY);
        }
      }
      int[] best = plain.get(0).tokens();
      assertThat(tokens(found, "tokens", row, steps)).isEqualTo(padded(best, steps));
      assertThat(found.get("lengths")[row]).isEqualTo(best.length);
      assertThat(found.get("scores")[row]).isCloseTo(plain.get(0).score(alpha), within(1e-12));
    }
  }

  static List<Cell> statesOfAllShapes() {
    return List.of(
        new NTMCell(2, 4, 3, 2, 1, 1),
        new DNCCell(2, 4, 3, 2, 2, 1),
        new MLSTMCell(2, 4),
        new ClockworkRNNCell(2, 4),
        new ProjectedLSTMCell(2, 4, 3));
  }

  @ParameterizedTest
  @MethodSource("statesOfAllShapes")
  void everyCellDecodes(Cell cell) {
    Decoder decoder = new Decoder(cell, SIZE, 0, END, 4);
    compare(decoder, plain(decoder, 1).beam(3, 0.5), 3, 0.5, 1);
    String[] slots = cell.state().stream().map(Slot::name).toArray(String[]::new);
    Map<String, double[]> found = found(decoder.greedy(slots), 1, new int[1][0], null);
    Prefixes.Hypothesis plain = plain(decoder, 1).greedy();
    assertThat(tokens(found, "tokens", 0, 4)).isEqualTo(padded(plain.tokens(), 4));
    cell.state()
        .forEach(
            slot ->
                assertThat(found.get(slot.name().replace('/', '_')))
                    .hasSize(4 * (int) slot.shape().size()));
  }

  @Test
  void theLengthPenaltyPrefersLongerRows() {
    int longer = 0;
    for (long seed = 1; seed <= 6; seed++) {
      double without = found(DECODER.beam(40, 0), seed, new int[1][0], null).get("lengths")[0];
      double with = found(DECODER.beam(40, 5), seed, new int[1][0], null).get("lengths")[0];
      assertThat(with).isGreaterThanOrEqualTo(without);
      longer += with > without ? 1 : 0;
    }
    assertThat(longer).isPositive();
  }

  @Test
  void aBeamOfOneIsGreedyWhateverThePenalty() {
    for (long seed = 1; seed <= 6; seed++) {
      double[] greedy = found(DECODER.greedy(), seed, new int[1][0], null).get("tokens");
      assertThat(found(DECODER.beam(1, 3), seed, new int[1][0], null).get("tokens"))
          .containsExactly(greedy);
    }
  }

  @Test
  void beginningsAreReadFirst() {
    Decoder decoder = new Decoder(new GRUCell(4, 5), 5, 0, -1, 3);
    int[][] beginnings = {{0, 3, 1, 4}, {2, 1, -1, -1}, {-1, -1, -1, -1}, {0, -1, -1, -1}};
    int[] lengths = {4, 2, 0, 1};
    Map<String, double[]> greedy = found(decoder.greedy(), 3, beginnings, lengths);
    Map<String, double[]> beam = found(decoder.beam(5, 0), 3, beginnings, lengths);
    for (int row = 0; row < 4; row++) {
      int[] read = lengths[row] == 0 ? new int[] {0} : Arrays.copyOf(beginnings[row], lengths[row]);
      int[] tokens = tokens(greedy, "tokens", row, 3);
      for (int t = 0; t < 3; t++) {
        double[] next = logits(decoder, 3, new int[][] {read})[0][read.length - 1];
        int best = IntStream.range(0, 5).reduce(0, (a, b) -> next[b] > next[a] ? b : a);
        assertThat(tokens[t]).isEqualTo(best);
        read = Arrays.copyOf(read, read.length + 1);
        read[read.length - 1] = best;
      }
      assertThat(greedy.get("lengths")[row]).isEqualTo(3);
      assertThat(beam.get("scores")[row]).isGreaterThanOrEqualTo(greedy.get("scores")[row] - 1e-12);
    }
    assertThat(tokens(greedy, "tokens", 2, 3)).isEqualTo(tokens(greedy, "tokens", 3, 3));
    assertThat(tokens(beam, "beams", 2, 15)).isEqualTo(tokens(beam, "beams", 3, 15));
  }

  @Test
  void beginningsAreReadInALoopWhateverTrainingIs() {
    Map<String, double[]> loop = found(DECODER.greedy(), 1, new int[][] {{0, 1}}, null);
    Decoder other = DECODER.with(Loop.UNROLLED);
    assertThat(found(other.greedy(), 1, new int[][] {{0, 1}}, null).get("tokens"))
        .containsExactly(loop.get("tokens"));
    Decoder shards = DECODER.with(Loop.DEFAULT.shards(3));
    for (int width = 1; width <= 2; width++) {
      int[][] two = {{0, 1}, {1, 0}};
      assertThat(found(shards.beam(width, 1), 1, two, null).get("beams"))
          .containsExactly(found(DECODER.beam(width, 1), 1, two, null).get("beams"));
      assertThat(found(shards.greedy("h"), 1, two, null).get("h"))
          .containsExactly(found(DECODER.greedy("h"), 1, two, null).get("h"), within(1e-12));
    }
  }

  @Test
  void rowsBeginWithAStateThatIsGiven() {
    try (Fed fed = new Fed(TFloat64.class)) {
      Weights w = weights(fed, 5);
      Operand<TNumber> state = fed.numbers(Fed.spread(10, 1, 0), 2, 5);
      Signal none = Signal.of(fed.ints(new int[0], 2, 0));
      Signal start = Signal.of(fed.ints(new int[2], 2, 1));
      double[] given = run(fed, DECODER.beam(2, 0).run(w, none, Map.of("h", state))).get("tokens");
      double[] same = run(fed, DECODER.beam(2, 0).run(w, start, Map.of("h", state))).get("tokens");
      assertThat(same).containsExactly(given);
      List<double[]> first =
          fed.run(
              List.of(
                  DECODER.run(w, start, Map.of("h", state)).outputs(),
                  DECODER.run(w, start).outputs()));
      assertThat(first.get(0)).isNotEqualTo(first.get(1));
      Map<String, double[]> greedy = run(fed, DECODER.greedy().run(w, none, Map.of("h", state)));
      for (int row = 0; row < 2; row++) {
        double[] next = Arrays.copyOfRange(first.get(0), row * SIZE, (row + 1) * SIZE);
        int best = IntStream.range(0, SIZE).reduce(0, (a, b) -> next[b] > next[a] ? b : a);
        assertThat(greedy.get("tokens")[row * 4]).isEqualTo(best == END ? -1 : best);
      }
    }
  }

  @Test
  void noRowsAreNoTokens() {
    for (Generator generator :
        List.of(DECODER.greedy("h"), DECODER.sample(1), DECODER.beam(3, 1))) {
      Map<String, double[]> found = found(generator, 1, new int[0][0], new int[0]);
      found.forEach((name, values) -> assertThat(values).as(name).isEmpty());
    }
  }

  @Test
  void slotsOfEachStepStandBesideTheTokens() {
    Decoder decoder = new Decoder(new LSTMCell(4, 5), 4, 0, 1, 6);
    int[] lengths = new int[7];
    for (long seed = 1; seed <= 6; seed++) {
      try (Fed fed = new Fed(TFloat64.class)) {
        Weights w = weights(fed, seed);
        Signal none = Signal.of(fed.ints(new int[0], 1, 0));
        Map<String, double[]> found = run(fed, decoder.greedy("c", "h").apply(w, none));
        int length = (int) found.get("lengths")[0];
        lengths[length]++;
        int[] read = new int[1 + length];
        System.arraycopy(tokens(found, "tokens", 0, 6), 0, read, 1, length);
        for (int t = 0; t < 6; t++) {
          double[] c = Arrays.copyOfRange(found.get("c"), t * 5, t * 5 + 5);
          if (t >= length) {
            assertThat(c).containsOnly(0);
            continue;
          }
          Signal given = Signal.of(fed.ints(Arrays.copyOf(read, t + 1), 1, t + 1));
          double[] last = fed.run(List.of(decoder.run(w, given).finalState().get("c"))).get(0);
          assertThat(c).containsExactly(last, within(1e-12));
        }
      }
    }
    assertThat(lengths[6]).isLessThan(6);
  }

  // Drawn tokens

  private static double[] softmax(double[] logits, double temperature) {
    return Arrays.stream(
            Prefixes.logSoftmax(Arrays.stream(logits).map(l -> l / temperature).toArray()))
        .map(Math::exp)
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 0.5, 3})
  void tokensAreDrawnAsOftenAsTheyAreLikely(double temperature) {
    Decoder decoder = new Decoder(new GRUCell(4, 5), 4, 0, -1, 2);
    int rows = 20_000;
    Map<String, double[]> found = found(decoder.sample(temperature), 2, new int[rows][0], null);
    double[][] counts = new double[4][4];
    for (int row = 0; row < rows; row++) {
      int[] tokens = tokens(found, "tokens", row, 2);
      counts[tokens[0]][tokens[1]]++;
    }
    double[] first = softmax(logits(decoder, 2, new int[][] {{0}})[0][0], temperature);
    for (int k = 0; k < 4; k++) {
      double[] second = softmax(logits(decoder, 2, new int[][] {{0, k}})[0][1], temperature);
      for (int m = 0; m < 4; m++) {
        double p = first[k] * second[m];
        double deviation = Math.sqrt(p * (1 - p) / rows);
        assertThat(counts[k][m] / rows).isCloseTo(p, within(5 * deviation));
      }
    }
  }

  @Test
  void drawsDifferBetweenRowsStepsAndRunsAndAreRepeatable() {
    Decoder decoder = new Decoder(new GRUCell(4, 5), 100, 0, -1, 8);
    List<List<double[]>> sessions = new ArrayList<>();
    for (long seed : new long[] {1, 1, 2}) {
      try (Fed fed = new Fed(TFloat32.class)) {
        Weights w = Weights.variables(fed.tf, seed).in("d");
        Signal none = Signal.of(fed.ints(new int[0], 2, 0));
        Operand<? extends TNumber> tokens = decoder.sample(100).apply(w, none).value();
        sessions.add(fed.runs(List.of(tokens), 2).stream().map(values -> values.get(0)).toList());
      }
    }
    double[] first = sessions.get(0).get(0);
    double[] again = sessions.get(0).get(1);
    assertThat(sessions.get(1).get(0)).containsExactly(first);
    assertThat(sessions.get(1).get(1)).containsExactly(again);
    assertThat(again).isNotEqualTo(first);
    assertThat(sessions.get(2).get(0)).isNotEqualTo(first);
    assertThat(Arrays.copyOf(first, 8)).isNotEqualTo(Arrays.copyOfRange(first, 8, 16));
    assertThat(Arrays.stream(first).distinct().count()).isGreaterThan(8);
  }

  @Test
  void rowsThatEndedStayAsTheyAre() {
    Decoder decoder = new Decoder(new GRUCell(4, 5), 3, 0, END, 30);
    int[] lengths = new int[31];
    Map<String, double[]> found = found(decoder.sample(1), 4, new int[200][0], null);
    for (int row = 0; row < 200; row++) {
      int length = (int) found.get("lengths")[row];
      lengths[length]++;
      int[] tokens = tokens(found, "tokens", row, 30);
      assertThat(Arrays.copyOf(tokens, length)).doesNotContain(END, Decoded.NONE);
      assertThat(Arrays.stream(tokens, length, 30)).allMatch(k -> k == Decoded.NONE);
      int[] read = new int[length + 1];
      System.arraycopy(tokens, 0, read, 1, length);
      if (row < 5) {
        double[][] after = logits(decoder, 4, new int[][] {read})[0];
        double total = length < 30 ? Prefixes.logSoftmax(after[length])[END] : 0;
        for (int t = 0; t < length; t++) {
          total += Prefixes.logSoftmax(after[t])[tokens[t]];
        }
        assertThat(found.get("scores")[row]).isCloseTo(total, within(1e-9));
      }
    }
    assertThat(Arrays.stream(lengths).filter(n -> n > 0).count()).isGreaterThan(3);
  }

  @Test
  void logitsArePaddedWithZeros() {
    try (Fed fed = new Fed(TFloat64.class)) {
      Weights w = weights(fed, 1);
      Operand<TInt32> x = fed.ints(new int[] {0, 1, 2, 0, -1, -1}, 2, 3);
      Operand<TInt32> lengths = fed.ints(new int[] {3, 1}, 2);
      double[] y = fed.run(List.of(DECODER.apply(w, new Signal(x, lengths)).value())).get(0);
      assertThat(Arrays.copyOfRange(y, 4 * SIZE, 6 * SIZE)).containsOnly(0);
      assertThat(Arrays.copyOfRange(y, 3 * SIZE, 4 * SIZE))
          .containsExactly(Arrays.copyOf(y, SIZE), within(1e-12));
    }
  }

  // Scheduled sampling

  /** Logits, and the gradients of a weighted sum of them by all weights. */
  private static List<double[]> trained(
      Decoder decoder, int[][] tokens, int[] lengths, double[] coins) {
    try (Fed fed = new Fed(TFloat64.class)) {
      int rows = tokens.length;
      int steps = tokens[0].length;
      int size = decoder.vocabularySize();
      Map<String, Operand<?>> given = new LinkedHashMap<>();
      Trace.of(new ScheduledCell(decoder))
          .weights()
          .asked()
          .forEach(
              (name, leaf) ->
                  given.put(
                      name,
                      fed.weights(
                          Fed.spread((int) leaf.shape().size(), 0.9, name.length()),
                          leaf.shape().asArray())));
      List<Operand<TNumber>> all = given.values().stream().map(Fed::number).toList();
      if (coins != null) {
        given.put("coin", fed.weights(coins, steps, rows, 1));
      }
      Weights w = Weights.given(fed.tf, TFloat64.class, given, 1);
      Operand<TInt32> x =
          fed.tf.reshape(fed.ints(flat(tokens), rows, steps), fed.tf.array(rows, steps));
      Signal signal = new Signal(x, fed.ints(lengths, rows));
      Operand<TNumber> y = Fed.number(decoder.apply(w, signal).value());
      Operand<TNumber> weighted =
          fed.tf.math.mul(y, fed.weights(Fed.spread(rows * steps * size, 1, 2), rows, steps, size));
      List<Operand<?>> fetched = new ArrayList<>(List.of(y));
      fetched.addAll(fed.gradients(fed.tf.reduceSum(weighted, fed.tf.array(1, 2)), all));
      return fed.run(fetched);
    }
  }

  private static void same(List<double[]> one, List<double[]> other) {
    assertThat(one).hasSameSizeAs(other);
    for (int k = 0; k < one.size(); k++) {
      assertThat(one.get(k)).containsExactly(other.get(k), within(1e-9));
      assertThat(Arrays.stream(one.get(k))).as("value " + k).anyMatch(v -> v != 0);
    }
  }

  private static final Decoder FIVE = new Decoder(new LSTMCell(3, 4), 5, 0, -1, 4);
  private static final int[][] GIVEN = {{0, 1, 2, 3}, {0, 4, 4, 1}};
  private static final int[] LENGTHS = {4, 3};

  @Test
  void withoutOwnTokensItIsTeacherForcing() {
    List<double[]> forced = trained(FIVE, GIVEN, LENGTHS, null);
    Decoder never = FIVE.with(new ScheduledSampling(1e-12, 0));
    same(trained(never, GIVEN, LENGTHS, null), forced);
    same(trained(FIVE.with(new ScheduledSampling(0, 0)), GIVEN, LENGTHS, null), forced);
    same(trained(FIVE.with(Loop.UNROLLED), GIVEN, LENGTHS, null), forced);
  }

  @Test
  void ownTokensAreReadWhereTheCoinSaysSo() {
    double[] coins = {0, 0, 0.9, 0.1, 0.2, 0.8, 0.1, 0.3};
    Decoder half = FIVE.with(new ScheduledSampling(0.5, 0, true));
    List<double[]> own = trained(half, GIVEN, LENGTHS, coins);
    int[][] read = {{0, 0, 0, 0}, {0, 0, 0, 0}};
    for (int row = 0; row < 2; row++) {
      for (int t = 1; t < LENGTHS[row]; t++) {
        double[] before = cut(own.get(0), 2, 4, 5)[row][t - 1];
        int best = IntStream.range(0, 5).reduce(0, (a, b) -> before[b] > before[a] ? b : a);
        read[row][t] = coins[t * 2 + row] < 0.5 ? best : GIVEN[row][t];
      }
    }
    assertThat(read).isNotEqualTo(GIVEN);
    List<double[]> forced = trained(FIVE, read, LENGTHS, null);
    same(own, forced);
    same(trained(half.with(Loop.UNROLLED), GIVEN, LENGTHS, coins), forced);
    same(trained(half.with(Loop.DEFAULT.shards(2)), GIVEN, LENGTHS, coins), forced);
  }

  @Test
  void ownTokensAreDrawn() {
    Decoder always = FIVE.with(new ScheduledSampling(1, 0));
    try (Fed fed = new Fed(TFloat64.class)) {
      Weights w = weights(fed, 1);
      Signal given = Signal.of(fed.ints(new int[600], 300, 2));
      double[] y = fed.run(List.of(always.apply(w, given).value())).get(0);
      double[] evaluated = fed.run(List.of(always.apply(w.forEvaluation(), given).value())).get(0);
      double[][][] logits = cut(y, 300, 2, 5);
      for (int k = 0; k < 5; k++) {
        double[] expected = logits(FIVE, 1, new int[][] {{0, k}})[0][1];
        double often =
            Arrays.stream(logits).filter(row -> Math.abs(row[1][0] - expected[0]) < 1e-9).count()
                / 300.0;
        double p = softmax(logits[0][0], 1)[k];
        assertThat(often).isCloseTo(p, within(5 * Math.sqrt(p * (1 - p) / 300)));
      }
      assertThat(cut(evaluated, 300, 2, 5)[7][1])
          .containsExactly(logits(FIVE, 1, new int[][] {{0, 0}})[0][1], within(1e-12));
    }
  }

  @Test
  void aCellThatIsLinearInItsStateIsScannedInTraining() {
    Decoder linear = new Decoder(new MinGRUCell(3, 4), 5, 0, -1, 4);
    List<double[]> scanned =
        trained(linear.with(new Loop(Loop.Form.SCAN, 1)), GIVEN, LENGTHS, null);
    same(trained(linear.with(Loop.UNROLLED), GIVEN, LENGTHS, null), scanned);
  }

  @Test
  void aModelOfTheLanguageIsTrainedAndGoesOn() {
    Decoder decoder = new Decoder(new GRUCell(6, 16), 5, 0, -1, 7);
    int[][] rows = {{0, 1, 2, 3, 4, 1, 2, 3}, {3, 4, 1, 2, 3, 4, 1, 2}, {2, 3, 4}};
    int[][] next = {{1, 2, 3, 4, 1, 2, 3, 4}, {4, 1, 2, 3, 4, 1, 2, 3}, {3, 4, 1}};
    try (Model model = Model.of(decoder, 1)) {
      model.fit(
          Sequences.tokens(rows).labelSequences(next),
          new Adam(0.02),
          Loss.softmaxCrossEntropy(),
          Epochs.of(120).progress(Progress.NONE));
      Sequences beginnings = Sequences.tokens(new int[][] {{0}, {1, 2}, {}});
      int[][] expected = {{1, 2, 3, 4, 1, 2, 3}, {3, 4, 1, 2, 3, 4, 1}, {1, 2, 3, 4, 1, 2, 3}};
      assertThat(model.view(decoder.greedy()).tokens(beginnings)).isDeepEqualTo(expected);
      assertThat(model.view(decoder.beam(3, 1)).tokens(beginnings)).isDeepEqualTo(expected);
      assertThat(model.view(decoder.maxSteps(2).greedy()).tokens(beginnings)[1])
          .containsExactly(3, 4);
    }
  }

  // Mistakes

  private static void says(String sentence, Runnable mistake) {
    assertThatThrownBy(mistake::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  @Test
  void mistakes() {
    Cell cell = new GRUCell(4, 5);
    says("Decoder: vocabularySize must be at least 1, got 0", () -> new Decoder(cell, 0, 0, 0, 1));
    says("Decoder: startToken must be in 0..2, got 3", () -> new Decoder(cell, 3, 3, 0, 1));
    says("Decoder: endToken must be in -1..2, got 3", () -> new Decoder(cell, 3, 0, 3, 1));
    says("Decoder: maxSteps must be at least 1, got 0", () -> new Decoder(cell, 3, 0, 1, 0));
    says(
        "Decoder: the cell's input must be a vector, got [3, 4, 1]",
        () -> new Decoder(new ConvRNNCell(1, 2, List.of(3, 4), List.of(3, 3)), 3, 0, 1, 2));
    says("Decoder: a slot must be one of [h], got w", () -> DECODER.greedy("w"));
    says("Decoder: width must be at least 1, got 0", () -> DECODER.beam(0, 0));
    says("Decoder: alpha must be at least 0, got -1.0", () -> DECODER.beam(1, -1));
    says(
        "Decoder: temperature must be more than 0; for the most likely token use greedy(), got 0.0",
        () -> DECODER.sample(0));
    says(
        "ScheduledSampling: probability must be in [0, 1], got 1.5",
        () -> new ScheduledSampling(1.5, 0));
    says("ScheduledSampling: rise must be at least 0, got -1", () -> new ScheduledSampling(1, -1));
    try (Fed fed = new Fed(TFloat64.class)) {
      Weights w = weights(fed, 1);
      Operand<TNumber> x = fed.numbers(new double[8], 2, 2, 2);
      says(
          "Decoder: tokens must be [B, T] or [B, T, 1], got [?, ?, 2]",
          () -> DECODER.apply(w, Signal.of(x)));
      Operand<TFloat32> other = fed.tf.constant(new float[2][2]);
      says(
          "Decoder: input must be TFloat64 as its weights are, got TFloat32",
          () -> DECODER.apply(w, Signal.of(other)));
      Signal masked =
          Signal.of(fed.ints(new int[4], 2, 2)).masked(fed.tf.constant(new boolean[2][2]));
      says(
          "Decoder: the beginning of a row must have a length and no mask, got one",
          () -> DECODER.greedy().apply(w, masked));
    }
  }
}
