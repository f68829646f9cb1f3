package kazoku.train;

import kazoku.Checks;
import org.tensorflow.op.Op;
import org.tensorflow.types.TFloat32;

/**
 * Adam whose step is as long, for each weight, as the weight itself times the rate; for large
 * batches.
 *
 * <pre>
 * m' = β₁·m + (1 − β₁)·g                                  mean of gradients, starts at 0
 * v' = β₂·v + (1 − β₂)·g²                                 mean of squares, starts at 0
 * r  = m'/(1 − β₁^k) / (√(v'/(1 − β₂^k)) + ε)             k counts updates from 1
 * θ' = θ − α·‖θ‖/‖r‖·r                                    α·r where a norm is 0
 * </pre>
 *
 * <p>Y. You et al. 2020, <a href="https://arxiv.org/abs/1904.00962">arXiv:1904.00962</a>. As Keras:
 * weight decay is a step of its own, {@code new LAMB(1e-3).weightDecay(0.01)}, where the paper adds
 * λ·θ to r.
 *
 * @param learningRate α; 0.001 is usual
 * @param beta1 β₁, at least 0 and less than 1; default 0.9
 * @param beta2 β₂, at least 0 and less than 1; default 0.999
 * @param epsilon ε, greater than 0; default 1e-7, as in Keras (the paper has 1e-6)
 */
public record LAMB(Schedule learningRate, double beta1, double beta2, double epsilon)
    implements Optimizer {

  public LAMB {
    Checks.given("LAMB", "learningRate", learningRate);
    Checks.rate("LAMB", "beta1", beta1);
    Checks.rate("LAMB", "beta2", beta2);
    Checks.require(epsilon > 0, "LAMB", "epsilon must be greater than 0", epsilon);
  }

  /**
   * LAMB with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public LAMB(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * LAMB with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public LAMB(Schedule learningRate) {
    this(learningRate, 0.9, 0.999, 1e-7);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Value<TFloat32> rate = new Value<>(slots.tf(), slots.rate(learningRate));
    Value<TFloat32> bias1 = Moves.bias(slots, beta1).float32();
    Value<TFloat32> bias2 = Moves.bias(slots, beta2).float32();
    return gradients.forEach(
        slots.tf(),
        (after, g) -> {
          Moves moves = new Moves(after);
          Value<TFloat32> gradient = moves.value(g.value());
          Value<TFloat32> m = moves.mean(slots.like("lamb/m", g), beta1, gradient);
          Value<TFloat32> v = moves.mean(slots.like("lamb/v", g), beta2, gradient.square());
          Value<TFloat32> r = m.over(bias1).over(v.over(bias2).sqrt().plus(epsilon));
          Value<TFloat32> ofWeight = moves.value(g.weight()).square().sum().sqrt();
          Value<TFloat32> ofStep = r.square().sum().sqrt();
          Value<TFloat32> ratio = ofWeight.over(ofStep);
          ratio = ratio.orIf(ofWeight.min(ofStep).atMost(0), 1);
          return moves.step(g, r.times(ratio).times(rate));
        });
  }
}
