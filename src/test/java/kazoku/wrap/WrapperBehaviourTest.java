package kazoku.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.cells.BatchNormLSTMCell;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.NTMCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.cells.ProjectedLSTMCell;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat64;

/** What golden numbers do not see of the wrappers that change a step from within. */
class WrapperBehaviourTest {
  private static final Offset<Double> NEAR = Offset.offset(1e-12);

  @TestFactory
  Stream<DynamicTest> multiplicativeAroundEveryCell() {
    List<Cell> cells = new ArrayList<>(Trial.everyKind());
    cells.removeIf(c -> c instanceof ProjectedLSTMCell || c instanceof NTMCell);
    return Stream.concat(
        Trial.around(cells.stream().map(MultiplicativeWrapper::new)),
        Trial.around(
            Stream.of(
                new MultiplicativeWrapper(new ProjectedLSTMCell(3, 5, 2), "m"),
                new MultiplicativeWrapper(new SkipUpdateWrapper(new LSTMCell(3, 4))))));
  }

  @TestFactory
  Stream<DynamicTest> skipUpdateAroundEveryCell() {
    return Stream.concat(
        Trial.around(Trial.everyKind().stream().map(SkipUpdateWrapper::new)),
        Trial.around(
            Stream.of(
                new SkipUpdateWrapper(new AttentionCellWrapper(new LSTMCell(3, 4), 2)),
                new SkipUpdateWrapper(new SkipUpdateWrapper(new NTMCell(3, 4, 5, 2, 1, 1))))));
  }

  @TestFactory
  Stream<DynamicTest> attentionAroundEveryCell() {
    List<Cell> cells = new ArrayList<>(Trial.everyKind());
    cells.remove(Trial.IMAGES);
    return Trial.around(cells.stream().map(c -> new AttentionCellWrapper(c, 2)));
  }

  @TestFactory
  Stream<DynamicTest> fastAndSlowOfEveryKind() {
    return Trial.around(
        Stream.of(
            new FastSlowCell(
                List.of(new LSTMCell(3, 4), new LSTMCell(5, 4), new LSTMCell(1, 4)),
                new GRUCell(4, 5),
                0.5),
            new FastSlowCell(
                List.of(
                    new PhasedLSTMCell(3, 4), new PhasedLSTMCell(2, 4), new PhasedLSTMCell(1, 4)),
                new ProjectedLSTMCell(4, 5, 2)),
            new FastSlowCell(
                List.of(
                    new BatchNormLSTMCell(3, 4),
                    new BatchNormLSTMCell(4, 4),
                    new BatchNormLSTMCell(1, 4)),
                new BatchNormLSTMCell(4, 4)),
            new FastSlowCell(
                List.of(
                    Trial.IMAGES,
                    new ConvLSTMCell(1, 3, List.of(4, 5), List.of(3, 3)),
                    new ConvLSTMCell(1, 3, List.of(4, 5), List.of(3, 3))),
                new ConvLSTMCell(3, 1, List.of(4, 5), List.of(3, 3)),
                0.5)));
  }

  @Test
  void settings() {
    Trial.says(
        "MultiplicativeWrapper: cell must be given, got null",
        () -> new MultiplicativeWrapper(null));
    Trial.says(
        "MultiplicativeWrapper: slot must be one of [c, h], got z",
        () -> new MultiplicativeWrapper(new LSTMCell(3, 4), "z"));
    Trial.says(
        "MultiplicativeWrapper: the slot that is h must be named, where the cell has not just one"
            + " called so, got [c, m]",
        () -> new MultiplicativeWrapper(new ProjectedLSTMCell(3, 5, 2)));
    Trial.says(
        "SkipUpdateWrapper: read must be one of the slots [c, h], got z",
        () -> new SkipUpdateWrapper(new LSTMCell(3, 4), "z", 1));
    Trial.says(
        "AttentionCellWrapper: the cell's input must be a vector, got [4, 5, 2]",
        () -> new AttentionCellWrapper(Trial.IMAGES, 2, 4, 4));
    Trial.says(
        "AttentionCellWrapper: attnLength must be at least 1, got 0",
        () -> new AttentionCellWrapper(new LSTMCell(3, 4), 0));
    Trial.says(
        "FastSlowCell: there must be at least two fast cells, got 1",
        () -> new FastSlowCell(List.of(new LSTMCell(3, 4)), new LSTMCell(4, 5)));
    Trial.says(
        "FastSlowCell: keepProb must be in (0, 1], got 0.0",
        () -> new FastSlowCell(fast(), new LSTMCell(4, 5), 0));
    Trial.says(
        "FastSlowCell: the slow cell's input must be the first fast cell's output [4], got [3]",
        () -> new FastSlowCell(fast(), new LSTMCell(3, 5)));
    Trial.says(
        "FastSlowCell: the second fast cell's input must be the slow cell's output [6], got [5]",
        () -> new FastSlowCell(fast(), new LSTMCell(4, 6)));
    assertThatThrownBy(
            () ->
                new FastSlowCell(
                    List.of(new LSTMCell(3, 4), new GRUCell(5, 4)), new LSTMCell(4, 5)))
        .hasMessageStartingWith("FastSlowCell: all fast cells must have the state of the first,");
  }

