package kazoku.serve;

import java.util.Arrays;
import java.util.stream.IntStream;
import kazoku.Checks;
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
 * @param name the name by which data has it
 * @param kind what it is made of
 * @param shape {@code [B, T, …]}, {@code [B, T]} or {@code [B, I]}, −1 where any size will do
 * @param value where its values are fed
 * @param lengths where its lengths are fed; null where nobody looks at them
 */
record Port(String name, Inputs.Kind kind, Shape shape, Output<?> value, Output<?> lengths) {
  /** The name of the first input. */
  static final String FIRST = "input";

  static Port of(String name, TensorDescription description, Output<?> value, Output<?> lengths) {
    Shape shape = description.shape;
    int axes = shape.isUnknown() ? -1 : shape.numDimensions();
    Inputs.Kind kind;
    if (description.dataType == DataType.DT_FLOAT && axes >= 3) {
      kind = Inputs.Kind.VECTORS;
    } else if (description.dataType == DataType.DT_FLOAT && axes == 2) {
      kind = Inputs.Kind.ROWS;
    } else if (description.dataType == DataType.DT_INT32 && axes == 2) {
      kind = Inputs.Kind.TOKENS;
    } else {
      throw new IllegalArgumentException(
          "Predictor: the input "
              + name
              + " must be float32 [B, T, I], float32 [B, I] or int32 [B, T], but the signature has "
              + description.dataType
              + " "
              + Checks.text(shape));
    }
    return new Port(name, kind, shape, value, lengths);
  }

  /** How many numbers a step has, or −1. */
  private int size() {
    Shape row = kind == Inputs.Kind.ROWS ? shape.tail() : shape.takeLast(shape.numDimensions() - 2);
    return kind == Inputs.Kind.TOKENS ? 1 : Math.toIntExact(Math.max(-1, row.size()));
  }

  /** T, or −1. */
  private int steps() {
    return kind == Inputs.Kind.ROWS ? -1 : Math.toIntExact(shape.get(1));
  }

  /** How many steps the rows are padded to. */
  int steps(Sequences data) {
    return steps() >= 0
        ? steps()
        : IntStream.range(0, data.size()).map(data::length).max().orElse(0);
  }

  /** Whether data that fits the one fits the other. */
  boolean takesWhat(Port other) {
    return name.equals(other.name)
        && kind == other.kind
        && Arrays.equals(shape.asArray(), other.shape.asArray());
  }

  /** Raises data that does not fit. */
  void check(Sequences data) {
    require(data.kind() == kind, " must be " + kind, data.kind());
    boolean rows = kind == Inputs.Kind.ROWS;
    String size = " must have " + size() + (rows ? " numbers" : " numbers a step");
    String steps = " must have at most " + steps() + " steps, as the model was made for";
    for (int row = 0; row < data.size(); row++) {
      int length = rows ? 1 : data.length(row);
      require(rows || steps() < 0 || length <= steps(), steps, length);
      for (int t = 0; t < length && kind != Inputs.Kind.TOKENS; t++) {
        float[] numbers = data.step(row, t);
        require(size() < 0 || numbers.length == size(), size, numbers.length);
        for (float number : numbers) {
          if (!Float.isFinite(number)) {
            String where = rows ? "" : " at step " + t;
            require(false, " must have finite numbers only, row " + row + where, number);
          }
        }
      }
    }
  }

  private void require(boolean holds, String rule, Object value) {
    if (!holds) {
      Checks.require(false, "Predictor", name + rule, value);
    }
  }

  /** The rows, padded with zeros. */
  Tensor tensor(Sequences data) {
    int steps = kind == Inputs.Kind.ROWS ? 1 : steps(data);
    if (kind == Inputs.Kind.TOKENS) {
      return TInt32.tensorOf(
          Shape.of(data.size(), steps),
          tensor -> write(data, steps, tensor.asRawTensor().data().asInts()));
    }
    int size = size() >= 0 ? size() : firstSize(data);
    long[] sizes = shape.asArray();
    sizes[0] = data.size();
    if (kind == Inputs.Kind.VECTORS) {
      sizes[1] = steps;
    }
    if (shape.get(-1) < 0) {
      sizes[sizes.length - 1] = size;
    }
    return TFloat32.tensorOf(
        Shape.of(sizes),
        tensor -> write(data, steps, size, tensor.asRawTensor().data().asFloats()));
  }

  private int firstSize(Sequences data) {
    for (int row = 0; row < data.size(); row++) {
      if (kind == Inputs.Kind.ROWS || data.length(row) > 0) {
        return data.step(row, 0).length;
      }
    }
    return 0;
  }

  private void write(Sequences data, int steps, int size, FloatDataBuffer to) {
    float[] zeros = new float[size];
    for (int row = 0; row < data.size(); row++) {
      int length = kind == Inputs.Kind.ROWS ? 1 : data.length(row);
      for (int t = 0; t < steps; t++) {
        float[] step = t < length ? data.step(row, t) : zeros;
        to.slice(((long) row * steps + t) * size, size).write(step);
      }
    }
  }

  private static void write(Sequences data, int steps, IntDataBuffer to) {
    for (int row = 0; row < data.size(); row++) {
      int[] tokens = new int[steps];
      for (int t = 0; t < data.length(row); t++) {
        tokens[t] = data.token(row, t);
      }
      to.slice((long) row * steps, steps).write(tokens);
    }
  }

  private static TInt32 lengths(Sequences data) {
    return TInt32.vectorOf(IntStream.range(0, data.size()).map(data::length).toArray());
  }

  /** One row of zeros. */
  Sequences zeros() {
    int steps = Math.max(1, Math.abs(steps()));
    int size = Math.abs(size());
    return switch (kind) {
      case VECTORS -> Sequences.of(new float[1][steps][size]);
      case TOKENS -> Sequences.tokens(new int[1][steps]);
      case ROWS -> Sequences.rows(new float[1][size]);
    };
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

  @Override
  public String toString() {
    return name + " " + kind + " " + Checks.text(shape);
  }
}
