package kazoku.train;

import java.util.Arrays;
import java.util.stream.IntStream;
import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * An output as metrics read it.
 *
 * @param value numbers {@code [B, O]} or {@code [B, T, O]}, or tokens {@code [B, T]}
 * @param valid which steps are valid, {@code [B, T]}; null if all are, or if there are none
 */
record Reading(Operand<? extends TNumber> value, Operand<TBool> valid) {

  /** What is fed cannot be fetched, and a layer may give what it is given. */
  static Reading of(Ops tf, Signal signal) {
    Reading all = new Reading(tf.identity(signal.value()), null);
    Operand<TBool> valid = all.rank() == 3 || all.rank() < 0 ? signal.valid(tf) : null;
    return valid == null ? all : new Reading(all.value, tf.identity(valid));
  }

  /** The number of axes, as if tokens were vectors; −1 if it is not known. */
  private int rank() {
    int axes = value.asOutput().shape().numDimensions();
    return axes < 0 || value.type() != TInt32.class ? axes : axes + 1;
  }

  /** Refuses targets that this output cannot be compared with. */
  void check(Targets targets) {
    if (rank() >= 0) {
      targets.checkRank(rank());
    }
    long size = rank() < 1 ? Shape.UNKNOWN_SIZE : value.asOutput().shape().get(-1);
    if (value.type() != TInt32.class && size >= 0) {
      targets.checkOutputs(size);
    }
  }

  void fetch(Session.Runner runner) {
    runner.fetch(value);
    if (valid != null) {
      runner.fetch(valid);
    }
  }

  /** How many answers there are to {@link #fetch}. */
  int size() {
    return valid == null ? 1 : 2;
  }

  /** The answers, of which the first is at an index. */
  Values values(Result result, int first) {
    Tensor tensor = result.get(first);
    Shape shape = tensor.shape();
    boolean tokens = tensor instanceof TInt32;
    boolean steps = tokens || shape.numDimensions() == 3;
    boolean[] all = null;
    if (valid != null) {
      all = new boolean[(int) result.get(first + 1).size()];
      ((TBool) result.get(first + 1)).copyTo(DataBuffers.of(all, false, false));
    }
    int[] flat = null;
    if (tokens) {
      flat = new int[(int) tensor.size()];
      ((TInt32) tensor).copyTo(DataBuffers.of(flat, false, false));
    }
    return new Values(
        tokens ? null : Model.floats((TFloat32) tensor),
        flat,
        all,
        steps ? (int) shape.get(1) : 1,
        tokens ? 1 : (int) shape.get(-1));
  }

  /**
   * The values of a batch.
   *
   * @param numbers {@code [B, T, O]}; null where there are tokens
   * @param tokens {@code [B, T]}; null where there are numbers
   * @param valid {@code [B, T]}; null if all steps are
   * @param steps T; 1 for rows without steps
   * @param size O
   */
  record Values(float[] numbers, int[] tokens, boolean[] valid, int steps, int size) {

    /** The valid steps of a row. */
    int[] steps(int row) {
      return IntStream.range(0, steps)
          .filter(t -> valid == null || valid[row * steps + t])
          .toArray();
    }

    float[][] numbers(int row, int[] of) {
      return numbers == null
          ? null
          : Arrays.stream(of)
              .map(t -> (row * steps + t) * size)
              .mapToObj(from -> Arrays.copyOfRange(numbers, from, from + size))
              .toArray(float[][]::new);
    }

    int[] tokens(int row, int[] of) {
      return tokens == null ? null : Arrays.stream(of).map(t -> tokens[row * steps + t]).toArray();
    }
  }
}
