package kazoku.wrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.ESNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.SRUCell;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat64;

/** Wrappers that change what a cell's weights, its first state or its input are. */
class WeightsAndStartsTest {
  private static final Offset<Double> NEAR = Offset.offset(1e-12);
  private static final Cell LSTM = new LSTMCell(3, 4);

  @TestFactory
  Stream<DynamicTest> weightDropAroundEveryCell() {
    return Trial.around(
        Stream.concat(
            Trial.everyKind().stream()
                .map(c -> new WeightDropWrapper(c, "(.*/)?[WUPK](_.*)?", 0.5, true)),
            Stream.of(
                new WeightDropWrapper(LSTM, 0.5),
                new WeightDropWrapper(Trial.IMAGES, "K_h", 0.5, false),
                new WeightDropWrapper(new BayesByBackpropWrapper(LSTM), "cell/.*/mu", 0.5, false),
                new WeightDropWrapper(
                    new FastSlowCell(List.of(LSTM, new LSTMCell(5, 4)), new GRUCell(4, 5)), 0.5))));
  }

  @TestFactory
  Stream<DynamicTest> bayesAroundEveryCell() {
    return Trial.around(
        Stream.concat(
            Trial.everyKind().stream()
                .map(c -> new BayesByBackpropWrapper(c, BayesByBackpropWrapper.Prior.MIXTURE, 0.1)),
            Stream.of(
                new BayesByBackpropWrapper(new TrainableInitialState(LSTM)),
                new BayesByBackpropWrapper(new WeightDropWrapper(LSTM, 0.5)))));
  }

  @TestFactory
  Stream<DynamicTest> trainableStartAroundEveryCell() {
    return Trial.around(
        Stream.concat(
            Trial.everyKind().stream().map(TrainableInitialState::new),
            Stream.of(new TrainableInitialState(new SkipUpdateWrapper(LSTM)))));
  }

  @TestFactory
  Stream<DynamicTest> resetAroundEveryCell() {
    return Trial.around(
        Stream.concat(
            Trial.everyKind().stream().map(ResetWrapper::new),
            Stream.of(
                new ResetWrapper(new TrainableInitialState(Trial.IMAGES)),
                new ResetWrapper(new BayesByBackpropWrapper(new TrainableInitialState(LSTM))))));
  }

  @Test
  void settings() {
    Trial.says(
        "WeightDropWrapper: keepProb must be in (0, 1], got 1.5",
        () -> new WeightDropWrapper(LSTM, 1.5));
    Trial.says(
        "WeightDropWrapper: pattern must match one of the cell's weights, [b, W], got"
            + " (.*/)?U(_.*)?",
        () -> new WeightDropWrapper(new SRUCell(3, 4), 0.5));
    Trial.says(
        "WeightDropWrapper: pattern must be a regular expression, got U(",
        () -> new WeightDropWrapper(LSTM, "U(", 0.5, false));
    Trial.says(
        "BayesByBackpropWrapper: priorMix must be in (0, 1), got 1.0",
        () -> bayes(BayesByBackpropWrapper.Prior.MIXTURE, 1, 1, List.of(1.0, 1.0)));
    Trial.says(
        "BayesByBackpropWrapper: priorStdDev must be more than 0, got 0.0",
        () -> bayes(BayesByBackpropWrapper.Prior.GAUSSIAN, 0, 0.5, List.of(1.0, 1.0)));
    Trial.says(
        "BayesByBackpropWrapper: there must be two priorStdDevs, got [1.0]",
        () -> bayes(BayesByBackpropWrapper.Prior.MIXTURE, 1, 0.5, List.of(1.0)));
    Trial.says(
        "EmbeddingWrapper: the cell's input must be a vector, got [4, 5, 2]",
        () -> new EmbeddingWrapper(Trial.IMAGES, 7));
    Trial.says(
        "EmbeddingWrapper: vocabularySize must be at least 1, got 0",
        () -> new EmbeddingWrapper(LSTM, 0));
    Trial.says("ResetWrapper: cell must be given, got null", () -> new ResetWrapper(null));
    Trial.says(
        "TrainableInitialState: cell must be given, got null",
        () -> new TrainableInitialState(null));
  }

  private static Cell bayes(
      BayesByBackpropWrapper.Prior prior, double deviation, double mix, List<Double> deviations) {
    return new BayesByBackpropWrapper(LSTM, prior, deviation, mix, deviations, 0.1, 1);
  }

