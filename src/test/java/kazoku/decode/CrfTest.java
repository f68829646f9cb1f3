package kazoku.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kazoku.Signal;
import kazoku.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** The chain against all label sequences, one by one. */
class CrfTest {

  /** Numbers of a chain, and labels for it. */
  private record Case(
      int[] lengths,
      int steps,
      int size,
      double[] x,
      double[] transitions,
      double[] start,
      double[] end,
      int[] labels) {

    static Case of(int steps, int size, int... lengths) {
      int rows = lengths.length;
      int[] labels = IntStream.range(0, rows * steps).map(i -> (i * i + 1) % size).toArray();
      return new Case(
          lengths,
          steps,
          size,
          Fed.spread(rows * steps * size, 2, 0.3),
          Fed.spread(size * size, 1.5, 1.1),
          Fed.spread(size, 1.2, 2.2),
          Fed.spread(size, 1.3, 3.4),
          labels);
    }

    int rows() {
      return lengths.length;
    }

    double score(int row, int[] y) {
      double sum = y.length == 0 ? 0 : start[y[0]] + end[y[y.length - 1]];
      for (int t = 0; t < y.length; t++) {
        sum += x[(row * steps + t) * size + y[t]];
        sum += t == 0 ? 0 : transitions[y[t - 1] * size + y[t]];
      }
      return sum;
    }

    int[] given(int row) {
      return Arrays.copyOfRange(labels, row * steps, row * steps + lengths[row]);
    }

    double partition(int row) {
      return Fed.sequences(lengths[row], size).stream()
          .mapToDouble(y -> Math.exp(score(row, y)))
          .sum();
    }

    double[] negativeLogLikelihood() {
      return IntStream.range(0, rows())
          .mapToDouble(b -> Math.log(partition(b)) - score(b, given(b)))
          .toArray();
    }

    double weighted() {
      double[] each = negativeLogLikelihood();
      return IntStream.range(0, each.length).mapToDouble(b -> (b + 1) * each[b]).sum();
    }

    int[] best(int row) {
      return Fed.sequences(lengths[row], size).stream()
          .reduce((a, b) -> score(row, b) > score(row, a) ? b : a)
          .orElseThrow();
    }

    double[] marginals() {
      double[] all = new double[x.length];
      for (int b = 0; b < rows(); b++) {
        for (int[] y : Fed.sequences(lengths[b], size)) {
          double p = Math.exp(score(b, y)) / partition(b);
          for (int t = 0; t < y.length; t++) {
            all[(b * steps + t) * size + y[t]] += p;
          }
        }
      }
      return all;
    }

    Case with(int[] otherLabels) {
      return new Case(lengths, steps, size, x, transitions, start, end, otherLabels);
    }

    /** More padding, and something in it. */
    Case padded(int more, double filler) {
      int longer = steps + more;
      double[] wide = new double[rows() * longer * size];
      int[] wideLabels = new int[rows() * longer];
      Arrays.fill(wide, filler);
      Arrays.fill(wideLabels, -7);
      for (int b = 0; b < rows(); b++) {
        System.arraycopy(x, b * steps * size, wide, b * longer * size, lengths[b] * size);
        System.arraycopy(labels, b * steps, wideLabels, b * longer, lengths[b]);
      }
      return new Case(lengths, longer, size, wide, transitions, start, end, wideLabels);
    }
  }

  private static final Case SMALL = Case.of(4, 3, 4, 1, 0, 3);

  /** Everything that a chain gives, and the gradients by its four parts. */
  private record Found(
      double[] loss, List<double[]> gradients, double[] best, double[] score, double[] marginals) {}

