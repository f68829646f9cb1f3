package kazoku.wrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Requests;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.BatchNormLSTMCell;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.NTMCell;
import kazoku.cells.NestedLSTMCell;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat64;

/** What golden numbers do not see of stacks, of ways past a cell, of projections and of noise. */
class StacksAndNoiseTest {
  private static final Cell LSTM = new LSTMCell(3, 4);
  private static final Cell SQUARE = new GRUCell(4, 4);

  @Test
  void settings() {
    Trial.says("StackedCell: there must be at least one cell, got []", () -> new StackedCell());
    Trial.says(
        "StackedCell: each of the cells must be given, got null",
        () -> new StackedCell(LSTM, null));
    Trial.says(
        "StackedCell: the input of cell 1 must be the output of the one below, [4], got [3]",
        () -> new StackedCell(LSTM, LSTM));
    Trial.says(
        "StackedCell: keepProb must be in (0, 1], got 0.0",
        () -> new StackedCell(List.of(LSTM, SQUARE), 0));
    Trial.says(
        "SkipStackedCell: the input of cell 1 must be x and the output of the one below, [7],"
            + " got [4]",
        () -> new SkipStackedCell(LSTM, SQUARE));
    Trial.says(
        "SkipStackedCell: the output of cell 0 must differ from the input [4, 5, 2] in its last"
            + " axis only, got [2]",
        () -> new SkipStackedCell(new OneNumber(Trial.IMAGES)));
    Trial.says(
        "ResidualWrapper: the cell's output must have the shape of its input, [3]; bring the input"
            + " to it by an InputProjectionWrapper, got [4]",
        () -> new ResidualWrapper(LSTM));
    Trial.says(
        "ResidualWrapper: residualFunction must be given, got null",
        () -> new ResidualWrapper(SQUARE, null));
    Trial.says(
        "InputProjectionWrapper: the cell's input must have an axis, got []",
        () -> new InputProjectionWrapper(new EmbeddingWrapper(LSTM, 5, true), 2));
    Trial.says(
        "OutputProjectionWrapper: outputSize must be at least 1, got 0",
        () -> new OutputProjectionWrapper(LSTM, 0));
    Trial.says(
        "DropoutWrapper: stateKeepProb must be in (0, 1], got 1.5",
        () -> new DropoutWrapper(LSTM, 1, 1.5, 1));
    Trial.says(
        "DropoutWrapper: stateFilter must name slots of the cell, [c, h], got m",
        () -> new DropoutWrapper(LSTM, 1, 0.5, 1, List.of("m"), false, false));
    Trial.says(
        "DropoutWrapper: sharedMask needs variationalRecurrent, got false",
        () -> new DropoutWrapper(LSTM, 1, 0.5, 1, List.of("h"), false, true));
    Trial.says(
        "ZoneoutWrapper: zoneout of h must be in [0, 1), got 1.0",
        () -> new ZoneoutWrapper(LSTM, Map.of("h", 1.0)));
    Trial.says(
        "ZoneoutWrapper: zoneout must name slots of the cell, [c, h], got m",
        () -> new ZoneoutWrapper(LSTM, Map.of("m", 0.5)));
  }

  /** A cell that shows one number of what another one shows. */
  private record OneNumber(Cell cell) implements Cell {
    @Override
    public Shape input() {
      return cell.input();
    }

    @Override
    public List<Slot> state() {
      return cell.state();
    }

    @Override
    public Step step(Weights w, Expr x, State s) {
      Step inner = cell.step(w, x, s);
      int size = (int) inner.output().shape().size();
      return new Step(inner.output().reshape(size).split(-1, 2, size - 2).get(0), inner.next());
    }
  }

  @Test
  void memoriesAndCountersAreLeftAlone() {
    assertThat(dropped(LSTM)).containsExactly("h");
    assertThat(dropped(new NestedLSTMCell(3, 4))).containsExactly("h");
    assertThat(dropped(new BatchNormLSTMCell(3, 4))).containsExactly("h");
    assertThat(dropped(new StackedCell(LSTM, SQUARE))).containsExactly("0/h", "1/h");
    Cell machine = new NTMCell(3, 4, 5, 2, 1, 1);
    assertThat(dropped(machine)).containsExactly("controller/h", "r", "w", "M");
    assertThat(new ZoneoutWrapper(machine, 0.5).zoneout().keySet())
        .containsExactly("controller/c", "controller/h", "r", "w", "M");
  }

  private static List<String> dropped(Cell cell) {
    return new DropoutWrapper(cell, 1, 0.5, 1).stateFilter();
  }

