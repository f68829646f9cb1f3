package kazoku.cells;

import kazoku.Initializer;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TNumber;

/** First values of step sizes that stand under a softplus. */
final class StepSizes {
  private StepSizes() {}

  /** dt + ln(1 − e^−dt) for dt log-uniform in [0.001, 0.1], which softplus turns back into dt. */
  static final Initializer LOG_UNIFORM =
      (tf, shape, type, seed) -> {
        Operand<TNumber> logs =
            Initializer.uniform(Math.log(0.001), Math.log(0.1)).value(tf, shape, type, seed);
        Operand<TNumber> dt = tf.math.exp(logs);
        return tf.math.add(dt, tf.math.log(tf.math.neg(tf.math.expm1(tf.math.neg(dt)))));
      };
}
