package kazoku.serve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kazoku.train.Inputs;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TInt32;

/**
 * Where one output is fetched.
 *
 * @param name its name in the signature
 * @param spec what is fetched
 * @param value where its values are
 * @param lengths where its lengths are; null if they are those of the first input
 */
record Fetch(String name, TensorSpec spec, Output<?> value, Output<?> lengths) {

  /** Whether rows can be read from an output: others, such as text, are left alone. */
  static boolean reads(TensorDescription output) {
    int axes = output.shape.isUnknown() ? 0 : output.shape.numDimensions();
    return output.dataType == DataType.DT_FLOAT && axes > 0
        || output.dataType == DataType.DT_INT32 && (axes == 1 || axes == 2);
  }

  static Fetch of(String name, TensorDescription output, Output<?> value, Output<?> lengths) {
    Inputs.Kind kind = Inputs.Kind.TOKENS;
    if (output.dataType == DataType.DT_FLOAT) {
      kind = output.shape.numDimensions() > 2 ? Inputs.Kind.VECTORS : Inputs.Kind.ROWS;
    }
    return new Fetch(name, new TensorSpec(kind, output.shape), value, lengths);
  }

  void fetch(Session.Runner runner) {
    runner.fetch(value);
    if (lengths != null) {
      runner.fetch(lengths);
    }
  }

  boolean perStep() {
    return spec.perStep();
  }

  /**
   * Cuts an output into rows.
   *
   * @param tensor {@code [B, O]} or {@code [B, T, …]}
   * @param lengths {@code [B]}; null if all steps are valid
   */
  Outputs.Values read(Tensor tensor, int[] lengths) {
    Shape shape = tensor.shape();
    int rows = (int) shape.get(0);
    int steps = perStep() ? (int) shape.get(1) : 1;
    List<Object> cut = new ArrayList<>(rows);
    if (tensor instanceof TInt32 tokens) {
      int[] flat = new int[(int) tokens.size()];
      tokens.copyTo(DataBuffers.of(flat, false, false));
      for (int row = 0; row < rows; row++) {
        int from = row * steps;
        cut.add(Arrays.copyOfRange(flat, from, from + valid(lengths, row, steps)));
      }
    } else {
      FloatDataBuffer numbers = tensor.asRawTensor().data().asFloats();
      float[] flat = new float[rows == 0 ? 0 : (int) (numbers.size() / rows)];
      int size = steps == 0 ? 0 : flat.length / steps;
      for (int row = 0; row < rows; row++) {
        float[][] values = new float[valid(lengths, row, steps)][];
        numbers.offset((long) row * flat.length).read(flat, 0, values.length * size);
        for (int t = 0; t < values.length; t++) {
          values[t] = Arrays.copyOfRange(flat, t * size, (t + 1) * size);
        }
        cut.add(values);
      }
    }
    return new Outputs.Values(perStep(), cut);
  }

  private static int valid(int[] lengths, int row, int steps) {
    return lengths == null ? steps : lengths[row];
  }

  /** Whether callers of the one can read the other. */
  boolean givesWhat(Fetch other) {
    return name.equals(other.name)
        && spec.kind() == other.spec.kind()
        && spec.shape().numDimensions() == other.spec.shape().numDimensions();
  }

  @Override
  public String toString() {
    return name + " " + spec;
  }
}
