package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * Adam that begins as momentum and turns to Adam as far as the mean of squares can be trusted: a
 * warm-up that needs no setting.
 *
 * <pre>
 * m' = β₁·m + (1 − β₁)·g                             mean of gradients, starts at 0
 * v' = β₂·v + (1 − β₂)·g²                            mean of squares, starts at 0
 * ρ∞ = 2/(1 − β₂) − 1,  ρ = ρ∞ − 2k·β₂^k/(1 − β₂^k)   k counts updates from 1
 * r  = √((ρ − 4)(ρ − 2)·ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)·ρ))
 * θ' = θ − α·m'/(1 − β₁^k)·r·√(1 − β₂^k)/(√v' + ε)    where ρ > 5
 * θ' = θ − α·m'/(1 − β₁^k)                            else
 * </pre>
 *
 * <p>L. Liu et al. 2020, <a href="https://arxiv.org/abs/1908.03265">arXiv:1908.03265</a>. As
 * PyTorch, whose limit is 5 where the paper has 4.
 *
 * @param learningRate α; PyTorch's default is 0.001
 * @param beta1 β₁, at least 0 and less than 1; default 0.9
 * @param beta2 β₂, more than 0.6, so that ρ∞ is more than 4, and less than 1; default 0.999
 * @param epsilon ε, greater than 0; default 1e-8, as in PyTorch
 */
public record RAdam(Schedule learningRate, double beta1, double beta2, double epsilon)
    implements Optimizer {

  public RAdam {
    Checks.given("RAdam", "learningRate", learningRate);
    Checks.rate("RAdam", "beta1", beta1);
    Checks.require(beta2 > 0.6 && beta2 < 1, "RAdam", "beta2 must be in (0.6, 1)", beta2);
    Checks.require(epsilon > 0, "RAdam", "epsilon must be greater than 0", epsilon);
  }

  /**
   * RAdam with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public RAdam(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * RAdam with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public RAdam(Schedule learningRate) {
    this(learningRate, 0.9, 0.999, 1e-8);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    Value<TFloat64> k = new Value<>(tf, slots.k());
    Value<TFloat64> bias2 = Moves.bias(slots, beta2);
    double longest = 2 / (1 - beta2) - 1;
    Value<TFloat64> length = k.exponentOf(beta2).times(k).times(2).over(bias2).from(longest);
    Operand<TBool> early = length.atMost(5);
    // Where it is not taken it must still be a number.
    Value<TFloat64> known = length.max(5);
    Value<TFloat32> trust =
        known
            .plus(-4)
            .times(known.plus(-2))
            .over(known)
            .times(longest / ((longest - 4) * (longest - 2)))
            .times(bias2)
            .sqrt()
            .float32();
    Value<TFloat32> rate =
        new Value<>(tf, slots.rate(learningRate)).over(Moves.bias(slots, beta1).float32());
    return gradients.forEach(
        tf,
        (after, g) -> {
          Moves moves = new Moves(after);
          Value<TFloat32> gradient = moves.value(g.value());
          Value<TFloat32> m = moves.mean(slots.like("radam/m", g), beta1, gradient);
          Value<TFloat32> v = moves.mean(slots.like("radam/v", g), beta2, gradient.square());
          Value<TFloat32> scaled = m.times(trust).over(v.sqrt().plus(epsilon));
          return moves.step(g, scaled.orIf(early, m).times(rate));
        });
  }
}
