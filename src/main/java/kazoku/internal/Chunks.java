package kazoku.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** How T steps are cut: into C chunks of L, and the rest, which is shorter than a chunk. */
final class Chunks {
  private final Ops tf;
  private final boolean differentiable;

  /** B; {@code [1]}, as the others. */
  final Operand<TInt32> rows;

  /** L, the number of chunks C, C·B, and the steps that are left. */
  final Operand<TInt32> length;

  final Operand<TInt32> count;
  final Operand<TInt32> allRows;
  final Operand<TInt32> rest;

  /** C·L. */
  private final Operand<TInt32> whole;

  /**
   * Chooses L = ⌈√T⌉, at least 1, and C = ⌊T/L⌋.
   *
   * @param tf operations of the graph
   * @param steps T, {@code [1]}
   * @param rows B, {@code [1]}
   * @param differentiable whether a gradient will be taken
   */
  Chunks(Ops tf, Operand<TInt32> steps, Operand<TInt32> rows, boolean differentiable) {
    this.differentiable = differentiable;
    this.tf = tf;
    this.rows = tf.stopGradient(rows);
    Operand<TInt32> all = tf.stopGradient(steps);
    this.length = Segments.root(tf, all);
    this.count = tf.math.floorDiv(all, length);
    this.allRows = tf.math.mul(count, this.rows);
    this.whole = tf.math.mul(count, length);
    this.rest = tf.math.sub(all, whole);
  }

  /** All steps as chunks {@code [L, C·B, …]}, and the rest {@code [T − C·L, B, …]}. */
  List<Operand<TNumber>> apart(Sequence values, Shape row) {
    if (values.isByRow()) {
      List<Operand<TNumber>> parts = split(values.byRow(tf));
      Operand<TNumber> chunks = exchanged(parts.get(0), row, List.of(rows, count, length), 2, 1, 0);
      return List.of(
          merged(chunks, row, length, allRows),
          exchanged(parts.get(1), row, List.of(rows, rest), 1, 0));
    }
    Operand<TInt32> sizes = tf.concat(List.of(whole, rest), tf.constant(0));
    List<Output<TNumber>> parts = tf.splitV(values.byStep(tf), sizes, tf.constant(0), 2L).output();
    Operand<TNumber> chunks = exchanged(parts.get(0), row, List.of(count, length, rows), 1, 0, 2);
    return List.of(merged(chunks, row, length, allRows), parts.get(1));
  }

  /**
   * {@code [B, T, …]} as {@code [B, C·L, …]} and the rest: slices, since where nothing is left that
   * of all steps is no copy; with a gradient that puts them together, as that of slices would add
   * them up among zeros.
   */
  private List<Operand<TNumber>> split(Operand<TNumber> values) {
    Operand<TNumber> first = Axes.cut(tf, values, 1, tf.constant(new int[] {0}), whole);
    Operand<TNumber> second = Axes.cut(tf, values, 1, whole, rest);
    if (!differentiable) {
      return List.of(first, second);
    }
    return JavaGradients.instead(
        tf,
        List.of(values),
        List.of(first, second),
        (ops, gradients) -> List.of(ops.concat(gradients, ops.constant(1))));
  }

  /**
   * The inverse of {@link #apart}.
   *
   * @param byRow whether it is {@code [B, T, …]} and not {@code [T, B, …]}
   */
  Sequence together(Operand<TNumber> chunks, Operand<TNumber> left, Shape row, boolean byRow) {
    List<Operand<TInt32>> sizes = List.of(length, count, rows);
    if (byRow) {
      Operand<TNumber> steps = exchanged(chunks, row, sizes, 2, 1, 0);
      Operand<TNumber> last = exchanged(left, row, List.of(rest, rows), 1, 0);
      return Sequence.byRow(
          tf.concat(List.of(merged(steps, row, rows, whole), last), tf.constant(1)));
    }
    Operand<TNumber> steps = exchanged(chunks, row, sizes, 1, 0, 2);
    return Sequence.byStep(
        tf.concat(List.of(merged(steps, row, whole, rows), left), tf.constant(0)));
  }

  /** What the chunks of all rows give, {@code [C·B, …]}, as {@code [C, B, …]}. */
  Operand<TNumber> byChunk(Operand<TNumber> value, Shape row) {
    return merged(value, row, count, rows);
  }

  private Operand<TNumber> merged(
      Operand<TNumber> value, Shape row, Operand<TInt32> first, Operand<TInt32> second) {
    Operand<TInt32> sizes = tf.constant(Walk.ints(row));
    return tf.reshape(value, tf.concat(List.of(first, second, sizes), tf.constant(0)));
  }

  /** Leading axes of some sizes, in another order. */
  private Operand<TNumber> exchanged(
      Operand<TNumber> value, Shape row, List<Operand<TInt32>> leading, int... first) {
    List<Operand<TInt32>> sizes = new ArrayList<>(leading);
    sizes.add(tf.constant(Walk.ints(row)));
    int[] order = IntStream.range(0, first.length + row.numDimensions()).toArray();
    System.arraycopy(first, 0, order, 0, first.length);
    Operand<TNumber> cut = tf.reshape(value, tf.concat(sizes, tf.constant(0)));
    return tf.linalg.transpose(cut, tf.constant(order));
  }
}
