package kazoku.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.Signal;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** CTC against all paths, one by one. */
class CtcTest {
  private static final int FILLER = -9;

  /** Scores, and labels for them. */
  private record Case(int[] lengths, int steps, int outputs, double[] x, int[][] labels) {

    static Case of(int steps, int outputs, int[] lengths, int[]... labels) {
      double[] x = Fed.spread(lengths.length * steps * outputs, 2, 0.4);
      return new Case(lengths, steps, outputs, x, labels);
    }

    int rows() {
      return lengths.length;
    }

    int mostLabels() {
      return Arrays.stream(labels).mapToInt(y -> y.length).max().orElse(0);
    }

    int[] counts() {
      return Arrays.stream(labels).mapToInt(y -> y.length).toArray();
    }

    /** Labels side by side, with something behind them. */
    int[] dense() {
      int width = mostLabels();
      int[] dense = new int[rows() * width];
      Arrays.fill(dense, FILLER);
      for (int b = 0; b < rows(); b++) {
        System.arraycopy(labels[b], 0, dense, b * width, labels[b].length);
      }
      return dense;
    }

    double probability(int row, int[] path) {
      double product = 1;
      for (int t = 0; t < path.length; t++) {
        int from = (row * steps + t) * outputs;
        double sum = 0;
        for (int k = 0; k < outputs; k++) {
          sum += Math.exp(x[from + k]);
        }
        product *= Math.exp(x[from + path[t]]) / sum;
      }
      return product;
    }

    static List<Integer> labelsOf(int[] path, int blank) {
      List<Integer> labels = new ArrayList<>();
      for (int t = 0; t < path.length; t++) {
        if (path[t] != blank && (t == 0 || path[t] != path[t - 1])) {
          labels.add(path[t]);
        }
      }
      return labels;
    }

    /** All labels that a row may have, and their probability. */
    Map<List<Integer>, Double> probabilities(int row, int blank) {
      Map<List<Integer>, Double> all = new LinkedHashMap<>();
      for (int[] path : Fed.sequences(lengths[row], outputs)) {
        all.merge(labelsOf(path, blank), probability(row, path), Double::sum);
      }
      return all;
    }

    double[] negativeLogLikelihood(int blank) {
      return IntStream.range(0, rows())
          .mapToDouble(
              b -> {
                List<Integer> given = Arrays.stream(labels[b]).boxed().toList();
                return -Math.log(probabilities(b, blank).getOrDefault(given, 0.0));
              })
          .toArray();
    }

    double weighted(int blank) {
      double[] each = negativeLogLikelihood(blank);
      return IntStream.range(0, each.length)
          .filter(b -> Double.isFinite(each[b]))
          .mapToDouble(b -> (b + 1) * each[b])
          .sum();
    }

    Case padded(int more, double filler) {
      int longer = steps + more;
      double[] wide = new double[rows() * longer * outputs];
      Arrays.fill(wide, filler);
      for (int b = 0; b < rows(); b++) {
        System.arraycopy(x, b * steps * outputs, wide, b * longer * outputs, lengths[b] * outputs);
      }
      return new Case(lengths, longer, outputs, wide, labels);
    }
  }

  private record Found(double[] loss, double[] gradient) {}

  private static Found run(Ctc ctc, Case c, Class<? extends TNumber> type) {
    try (Fed fed = new Fed(type)) {
      Operand<TNumber> x = fed.numbers(c.x(), c.rows(), c.steps(), c.outputs());
      Operand<TInt32> labels = fed.ints(c.dense(), c.rows(), c.mostLabels());
      Operand<TInt32> counts = fed.ints(c.counts(), c.rows());
      Signal scores = new Signal(x, fed.ints(c.lengths(), c.rows()));
      Operand<TNumber> loss = ctc.negativeLogLikelihood(fed.tf, scores, labels, counts);
      List<Operand<?>> fetched = new ArrayList<>(List.of(loss));
      fetched.addAll(fed.gradients(loss, List.of(x)));
      List<double[]> all = fed.run(fetched);
      return new Found(all.get(0), all.get(1));
    }
  }

  /** TensorFlow's loss adds logarithms in float32, also where numbers are float64. */
  private static final double TIGHT = 1e-7;

  private static void agree(Case c, int blank, Found found, double tolerance) {
    assertThat(found.loss()).containsExactly(c.negativeLogLikelihood(blank), within(tolerance));
    assertThat(found.gradient())
        .containsExactly(Fed.differences(c.x(), () -> c.weighted(blank)), within(10 * tolerance));
  }

  private static int[] row(int... labels) {
    return labels;
  }

