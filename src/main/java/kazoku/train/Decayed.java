package kazoku.train;

import java.util.Collection;
import java.util.List;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * An optimizer that draws weights to zero.
 *
 * @param optimizer what follows the gradients
 * @param how by a step of its own before the update, or by the gradient
 * @param rate λ
 * @param pattern what is found in the names of weights that decay
 */
record Decayed(Optimizer optimizer, How how, double rate, String pattern) implements Optimizer {

  private static final String WHAT = "the pattern of weights that decay";

  enum How {
    DECOUPLED,
    COUPLED
  }

  Decayed {
    Checks.require(rate > 0, "Optimizer", "weight decay must be greater than 0", rate);
    Names.check("Optimizer", WHAT, pattern);
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
    Collection<String> names =
        Names.found(
            "Optimizer", WHAT, pattern, gradients.each().stream().map(Gradient::name).toList());
    List<Gradient> decaying =
        gradients.each().stream().filter(g -> names.contains(g.name())).toList();
    Ops tf = slots.tf();
    Ops after = gradients.after(tf);
    if (how == How.COUPLED) {
      return optimizer.update(
          slots,
          gradients.with(
              g ->
                  decaying.contains(g)
                      ? after.math.add(g.value(), scaled(after, g, after.constant((float) rate)))
                      : g.value()));
    }
    Operand<TFloat32> share = tf.math.mul(slots.rate(learningRate()), tf.constant((float) rate));
    Ops decayed =
        tf.withControlDependencies(
            decaying.stream()
                .<Op>map(g -> after.assignSub(g.weight(), scaled(after, g, share)))
                .toList());
    return optimizer.update(slots, gradients.with(g -> decayed.identity(g.value())));
  }

  private static Operand<TFloat32> scaled(Ops tf, Gradient g, Operand<TFloat32> factor) {
    return tf.math.mul(g.weight(), factor);
  }
}
