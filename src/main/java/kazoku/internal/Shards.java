package kazoku.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.Expr;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** The rows of a batch in parts that run beside each other. */
final class Shards {
  private final Ops tf;
  private final int count;
  private final Operand<TInt32> from;
  private final Operand<TInt32> sizes;
  private final boolean differentiable;

  /**
   * Parts of as many rows; the last ones have fewer, or none.
   *
   * @param tf operations of the graph
   * @param rows B, {@code [1]}
   * @param worth how many parts are worth while, {@code [1]}
   * @param count how many parts are built
   * @param differentiable whether a gradient is taken, with loops of Java's
   */
  Shards(Ops tf, Operand<TInt32> rows, Operand<TInt32> worth, int count, boolean differentiable) {
    this.tf = tf;
    this.count = count;
    this.differentiable = differentiable;
    Operand<TInt32> one = tf.constant(new int[] {1});
    Operand<TInt32> filled = tf.math.maximum(worth, one);
    Operand<TInt32> share = tf.math.floorDiv(tf.math.sub(tf.math.add(rows, filled), one), filled);
    Operand<TInt32> each = tf.constant(IntStream.range(0, count).toArray());
    this.from = tf.math.minimum(tf.math.mul(share, each), rows);
    this.sizes = tf.math.minimum(share, tf.math.sub(rows, from));
  }

  /** What each part is given. */
  List<Steps.Given> apart(Steps.Given whole) {
    if (count == 1) {
      return List.of(whole);
    }
    List<Map<Expr, Operand<TNumber>>> perRow = parts();
    whole.perRow().forEach((leaf, value) -> put(perRow, leaf, split(tf, value, 0)));
    List<Map<Expr, Sequence>> sequences = parts();
    // Rows are cut before they are laid out by steps: that copies nothing.
    whole
        .sequences()
        .forEach(
            (leaf, all) ->
                put(
                    sequences,
                    leaf,
                    all.isByRow()
                        ? split(tf, all.byRow(tf), 0).stream().map(Sequence::byRow).toList()
                        : split(tf, all.byStep(tf), 1).stream().map(Sequence::byStep).toList()));
    List<List<Operand<TNumber>>> begin =
        whole.begin().stream().map(value -> split(tf, value, 0)).toList();
    Operand<TInt32> one = tf.constant(new int[] {1});
    List<Steps.Given> parts = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      int part = k;
      Operand<TInt32> rows = entry(sizes, k);
      // Truth values and sizes are sliced: to split them there are no kernels for GPUs.
      Operand<TBool> valid =
          whole.valid() == null ? null : Axes.cut(tf, whole.valid(), 1, entry(from, k), rows);
      parts.add(
          new Steps.Given(
              whole.shared(),
              perRow.get(k),
              sequences.get(k),
              valid,
              begin.stream().map(all -> all.get(part)).toList(),
              whole.length(),
              tf.math.mul(whole.length(), tf.math.minimum(rows, one)),
              rows));
    }
    return parts;
  }

  private Operand<TInt32> entry(Operand<TInt32> vector, int k) {
    return tf.slice(vector, tf.array(k), tf.array(1));
  }

  private <V> List<Map<Expr, V>> parts() {
    return IntStream.range(0, count).<Map<Expr, V>>mapToObj(k -> new LinkedHashMap<>()).toList();
  }

  private <V> void put(List<Map<Expr, V>> parts, Expr leaf, List<V> values) {
    IntStream.range(0, count).forEach(k -> parts.get(k).put(leaf, values.get(k)));
  }

  /**
   * The whole of what the parts give. Its gradient is split, which copies nothing where rows come
   * first; TensorFlow's own cuts a copy for each part.
   *
   * @param axis where the rows are
   */
  Operand<TNumber> together(List<Operand<TNumber>> parts, int axis) {
    if (count == 1) {
      return parts.get(0);
    }
    Operand<TNumber> whole = tf.concat(parts, tf.constant(axis));
    return differentiable
        ? JavaGradients.instead(tf, parts, List.of(whole), (ops, by) -> split(ops, by.get(0), axis))
            .get(0)
        : whole;
  }

  private List<Operand<TNumber>> split(Ops ops, Operand<TNumber> value, int axis) {
    return List.copyOf(ops.splitV(value, sizes, ops.constant(axis), (long) count).output());
  }
}
