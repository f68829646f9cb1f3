package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import kazoku.layers.Trial.Given;
import org.junit.jupiter.api.Test;

class NormalizationTest {

  @Test
  void featuresAreBroughtToTheirMeanAndDeviation() {
    float[][][] data = {{{1, 5}, {3, 5}}, {{5, 5}}, {}};
    Normalization layer = Normalization.of(data);
    assertThat(layer.mean()).containsExactly(3.0, 5.0);
    assertThat(layer.scale().get(0)).isCloseTo(Math.sqrt(8 / 3.0), within(1e-12));
    assertThat(layer.scale().get(1)).isEqualTo(1);
  }

  @Test
  void ofStepsAndRows() {
    Normalization layer = new Normalization(List.of(1.0, -2.0), List.of(2.0, 0.5));
    try (Trial trial = new Trial(layer, Given.waves(2, 3, 2))) {
      assertThat(trial.output()).hasSize(12);
      trial.checkGradients("x");
    }
  }

  @Test
  void whatIsNoScaleIsRefused() {
    refuses(() -> new Normalization(List.of(), List.of()), "number of features must be at least 1");
    refuses(() -> new Normalization(List.of(1.0), List.of()), "one number a feature, 1, got 0");
    refuses(() -> new Normalization(List.of(1.0), List.of(0.0)), "scale must be more than 0");
    refuses(() -> Normalization.of(new float[2][0][]), "there must be at least one step");
    refuses(() -> Normalization.of(new float[][][] {{{1}, {1, 2}}}), "must have 1 numbers, got 2");
    refuses(() -> Normalization.of(new float[][][] {{{Float.NaN}}}), "mean must be finite");
  }

  private static void refuses(Runnable what, String why) {
    assertThatThrownBy(what::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