  @Test
  void firstValues() {
    Map<String, double[]> bayes = Trial.first(new BayesByBackpropWrapper(LSTM));
    assertThat(bayes.keySet())
        .containsExactlyInAnyOrder(
            "cell/W/mu", "cell/W/rho", "cell/U/mu", "cell/U/rho", "cell/b/mu", "cell/b/rho");
    assertThat(bayes.get("cell/b/mu"))
        .containsExactly(0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    for (double rho : bayes.get("cell/U/rho")) {
      assertThat(Math.log1p(Math.exp(rho))).isBetween(0.05, 0.1);
    }
    double[] E = Trial.first(new EmbeddingWrapper(new GRUCell(40, 1), 50)).get("E");
    assertThat(Arrays.stream(E).map(e -> e * e).average().orElseThrow()).isBetween(0.9, 1.1);
    assertThat(Arrays.stream(E).map(Math::abs).max().orElseThrow()).isLessThan(Math.sqrt(3));
    Map<String, double[]> start =
        Trial.first(new TrainableInitialState(new SkipUpdateWrapper(LSTM)));
    assertThat(start.keySet())
        .contains("initial/cell/c", "initial/cell/h", "initial/p", "initial/q");
    assertThat(start.get("initial/p")).containsExactly(0);
  }

  @Test
  void weightsAreDroppedByEntryOrByColumn() {
    assertThat(dropped(new WeightDropWrapper(LSTM, 0.5))).isEqualTo(Map.of("U", Shape.of(4, 16)));
    assertThat(dropped(new WeightDropWrapper(LSTM, ".*", 0.5, true)))
        .isEqualTo(Map.of("W", Shape.of(1, 16), "U", Shape.of(1, 16), "b", Shape.of(16)));
    assertThat(dropped(new WeightDropWrapper(LSTM, 1))).isEmpty();
    assertThat(
            Trace.of(new WeightDropWrapper(LSTM, 0.5), Weights.symbolic().forEvaluation())
                .requests()
                .random())
        .isEmpty();
  }

  private static Map<String, Shape> dropped(Cell cell) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    Trace.of(cell).requests().random().forEach((name, r) -> shapes.put(name, r.leaf().shape()));
    return shapes;
  }

  @Test
  void aDroppedMatrixIsScaledOrGone() {
    Cell cell = new WeightDropWrapper(LSTM, 0.25);
    Map<String, double[]> values = Trial.first(cell);
    for (double kept : new double[] {0, 1}) {
      double[] mask = new double[64];
      Arrays.fill(mask, kept);
      values.put("U", mask);
      Map<String, double[]> plain = Trial.inside(values);
      plain.put("U", Arrays.stream(plain.get("U")).map(u -> u * kept * 4).toArray());
      try (Trial one = new Trial(values, cell, Map.of("U", Shape.of(4, 16)));
          Trial other = new Trial(plain, LSTM)) {
        assertThat(one.value(one.run(cell, one.input(LSTM, 3)).outputs()))
            .containsExactly(other.value(other.run(LSTM, other.input(LSTM, 3)).outputs()), NEAR);
      }
    }
  }

  @Test
  void inEvaluationWeightsAreTheirMeans() {
    Cell cell = new BayesByBackpropWrapper(LSTM, BayesByBackpropWrapper.Prior.GAUSSIAN, 1);
    Map<String, double[]> values = Trial.first(cell);
    Map<String, double[]> plain = new LinkedHashMap<>();
    Trial.inside(values).forEach((name, v) -> plain.put(name.replace("/mu", ""), v));
    try (Trial one = new Trial(values, cell);
        Trial other = new Trial(plain, LSTM)) {
      double[] y = one.value(one.evaluated(cell, one.input(LSTM, 3)).outputs());
      assertThat(y)
          .containsExactly(
              other.value(other.evaluated(LSTM, other.input(LSTM, 3)).outputs()), NEAR);
      assertThat(one.weights.penalties()).isEmpty();
    }
  }

  @Test
  void weightsAtTheirPriorCostNothing() {
    double half = Math.log(Math.expm1(0.5));
    for (BayesByBackpropWrapper.Prior prior :
        List.of(BayesByBackpropWrapper.Prior.GAUSSIAN, BayesByBackpropWrapper.Prior.MIXTURE)) {
      Cell cell =
          new BayesByBackpropWrapper(
              new TrainableInitialState(LSTM), prior, 0.5, 0.3, List.of(0.5, 0.5), 0.1, 3);
      Map<String, double[]> values = Trial.first(cell);
      values.replaceAll((name, v) -> filled(v.length, name.endsWith("/rho") ? half : 0));
      Map<String, double[]> moved = new LinkedHashMap<>(values);
      double[] start = filled(4, 0);
      start[2] = 1;
      moved.put("cell/initial/c/mu", start);
      try (Trial one = new Trial(values, cell);
          Trial other = new Trial(moved, cell)) {
        assertThat(kl(one, cell)).isCloseTo(0, NEAR);
        if (prior == BayesByBackpropWrapper.Prior.GAUSSIAN) {
          assertThat(kl(other, cell)).isCloseTo(3 * 1 / (2 * 0.25), NEAR);
        }
      }
    }
  }

  private static double kl(Trial trial, Cell cell) {
    trial.run(cell, trial.input(cell, 1));
    assertThat(trial.weights.penalties()).containsOnlyKeys("cell/kl");
    return trial.value(trial.weights.penalties().get("cell/kl"))[0];
  }

