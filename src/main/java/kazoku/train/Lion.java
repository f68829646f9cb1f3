package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.types.TFloat32;

/**
 * Steps of one size for all weights, in the direction of the sign of momentum and gradient.
 *
 * <pre>
 * θ' = θ − α·sign(β₁·m + (1 − β₁)·g)
 * m' = β₂·m + (1 − β₂)·g                mean of gradients, starts at 0
 * </pre>
 *
 * <p>X. Chen et al. 2023, <a href="https://arxiv.org/abs/2302.06675">arXiv:2302.06675</a>. It takes
 * a rate 3 to 10 times smaller, and a weight decay as much larger, than Adam.
 *
 * @param learningRate α; the paper's default is 0.0001
 * @param beta1 β₁, at least 0 and less than 1; default 0.9
 * @param beta2 β₂, at least 0 and less than 1; default 0.99
 */
public record Lion(Schedule learningRate, double beta1, double beta2) implements Optimizer {

  public Lion {
    Checks.given("Lion", "learningRate", learningRate);
    Checks.rate("Lion", "beta1", beta1);
    Checks.rate("Lion", "beta2", beta2);
  }

  /**
   * Lion with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public Lion(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * Lion with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public Lion(Schedule learningRate) {
    this(learningRate, 0.9, 0.99);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Value<TFloat32> rate = new Value<>(slots.tf(), slots.rate(learningRate));
    return gradients.forEach(
        slots.tf(),
        (after, g) -> {
          Moves moves = new Moves(after);
          Value<TFloat32> gradient = moves.value(g.value());
          Operand<TFloat32> slot = slots.like("lion/m", g);
          Value<TFloat32> direction =
              moves.value(slot).times(beta1).plus(gradient.times(1 - beta1)).sign();
          moves.mean(slot, beta2, gradient);
          return moves.step(g, direction.times(rate));
        });
  }
}
