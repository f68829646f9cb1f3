package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Steps of about equal size for every weight: the running mean of its gradients, divided by the
 * root of the running mean of their squares.
 *
 * <pre>
 * m' = β₁·m + (1 − β₁)·g                            mean of gradients, starts at 0
 * v' = β₂·v + (1 − β₂)·g²                           mean of squares, starts at 0
 * θ' = θ − α·√(1 − β₂^k)/(1 − β₁^k)·m'/(√v' + ε)    k counts updates from 1
 * </pre>
 *
 * <p>D. P. Kingma, J. Ba 2015, <a href="https://arxiv.org/abs/1412.6980">arXiv:1412.6980</a>, in
 * the form before its section 2.1, where ε is added to the uncorrected root, as in Keras and {@code
 * tensorflow-framework}; PyTorch adds it to √(v'/(1 − β₂^k)). {@code new
 * Adam(1e-3).weightDecay(0.01)} is AdamW.
 *
 * <p>AMSGrad (S. J. Reddi, S. Kale, S. Kumar 2018, <a
 * href="https://arxiv.org/abs/1904.09237">arXiv:1904.09237</a>) has the largest v' so far in the
 * place of v'.
 *
 * @param learningRate α; the paper's default is 0.001
 * @param beta1 β₁, at least 0 and less than 1; default 0.9
 * @param beta2 β₂, at least 0 and less than 1; default 0.999
 * @param epsilon ε, greater than 0; default 1e-7, as in Keras (paper and PyTorch have 1e-8)
 * @param amsgrad whether steps never grow again; default false
 */
public record Adam(
    Schedule learningRate, double beta1, double beta2, double epsilon, boolean amsgrad)
    implements Optimizer {

  public Adam {
    Checks.given("Adam", "learningRate", learningRate);
    Checks.rate("Adam", "beta1", beta1);
    Checks.rate("Adam", "beta2", beta2);
    Checks.require(epsilon > 0, "Adam", "epsilon must be greater than 0", epsilon);
  }

  /**
   * Adam with the default β₁, β₂ and ε.
   *
   * @param learningRate α, greater than 0
   */
  public Adam(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * Adam with the default β₁, β₂ and ε, and a rate that changes.
   *
   * @param learningRate α
   */
  public Adam(Schedule learningRate) {
    this(learningRate, 0.9, 0.999, 1e-7, false);
  }

  /**
   * Adam with a rate that stays.
   *
   * @param learningRate α, greater than 0
   * @param beta1 β₁
   * @param beta2 β₂
   * @param epsilon ε
   */
  public Adam(double learningRate, double beta1, double beta2, double epsilon) {
    this(Schedule.constant(learningRate), beta1, beta2, epsilon, false);
  }

  /**
   * The same as AMSGrad or not.
   *
   * @param largest whether steps never grow again
   * @return the optimizer
   */
  public Adam amsgrad(boolean largest) {
    return new Adam(learningRate, beta1, beta2, epsilon, largest);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    return amsgrad ? withLargest(slots, gradients) : fused(slots, gradients);
  }

  /** The corrections are in the rate, in float64: in float32, 1 − 0.999² has four digits. */
  private Operand<TFloat32> rate(Slots slots, double first, double second) {
    Value<TFloat32> corrections =
        Moves.bias(slots, second).sqrt().over(Moves.bias(slots, first)).float32();
    return corrections.times(new Value<>(slots.tf(), slots.rate(learningRate))).operand();
  }

  private Op fused(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    Operand<TFloat32> rate = rate(slots, (float) beta1, (float) beta2);
    Operand<TFloat32> uncorrected = tf.constant(0f);
    Operand<TFloat32> decay1 = tf.constant((float) beta1);
    Operand<TFloat32> decay2 = tf.constant((float) beta2);
    Operand<TFloat32> small = tf.constant((float) epsilon);
    return gradients.forEach(
        tf,
        (after, g) ->
            after.train.applyAdam(
                g.weight(),
                slots.like("adam/m", g),
                slots.like("adam/v", g),
                uncorrected,
                uncorrected,
                rate,
                decay1,
                decay2,
                small,
                g.value()));
  }

  private Op withLargest(Slots slots, Gradients gradients) {
    Operand<TFloat32> rate = rate(slots, beta1, beta2);
    return gradients.forEach(
        slots.tf(),
        (after, g) -> {
          Moves moves = new Moves(after);
          Value<TFloat32> gradient = moves.value(g.value());
          Value<TFloat32> m = moves.mean(slots.like("adam/m", g), beta1, gradient);
          Value<TFloat32> v = moves.mean(slots.like("adam/v", g), beta2, gradient.square());
          Value<TFloat32> vMax = moves.to(slots.like("adam/vMax", g), largest -> largest.max(v));
          return moves.step(g, m.times(moves.value(rate)).over(vMax.sqrt().plus(epsilon)));
        });
  }
}
