package kazoku.train;

import java.util.Arrays;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** One input for all rows of a data set. */
interface Column {

  /** B. */
  int rows();

  /** How many steps of a row are valid. */
  int length(int row);

  /** What it is, for people. */
  Inputs.Kind kind();

  /** How many numbers a step has; −1 if no row has a step. */
  int size();

  /**
   * Some rows, padded with zeros.
   *
   * @param rows their indices
   * @param steps to which number of steps
   * @param size how many numbers a step has, where no row has a step
   */
  Tensor tensor(int[] rows, int steps, int size);

  /** The number of steps of the longest of some rows. */
  default int longest(int[] rows) {
    return Arrays.stream(rows).map(this::length).max().orElse(0);
  }

  /**
   * Steps of several numbers.
   *
   * @param values {@code [B][T][I]}
   * @param lengths {@code [B]}
   * @param size I, or −1
   */
  record Vectors(float[][][] values, int[] lengths, int size) implements Column {
    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public int length(int row) {
      return lengths[row];
    }

    @Override
    public Inputs.Kind kind() {
      return Inputs.Kind.VECTORS;
    }

    @Override
    public Tensor tensor(int[] rows, int steps, int columns) {
      float[] flat = new float[Math.multiplyExact(Math.multiplyExact(rows.length, steps), columns)];
      for (int i = 0; i < rows.length; i++) {
        for (int t = 0; t < lengths[rows[i]]; t++) {
          System.arraycopy(values[rows[i]][t], 0, flat, (i * steps + t) * columns, columns);
        }
      }
      return TFloat32.tensorOf(Shape.of(rows.length, steps, columns), DataBuffers.of(flat));
    }
  }

  /**
   * Steps of one whole number.
   *
   * @param values {@code [B][T]}
   */
  record Tokens(int[][] values) implements Column {
    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public int length(int row) {
      return values[row].length;
    }

    @Override
    public Inputs.Kind kind() {
      return Inputs.Kind.TOKENS;
    }

    @Override
    public int size() {
      return 1;
    }

    @Override
    public Tensor tensor(int[] rows, int steps, int columns) {
      int[] flat = new int[Math.multiplyExact(rows.length, steps)];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(values[rows[i]], 0, flat, i * steps, values[rows[i]].length);
      }
      return TInt32.tensorOf(Shape.of(rows.length, steps), DataBuffers.of(flat));
    }
  }

  /**
   * Several numbers for each row, without steps.
   *
   * @param values {@code [B][I]}
   */
  record Rows(float[][] values) implements Column {
    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public int length(int row) {
      return 0;
    }

    @Override
    public Inputs.Kind kind() {
      return Inputs.Kind.ROWS;
    }

    @Override
    public int size() {
      return values[0].length;
    }

    @Override
    public Tensor tensor(int[] rows, int steps, int columns) {
      float[] flat = new float[Math.multiplyExact(rows.length, columns)];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(values[rows[i]], 0, flat, i * columns, columns);
      }
      return TFloat32.tensorOf(Shape.of(rows.length, columns), DataBuffers.of(flat));
    }
  }
}
