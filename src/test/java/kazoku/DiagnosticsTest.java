package kazoku;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DiagnosticsTest {

  /** The build runs its tests with oneDNN on. */
  @Test
  void saysWhetherOneDnnIsOn() {
    assertThat(System.getenv("TF_ENABLE_ONEDNN_OPTS")).isEqualTo("1");
    assertThat(Diagnostics.oneDnn()).isEqualTo(Diagnostics.OneDnn.ON);
    assertThat(Diagnostics.report()).contains("oneDNN      on").contains("TensorFlow  2.");
  }
}
