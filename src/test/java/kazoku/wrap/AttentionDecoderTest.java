package kazoku.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.NTMCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.cells.ProjectedLSTMCell;
import kazoku.wrap.AttentionDecoderWrapper.Alignment;
import kazoku.wrap.AttentionDecoderWrapper.Attention;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat64;

/** Attention over a memory, what golden numbers do not see: padding, monotonic alignments. */
class AttentionDecoderTest {
  private static final Offset<Double> NEAR = Offset.offset(1e-12);
  private static final Cell GRU = new GRUCell(5, 4);

  private static AttentionDecoderWrapper decoder(
      Attention attention, int memoryTime, Alignment alignment, double noise, double bias) {
    return new AttentionDecoderWrapper(
        GRU, attention, 4, memoryTime, 2, 0, alignment, noise, bias, false, false, true);
  }

  @TestFactory
  Stream<DynamicTest> aroundEveryCell() {
    List<Cell> cells =
        List.of(
            new LSTMCell(5, 4),
            GRU,
            new ProjectedLSTMCell(5, 6, 3),
            new PhasedLSTMCell(5, 4),
            new NTMCell(5, 4, 5, 2, 1, 1),
            new TrainableInitialState(new LSTMCell(5, 4)),
            new SkipUpdateWrapper(new LSTMCell(5, 4)));
    List<Cell> decoders = new ArrayList<>();
    for (Attention attention : Attention.values()) {
      cells.forEach(c -> decoders.add(new AttentionDecoderWrapper(c, attention, 6, 2)));
      decoders.add(new AttentionDecoderWrapper(GRU, attention, 6, 2, 3));
      for (Alignment alignment : Alignment.values()) {
        if (alignment != Alignment.SOFTMAX) {
          decoders.add(decoder(attention, 6, alignment, 1, -1));
          decoders.add(decoder(attention, 1, alignment, 0, 0));
        }
      }
    }
    AttentionDecoderWrapper monotonic = decoder(Attention.LUONG, 6, Alignment.MONOTONIC, 0, 0);
    decoders.add(new ResetWrapper(monotonic));
    decoders.add(new TrainableInitialState(monotonic));
    decoders.add(new SkipUpdateWrapper(monotonic));
    decoders.add(new BayesByBackpropWrapper(monotonic, BayesByBackpropWrapper.Prior.GAUSSIAN, 1));
    return Trial.around(decoders.stream());
  }

  @Test
  void settings() {
    Trial.says(
        "AttentionDecoderWrapper: the cell's input must be wider than the attention that is fed"
            + " back, [5], got [5]",
        () -> new AttentionDecoderWrapper(GRU, Attention.LUONG, 6, 5));
    Trial.says(
        "AttentionDecoderWrapper: attentionUnits must be the width of the cell's output, 4, for"
            + " LUONG, got 3",
        () -> with(Attention.LUONG, 3, Alignment.SOFTMAX, 0, false, false));
    Trial.says(
        "AttentionDecoderWrapper: scale needs attention LUONG, got BAHDANAU",
        () -> with(Attention.BAHDANAU, 3, Alignment.SOFTMAX, 0, true, false));
    Trial.says(
        "AttentionDecoderWrapper: normalize needs attention BAHDANAU, got LUONG",
        () -> with(Attention.LUONG, 4, Alignment.SOFTMAX, 0, false, true));
    Trial.says(
        "AttentionDecoderWrapper: sigmoidNoise and scoreBias need a monotonic alignment, got"
            + " SOFTMAX",
        () -> with(Attention.LUONG, 4, Alignment.SOFTMAX, 1, false, false));
    Trial.says(
        "AttentionDecoderWrapper: the cell's input must be a vector, got [4, 5, 2]",
        () ->
            new AttentionDecoderWrapper(
                Trial.IMAGES,
                Attention.LUONG,
                4,
                3,
                2,
                0,
                Alignment.SOFTMAX,
                0,
                0,
                false,
                false,
                true));
  }

  private static Cell with(
      Attention attention,
      int units,
      Alignment alignment,
      double noise,
      boolean scale,
      boolean normalize) {
    return new AttentionDecoderWrapper(
        GRU, attention, units, 6, 2, 0, alignment, noise, 0, scale, normalize, true);
  }

