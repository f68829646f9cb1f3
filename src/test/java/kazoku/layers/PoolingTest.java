package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import kazoku.Signal;
import kazoku.Weights;
import kazoku.layers.Pooling.Kind;
import kazoku.layers.Trial.Given;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A row is made of the valid steps of a sequence. */
class PoolingTest {
  private static final Given STEPS =
      Given.waves(4, 3, 2).lengths(3, 2, 0, 3).mask(0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
  private static final int[][] VALID = {{1, 2}, {0, 1}, {}, {0}};

  @ParameterizedTest
  @EnumSource(Kind.class)
  void isMadeOfTheValidSteps(Kind kind) {
    double[] expected = new double[8];
    for (int row = 0; row < 4; row++) {
      for (int i = 0; i < 2; i++) {
        expected[2 * row + i] = pooled(kind, row, i);
      }
    }
    for (Given given : new Given[] {STEPS, STEPS.padding(1e9), STEPS.padding(Double.NaN)}) {
      try (Trial trial = new Trial(new Pooling(kind), given)) {
        Trial.close(trial.output(), expected);
        assertThat(trial.signal().lengths()).isNull();
        assertThat(trial.signal().mask()).isNull();
      }
    }
  }

  private static double pooled(Kind kind, int row, int i) {
    double sum = 0;
    double max = Double.NEGATIVE_INFINITY;
    double first = 0;
    double last = 0;
    for (int t : VALID[row]) {
      last = STEPS.values()[(row * 3 + t) * 2 + i];
      first = t == VALID[row][0] ? last : first;
      sum += last;
      max = Math.max(max, last);
    }
    int count = VALID[row].length;
    return switch (kind) {
      case MAX -> count == 0 ? 0 : max;
      case MEAN -> count == 0 ? 0 : sum / count;
      case SUM -> sum;
      case FIRST -> first;
      case LAST -> last;
    };
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void hasTheGradientOfCentralDifferences(Kind kind) {
    try (Trial trial = new Trial(new Pooling(kind), STEPS)) {
      trial.checkGradients("x");
    }
    try (Trial trial = new Trial(new Pooling(kind), STEPS.padding(Double.NaN))) {
      assertThat(trial.gradients("x").get("x")).doesNotContain(Double.NaN);
    }
  }

  @Test
  void equallyLargeStepsShareTheGradient() {
    Given ties = Given.of(new double[] {3, 1, 3, 3}, 1, 4, 1).lengths(3);
    try (Trial trial = new Trial(Pooling.max(), ties)) {
      Trial.close(trial.gradients("x").get("x"), 0.5, 0, 0.5, 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void withoutLengthsAllStepsCount(Kind kind) {
    Given three = Given.waves(2, 3, 2);
    try (Trial all = new Trial(new Pooling(kind), three);
        Trial said = new Trial(new Pooling(kind), three.lengths(3, 3))) {
      assertThat(all.output()).isEqualTo(said.output());
      all.checkGradients("x");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void takesImagesAndNoStepsAndNoRows(Kind kind) {
    try (Trial images = new Trial(new Pooling(kind), Given.waves(2, 3, 2, 2, 1).lengths(3, 1));
        Trial flat = new Trial(new Pooling(kind), Given.waves(2, 3, 4).lengths(3, 1))) {
      assertThat(images.output()).isEqualTo(flat.output());
      assertThat(images.shape()).isEqualTo(Shape.of(2, 2, 2, 1));
    }
    try (Trial noSteps = new Trial(new Pooling(kind), Given.of(new double[0], 2, 0, 2));
        Trial noRows = new Trial(new Pooling(kind), Given.of(new double[0], 0, 3, 2))) {
      assertThat(noSteps.output()).containsExactly(0, 0, 0, 0);
      assertThat(noSteps.gradients("x").get("x")).isEmpty();
      assertThat(noRows.shape()).isEqualTo(Shape.of(0, 2));
    }
  }

  @Test
  void worksInFloat32AndOnWholeNumbers() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, 1);
      Signal counts = Signal.of(tf.constant(new int[][][] {{{1}, {2}}}));
      assertThat(Pooling.mean().apply(w, counts).value().type()).isEqualTo(TFloat32.class);
    }
  }

  @Test
  void rowsAreRefused() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Signal rows = Signal.of(tf.zeros(tf.array(2, 3), TInt32.class));
      assertThatThrownBy(() -> Pooling.last().apply(Weights.variables(tf, 1), rows))
          .hasMessage("Pooling: input must be a sequence [B, T, …] of 3 axes or more, got [2, 3]");
    }
  }
}
