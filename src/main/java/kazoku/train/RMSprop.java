package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Gradients divided by the root of the running mean of their squares.
 *
 * <pre>
 * v' = ρ·v + (1 − ρ)·g²                 mean of squares
 * a' = ρ·a + (1 − ρ)·g                  mean, starts at 0; where centered
 * m' = μ·m + α·g/√(v' + ε)              momentum, starts at 0
 * m' = μ·m + α·g/√(v' − a'² + ε)        where centered: divided by the deviation
 * θ' = θ − m'
 * </pre>
 *
 * <p>T. Tieleman, G. Hinton 2012, lecture 6.5 of "Neural networks for machine learning"; centered:
 * A. Graves 2013, <a href="https://arxiv.org/abs/1308.0850">arXiv:1308.0850</a>, equations 38 to
 * 41. As Keras: v starts at 0, and ε stands below the root. PyTorch adds ε to the root, and α is
 * outside of m.
 *
 * @param learningRate α; 0.001 is usual
 * @param rho ρ, at least 0 and less than 1; default 0.9, as in Keras (PyTorch has 0.99)
 * @param momentum μ, at least 0 and less than 1; default 0
 * @param epsilon ε, greater than 0; default 1e-7, as in Keras (PyTorch has 1e-8)
 * @param centered whether the mean is taken off; default false
 */
public record RMSprop(
    Schedule learningRate, double rho, double momentum, double epsilon, boolean centered)
    implements Optimizer {

  public RMSprop {
    Checks.given("RMSprop", "learningRate", learningRate);
    Checks.rate("RMSprop", "rho", rho);
    Checks.rate("RMSprop", "momentum", momentum);
    Checks.require(epsilon > 0, "RMSprop", "epsilon must be greater than 0", epsilon);
  }

  /**
   * RMSprop with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public RMSprop(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * RMSprop with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public RMSprop(Schedule learningRate) {
    this(learningRate, 0.9, 0, 1e-7, false);
  }

  /**
   * The same with momentum.
   *
   * @param decay μ; 0.9 is usual
   * @return the optimizer
   */
  public RMSprop momentum(double decay) {
    return new RMSprop(learningRate, rho, decay, epsilon, centered);
  }

  /**
   * The same, divided by the deviation from the mean gradient or not.
   *
   * @param around whether the mean is taken off
   * @return the optimizer
   */
  public RMSprop centered(boolean around) {
    return new RMSprop(learningRate, rho, momentum, epsilon, around);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    Operand<TFloat32> rate = slots.rate(learningRate);
    Operand<TFloat32> decay = tf.constant((float) rho);
    Operand<TFloat32> kept = tf.constant((float) momentum);
    Operand<TFloat32> small = tf.constant((float) epsilon);
    return gradients.forEach(
        tf,
        (after, g) -> {
          Operand<TFloat32> v = slots.like("rmsprop/v", g);
          Operand<TFloat32> m = slots.like("rmsprop/m", g);
          return centered
              ? after.train.applyCenteredRmsProp(
                  g.weight(), slots.like("rmsprop/a", g), v, m, rate, decay, kept, small, g.value())
              : after.train.applyRmsProp(g.weight(), v, m, rate, decay, kept, small, g.value());
        });
  }
}