  /** Labels of all lengths from none to as many as fit, once with equal neighbours; C = 3. */
  private static Case small(int a, int b) {
    return Case.of(
        4,
        3,
        new int[] {4, 4, 4, 1, 0, 3, 4, 1, 3},
        row(a),
        row(a, b),
        row(a, b, a, b),
        row(b),
        row(),
        row(b, b),
        row(),
        row(),
        row(b, a));
  }

  @Test
  void agreesWithAllPathsOneByOne() {
    Case c = small(0, 1);
    agree(c, 2, run(new Ctc(), c, TFloat64.class), TIGHT);
    agree(c, 2, run(new Ctc(), c, TFloat32.class), 1e-5);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, -3})
  void theBlankMayBeAnywhere(int blank) {
    Case c = small((blank + 4) % 3, (blank + 5) % 3);
    agree(c, (blank + 3) % 3, run(new Ctc(blank, Ctc.Misfit.REFUSE), c, TFloat64.class), TIGHT);
  }

  @Test
  void paddingChangesNothing() {
    Case c = small(0, 1);
    Found plain = run(new Ctc(), c, TFloat64.class);
    for (double filler : new double[] {1e3, Double.NaN, Double.NEGATIVE_INFINITY}) {
      Found found = run(new Ctc(), c.padded(2, filler), TFloat64.class);
      assertThat(found.loss()).isEqualTo(plain.loss());
      assertThat(Arrays.stream(found.gradient())).allMatch(Double::isFinite);
    }
  }

  @Test
  void stepsThatAMaskLeavesOutAreAsIfTheyWereNotThere() {
    Case c = small(0, 1);
    Found plain = run(new Ctc(), c, TFloat64.class);
    Labels greedy = decode(new Ctc(), c, TFloat64.class, 0);
    try (Fed fed = new Fed(TFloat64.class)) {
      int steps = 2 * c.steps() + 1;
      double[] wide = Fed.apart(c.x(), c.rows(), c.steps(), c.outputs(), 5);
      Operand<TNumber> x = fed.numbers(wide, c.rows(), steps, c.outputs());
      Signal scores = Signal.of(x).masked(fed.oddSteps(c.lengths(), c.steps()));
      Operand<TInt32> labels = fed.ints(c.dense(), c.rows(), c.mostLabels());
      Operand<TNumber> loss =
          new Ctc().negativeLogLikelihood(fed.tf, scores, labels, fed.ints(c.counts(), c.rows()));
      Decoded decoded = new Ctc().greedy(fed.tf, scores);
      List<Operand<?>> fetched =
          new ArrayList<>(List.of(loss, decoded.labels(), decoded.lengths(), decoded.score()));
      fetched.addAll(fed.gradients(loss, List.of(x)));
      List<double[]> found = fed.run(fetched);
      assertThat(found.get(0)).isEqualTo(plain.loss());
      for (int b = 0; b < c.rows(); b++) {
        assertThat(Arrays.copyOfRange(found.get(1), b * steps, b * steps + c.steps()))
            .isEqualTo(Arrays.copyOfRange(greedy.labels(), b * c.steps(), (b + 1) * c.steps()));
      }
      assertThat(found.get(2)).isEqualTo(greedy.lengths());
      assertThat(found.get(3)).isEqualTo(greedy.score());
      assertThat(found.get(4))
          .isEqualTo(Fed.apart(plain.gradient(), c.rows(), c.steps(), c.outputs(), 0));
    }
  }

  @Test
  void rowsWithoutLengthsAreWhole() {
    Case c = Case.of(3, 3, new int[] {3, 3}, row(0, 1), row(1, 1));
    try (Fed fed = new Fed(TFloat64.class)) {
      Operand<TNumber> loss =
          new Ctc()
              .negativeLogLikelihood(
                  fed.tf, Signal.of(fed.numbers(c.x(), 2, 3, 3)), fed.ints(c.dense(), 2, 2), null);
      assertThat(fed.run(List.of(loss)).get(0))
          .containsExactly(c.negativeLogLikelihood(2), within(TIGHT));
    }
  }

  @Test
  void labelsThatDoNotFitAreRefused() {
    for (int[] labels : new int[][] {{0, 1, 0, 1}, {0, 0, 1}, {1, 1}}) {
      Case c = Case.of(3, 3, new int[] {3, labels.length < 3 ? 2 : 3}, row(1), labels);
      assertThatThrownBy(() -> run(new Ctc(), c, TFloat32.class))
          .hasMessageContaining("rows must have a step for each label and one between equal")
          .hasMessageContaining("Ctc.Misfit.SKIP");
    }
  }

  @Test
  void labelsThatDoNotFitAreLeftOut() {
    Case c =
        Case.of(
            3,
            3,
            new int[] {3, 3, 3, 0, 1},
            row(0, 1, 0, 1),
            row(1, 0),
            row(0, 0, 1),
            row(1),
            row(0));
    for (Class<? extends TNumber> type : List.of(TFloat32.class, TFloat64.class)) {
      Found found = run(new Ctc(-1, Ctc.Misfit.SKIP), c, type);
      double[] expected = c.negativeLogLikelihood(2);
      for (int b : new int[] {0, 2, 3}) {
        assertThat(expected[b]).isInfinite();
        expected[b] = 0;
      }
      assertThat(found.loss()).containsExactly(expected, within(1e-6));
      assertThat(found.gradient())
          .containsExactly(Fed.differences(c.x(), () -> c.weighted(2)), within(1e-5));
    }
  }

  @Test
  void labelsThatAreNoneAreRefused() {
    for (int label : new int[] {3, -1, 2}) {
      Case c = Case.of(3, 3, new int[] {3, 3}, row(1), row(0, label));
      assertThatThrownBy(() -> run(new Ctc(), c, TFloat32.class))
          .hasMessageContaining("Ctc: labels must be in 0..2 and not 2, the blank, got");
    }
  }

  @Test
  void noStepsAndNoRows() {
    Case noSteps = Case.of(0, 3, new int[] {0, 0}, row(), row());
    assertThat(run(new Ctc(), noSteps, TFloat32.class).loss()).containsExactly(0, 0);
    Case noRows = Case.of(3, 3, new int[] {});
    assertThat(run(new Ctc(), noRows, TFloat32.class).loss()).isEmpty();
    for (Case c : List.of(noSteps, noRows)) {
      for (int width : new int[] {0, 4}) {
        Labels found = decode(new Ctc(), c, TFloat32.class, width);
        assertThat(found.labels()).isEmpty();
        assertThat(found.score()).containsExactly(new double[c.rows()], within(0.0));
      }
    }
  }

  /** Long rows of an untrained network, in float32. */
  @Test
  void longRows() {
    int[] labels = IntStream.range(0, 150).map(i -> i * i % 27).toArray();
    Case c = Case.of(600, 28, new int[] {600, 500}, labels, Arrays.copyOf(labels, 80));
    double[] expected = {-forward(c, 0, 27), -forward(c, 1, 27)};
    assertThat(expected[1]).isGreaterThan(500);
    for (Class<? extends TNumber> type : List.of(TFloat32.class, TFloat64.class)) {
      Found found = run(new Ctc(), c, type);
      assertThat(found.loss()).containsExactly(expected, within(expected[0] * 1e-5));
      for (int i : new int[] {0, 1234, 28 * 1000 + 3}) {
        double before = c.x()[i];
        int row = i / (600 * 28);
        c.x()[i] = before + 1e-3;
        double up = forward(c, row, 27);
        c.x()[i] = before - 1e-3;
        double down = forward(c, row, 27);
        c.x()[i] = before;
        assertThat(found.gradient()[i]).isCloseTo((row + 1) * (down - up) / 2e-3, within(1e-3));
      }
    }
  }

  /** {@code ln p} of a row's labels, by the recurrence over the labels with blanks between. */
  private static double forward(Case c, int row, int blank) {
    int[] labels = c.labels()[row];
    int places = 2 * labels.length + 1;
    double[] at = new double[places];
    Arrays.fill(at, Double.NEGATIVE_INFINITY);
    for (int t = 0; t < c.lengths()[row]; t++) {
      double[] next = new double[places];
      for (int s = 0; s < places; s++) {
        int label = s % 2 == 0 ? blank : labels[s / 2];
        boolean skips = s > 1 && label != blank && label != labels[s / 2 - 1];
        double from = t == 0 ? s < 2 ? 0 : Double.NEGATIVE_INFINITY : at[s];
        from = t > 0 && s > 0 ? sum(from, at[s - 1]) : from;
        from = t > 0 && skips ? sum(from, at[s - 2]) : from;
        int first = (row * c.steps() + t) * c.outputs();
        double all = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < c.outputs(); k++) {
          all = sum(all, c.x()[first + k]);
        }
        next[s] = from + c.x()[first + label] - all;
      }
      at = next;
    }
    return places == 1 ? at[0] : sum(at[places - 1], at[places - 2]);
  }

  private static double sum(double a, double b) {
    double larger = Math.max(a, b);
    return larger == Double.NEGATIVE_INFINITY
        ? larger
        : larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
  }

  private record Labels(double[] labels, double[] lengths, double[] score) {}

  /** Greedy for a width of 0. */
  private static Labels decode(Ctc ctc, Case c, Class<? extends TNumber> type, int width) {
    try (Fed fed = new Fed(type)) {
      Signal scores =
          new Signal(
              fed.numbers(c.x(), c.rows(), c.steps(), c.outputs()),
              fed.ints(c.lengths(), c.rows()));
      Decoded found =
          width == 0 ? ctc.greedy(fed.tf, scores) : ctc.beamSearch(fed.tf, scores, width);
      List<double[]> all = fed.run(List.of(found.labels(), found.lengths(), found.score()));
      return new Labels(all.get(0), all.get(1), all.get(2));
    }
  }

  private static void same(Case c, Labels found, int row, List<Integer> labels, double score) {
    double[] dense = new double[c.steps()];
    Arrays.fill(dense, -1);
    for (int k = 0; k < labels.size(); k++) {
      dense[k] = labels.get(k);
    }
    assertThat(Arrays.copyOfRange(found.labels(), row * c.steps(), (row + 1) * c.steps()))
        .containsExactly(dense);
    assertThat(found.lengths()[row]).isEqualTo(labels.size());
    assertThat(found.score()[row]).isCloseTo(score, within(1e-5));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1})
  void greedyTakesTheMostLikelyPath(int blank) {
    Case c = Case.of(5, 3, new int[] {5, 4, 0, 1, 5, 3});
    int index = (blank + 3) % 3;
    for (Class<? extends TNumber> type : List.of(TFloat32.class, TFloat64.class)) {
      Labels found = decode(new Ctc(blank, Ctc.Misfit.REFUSE), c, type, 0);
      for (int b = 0; b < c.rows(); b++) {
        int row = b;
        int[] path =
            Fed.sequences(c.lengths()[b], 3).stream()
                .max(Comparator.comparingDouble(p -> c.probability(row, p)))
                .orElseThrow();
        same(c, found, b, Case.labelsOf(path, index), Math.log(c.probability(b, path)));
      }
    }
  }

  @Test
  void greedyMergesWhatIsRepeatedUnlessABlankIsBetween() {
    double[] x = new double[7 * 3];
    int[] path = {0, 0, 2, 0, 1, 1, 2};
    for (int t = 0; t < 7; t++) {
      x[t * 3 + path[t]] = 9;
    }
    Case c = new Case(new int[] {7}, 7, 3, x, new int[][] {{}});
    assertThat(decode(new Ctc(), c, TFloat32.class, 0).labels())
        .containsExactly(0, 0, 1, -1, -1, -1, -1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1})
  void aWideBeamFindsTheMostLikelyLabels(int blank) {
    Case c = Case.of(4, 3, new int[] {4, 4, 0, 1, 3, 2});
    int index = (blank + 3) % 3;
    for (Class<? extends TNumber> type : List.of(TFloat32.class, TFloat64.class)) {
      Labels found = decode(new Ctc(blank, Ctc.Misfit.REFUSE), c, type, 200);
      for (int b = 0; b < c.rows(); b++) {
        Map.Entry<List<Integer>, Double> best =
            c.probabilities(b, index).entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow();
        same(c, found, b, best.getKey(), Math.log(best.getValue()));
      }
    }
  }

  @Test
  void theMetricIsHowManyLabelsAreWrong() {
    double[] x = new double[4 * 3 * 3];
    int[] paths = {0, 2, 1, 2, 2, 2, 0, 0, 0, 1, 0, 1};
    for (int t = 0; t < paths.length; t++) {
      x[t * 3 + paths[t]] = 9;
    }
    int[][] labels = {{0, 0, 1}, {1, 0}, {}, {1, 0, 1}};
    Case c = new Case(new int[] {3, 3, 3, 3}, 3, 3, x, labels);
    try (Fed fed = new Fed(TFloat32.class)) {
      Signal scores = new Signal(fed.numbers(x, 4, 3, 3), fed.ints(c.lengths(), 4));
      Signal target = new Signal(fed.ints(c.dense(), 4, 3), fed.ints(c.counts(), 4));
      Operand<TFloat32> rate = new Ctc().loss().metric().each(fed.tf, scores, target);
      assertThat(fed.run(List.of(rate)).get(0))
          .containsExactly(new double[] {1 / 3.0, 1, 1, 0}, within(1e-6));
    }
  }

  @Test
  void mistakes() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Signal x = Signal.of(tf.zeros(tf.array(2, 4, 3), TFloat32.class));
      Signal flat = Signal.of(tf.zeros(tf.array(4, 3), TFloat32.class));
      says(
          "Ctc: blank must be one of the 3 scores, got 3",
          () -> new Ctc(3, Ctc.Misfit.SKIP).greedy(tf, x));
      says(
          "Ctc: scores must be [B, T, C] with a known C, got [4, 3]",
          () -> new Ctc().greedy(tf, flat));
      says("Ctc: width must be at least 1, got 0", () -> new Ctc().beamSearch(tf, x, 0));
      says("Ctc: misfit must be given, got null", () -> new Ctc(0, null));
    }
  }

  private static void says(String sentence, ThrowingCallable mistake) {
    assertThatThrownBy(mistake).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }
}
