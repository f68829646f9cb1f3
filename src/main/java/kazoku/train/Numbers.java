package kazoku.train;

import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** What measures compare. */
final class Numbers {
  private Numbers() {}

  /** Outputs, or targets that are no labels. */
  @SuppressWarnings("unchecked") // Both are float32.
  static Operand<TFloat32> of(Signal signal) {
    return (Operand<TFloat32>) signal.value();
  }

  /** Labels as vectors, a one at the label, of the size of an output. */
  static Operand<TFloat32> oneHot(Ops tf, Signal output, Signal labels) {
    Operand<TInt32> classes = tf.stridedSlice(tf.shape(output.value()), Indices.at(-1));
    return tf.oneHot(labels.value(), classes, tf.constant(1f), tf.constant(0f));
  }
}
