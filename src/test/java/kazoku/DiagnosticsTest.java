package kazoku;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import kazoku.cells.GRUCell;
import kazoku.internal.natives.Kernels;
import kazoku.internal.natives.Natives;
import kazoku.train.Model;
import org.junit.jupiter.api.Test;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

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

  /** In a process of its own, since JavaCPP reads it once. */
  @Test
  void nativeMemoryIsNotLimitedUnlessSomebodySaysSo() throws Exception {
    assertThat(OwnProcess.run(DiagnosticsTest.class)).last().asString().contains(", not limited;");
    assertThat(OwnProcess.run(DiagnosticsTest.class, "org.bytedeco.javacpp.maxphysicalbytes"))
        .last()
        .asString()
        .contains(", limited by JavaCPP to 8,192 MB;");
    assertThat(OwnProcess.run(DiagnosticsTest.class, "org.bytedeco.javacpp.maxPhysicalBytes"))
        .last()
        .asString()
        .contains(", limited by JavaCPP to 8,192 MB;");
  }

  /** Makes a model and says what memory there is. */
  public static void main(String[] limit) {
    if (limit.length > 0) {
      System.setProperty(limit[0], "8g");
    }
    try (Model model = Model.of(new RNN(new GRUCell(1, 2)), 1)) {
      assertThat(model.weights()).isNotEmpty();
    }
    System.out.println(Natives.memory());
  }

  @Test
  void saysThatThisLibraryHasNoKernelsForGpus() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      tf.linalg.matMul(tf.zeros(tf.array(2, 3), TFloat32.class), tf.constant(new float[3][4]));
      assertThat(Diagnostics.onGpu(graph))
          .isEqualTo(
              "no operation has a GPU kernel in this build: the native library that was loaded is"
                  + " for CPU; one for GPUs must be on the class path in its place");
    }
    assertThatThrownBy(() -> Diagnostics.onGpu(null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Diagnostics: graph must be given, got null");
  }

  /** Types count, functions are looked into, and what is for any device is for each. */
  @Test
  void findsOperationsWithoutAKernel() {
    try (Graph graph = new Graph();
        ConcreteFunction negative = ConcreteFunction.create(DiagnosticsTest::negative)) {
      Ops tf = Ops.create(graph);
      Operand<?> x = tf.withName("x").placeholder(TFloat32.class);
      tf.call(negative, x);
      tf.withName("word").strings.lower(tf.withName("WORD").constant("WORD"));
      tf.withName("whole").math.floor(tf.withName("half").constant(0.5));
      Kernels.Missing onCpu = Kernels.missing(graph.toGraphDef(), "CPU");
      assertThat(onCpu.kinds()).isEmpty();
      assertThat(onCpu.of()).isGreaterThan(6);
      Kernels.Missing elsewhere = Kernels.missing(graph.toGraphDef(), "ELSEWHERE");
      assertThat(elsewhere.of()).isEqualTo(onCpu.of());
      assertThat(elsewhere.kinds()).containsEntry("StringLower", List.of("word"));
      assertThat(elsewhere.kinds()).containsEntry("Floor[T=double]", List.of("whole"));
      assertThat(elsewhere.kinds().get("Neg[T=float]"))
          .singleElement()
          .asString()
          .contains(": negative");
      // For any device: TensorFlow's own library says so.
      assertThat(elsewhere.kinds()).doesNotContainKey("Placeholder[dtype=float]");
    }
  }

  private static Signature negative(Ops tf) {
    Operand<TFloat32> x = tf.placeholder(TFloat32.class);
    Operand<TFloat32> y = tf.withName("negative").math.neg(x);
    return Signature.builder().input("x", x).output("y", y).build();
  }

  /** What a library for GPUs is asked. */
  @Test
  void aSessionKnowsItsDevices() {
    assertThat(Natives.devices()).first().isEqualTo("CPU:0");
  }
}
