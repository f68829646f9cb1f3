package kazoku;

import java.util.function.Supplier;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The place in a TensorFlow graph where expressions become operations: a graph, a working type, and
 * how many axes stand before the axes of a row ({@code [B, …]} has one, {@code [T, B, …]} two).
 */
public interface Site {

  /**
   * The operations of the graph.
   *
   * @return the {@code Ops} that new operations are made with
   */
  Ops tf();

  /**
   * The working type.
   *
   * @return {@code TFloat32} or {@code TFloat64}
   */
  Class<? extends TNumber> type();

  /**
   * The number of axes before the axes of a row.
   *
   * @return 1 for {@code [B, …]}, 2 for {@code [T, B, …]}
   */
  int leading();

  /**
   * The sizes of the leading axes.
   *
   * @return a vector of {@link #leading()} elements
   */
  Operand<TInt32> leadingShape();

  /**
   * A number in the working type.
   *
   * @param value the number
   * @return a scalar constant
   */
  Operand<TNumber> scalar(double value);

  /**
   * Makes something once for this site.
   *
   * @param <V> its type
   * @param key what it is known by
   * @param maker makes it at the first call
   * @return what the first call made
   */
  <V> V shared(Object key, Supplier<V> maker);

  /**
   * A full shape: the leading axes, then those of a row.
   *
   * @param row shape of a row
   * @return a vector of {@code leading() + row.numDimensions()} elements
   */
  default Operand<TInt32> fullShape(Shape row) {
    int[] sizes = ints(row);
    return sizes.length == 0
        ? leadingShape()
        : shared(
            row,
            () -> tf().concat(java.util.List.of(leadingShape(), tf().constant(sizes)), zero()));
  }

  /**
   * Folds the leading axes into one: {@code [T, B, …]} becomes {@code [T·B, …]}.
   *
   * @param value the operand
   * @param row shape of a row
   * @return the same values under one leading axis
   */
  default Operand<TNumber> fold(Operand<TNumber> value, Shape row) {
    return leading() == 1 ? value : tf().reshape(value, tf().constant(ints(row, -1)));
  }

  /**
   * Undoes {@link #fold}.
   *
   * @param value the operand with one leading axis
   * @param row shape of a row
   * @return the same values under all leading axes
   */
  default Operand<TNumber> unfold(Operand<TNumber> value, Shape row) {
    return leading() == 1 ? value : tf().reshape(value, fullShape(row));
  }

  private Operand<TInt32> zero() {
    return tf().constant(0);
  }

  private static int[] ints(Shape shape, int... first) {
    int[] sizes = java.util.Arrays.copyOf(first, first.length + shape.numDimensions());
    for (int i = 0; i < shape.numDimensions(); i++) {
      sizes[first.length + i] = Math.toIntExact(shape.get(i));
    }
    return sizes;
  }
}
