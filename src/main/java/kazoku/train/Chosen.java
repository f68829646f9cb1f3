package kazoku.train;

import java.util.Collection;
import org.tensorflow.op.Op;

/**
 * An optimizer of some weights.
 *
 * @param optimizer what follows their gradients
 * @param pattern what is found in the names of the weights that are trained
 */
record Chosen(Optimizer optimizer, String pattern) implements Optimizer {
  private static final String WHAT = "the pattern of weights that are trained";

  Chosen {
    Names.check("Optimizer", WHAT, pattern);
  }

  @Override
  public Schedule learningRate() {
    return optimizer.learningRate();
  }

  @Override
  public Collection<String> trained(Collection<String> names) {
    return optimizer.trained(Names.found("Optimizer", WHAT, pattern, names));
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Collection<String> chosen =
        Names.found(
            "Optimizer", WHAT, pattern, gradients.each().stream().map(Gradient::name).toList());
    return optimizer.update(
        slots,
        new Gradients(
            gradients.each().stream().filter(g -> chosen.contains(g.name())).toList(),
            gradients.count()));
  }
}
