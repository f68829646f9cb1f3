package kazoku.decode;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.AssertThat;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/** What counts in a padded batch. */
final class Padding {
  private Padding() {}

  /** The size of an axis, {@code [1]}. */
  static Operand<TInt32> size(Ops tf, Operand<? extends TType> value, int axis) {
    return tf.slice(tf.shape(value), tf.array(axis), tf.array(1));
  }

  /** The sizes of the first two axes, {@code [2]}. */
  static Operand<TInt32> rowsAndSteps(Ops tf, Operand<? extends TType> value) {
    return tf.slice(tf.shape(value), tf.array(0), tf.array(2));
  }

  /** How many are true in each row, {@code [B]}. */
  static Operand<TInt32> count(Ops tf, Operand<TBool> rows) {
    return tf.reduceSum(tf.dtypes.cast(rows, TInt32.class), tf.constant(1));
  }

  /** True in the first places of each row, {@code [B, size]}. */
  static Operand<TBool> first(Ops tf, Operand<TInt32> lengths, Operand<TInt32> size) {
    Operand<TInt32> place =
        tf.range(tf.constant(0), tf.reshape(size, tf.constant(new int[0])), tf.constant(1));
    return tf.math.less(
        tf.expandDims(place, tf.constant(0)), tf.expandDims(lengths, tf.constant(1)));
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
}