  private static Found run(Case c, Class<? extends TNumber> type, boolean lengths) {
    try (Fed fed = new Fed(type)) {
      Operand<TNumber> x = fed.numbers(c.x(), c.rows(), c.steps(), c.size());
      Operand<TNumber> transitions = fed.weights(c.transitions(), c.size(), c.size());
      Operand<TNumber> start = fed.weights(c.start(), c.size());
      Operand<TNumber> end = fed.weights(c.end(), c.size());
      Signal scores = new Signal(x, lengths ? fed.ints(c.lengths(), c.rows()) : null);
      Chain chain = new Chain(fed.tf, scores, transitions, start, end);
      Operand<TNumber> loss =
          chain.negativeLogLikelihood(fed.ints(c.labels(), c.rows(), c.steps()));
      Decoded best = chain.best();
      List<Operand<?>> fetched =
          new ArrayList<>(
              List.of(loss, best.labels(), best.score(), chain.marginals(), best.lengths()));
      fetched.addAll(fed.gradients(loss, List.of(x, transitions, start, end)));
      List<double[]> all = fed.run(fetched);
      assertThat(all.get(4)).containsExactly(Arrays.stream(c.lengths()).asDoubleStream().toArray());
      return new Found(all.get(0), all.subList(5, 9), all.get(1), all.get(2), all.get(3));
    }
  }

  private static void agree(Case c, Found found, double tolerance) {
    close("loss", found.loss(), c.negativeLogLikelihood(), tolerance);
    List<double[]> parts = List.of(c.x(), c.transitions(), c.start(), c.end());
    for (int k = 0; k < 4; k++) {
      double[] differences = Fed.differences(parts.get(k), c::weighted);
      close("gradient " + k, found.gradients().get(k), differences, Math.max(1e-7, tolerance));
    }
    double[] best = new double[c.rows() * c.steps()];
    Arrays.fill(best, -1);
    double[] score = new double[c.rows()];
    for (int b = 0; b < c.rows(); b++) {
      int[] y = c.best(b);
      score[b] = c.score(b, y);
      for (int t = 0; t < y.length; t++) {
        best[b * c.steps() + t] = y[t];
      }
    }
    assertThat(found.best()).as("best").containsExactly(best);
    close("score", found.score(), score, tolerance);
    close("marginals", found.marginals(), c.marginals(), tolerance);
  }

  private static void close(String what, double[] actual, double[] expected, double tolerance) {
    assertThat(actual).as(what).containsExactly(expected, within(tolerance));
  }

  @Test
  void agreesWithAllSequencesOneByOne() {
    agree(SMALL, run(SMALL, TFloat64.class, true), 1e-12);
    agree(SMALL, run(SMALL, TFloat32.class, true), 1e-4);
  }

