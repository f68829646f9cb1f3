package kazoku.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Window;
import org.junit.jupiter.api.Test;

/** First values and refused settings of the linear, headed and convolutional cells. */
class LinearCellsTest {

  @Test
  void headsDivideTheState() {
    assertThatThrownBy(() -> new RetNetCell(2, 6, 4, 3))
        .hasMessage("RetNetCell: heads must divide hiddenSize 6, got 4");
    assertThatThrownBy(() -> new RGLRUCell(2, 3))
        .hasMessage("RGLRUCell: inputSize must equal hiddenSize 3, got 2");
  }

  @Test
  void imagesNeedRoom() {
    assertThatThrownBy(
            () ->
                new ConvGRUCell(
                    1,
                    1,
                    List.of(2),
                    List.of(3),
                    1,
                    1,
                    Window.Padding.VALID,
                    true,
                    true,
                    Activation.TANH))
        .hasMessage("ConvGRUCell: each size of the state must be at least 1, got 0");
    assertThatThrownBy(() -> new ConvRNNCell(1, 1, List.of(2), List.of()))
        .hasMessage("ConvRNNCell: kernelShape must have as many sizes as spatialShape [2], got []");
  }

  @Test
  void ringOfLRU() {
    assertThatThrownBy(() -> new LRUCell(2, 3, 0.9, 0.8, 1))
        .hasMessage("LRUCell: rMax must be more than rMin 0.9 and at most 1, got 0.8");
    Map<String, double[]> first = SettingsTest.first(new LRUCell(2, 50, 0.5, 0.9, 1));
    for (int k = 0; k < 50; k++) {
      double length = Math.exp(-Math.exp(first.get("nu")[k]));
      assertThat(length).isBetween(0.5, 0.9);
      assertThat(first.get("gamma")[k])
          .isCloseTo(0.5 * Math.log(1 - length * length), within(1e-12));
      assertThat(Math.exp(first.get("theta")[k])).isBetween(0.0, 1.0);
    }
  }

  @Test
  void decaysOfRGLRU() {
    for (double lambda : SettingsTest.first(new RGLRUCell(50, 50)).get("Lambda")) {
      assertThat(Math.exp(-Math.log1p(Math.exp(lambda)))).isBetween(0.9, 0.9991);
    }
  }

  @Test
  void forgetBiasesOfXLSTM() {
    SLSTMCell cell = new SLSTMCell(2, 6, 2, SLSTMCell.ForgetGate.SIGMOID, 1, true, Activation.TANH);
    double middle = 5 - 12 * Math.pow(0.5, 1.6);
    double[] b = SettingsTest.first(cell).get("b");
    assertThat(Arrays.copyOfRange(b, 6, 12)).containsExactly(5, middle, -7, 5, middle, -7);
    assertThat(Arrays.stream(b).filter(v -> v != 0).count()).isEqualTo(6);
    MLSTMCell matrix = new MLSTMCell(2, 6, 3, MLSTMCell.GateInput.X, false, false);
    assertThat(SettingsTest.first(matrix).get("b_f")).containsExactly(3, 4.5, 6);
  }

  @Test
  void decaysOfRWKV() {
    double[] w = SettingsTest.first(new RWKVCell(3, 5)).get("w");
    double[] timeDecay = SettingsTest.first(new RWKVCell(3, 5, true)).get("time_decay");
    assertThat(timeDecay[0]).isEqualTo(-5);
    assertThat(timeDecay[4]).isEqualTo(3);
    for (int k = 0; k < 5; k++) {
      assertThat(w[k]).isCloseTo(-Math.exp(timeDecay[k]), within(1e-12));
    }
  }

  @Test
  void ratesOfGatedDeltaNet() {
    Map<String, double[]> first = SettingsTest.first(new GatedDeltaNetCell(2, 3));
    assertThat(Math.exp(first.get("A_log")[0])).isBetween(0.0, 16.0);
    assertThat(Math.log1p(Math.exp(first.get("b_a")[0]))).isBetween(0.00099, 0.101);
  }
}
