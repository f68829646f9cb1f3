package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.types.TFloat32;

/**
 * Resilient propagation: only the gradient's sign counts, and each number of each weight has a step
 * of its own, which grows while the sign stays and shrinks where it changes. For whole data sets as
 * one batch.
 *
 * <pre>
 * s  = sign(g·h)                               h the last gradient, starts at 0
 * δ' = η₊·δ where s = 1, η₋·δ where s = −1, δ else    kept in δ₋ to δ₊, starts at 1
 * h' = 0 where s = −1, g else
 * θ' = θ − α·δ'·sign(h')
 * </pre>
 *
 * <p>M. Riedmiller, H. Braun 1993, in the form that does not go back after a change of sign (C.
 * Igel, M. Hüsken 2000, iRprop−). As PyTorch, whose step sizes are α·δ.
 *
 * @param learningRate α, the first step; 0.01 is usual
 * @param shrink η₋, more than 0 and less than 1; default 0.5
 * @param grow η₊, more than 1; default 1.2
 * @param smallest δ₋, more than 0 and at most 1; default 1e-4 (steps of 1e-6 for the α of 0.01, as
 *     in PyTorch)
 * @param largest δ₊, at least 1; default 5000
 */
public record Rprop(
    Schedule learningRate, double shrink, double grow, double smallest, double largest)
    implements Optimizer {

  public Rprop {
    Checks.given("Rprop", "learningRate", learningRate);
    Checks.require(shrink > 0 && shrink < 1, "Rprop", "shrink must be in (0, 1)", shrink);
    Checks.require(grow > 1, "Rprop", "grow must be greater than 1", grow);
    Checks.require(smallest > 0 && smallest <= 1, "Rprop", "smallest must be in (0, 1]", smallest);
    Checks.require(largest >= 1, "Rprop", "largest must be at least 1", largest);
  }

  /**
   * Rprop with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public Rprop(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * Rprop with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public Rprop(Schedule learningRate) {
    this(learningRate, 0.5, 1.2, 1e-4, 5000);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Value<TFloat32> rate = new Value<>(slots.tf(), slots.rate(learningRate));
    return gradients.forEach(
        slots.tf(),
        (after, g) -> {
          Moves moves = new Moves(after);
          Operand<TFloat32> last = slots.like("rprop/h", g);
          Value<TFloat32> gradient = moves.value(g.value());
          // Not of the product, which may be too small for float32.
          Value<TFloat32> s = gradient.sign().times(moves.value(last).sign());
          Value<TFloat32> factor =
              moves
                  .value(after.onesLike(s.operand()))
                  .orIf(s.atLeast(0.5), grow)
                  .orIf(s.atMost(-0.5), shrink);
          Value<TFloat32> size =
              moves.to(
                  slots.like("rprop/d", g, 1), d -> d.times(factor).max(smallest).min(largest));
          Value<TFloat32> next = moves.to(last, h -> gradient.orIf(s.atMost(-0.5), 0));
          return moves.step(g, next.sign().times(size).times(rate));
        });
  }
}
