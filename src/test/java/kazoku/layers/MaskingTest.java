package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import kazoku.Sequential;
import kazoku.layers.Trial.Given;
import org.junit.jupiter.api.Test;

/** Steps that are padded with a value are passed over. */
class MaskingTest {
  private static final Given STEPS =
      Given.of(new double[] {1, -1, -1, -1, 2, 3, -1, -1, -1, 4, 5, 6}, 2, 3, 2);

  @Test
  void stepsOfTheValueAreNotValid() {
    try (Trial trial = new Trial(new Masking(-1), STEPS)) {
      Trial.close(trial.output(), 1, -1, 0, 0, 2, 3, 0, 0, -1, 4, 5, 6);
      assertThat(trial.valid()).containsExactly(1, 0, 1, 0, 1, 1);
      double[] gradient = trial.gradients("x").get("x");
      for (int i = 0; i < gradient.length; i++) {
        // A step that is not valid becomes so when it is changed; where it is, it does not matter.
        boolean valid = trial.valid()[i / 2] == 1;
        assertThat(gradient[i]).isEqualTo(valid ? Math.cos(1.3 * i) : 0);
      }
    }
  }

  @Test
  void theMaskThatIsThereAndLengthsHoldAsWell() {
    try (Trial trial = new Trial(new Masking(-1), STEPS.lengths(3, 2).mask(0, 1, 1, 1, 1, 1))) {
      assertThat(trial.valid()).containsExactly(0, 0, 1, 0, 1, 0);
    }
  }

  @Test
  void layersAfterItPassThemOver() {
    try (Trial trial = new Trial(new Sequential(new Masking(-1), Pooling.mean()), STEPS)) {
      Trial.close(trial.output(), 1.5, 1, 2, 5);
    }
  }

  @Test
  void itNeedsSteps() {
    assertThatThrownBy(() -> new Trial(new Masking(), Given.waves(2, 3)))
        .hasMessage("Masking: input must be a sequence [B, T, …] of 3 axes or more, got [2, 3]");
    assertThatThrownBy(() -> new Masking(Double.NaN))
        .hasMessage("Masking: value must be a finite number, got NaN");
  }
}
