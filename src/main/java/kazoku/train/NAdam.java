package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * Adam with Nesterov's momentum, which slowly grows to its full value.
 *
 * <pre>
 * μ_k = β₁·(1 − ½·0.96^(k·ψ))           momentum of update k, counted from 1
 * π'  = π·μ_k                           product of all so far, starts at 1
 * m'  = β₁·m + (1 − β₁)·g               mean of gradients, starts at 0
 * v'  = β₂·v + (1 − β₂)·g²              mean of squares, starts at 0
 * s   = μ_(k+1)·m'/(1 − π'·μ_(k+1)) + (1 − μ_k)·g/(1 − π')
 * θ'  = θ − α·s/(√(v'/(1 − β₂^k)) + ε)
 * </pre>
 *
 * <p>T. Dozat 2016, "Incorporating Nesterov momentum into Adam". ψ is 0.004 in the paper and in
 * PyTorch; Keras has 1, and so a momentum that is near its full value soon.
 *
 * @param learningRate α; PyTorch's default is 0.002
 * @param beta1 β₁, at least 0 and less than 1; default 0.9
 * @param beta2 β₂, at least 0 and less than 1; default 0.999
 * @param epsilon ε, greater than 0; default 1e-7, as in Keras (PyTorch has 1e-8)
 * @param momentumDecay ψ, at least 0; default 0.004
 */
public record NAdam(
    Schedule learningRate, double beta1, double beta2, double epsilon, double momentumDecay)
    implements Optimizer {

  public NAdam {
    Checks.given("NAdam", "learningRate", learningRate);
    Checks.rate("NAdam", "beta1", beta1);
    Checks.rate("NAdam", "beta2", beta2);
    Checks.require(epsilon > 0, "NAdam", "epsilon must be greater than 0", epsilon);
    Checks.notNegative("NAdam", "momentumDecay", momentumDecay);
  }

  /**
   * NAdam with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public NAdam(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * NAdam with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public NAdam(Schedule learningRate) {
    this(learningRate, 0.9, 0.999, 1e-7, 0.004);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    Value<TFloat64> k = new Value<>(tf, slots.k());
    Value<TFloat64> now = momentum(k);
    Value<TFloat64> next = momentum(k.plus(1));
    Operand<TFloat32> productSlot = slots.slot("nadam/product", 1);
    Value<TFloat32> product = new Value<>(tf, productSlot).times(now.float32());
    Value<TFloat32> rate = new Value<>(tf, slots.rate(learningRate));
    Value<TFloat32> ofMean = rate.times(next.float32()).over(product.times(next.float32()).from(1));
    Value<TFloat32> ofGradient = rate.times(now.from(1).float32()).over(product.from(1));
    Value<TFloat32> bias2 = Moves.bias(slots, beta2).float32();
    Op moved =
        gradients.forEach(
            tf,
            (after, g) -> {
              Moves moves = new Moves(after);
              Value<TFloat32> gradient = moves.value(g.value());
              Value<TFloat32> m = moves.mean(slots.like("nadam/m", g), beta1, gradient);
              Value<TFloat32> v = moves.mean(slots.like("nadam/v", g), beta2, gradient.square());
              Value<TFloat32> s = m.times(ofMean).plus(gradient.times(ofGradient));
              return moves.step(g, s.over(v.over(bias2).sqrt().plus(epsilon)));
            });
    return tf.withControlDependencies(moved).assign(productSlot, product.operand());
  }

  private Value<TFloat64> momentum(Value<TFloat64> k) {
    return k.times(momentumDecay).exponentOf(0.96).times(0.5).from(1).times(beta1);
  }
}