  private static List<Cell> fast() {
    return List.of(new LSTMCell(3, 4), new LSTMCell(5, 4));
  }

  @Test
  void firstValues() {
    Map<String, double[]> skip = Trial.first(new SkipUpdateWrapper(new LSTMCell(3, 4)));
    assertThat(skip.get("b")).containsExactly(1);
    within(skip.get("w"), Math.sqrt(6.0 / 5));
    Map<String, double[]> attention = Trial.first(new AttentionCellWrapper(new LSTMCell(3, 4), 2));
    assertThat(attention.get("b_in")).containsOnly(0);
    within(attention.get("v"), Math.sqrt(3.0 / 4));
    within(
        Trial.first(new MultiplicativeWrapper(new LSTMCell(3, 4))).get("U_m"), Math.sqrt(6.0 / 8));
  }

  private static void within(double[] values, double limit) {
    for (double value : values) {
      assertThat(Math.abs(value)).isPositive().isLessThanOrEqualTo(limit);
    }
  }

  @Test
  void multiplicationByOneLeavesTheCell() {
    Cell cell = new LSTMCell(2, 3);
    Cell wrapped = new MultiplicativeWrapper(cell);
    Map<String, double[]> values = new LinkedHashMap<>(Trial.first(wrapped));
    values.put("W_m", new double[] {0.5, 0.5, 0.5, 0.5, 0.5, 0.5});
    values.put("U_m", new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1});
    Map<String, double[]> plain = Trial.inside(values);
    double[] ones = new double[16];
    Arrays.fill(ones, 1);
    try (Trial one = new Trial(values, wrapped);
        Trial other = new Trial(plain, cell)) {
      Shape shape = Shape.of(2, 4, 2);
      double[] y = one.value(one.run(wrapped, Signal.of(one.constant(ones, shape))).outputs());
      assertThat(y)
          .containsExactly(
              other.value(other.run(cell, Signal.of(other.constant(ones, shape))).outputs()), NEAR);
    }
  }

  @Test
  void neverUpdatingAfterTheFirstStepCopiesIt() {
    for (Cell cell : Trial.everyKind()) {
      Cell never = new SkipUpdateWrapper(cell, new SkipUpdateWrapper(cell).read(), -1e3);
      try (Trial trial = new Trial()) {
        double[] y = trial.value(trial.run(never, trial.input(never, 4)).outputs());
        int size = y.length / (2 * 4);
        for (int i = 0; i < y.length; i++) {
          assertThat(y[i]).as(cell.toString()).isEqualTo(y[i / (4 * size) * 4 * size + i % size]);
        }
      }
    }
  }

  @Test
  void alwaysUpdatingIsTheCell() {
    for (Cell cell : List.of(new LSTMCell(3, 4), new NTMCell(3, 4, 5, 2, 1, 1))) {
      Cell always = new SkipUpdateWrapper(cell, new SkipUpdateWrapper(cell).read(), 1e3);
      Map<String, double[]> values = Trial.first(always);
      Map<String, double[]> plain = Trial.inside(values);
      try (Trial one = new Trial(values, always);
          Trial other = new Trial(plain, cell)) {
        double[] y = one.value(one.run(always, one.input(cell, 4)).outputs());
        assertThat(y)
            .containsExactly(other.value(other.run(cell, other.input(cell, 4)).outputs()), NEAR);
      }
    }
  }

  @Test
  void anEmptyWindowGivesNoAttentionAndThenTheLastOutputs() {
    Cell cell = new AttentionCellWrapper(new GRUCell(3, 4), 3, 2, 5);
    try (Trial trial = new Trial()) {
      Operand<TFloat64> x = trial.random(2, cell.input());
      RecurrentLayer.Result one = trial.run(cell, Signal.of(trial.cut(x, 0, 1)));
      RecurrentLayer.Result both = trial.run(cell, Signal.of(x));
      assertThat(trial.value(one.finalState().get("a"))).containsOnly(0);
      List<double[]> values = trial.values(List.of(both.outputs(), both.finalState().get("M")));
      double[] y = values.get(0);
      double[] M = values.get(1);
      assertThat(M).containsExactly(0, 0, y[0], y[1], y[2], y[3], 0, 0, y[4], y[5], y[6], y[7]);
    }
  }
}
