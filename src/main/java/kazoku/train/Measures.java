package kazoku.train;

import java.util.List;
import kazoku.Checks;
import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Losses;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Measures of one output and its target. {@code tensorflow-framework} has those whose values and
 * gradients are right for rows and for steps; its Poisson and KL losses take probabilities, which
 * they cut off where gradients are largest.
 */
final class Measures {
  private Measures() {}

  static Operand<TFloat32> squaredError(Ops tf, Signal output, Signal target) {
    return Losses.meanSquaredError(tf, Numbers.of(target), Numbers.of(output));
  }

  static Operand<TFloat32> absoluteError(Ops tf, Signal output, Signal target) {
    return Losses.meanAbsoluteError(tf, Numbers.of(target), Numbers.of(output));
  }

  static Operand<TFloat32> logCosh(Ops tf, Signal output, Signal target) {
    return Losses.logCosh(tf, Numbers.of(target), Numbers.of(output));
  }

  static Operand<TFloat32> hinge(Ops tf, Signal output, Signal target) {
    return Losses.hinge(tf, Numbers.of(target), Numbers.of(output));
  }

  static Operand<TFloat32> categoricalHinge(Ops tf, Signal output, Signal target) {
    return Losses.categoricalHinge(tf, Numbers.oneHot(tf, output, target), Numbers.of(output));
  }

  static Operand<TFloat32> cosine(Ops tf, Signal output, Signal target) {
    return Losses.cosineSimilarity(tf, Numbers.of(target), Numbers.of(output), new int[] {-1});
  }

  static Operand<TFloat32> opposite(Ops tf, Signal output, Signal target) {
    return tf.math.neg(cosine(tf, output, target));
  }

  /**
   * Huber's loss.
   *
   * @param delta δ
   */
  record Huber(double delta) implements Measure {
    @Override
    public Operand<TFloat32> each(Ops tf, Signal output, Signal target) {
      return Losses.huber(tf, Numbers.of(target), Numbers.of(output), (float) delta);
    }
  }

  /**
   * The pinball loss.
   *
   * @param quantiles q, for all outputs or for each
   */
  record Quantile(List<Double> quantiles) implements Measure {
    @Override
    public Operand<TFloat32> each(Ops tf, Signal output, Signal target) {
      long outputs = output.value().asOutput().shape().get(-1);
      int given = quantiles.size();
      Checks.require(
          given == 1 || outputs < 0 || given == outputs,
          "Loss",
          "quantiles must be one, or " + outputs + ", as the output has",
          given);
      float[] q = new float[given];
      for (int k = 0; k < given; k++) {
        q[k] = quantiles.get(k).floatValue();
      }
      Operand<TFloat32> above = tf.constant(q);
      Operand<TFloat32> below = tf.math.sub(above, tf.constant(1f));
      Operand<TFloat32> error = tf.math.sub(Numbers.of(target), Numbers.of(output));
      return mean(tf, tf.math.maximum(tf.math.mul(above, error), tf.math.mul(below, error)));
    }
  }

  static Operand<TFloat32> covered(Ops tf, Signal output, Signal target) {
    return share(tf, tf.math.lessEqual(Numbers.of(target), Numbers.of(output)));
  }

  static Operand<TFloat32> poisson(Ops tf, Signal output, Signal target) {
    Operand<TFloat32> y = Numbers.of(output);
    return mean(tf, tf.math.sub(tf.math.exp(y), tf.math.mul(Numbers.of(target), y)));
  }

  static Operand<TFloat32> countError(Ops tf, Signal output, Signal target) {
    return Losses.meanAbsoluteError(tf, Numbers.of(target), tf.math.exp(Numbers.of(output)));
  }

  static Operand<TFloat32> divergence(Ops tf, Signal output, Signal target) {
    Operand<TFloat32> t = Numbers.of(target);
    Operand<TFloat32> expected = tf.math.mul(t, CrossEntropy.logSoftmax(tf, Numbers.of(output)));
    return tf.reduceSum(tf.math.sub(tf.math.xlogy(t, t), expected), tf.constant(-1));
  }

  /** Whether the largest output is the label's. */
  static Operand<TFloat32> labelled(Ops tf, Signal output, Signal target) {
    return one(
        tf, tf.math.equal(largest(tf, output), tf.dtypes.cast(target.value(), TInt32.class)));
  }

  /** Whether the largest output is that of the largest target. */
  static Operand<TFloat32> sameClass(Ops tf, Signal output, Signal target) {
    return one(tf, tf.math.equal(largest(tf, output), largest(tf, target)));
  }

  /** How many outputs say yes where the target does: is more than one half. */
  static Operand<TFloat32> sameSide(Ops tf, Signal output, Signal target) {
    return agreeing(tf, output, target, 0.5f);
  }

  /** How many outputs have the target's sign. */
  static Operand<TFloat32> sameSign(Ops tf, Signal output, Signal target) {
    return agreeing(tf, output, target, 0);
  }

  private static Operand<TFloat32> agreeing(Ops tf, Signal output, Signal target, float from) {
    Operand<TBool> said = tf.math.greater(Numbers.of(output), tf.constant(0f));
    Operand<TBool> right = tf.math.greater(Numbers.of(target), tf.constant(from));
    return share(tf, tf.math.equal(said, right));
  }

  private static Operand<TInt32> largest(Ops tf, Signal signal) {
    return tf.math.argMax(Numbers.of(signal), tf.constant(-1), TInt32.class);
  }

  private static Operand<TFloat32> share(Ops tf, Operand<TBool> each) {
    return mean(tf, one(tf, each));
  }

  private static Operand<TFloat32> one(Ops tf, Operand<TBool> holds) {
    return tf.dtypes.cast(holds, TFloat32.class);
  }

  private static Operand<TFloat32> mean(Ops tf, Operand<TFloat32> each) {
    return tf.math.mean(each, tf.constant(-1));
  }
}
