package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Adam with the largest gradient in the place of the root of their mean square: large gradients are
 * forgotten slowly, and no step is larger than the rate.
 *
 * <pre>
 * m' = β₁·m + (1 − β₁)·g                mean of gradients, starts at 0
 * u' = max(β₂·u, |g|)                   largest gradient, starts at 0
 * θ' = θ − α/(1 − β₁^k)·m'/(u' + ε)     k counts updates from 1
 * </pre>
 *
 * <p>D. P. Kingma, J. Ba 2015, <a href="https://arxiv.org/abs/1412.6980">arXiv:1412.6980</a>,
 * section 7.1. As Keras and {@code tensorflow-framework}; PyTorch adds ε to |g|.
 *
 * @param learningRate α; the paper's default is 0.002
 * @param beta1 β₁, at least 0 and less than 1; default 0.9
 * @param beta2 β₂, at least 0 and less than 1; default 0.999
 * @param epsilon ε, greater than 0; default 1e-7, as in Keras
 */
public record AdaMax(Schedule learningRate, double beta1, double beta2, double epsilon)
    implements Optimizer {

  public AdaMax {
    Checks.given("AdaMax", "learningRate", learningRate);
    Checks.rate("AdaMax", "beta1", beta1);
    Checks.rate("AdaMax", "beta2", beta2);
    Checks.require(epsilon > 0, "AdaMax", "epsilon must be greater than 0", epsilon);
  }

  /**
   * AdaMax with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public AdaMax(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * AdaMax with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public AdaMax(Schedule learningRate) {
    this(learningRate, 0.9, 0.999, 1e-7);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    Operand<TFloat32> rate =
        new Value<>(tf, slots.rate(learningRate))
            .over(Moves.bias(slots, (float) beta1).float32())
            .operand();
    Operand<TFloat32> uncorrected = tf.constant(0f);
    Operand<TFloat32> decay1 = tf.constant((float) beta1);
    Operand<TFloat32> decay2 = tf.constant((float) beta2);
    Operand<TFloat32> small = tf.constant((float) epsilon);
    return gradients.forEach(
        tf,
        (after, g) ->
            after.train.applyAdaMax(
                g.weight(),
                slots.like("adamax/m", g),
                slots.like("adamax/u", g),
                uncorrected,
                rate,
                decay1,
                decay2,
                small,
                g.value()));
  }
}
