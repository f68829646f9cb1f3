package kazoku.decode;

import java.util.ArrayList;
import java.util.List;
import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.AssertThat;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/** Which steps of a padded batch count. */
final class Rows {
  private Rows() {}

  /** The size of an axis, {@code [1]}. */
  static Operand<TInt32> size(Ops tf, Operand<? extends TType> value, int axis) {
    return tf.slice(tf.shape(value), tf.array(axis), tf.array(1));
  }

  /** Which steps are valid, {@code [B, T]}. */
  static Operand<TBool> valid(Ops tf, Signal sequences) {
    Operand<TInt32> lengths = lengths(tf, sequences);
    return first(tf, lengths, size(tf, sequences.value(), 1));
  }

  /** How many steps of each row are valid, between 0 and T, {@code [B]}. */
  static Operand<TInt32> lengths(Ops tf, Signal sequences) {
    Operand<TInt32> steps = size(tf, sequences.value(), 1);
    return sequences.lengths() == null
        ? tf.broadcastTo(steps, size(tf, sequences.value(), 0))
        : within(tf, sequences.lengths(), steps);
  }

  /** Lengths between 0 and what there is. */
  static Operand<TInt32> within(Ops tf, Operand<TInt32> lengths, Operand<TInt32> most) {
    return tf.math.maximum(tf.math.minimum(lengths, most), tf.constant(0));
  }

  /** The value, in runs where something holds everywhere; others fail with a sentence. */
  static <T extends TType> Operand<T> require(
      Ops tf, Operand<TBool> holds, String sentence, Operand<T> value, Operand<?>... shown) {
    List<Operand<?>> data = new ArrayList<>(List.of(tf.constant(sentence)));
    data.addAll(List.of(shown));
    Operand<TBool> all = tf.reduceAll(tf.reshape(holds, tf.array(-1)), tf.constant(0));
    Op checked = tf.assertThat(all, data, AssertThat.summarize(20L));
    return tf.withControlDependencies(checked).identity(value);
  }

  /** True in the first places of each row, {@code [B, size]}. */
  static Operand<TBool> first(Ops tf, Operand<TInt32> lengths, Operand<TInt32> size) {
    Operand<TInt32> place =
        tf.range(tf.constant(0), tf.reshape(size, tf.constant(new int[0])), tf.constant(1));
    return tf.math.less(
        tf.expandDims(place, tf.constant(0)), tf.expandDims(lengths, tf.constant(1)));
  }
}