  @Test
  void firstValues() {
    Map<String, double[]> luong =
        Trial.first(with(Attention.LUONG, 4, Alignment.MONOTONIC, 0, true, false));
    assertThat(luong.get("g")).containsExactly(1);
    assertThat(luong.get("r")).containsExactly(0);
    assertThat(luong).doesNotContainKeys("P", "Q", "v");
    Map<String, double[]> bahdanau =
        Trial.first(with(Attention.BAHDANAU, 16, Alignment.SOFTMAX, 0, false, true));
    assertThat(bahdanau.get("g")).containsExactly(0.25);
    assertThat(bahdanau.get("b")).containsOnly(0);
    assertThat(bahdanau).doesNotContainKey("r");
    assertThat(
            Trial.first(decoder(Attention.BAHDANAU, 3, Alignment.MONOTONIC_HARD, 0, -4)).get("r"))
        .containsExactly(-4);
  }

  @Test
  void alignmentsSumToOneOverWhatIsValid() {
    Cell cell = new AttentionDecoderWrapper(GRU, Attention.LUONG, 5, 2);
    try (Trial trial = new Trial()) {
      Operand<TFloat64> memory = trial.random(4, Shape.of(2));
      double[] w =
          trial.value(
              trial
                  .run(
                      cell,
                      beside(trial, cell, new Signal(memory, trial.tf.constant(new int[] {3, 0}))))
                  .finalState()
                  .get("w"));
      assertThat(w[0] + w[1] + w[2]).isCloseTo(1, NEAR);
      assertThat(Arrays.copyOfRange(w, 3, 10)).containsOnly(0);
    }
  }

  @Test
  void aRowWithoutMemoryHasNoContext() {
    Cell cell = new AttentionDecoderWrapper(GRU, Attention.BAHDANAU, 5, 2);
    try (Trial trial = new Trial()) {
      Signal none = new Signal(trial.random(5, Shape.of(2)), trial.tf.constant(new int[] {0, 0}));
      assertThat(trial.value(trial.run(cell, beside(trial, cell, none)).outputs())).containsOnly(0);
    }
  }

  @Test
  void paddingOfTheMemoryChangesNothing() {
    for (Alignment alignment : Alignment.values()) {
      Cell cell = decoder(Attention.BAHDANAU, 5, alignment, 0, 0);
      try (Trial trial = new Trial()) {
        Operand<TFloat64> memory = trial.random(5, Shape.of(2));
        Operand<TFloat64> x = trial.random(4, cell.input());
        Signal padded = new Signal(memory, trial.tf.constant(new int[] {3, 3}));
        Signal cut = Signal.of(trial.cut(memory, 0, 3));
        List<double[]> y =
            trial.values(
                List.of(
                    trial.run(cell, Signal.of(x).beside("memory", padded)).outputs(),
                    trial.run(cell, Signal.of(x).beside("memory", cut)).outputs()));
        assertThat(y.get(0)).containsExactly(y.get(1));
      }
    }
  }

  @Test
  void aMemoryThatIsTooLongIsRefused() {
    Cell cell = new AttentionDecoderWrapper(GRU, Attention.LUONG, 3, 2);
    try (Trial trial = new Trial()) {
      Signal x = beside(trial, cell, Signal.of(trial.random(4, Shape.of(2))));
      assertThatThrownBy(() -> trial.run(cell, x))
          .hasMessage(
              "RNN(AttentionDecoderWrapper): memory must have at most 3 steps, as the cell is made"
                  + " for, got 4");
    }
  }

  private static Signal beside(Trial trial, Cell cell, Signal memory) {
    return Signal.of(trial.random(3, cell.input())).beside("memory", memory);
  }

  /** The first row's alignments after each of some steps. */
  private static List<double[]> alignments(Cell cell, int steps, boolean training) {
    try (Trial trial = new Trial()) {
      int size = (int) cell.state().get(cell.state().size() - 1).shape().get(0);
      Operand<TFloat64> x = trial.random(steps, cell.input());
      Signal memory = Signal.of(trial.random(size, Shape.of(2)));
      List<Operand<?>> w = new ArrayList<>();
      for (int t = 1; t <= steps; t++) {
        Signal start = Signal.of(trial.cut(x, 0, t)).beside("memory", memory);
        w.add(
            (training ? trial.run(cell, start) : trial.evaluated(cell, start))
                .finalState()
                .get("w"));
      }
      return trial.values(w).stream().map(v -> Arrays.copyOf(v, size)).toList();
    }
  }

