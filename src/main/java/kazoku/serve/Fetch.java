package kazoku.serve;

import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.train.Inputs;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.buffer.DataBuffers;
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
   * Copies an output.
   *
   * @param tensor {@code [B, O]} or {@code [B, T, …]}
   * @param lengths {@code [B]}; null if all steps are valid
   */
  Outputs.Values read(Tensor tensor, int[] lengths) {
    int rows = (int) tensor.shape().get(0);
    int steps = perStep() ? (int) tensor.shape().get(1) : 1;
    int count = count(tensor);
    int size = count == 0 ? 0 : count / rows / steps;
    int[] valid = lengths == null ? IntStream.range(0, rows).map(row -> steps).toArray() : lengths;
    if (tensor instanceof TInt32 tokens) {
      int[] numbers = new int[count];
      tokens.copyTo(DataBuffers.of(numbers, false, false));
      return new Outputs.Values(perStep(), steps, size, numbers, valid);
    }
    float[] numbers = new float[count];
    tensor.asRawTensor().data().asFloats().read(numbers);
    return new Outputs.Values(perStep(), steps, size, numbers, valid);
  }

  private int count(Tensor tensor) {
    long count = tensor.shape().size();
    if (count > Integer.MAX_VALUE) {
      String rule =
          "the output " + name + " must be no more than 2^31 - 1 numbers; ask for fewer rows";
      throw Checks.refusal("Predictor", rule, count);
    }
    return (int) count;
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
