package kazoku.train;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A loss in a graph: the means of loss and metric for one kind of targets.
 *
 * @param loss the loss
 * @param target the targets of a batch
 * @param training of the pass that can be trained
 * @param inference of the pass that cannot
 */
record Objective(
    Loss loss, Placeholder<? extends TNumber> target, Means training, Means inference) {

  /** Which objective it is. */
  record Key(Loss loss, boolean perStep) {}

  /** Means over all valid targets of a batch. */
  record Means(Operand<TFloat32> loss, Operand<TFloat32> metric) {}

  static Objective build(Ops tf, Key key, Pass training, Pass inference) {
    Placeholder<? extends TNumber> target =
        key.loss().labels() ? tf.placeholder(TInt32.class) : tf.placeholder(TFloat32.class);
    return new Objective(
        key.loss(), target, means(tf, key, training, target), means(tf, key, inference, target));
  }

  private static Means means(Ops tf, Key key, Pass pass, Operand<? extends TNumber> target) {
    return new Means(
        mean(tf, key.perStep(), pass, key.loss().measure().each(tf, pass.output(), target)),
        mean(tf, key.perStep(), pass, key.loss().metric().each(tf, pass.output(), target)));
  }

  private static Operand<TFloat32> mean(
      Ops tf, boolean perStep, Pass pass, Operand<TFloat32> each) {
    if (!perStep) {
      return tf.math.mean(each, tf.constant(0));
    }
    Operand<TInt32> steps = tf.slice(tf.shape(each), tf.array(1), tf.array(1));
    Operand<TInt32> time =
        tf.range(tf.constant(0), tf.reshape(steps, tf.constant(new int[0])), tf.constant(1));
    Operand<TFloat32> valid =
        tf.dtypes.cast(
            tf.math.less(
                tf.expandDims(time, tf.constant(0)), tf.expandDims(pass.lengths(), tf.constant(1))),
            TFloat32.class);
    Operand<TInt32> both = tf.array(0, 1);
    Operand<TFloat32> count = tf.math.maximum(tf.reduceSum(valid, both), tf.constant(1f));
    return tf.math.div(tf.reduceSum(tf.math.mul(each, valid), both), count);
  }
}