  @Test
  void monotonicAttentionMovesForwardOnly() {
    for (Alignment alignment : List.of(Alignment.MONOTONIC, Alignment.MONOTONIC_HARD)) {
      for (Attention attention : Attention.values()) {
        double[] before = {1, 0, 0, 0, 0, 0};
        for (double[] w : alignments(decoder(attention, 6, alignment, 0, 0.1), 6, true)) {
          double past = 0;
          double pastBefore = 0;
          for (int t = 0; t < 6; t++) {
            past += w[t];
            pastBefore += before[t];
            assertThat(w[t]).isBetween(0.0, 1.0);
            assertThat(past).isLessThanOrEqualTo(pastBefore + 1e-12);
          }
          before = w;
        }
      }
    }
  }

  @Test
  void hardAlignmentsLookAtOneStep() {
    for (double[] w :
        alignments(decoder(Attention.LUONG, 6, Alignment.MONOTONIC_HARD, 0, 0.1), 6, true)) {
      double sum = Arrays.stream(w).sum();
      assertThat(w).containsOnly(sum == 0 ? new double[] {0} : new double[] {0, 1});
      assertThat(sum).isIn(0.0, 1.0);
    }
    // scores that are never positive stop nowhere, those that always are stay
    assertThat(alignments(decoder(Attention.LUONG, 6, Alignment.MONOTONIC_HARD, 0, -1e3), 3, true))
        .allSatisfy(w -> assertThat(w).containsOnly(0));
    assertThat(alignments(decoder(Attention.LUONG, 6, Alignment.MONOTONIC_HARD, 0, 1e3), 3, true))
        .allSatisfy(w -> assertThat(w).containsExactly(1, 0, 0, 0, 0, 0));
  }

  @Test
  void monotonicAlignmentsAreTheExpectationOfTheWalk() {
    AttentionDecoderWrapper cell = decoder(Attention.LUONG, 6, Alignment.MONOTONIC, 0, -0.7);
    Map<String, double[]> values = Trial.first(cell);
    Arrays.fill(values.get("K_m"), 0);
    try (Trial trial = new Trial(values, cell)) {
      Signal memory = Signal.of(trial.random(6, Shape.of(2)));
      Signal x = Signal.of(trial.random(4, cell.input())).beside("memory", memory);
      double[] w = trial.value(trial.run(cell, x).finalState().get("w"));
      double p = 1 / (1 + Math.exp(0.7));
      double[] expected = {1, 0, 0, 0, 0, 0};
      for (int step = 0; step < 4; step++) {
        double arrives = 0;
        for (int t = 0; t < 6; t++) {
          arrives = (t == 0 ? 0 : (1 - p) * arrives) + expected[t];
          expected[t] = p * arrives;
        }
      }
      assertThat(Arrays.copyOf(w, 6)).containsExactly(expected, NEAR);
    }
  }

  @Test
  void noiseAndSoftnessAreForTraining() {
    Cell cell = decoder(Attention.LUONG, 6, Alignment.MONOTONIC_HARD_IN_EVALUATION, 1, 0.1);
    assertThat(Trace.of(cell).requests().random()).containsOnlyKeys("noise");
    assertThat(Trace.of(cell, Weights.symbolic().forEvaluation()).requests().random()).isEmpty();
    Cell hard = decoder(Attention.LUONG, 6, Alignment.MONOTONIC_HARD, 0, 0.1);
    List<double[]> evaluated = alignments(cell, 3, false);
    List<double[]> expected = alignments(hard, 3, false);
    for (int t = 0; t < 3; t++) {
      assertThat(evaluated.get(t)).containsExactly(expected.get(t));
    }
    assertThat(alignments(cell, 1, true).get(0)[0]).isNotIn(0.0, 1.0);
  }
}