  @Test
  void rowsWithoutLengthsAreWhole() {
    Case whole = Case.of(3, 4, 3, 3);
    agree(whole, run(whole, TFloat64.class, false), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void fewLabels(int size) {
    Case few = Case.of(3, size, 3, 2, 0);
    agree(few, run(few, TFloat64.class, true), 1e-12);
  }

  @Test
  void paddingChangesNothing() {
    Case padded = SMALL.padded(3, 1e3);
    Found found = run(padded, TFloat64.class, true);
    agree(padded, found, 1e-12);
    assertThat(found.loss()).isEqualTo(run(SMALL, TFloat64.class, true).loss());
  }

  @Test
  void stepsThatAMaskLeavesOutAreAsIfTheyWereNotThere() {
    Case c = SMALL;
    Found plain = run(c.padded(0, 0), TFloat64.class, true);
    try (Fed fed = new Fed(TFloat64.class)) {
      int steps = 2 * c.steps() + 1;
      double[] wide = Fed.apart(c.padded(0, 5).x(), c.rows(), c.steps(), c.size(), 5);
      Operand<TNumber> x = fed.numbers(wide, c.rows(), steps, c.size());
      Operand<TNumber> transitions = fed.weights(c.transitions(), c.size(), c.size());
      Operand<TNumber> start = fed.weights(c.start(), c.size());
      Operand<TNumber> end = fed.weights(c.end(), c.size());
      Signal scores = Signal.of(x).masked(fed.oddSteps(c.lengths(), c.steps()));
      Chain chain = new Chain(fed.tf, scores, transitions, start, end);
      double[] given = Arrays.stream(c.padded(0, 0).labels()).asDoubleStream().toArray();
      double[] apart = Fed.apart(given, c.rows(), c.steps(), 1, -7);
      int[] labels = Arrays.stream(apart).mapToInt(y -> (int) y).toArray();
      Operand<TNumber> loss = chain.negativeLogLikelihood(fed.ints(labels, c.rows(), steps));
      Decoded best = chain.best();
      List<Operand<?>> fetched =
          new ArrayList<>(List.of(loss, best.labels(), best.score(), chain.marginals()));
      fetched.addAll(fed.gradients(loss, List.of(x, transitions, start, end)));
      List<double[]> found = fed.run(fetched);
      close("loss", found.get(0), plain.loss(), 1e-12);
      close("best", found.get(1), Fed.apart(plain.best(), c.rows(), c.steps(), 1, -1), 0);
      close("score", found.get(2), plain.score(), 1e-12);
      double[] marginals = Fed.apart(plain.marginals(), c.rows(), c.steps(), c.size(), 0);
      close("marginals", found.get(3), marginals, 1e-12);
      double[] slopes = Fed.apart(plain.gradients().get(0), c.rows(), c.steps(), c.size(), 0);
      close("by x", found.get(4), slopes, 1e-12);
      for (int k = 1; k < 4; k++) {
        close("gradient " + k, found.get(4 + k), plain.gradients().get(k), 1e-12);
      }
    }
  }

  @Test
  void noStepsAndNoRows() {
    Case noSteps = Case.of(0, 3, 0, 0);
    agree(noSteps, run(noSteps, TFloat64.class, true), 0);
    Case noRows = Case.of(2, 3);
    assertThat(run(noRows, TFloat64.class, true).loss()).isEmpty();
    assertThat(run(noRows, TFloat64.class, true).best()).isEmpty();
  }

  @Test
  void ofEquallyGoodPathsTheOneWithSmallerLabelsAtTheEndIsTaken() {
    Case equal =
        new Case(
            new int[] {3},
            3,
            2,
            new double[6],
            new double[] {0, 1, 1, 0},
            new double[2],
            new double[2],
            new int[3]);
    assertThat(run(equal, TFloat32.class, true).best()).containsExactly(0, 1, 0);
  }

  @Test
  void forbiddenTransitionsAreNotTaken() {
    Case forbidden = Case.of(4, 3, 4, 4).with(new int[] {0, 2, 1, 0, 1, 0, 2, 1});
    for (int from = 0; from < 3; from++) {
      for (int to = 0; to < 3; to++) {
        // Only 0 → 2 → 1 → 0 is left.
        if (to != (from + 2) % 3) {
          forbidden.transitions()[from * 3 + to] = -1e4;
        }
      }
    }
    Found found = run(forbidden, TFloat32.class, true);
    agree(forbidden, run(forbidden, TFloat64.class, true), 1e-9);
    for (int b = 0; b < 2; b++) {
      for (int t = 1; t < 4; t++) {
        assertThat(found.best()[b * 4 + t]).isEqualTo((found.best()[b * 4 + t - 1] + 2) % 3);
      }
      assertThat(found.loss()[b]).isBetween(0.0, 20.0);
    }
    found.gradients().forEach(g -> assertThat(Arrays.stream(g)).allMatch(Double::isFinite));
  }

  @Test
  void longRowsLoseNoPrecision() {
    Case random = Case.of(2000, 5, 2000, 1500);
    for (int i = 0; i < random.x().length; i++) {
      random.x()[i] += 7 + (i % 5 == random.labels()[i / 5] ? 12 : 0);
    }
    Found exact = run(random, TFloat64.class, true);
    Found found = run(random, TFloat32.class, true);
    assertThat(exact.score()[0]).isGreaterThan(3e4);
    close("loss", found.loss(), exact.loss(), 1e-4 * exact.loss()[0]);
    close("x", found.gradients().get(0), exact.gradients().get(0), 1e-5);
    close("marginals", found.marginals(), exact.marginals(), 1e-5);
    assertThat(found.best()).isEqualTo(exact.best());
  }

  @Test
  void labelsThatAreNoneAreRefused() {
    for (int label : new int[] {3, -1}) {
      int[] labels = SMALL.labels().clone();
      labels[1] = label;
      assertThatThrownBy(() -> run(SMALL.with(labels), TFloat64.class, true))
          .hasMessageContaining("Chain: labels must be in 0..2 at valid steps, got")
          .hasMessageContaining("[" + labels[0] + " " + label);
    }
  }

  @Test
  void theLayerHandsScoresOnWithItsWeightsBesideThem() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 3);
      Operand<TFloat64> x = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, -1, 4)));
      Signal scores = new Crf(4).apply(weights.in("crf"), Signal.of(x));
      assertThat(scores.value()).isSameAs(x);
      assertThat(weights.trainable().keySet())
          .containsExactly("crf/transitions", "crf/start", "crf/end");
      Chain chain = Chain.of(tf, scores);
      assertThat(chain.transitions()).isSameAs(weights.operand("crf/transitions"));
      assertThat(chain.best().labels().shape().numDimensions()).isEqualTo(2);
    }
  }

  @Test
  void learnsWhatFollowsWhat() {
    try (Fed fed = new Fed(TFloat32.class)) {
      Ops tf = fed.tf;
      Weights weights = Weights.variables(tf, 3);
      Operand<TNumber> x = fed.numbers(Fed.spread(2 * 6 * 2, 0.5, 0.1), 2, 6, 2);
      Operand<TInt32> labels = fed.ints(new int[] {0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0}, 2, 6);
      Chain chain = Chain.of(tf, new Crf(2).apply(weights.in("crf"), Signal.of(x)));
      Operand<TNumber> loss = chain.negativeLogLikelihood(labels);
      List<Operand<TNumber>> trained = List.copyOf(weights.trainable().values());
      List<Operand<?>> gradients = fed.gradients(loss, trained);
      List<Operand<?>> fetched = new ArrayList<>(List.of(loss));
      for (int k = 0; k < trained.size(); k++) {
        fetched.add(
            tf.train.applyGradientDescent(
                trained.get(k),
                Fed.number(tf.dtypes.cast(tf.constant(0.2), TFloat32.class)),
                Fed.number(gradients.get(k))));
      }
      fetched.add(chain.best().labels());
      List<List<double[]>> runs = fed.runs(fetched, 40);
      assertThat(Arrays.stream(runs.get(39).get(0)).sum())
          .isLessThan(Arrays.stream(runs.get(0).get(0)).sum() / 4);
      double[] best = runs.get(39).get(4);
      for (int i = 0; i < best.length; i++) {
        assertThat(i % 6 == 0 || best[i] == 1 - best[i - 1]).isTrue();
      }
    }
  }

  @Test
  void mistakes() {
    says("Crf: labels must be at least 1, got 0", () -> new Crf(0));
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> square = tf.zeros(tf.array(3, 3), TFloat32.class);
      Operand<TFloat32> three = tf.zeros(tf.array(3), TFloat32.class);
      Operand<TFloat32> two = tf.zeros(tf.array(2), TFloat32.class);
      Operand<TFloat64> doubles = tf.zeros(tf.array(3), TFloat64.class);
      Signal x = Signal.of(tf.zeros(tf.array(2, 4, 3), TFloat32.class));
      Signal narrow = Signal.of(tf.zeros(tf.array(2, 4, 2), TFloat32.class));
      Weights weights = Weights.variables(tf, 1);
      says(
          "Crf: input must be [?, ?, 3], got [2, 4, 2]",
          () -> new Crf(3).apply(weights.in("crf"), narrow));
      says(
          "Signal: beside it must stand one of []; give it with signal.beside(name, …), got"
              + " transitions",
          () -> Chain.of(tf, x));
      says(
          "Chain: transitions must be a square matrix of a known size, got [3]",
          () -> new Chain(tf, x, three, three, three));
      says("Chain: start must be [3], got [2]", () -> new Chain(tf, x, square, two, three));
      says(
          "Chain: end must be TFloat32 as transitions are, got TFloat64",
          () -> new Chain(tf, x, square, three, doubles));
      says(
          "Chain: scores must be [?, ?, 3], got [2, 4, 2]",
          () -> new Chain(tf, narrow, square, three, three));
    }
  }

  private static void says(
      String sentence, org.assertj.core.api.ThrowableAssert.ThrowingCallable mistake) {
    assertThatThrownBy(mistake).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }
}