  @Test
  void noiseOfEachLevelIsDrawnOnItsOwn() {
    Cell zoneout =
        new ZoneoutWrapper(new ZoneoutWrapper(LSTM, Map.of("h", 0.5)), Map.of("cell/h", 0.25));
    assertThat(probabilities(zoneout)).isEqualTo(Map.of("cell.h", 0.25, "cell/h", 0.5));
    Cell weights = new WeightDropWrapper(new WeightDropWrapper(LSTM, 0.5), 0.75);
    assertThat(probabilities(weights)).isEqualTo(Map.of("cell.U", 0.75, "cell/U", 0.5));
  }

  private static Map<String, Double> probabilities(Cell cell) {
    Map<String, Double> all = new LinkedHashMap<>();
    for (Map.Entry<String, Requests.Random> e : Trace.of(cell).requests().random().entrySet()) {
      all.put(e.getKey(), e.getValue().keep());
    }
    return all;
  }

  @Test
  void firstValues() {
    Map<String, double[]> highway = Trial.first(new HighwayWrapper(SQUARE, false));
    assertThat(highway.get("b_c")).containsOnly(1);
    assertThat(highway.get("b_t")).containsOnly(-1);
    assertThat(highway.get("W_c")).doesNotContain(0);
    assertThat(Trial.first(new OutputProjectionWrapper(LSTM, 2)).get("b")).containsOnly(0);
    assertThat(Trial.first(new InputProjectionWrapper(LSTM, 2)).get("b")).containsOnly(0);
  }

  @Test
  void imagesAreProjectedByTheirChannels() {
    Cell images = new ConvLSTMCell(3, 3, List.of(4, 5), List.of(3, 3));
    Map<String, double[]> projected = Trial.first(new InputProjectionWrapper(images, 2));
    assertThat(projected.get("P")).hasSize(2 * 3);
    assertThat(Trial.first(new HighwayWrapper(images)).get("W_c")).hasSize(3 * 3);
    Cell skips = new SkipStackedCell(images, new ConvLSTMCell(6, 2, List.of(4, 5), List.of(3, 3)));
    assertThat(Trace.of(skips).outputShape()).isEqualTo(Shape.of(4, 5, 5));
  }

  @Test
  void aPlaceInAStackHasWeightsOfItsOwn() {
    Map<String, double[]> first = Trial.first(new StackedCell(SQUARE, SQUARE));
    assertThat(first.get("0/U")).isNotEqualTo(first.get("1/U"));
  }

  @Test
  void aSharedMaskIsTheSameForAllRowsAndSteps() {
    Cell cell = new DropoutWrapper(LSTM, 1, 1, 0.5, List.of(), true, true);
    double[] kept = dropped(cell, 6);
    for (int i = 0; i < kept.length; i++) {
      assertThat(kept[i]).isEqualTo(kept[i % 4]);
    }
  }

  @Test
  void aVariationalMaskIsTheSameForAllSteps() {
    double[] kept = dropped(new DropoutWrapper(LSTM, 1, 1, 0.5).variational(), 6);
    int row = 6 * 4;
    for (int i = 0; i < kept.length; i++) {
      assertThat(kept[i]).isEqualTo(kept[i / row * row + i % 4]);
    }
  }

  @Test
  void aMaskKeepsItsShareAndTheMean() {
    double[] kept = dropped(new DropoutWrapper(LSTM, 1, 1, 0.25), 500);
    assertThat(Arrays.stream(kept).distinct().sorted()).hasSize(2);
    assertThat(Arrays.stream(kept).average().orElseThrow()).isCloseTo(1, Offset.offset(0.1));
  }

  /** What drop-out of the output has multiplied it with. */
  private static double[] dropped(Cell cell, int steps) {
    try (Trial trial = new Trial()) {
      Signal x = Signal.of(trial.random(steps, cell.input()));
      Operand<?> trained = trial.run(cell, x).outputs();
      Operand<?> evaluated = trial.evaluated(cell, x).outputs();
      List<double[]> values = trial.values(List.of(trained, evaluated));
      double[] ratio = values.get(0);
      Arrays.setAll(ratio, i -> Math.rint(1e6 * ratio[i] / values.get(1)[i]) / 1e6);
      return ratio;
    }
  }

  @Test
  void zoneoutKeepsOldValuesInTrainingAndTheirMeanInEvaluation() {
    Cell cell = new ZoneoutWrapper(LSTM, Map.of("h", 0.5));
    try (Trial trial = new Trial()) {
      Operand<TFloat64> x = trial.random(1, cell.input());
      Operand<?> trained = trial.run(cell, Signal.of(x)).outputs();
      Operand<?> evaluated = trial.evaluated(cell, Signal.of(x)).outputs();
      List<double[]> values = trial.values(List.of(trained, evaluated));
      for (int i = 0; i < values.get(0).length; i++) {
        double whole = 2 * values.get(1)[i];
        assertThat(Math.min(Math.abs(values.get(0)[i]), Math.abs(values.get(0)[i] - whole)))
            .isLessThan(1e-12);
      }
      assertThat(values.get(0)).contains(0);
    }
  }
}
