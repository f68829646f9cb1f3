package kazoku.train;

import java.util.Arrays;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * Adam without momentum, whose mean of squares of a matrix is kept as one number for each row and
 * column: hardly any memory beside the weights.
 *
 * <pre>
 * ρ  = min(α, 1/√k),  β = 1 − k^d              k counts updates from 1
 * q  = g² + ε₁
 * r' = β·r + (1 − β)·mean of q in each row     starts at 0, [I]
 * c' = β·c + (1 − β)·mean of q in each column  starts at 0, [J]
 * v' = r'/mean(r')·c'                          [I, J]
 * v' = β·v + (1 − β)·q                         for weights of one axis or none
 * u  = g/√v'
 * θ' = θ − max(ε₂, rms(θ))·ρ·u/max(1, rms(u)/t)
 * </pre>
 *
 * <p>N. Shazeer, M. Stern 2018, <a href="https://arxiv.org/abs/1804.04235">arXiv:1804.04235</a>. As
 * Keras and PyTorch; of weights with more axes, the last two are rows and columns.
 *
 * @param learningRate α, the largest rate; 0.01 is the paper's
 * @param decay d, less than 0; default −0.8
 * @param epsilon1 ε₁, greater than 0; default 1e-30
 * @param epsilon2 ε₂, greater than 0; default 0.001
 * @param threshold t, greater than 0; default 1
 */
public record Adafactor(
    Schedule learningRate, double decay, double epsilon1, double epsilon2, double threshold)
    implements Optimizer {

  public Adafactor {
    Checks.given("Adafactor", "learningRate", learningRate);
    Checks.require(decay < 0, "Adafactor", "decay must be less than 0", decay);
    Checks.require(epsilon1 > 0, "Adafactor", "epsilon1 must be greater than 0", epsilon1);
    Checks.require(epsilon2 > 0, "Adafactor", "epsilon2 must be greater than 0", epsilon2);
    Checks.require(threshold > 0, "Adafactor", "threshold must be greater than 0", threshold);
  }

  /**
   * Adafactor with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public Adafactor(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * Adafactor with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public Adafactor(Schedule learningRate) {
    this(learningRate, -0.8, 1e-30, 1e-3, 1);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Value<TFloat64> k = new Value<>(slots.tf(), slots.k());
    Value<TFloat32> rate =
        new Value<>(slots.tf(), slots.rate(learningRate)).min(k.pow(-0.5).float32());
    Value<TFloat32> fresh = k.pow(decay).float32();
    return gradients.forEach(
        slots.tf(),
        (after, g) -> {
          Moves moves = new Moves(after);
          Value<TFloat32> gradient = moves.value(g.value());
          Value<TFloat32> u = gradient.over(squares(slots, moves, g, fresh).sqrt());
          Value<TFloat32> size = rms(moves.value(g.weight())).max(epsilon2).times(rate);
          return moves.step(g, u.times(size).over(rms(u).over(threshold).max(1)));
        });
  }

  private Value<TFloat32> squares(Slots slots, Moves moves, Gradient g, Value<TFloat32> fresh) {
    Value<TFloat32> q = moves.value(g.value()).square().plus(epsilon1);
    long[] shape = g.shape().asArray();
    int last = shape.length - 1;
    if (last < 1) {
      return mean(moves, slots.like("adafactor/v", g), fresh, q);
    }
    long[] rows = Arrays.copyOf(shape, last);
    long[] columns = Arrays.copyOf(shape, last);
    columns[last - 1] = shape[last];
    Value<TFloat32> r =
        mean(moves, slots.slot("adafactor/r/" + g.name(), 0, rows), fresh, q.mean(-1, false));
    Value<TFloat32> c =
        mean(moves, slots.slot("adafactor/c/" + g.name(), 0, columns), fresh, q.mean(-2, false));
    return r.over(r.mean(-1, true)).expand(-1).times(c.expand(-2));
  }

  private static Value<TFloat32> mean(
      Moves moves, Operand<TFloat32> slot, Value<TFloat32> fresh, Value<TFloat32> x) {
    return moves.to(slot, m -> m.times(fresh.from(1)).plus(x.times(fresh)));
  }

  private static Value<TFloat32> rms(Value<TFloat32> x) {
    return x.square().mean().sqrt();
  }
}