  private static double[] filled(int size, double value) {
    double[] all = new double[size];
    Arrays.fill(all, value);
    return all;
  }

  @Test
  void whatIsNotTrainedHasNoDistribution() {
    assertThat(Trial.first(new BayesByBackpropWrapper(new ESNCell(3, 4))).keySet())
        .isEqualTo(
            Trial.first(new TrainableInitialState(new ESNCell(3, 4))).keySet().stream()
                .filter(n -> !n.startsWith("initial/"))
                .collect(java.util.stream.Collectors.toSet()));
  }

  @Test
  void aGivenStateTakesThePlaceOfTheTrainedOne() {
    Cell cell = new TrainableInitialState(LSTM);
    Map<String, double[]> values = Trial.first(cell);
    values.put("initial/c", new double[] {1, 2, 3, 4});
    values.put("initial/h", new double[] {5, 6, 7, 8});
    try (Trial trial = new Trial(values, cell)) {
      // no step at all, so that the first state is the last
      Operand<TFloat64> none = trial.tf.zeros(trial.tf.array(2, 0, 3), TFloat64.class);
      Operand<TFloat64> zeros = trial.tf.zeros(trial.tf.array(2, 4), TFloat64.class);
      RNN rnn = new RNN(cell);
      RecurrentLayer.Result own = rnn.run(trial.weights, Signal.of(none));
      RecurrentLayer.Result given =
          rnn.run(trial.weights, Signal.of(none), Map.of("cell/c", zeros));
      assertThat(trial.value(own.finalState().get("cell/c")))
          .containsExactly(1, 2, 3, 4, 1, 2, 3, 4);
      assertThat(trial.value(given.finalState().get("cell/c"))).containsOnly(0);
      assertThat(trial.value(given.finalState().get("cell/h")))
          .containsExactly(5, 6, 7, 8, 5, 6, 7, 8);
    }
  }

  @Test
  void resetBeginsAnew() {
    for (Cell inner :
        List.of(
            LSTM,
            new TrainableInitialState(LSTM),
            new SkipUpdateWrapper(LSTM),
            new AttentionCellWrapper(LSTM, 2))) {
      Cell cell = new ResetWrapper(inner);
      Map<String, double[]> values = Trial.first(cell);
      values.computeIfPresent("cell/initial/c", (n, v) -> new double[] {1, 2, 3, 4});
      try (Trial trial = new Trial(values, cell)) {
        Operand<TFloat64> x = trial.random(5, cell.input());
        Operand<TFloat64> reset =
            trial.tf.constant(
                new double[][][] {{{0}, {0}, {1}, {0}, {0}}, {{0}, {0}, {0}, {0}, {0}}});
        Operand<TFloat64> rest = trial.cut(x, 2, 5);
        Operand<TFloat64> never = trial.tf.zeros(trial.tf.array(2, 3, 1), TFloat64.class);
        List<double[]> y =
            trial.values(
                List.of(
                    trial.cut(trial.run(cell, Signal.of(x).beside("reset", reset)).outputs(), 2, 5),
                    trial.run(cell, Signal.of(rest).beside("reset", never)).outputs()));
        int half = y.get(0).length / 2;
        assertThat(Arrays.copyOf(y.get(0), half))
            .containsExactly(Arrays.copyOf(y.get(1), half), NEAR);
        assertThat(Arrays.copyOfRange(y.get(0), half, 2 * half))
            .isNotEqualTo(Arrays.copyOfRange(y.get(1), half, 2 * half));
      }
    }
  }

  @Test
  void tokensMayBeWholeNumbersOfAnyType() {
    Cell cell = new EmbeddingWrapper(LSTM, 7);
    Cell flat = new EmbeddingWrapper(LSTM, 7, true);
    try (Trial trial = new Trial()) {
      int[][] tokens = {{0, 6, 3}, {5, 5, 1}};
      Signal whole =
          Signal.of(trial.tf.expandDims(trial.tf.constant(tokens), trial.tf.constant(-1)));
      Signal numbers = Signal.of(trial.tf.constant(new double[][] {{0, 6, 3}, {5, 5, 1}}));
      List<double[]> y =
          trial.values(
              List.of(trial.run(cell, whole).outputs(), trial.run(flat, numbers).outputs()));
      assertThat(y.get(0)).containsExactly(y.get(1));
    }
  }

  @Test
  void aTokenIsARowOfTheTable() {
    Cell cell = new EmbeddingWrapper(LSTM, 2);
    Trace trace = Trace.of(cell);
    Expr E = trace.weights().asked().get("E");
    assertThat(E.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(cell.input()).isEqualTo(Shape.of(1));
    assertThat(new EmbeddingWrapper(LSTM, 2, true).input()).isEqualTo(Shape.scalar());
  }
}
