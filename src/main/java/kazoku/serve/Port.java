package kazoku.serve;

import java.util.Arrays;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.train.Export;
import kazoku.train.Inputs;
import kazoku.train.Sequences;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.ndarray.buffer.IntDataBuffer;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Where one input is fed.
 *
 * @param who for people
 * @param name its name in the signature
 * @param key the name by which sequences have it
 * @param spec what is fed
 * @param value where its values are fed
 * @param lengths where its lengths are fed; null where nobody looks at them
 */
record Port(
    String who, String name, String key, TensorSpec spec, Output<?> value, Output<?> lengths) {

  static Port of(
      String who,
      String name,
      String key,
      TensorDescription input,
      Output<?> value,
      Output<?> lengths) {
    int axes = input.shape.isUnknown() ? -1 : input.shape.numDimensions();
    Inputs.Kind kind = null;
    if (input.dataType == DataType.DT_FLOAT && axes > 1) {
      kind = axes == 2 ? Inputs.Kind.ROWS : Inputs.Kind.VECTORS;
    } else if (input.dataType == DataType.DT_INT32 && axes == 2) {
      kind = Inputs.Kind.TOKENS;
    }
    Checks.require(
        kind != null,
        who,
        "the signature's input " + name + " must be numbers [B, T, I] or [B, I], or int32 [B, T]",
        input.dataType + " " + Checks.text(input.shape));
    return new Port(who, name, key, new TensorSpec(kind, input.shape), value, lengths);
  }

  /** Whether it is the one that others stand beside. */
  boolean isFirst() {
    return key.equals(Export.INPUT);
  }

  private Inputs.Kind kind() {
    return spec.kind();
  }

  private boolean perStep() {
    return spec.perStep();
  }

  /** How many numbers a step has, or −1. */
  private int size() {
    return spec.size();
  }

  /** How many steps rows must have at most, or −1. */
  private int most() {
    return perStep() ? Math.toIntExact(spec.shape().get(1)) : 1;
  }

  /** How many steps rows are padded to. */
  int steps(Sequences data) {
    return most() >= 0 ? most() : IntStream.range(0, data.size()).map(data::length).max().orElse(0);
  }

  private int length(Sequences data, int row) {
    return perStep() ? data.length(row) : 1;
  }

  /** Whether rows need no padding. */
  boolean isFull(Sequences data) {
    int steps = steps(data);
    return IntStream.range(0, data.size()).allMatch(row -> length(data, row) == steps);
  }

  /** Whether data that fits the one fits the other. */
  boolean takesWhat(Port other) {
    return name.equals(other.name)
        && kind() == other.kind()
        && Arrays.equals(spec.shape().asArray(), other.spec.shape().asArray());
  }

  /** Raises data that does not fit. */
  void check(Sequences data) {
    if (data.kind() != kind()) {
      throw refusal("must be " + kind(), data.kind());
    }
    for (int row = 0; row < data.size(); row++) {
      int length = length(data, row);
      if (most() >= 0 && length > most()) {
        throw refusal("must have at most " + most() + " steps, as the model has", length);
      }
    }
    if (kind() != Inputs.Kind.TOKENS) {
      checkNumbers(data);
    }
  }

  private void checkNumbers(Sequences data) {
    int size = data.stepSize();
    if (size() >= 0 && size >= 0 && size != size()) {
      throw refusal("must have " + size() + (perStep() ? " numbers a step" : " numbers"), size);
    }
    for (int row = 0; row < data.size(); row++) {
      int at = data.notFinite(row);
      if (at >= 0) {
        int t = at / size;
        String where = "row " + row + (perStep() ? " at step " + t : "");
        throw refusal(
            "must have finite numbers only, but " + where + " has another",
            data.step(row, t)[at % size]);
      }
    }
  }

  private IllegalArgumentException refusal(String rule, Object value) {
    return Checks.refusal(who, name + " " + rule, value);
  }

  /**
   * Feeds rows.
   *
   * @param fed keeps what is to be closed after the run
   */
  void feed(Session.Runner runner, Sequences data, Closing fed) {
    runner.feed(value, fed.add(tensor(data)));
    if (lengths != null) {
      runner.feed(lengths, fed.add(lengths(data)));
    }
  }

  /** The rows, padded with zeros. */
  private Tensor tensor(Sequences data) {
    int steps = steps(data);
    long[] sizes = spec.shape().asArray();
    sizes[0] = data.size();
    if (perStep()) {
      sizes[1] = steps;
    }
    if (kind() == Inputs.Kind.TOKENS) {
      return TInt32.tensorOf(
          Shape.of(sizes), to -> write(data, steps, to.asRawTensor().data().asInts()));
    }
    int size = size() >= 0 ? size() : Math.max(0, data.stepSize());
    if (size() < 0) {
      sizes[sizes.length - 1] = size;
    }
    return TFloat32.tensorOf(
        Shape.of(sizes), to -> write(data, steps, size, to.asRawTensor().data().asFloats()));
  }

  private void write(Sequences data, int steps, int size, FloatDataBuffer to) {
    float[] flat = new float[steps * size];
    for (int row = 0; row < data.size(); row++) {
      data.copy(row, flat, 0);
      Arrays.fill(flat, length(data, row) * size, flat.length, 0);
      to.offset((long) row * flat.length).write(flat);
    }
  }

  private void write(Sequences data, int steps, IntDataBuffer to) {
    for (int row = 0; row < data.size(); row++) {
      int length = length(data, row);
      for (int t = 0; t < steps; t++) {
        to.setInt(t < length ? data.token(row, t) : 0, (long) row * steps + t);
      }
    }
  }

  private static TInt32 lengths(Sequences data) {
    return TInt32.vectorOf(IntStream.range(0, data.size()).map(data::length).toArray());
  }

  /** One row of zeros. */
  Sequences zeros() {
    int steps = Math.abs(most());
    int size = Math.abs(size());
    return switch (kind()) {
      case VECTORS -> Sequences.of(new float[1][steps][size]);
      case TOKENS -> Sequences.tokens(new int[1][steps]);
      case ROWS -> Sequences.rows(new float[1][size]);
    };
  }

  @Override
  public String toString() {
    return name + " " + spec;
  }
}
