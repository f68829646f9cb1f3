package kazoku.io;

import java.util.Arrays;
import kazoku.Checks;
import org.tensorflow.ndarray.Shape;

/**
 * The values of one weight, as they go from one library's layout to another's.
 *
 * <p>Nothing is copied on the way in or out: who changes {@link #numbers} changes the values.
 *
 * @param shape its shape, all sizes known
 * @param numbers as many as the shape says, in row-major order
 */
public record Values(Shape shape, float[] numbers) {

  public Values {
    Checks.given("Values", "shape", shape);
    Checks.given("Values", "numbers", numbers);
    Checks.require(
        shape.size() == numbers.length,
        "Values",
        "there must be as many numbers as the shape says, " + Checks.text(shape),
        numbers.length);
  }

  /**
   * Values of a shape.
   *
   * @param numbers in row-major order
   * @param shape the shape
   * @return the values
   */
  public static Values of(float[] numbers, long... shape) {
    return new Values(Shape.of(shape), numbers);
  }

  /**
   * Values that are all alike.
   *
   * @param value the value
   * @param size how many
   * @return a vector
   */
  static Values filled(float value, int size) {
    float[] numbers = new float[size];
    Arrays.fill(numbers, value);
    return of(numbers, size);
  }

  int rank() {
    return shape.numDimensions();
  }

  /** The size of an axis, counted from the front, or from the back where negative. */
  int size(int axis) {
    return Math.toIntExact(shape.get(axis));
  }

  /**
   * A matrix with rows for columns.
   *
   * @return {@code [b, a]} of {@code [a, b]}
   */
  Values transposed() {
    int rows = size(0);
    int columns = size(1);
    float[] turned = new float[numbers.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        turned[j * rows + i] = numbers[i * columns + j];
      }
    }
    return of(turned, columns, rows);
  }

  /**
   * The rows from one on to another, the latter not among them: entries of the first axis.
   *
   * @return {@code [to−from, …]}
   */
  Values rows(int from, int to) {
    int row = numbers.length / size(0);
    Shape some = shape.takeLast(rank() - 1).prepend(to - from);
    return new Values(some, Arrays.copyOfRange(numbers, from * row, to * row));
  }

  /**
   * The same blocks of the last axis in another order.
   *
   * @param order for each block here, which one of the given it is
   * @return values of the same shape
   */
  Values blocks(int... order) {
    int all = size(-1);
    int block = all / order.length;
    float[] moved = new float[numbers.length];
    for (int row = 0; row < numbers.length; row += all) {
      for (int k = 0; k < order.length; k++) {
        System.arraycopy(numbers, row + order[k] * block, moved, row + k * block, block);
      }
    }
    return new Values(shape, moved);
  }

  /** With others beside it, on the last axis. */
  Values beside(Values right) {
    int left = size(-1);
    int both = left + right.size(-1);
    float[] all = new float[numbers.length + right.numbers.length];
    for (int row = 0; row < all.length / both; row++) {
      System.arraycopy(numbers, row * left, all, row * both, left);
      System.arraycopy(right.numbers, row * (both - left), all, row * both + left, both - left);
    }
    return new Values(shape.take(rank() - 1).append(both), all);
  }

  /** The sum with values of the same shape. */
  Values plus(Values other) {
    float[] sum = numbers.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.numbers[i];
    }
    return new Values(shape, sum);
  }
}
