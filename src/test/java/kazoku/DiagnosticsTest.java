package kazoku;

import static org.assertj.core.api.Assertions.assertThat;

import kazoku.internal.Natives;
import org.junit.jupiter.api.Test;

class DiagnosticsTest {

  /** The build runs its tests with oneDNN on. */
  @Test
  void saysWhetherOneDnnIsOn() {
    assertThat(System.getenv("TF_ENABLE_ONEDNN_OPTS")).isEqualTo("1");
    assertThat(Diagnostics.oneDnn()).isEqualTo(Diagnostics.OneDnn.ON);
    assertThat(Diagnostics.report()).contains("oneDNN      on").contains("TensorFlow  2.");
  }

  @Test
  void reportsWhatThereIs() {
    assertThat(Diagnostics.report().lines().map(line -> line.split(" ")[0]))
        .containsExactly(
            "Kazoku",
            "TensorFlow",
            "native",
            "devices",
            "Java",
            "platform",
            "processors",
            "threads",
            "oneDNN",
            "memory",
            "loops");
    assertThat(Diagnostics.report())
        .contains("tensorflow-core-api 1.", ", for CPU", "devices     CPU:0")
        .contains(System.getProperty("java.version"), "MB")
        .doesNotContain("unknown", "null");
  }

  /** What a library for GPUs is asked. */
  @Test
  void aSessionKnowsItsDevices() {
    assertThat(Natives.devices()).first().isEqualTo("CPU:0");
  }
}
