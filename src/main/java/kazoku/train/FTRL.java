package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Follows the regularised leader: as Adagrad, but each weight is computed anew from the sum of all
 * gradients, and L1 regularisation makes weights exactly zero.
 *
 * <pre>
 * n' = n + g²                                      sum of squares
 * z' = z + g − (n'^(−p) − n^(−p))/α·θ              starts at 0
 * θ' = (sign(z')·λ₁ − z')/(n'^(−p)/α + 2·λ₂)       where |z'| > λ₁, else 0
 * </pre>
 *
 * <p>H. B. McMahan et al. 2013, "Ad click prediction: a view from the trenches". As Keras without β
 * and shrinkage, and as {@code tensorflow-framework}. The rate must never be 0: no warm-up.
 *
 * @param learningRate α; never 0
 * @param power p, at most 0; default −0.5, Adagrad's root
 * @param initial what n starts at, at least 0; default 0.1, as in Keras
 * @param l1 λ₁, at least 0; default 0
 * @param l2 λ₂, at least 0; default 0
 */
public record FTRL(Schedule learningRate, double power, double initial, double l1, double l2)
    implements Optimizer {

  public FTRL {
    Checks.given("FTRL", "learningRate", learningRate);
    Checks.require(power <= 0, "FTRL", "power must be at most 0", power);
    Checks.notNegative("FTRL", "initial", initial);
    Checks.notNegative("FTRL", "l1", l1);
    Checks.notNegative("FTRL", "l2", l2);
  }

  /**
   * FTRL with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public FTRL(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * FTRL with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public FTRL(Schedule learningRate) {
    this(learningRate, -0.5, 0.1, 0, 0);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    Operand<TFloat32> rate = slots.rate(learningRate);
    Operand<TFloat32> zeroing = tf.constant((float) l1);
    Operand<TFloat32> shrinking = tf.constant((float) l2);
    Operand<TFloat32> exponent = tf.constant((float) power);
    return gradients.forEach(
        tf,
        (after, g) ->
            after.train.applyFtrl(
                g.weight(),
                slots.like("ftrl/n", g, initial),
                slots.like("ftrl/z", g),
                g.value(),
                rate,
                zeroing,
                shrinking,
                tf.constant(0f),
                exponent));
  }
}
