package kazoku.train;

import java.util.Collection;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * An optimizer on limited gradients.
 *
 * @param optimizer what they go to
 * @param by what is limited
 * @param limit the limit
 */
record Clipped(Optimizer optimizer, By by, double limit) implements Optimizer {

  enum By {
    GLOBAL_NORM,
    NORM,
    VALUE
  }

  Clipped {
    Checks.require(limit > 0, "Optimizer", "clipping must be at a limit greater than 0", limit);
  }

  @Override
  public Schedule learningRate() {
    return optimizer.learningRate();
  }

  @Override
  public Collection<String> trained(Collection<String> names) {
    return optimizer.trained(names);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    return optimizer.update(
        slots,
        switch (by) {
          case GLOBAL_NORM -> {
            Operand<TFloat32> factor = factor(tf, gradients.norm(tf));
            yield gradients.with(g -> tf.math.mul(g.value(), factor));
          }
          case NORM -> gradients.with(g -> tf.math.mul(g.value(), factor(tf, norm(tf, g.value()))));
          case VALUE ->
              gradients.with(g -> new Value<>(tf, g.value()).max(-limit).min(limit).operand());
        });
  }

  private static Operand<TFloat32> norm(Ops tf, Operand<TFloat32> gradient) {
    return new Value<>(tf, gradient).square().sum().sqrt().operand();
  }

  private Operand<TFloat32> factor(Ops tf, Operand<TFloat32> norm) {
    return new Value<>(tf, norm).max(limit).under(limit).operand();
  }
}
