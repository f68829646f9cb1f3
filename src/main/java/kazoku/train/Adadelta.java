package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Steps in the unit of the weights: the running mean of past steps says how large the next one is.
 *
 * <pre>
 * v' = ρ·v + (1 − ρ)·g²                    mean of squares, starts at 0
 * δ  = √(u + ε)/√(v' + ε)·g
 * u' = ρ·u + (1 − ρ)·δ²                    mean of squared steps, starts at 0
 * θ' = θ − α·δ
 * </pre>
 *
 * <p>M. D. Zeiler 2012, <a href="https://arxiv.org/abs/1212.5701">arXiv:1212.5701</a>, who has no
 * α.
 *
 * @param learningRate α; the paper's is 1 (Keras has 0.001 by default)
 * @param rho ρ, at least 0 and less than 1; default 0.95
 * @param epsilon ε, greater than 0; default 1e-7, as in Keras (the paper and PyTorch have 1e-6)
 */
public record Adadelta(Schedule learningRate, double rho, double epsilon) implements Optimizer {

  public Adadelta {
    Checks.given("Adadelta", "learningRate", learningRate);
    Checks.rate("Adadelta", "rho", rho);
    Checks.require(epsilon > 0, "Adadelta", "epsilon must be greater than 0", epsilon);
  }

  /**
   * Adadelta with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public Adadelta(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * Adadelta with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public Adadelta(Schedule learningRate) {
    this(learningRate, 0.95, 1e-7);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    Operand<TFloat32> rate = slots.rate(learningRate);
    Operand<TFloat32> decay = tf.constant((float) rho);
    Operand<TFloat32> small = tf.constant((float) epsilon);
    return gradients.forEach(
        tf,
        (after, g) ->
            after.train.applyAdadelta(
                g.weight(),
                slots.like("adadelta/v", g),
                slots.like("adadelta/u", g),
                rate,
                decay,
                small,
                g.value()));
  }
}
