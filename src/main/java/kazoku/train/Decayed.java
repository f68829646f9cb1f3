package kazoku.train;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
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

  enum How {
    DECOUPLED,
    COUPLED
  }

  Decayed {
    Checks.require(rate > 0, "Optimizer", "weight decay must be greater than 0", rate);
    Checks.given("Optimizer", "the pattern of weights that decay", pattern);
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "Optimizer: the pattern of weights that decay must be a regular expression, got "
              + pattern,
          e);
    }
  }

  @Override
  public Schedule learningRate() {
    return optimizer.learningRate();
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    List<Gradient> decaying =
        gradients.each().stream()
            .filter(g -> Pattern.compile(pattern).matcher(g.name()).find())
            .toList();
    Checks.require(
        !decaying.isEmpty(),
        "Optimizer",
        "the pattern of weights that decay must be found in one of "
            + gradients.each().stream().map(Gradient::name).toList(),
        pattern);
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
