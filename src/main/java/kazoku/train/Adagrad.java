package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Smaller steps for what has had large gradients: each is divided by the root of the sum of all
 * past squares. Rare features keep their pace; the pace of all only ever falls.
 *
 * <pre>
 * s' = s + g²                  sum of squares
 * θ' = θ − α·g/(√s' + ε)
 * </pre>
 *
 * <p>J. Duchi, E. Hazan, Y. Singer 2011, JMLR 12. As PyTorch; Keras has √(s' + ε).
 *
 * @param learningRate α; 0.01 is usual
 * @param initial what s starts at, at least 0; default 0.1, as in Keras (PyTorch has 0)
 * @param epsilon ε, greater than 0; default 1e-7, as in Keras (PyTorch has 1e-10)
 */
public record Adagrad(Schedule learningRate, double initial, double epsilon) implements Optimizer {

  public Adagrad {
    Checks.given("Adagrad", "learningRate", learningRate);
    Checks.notNegative("Adagrad", "initial", initial);
    Checks.require(epsilon > 0, "Adagrad", "epsilon must be greater than 0", epsilon);
  }

  /**
   * Adagrad with the defaults.
   *
   * @param learningRate α, greater than 0
   */
  public Adagrad(double learningRate) {
    this(Schedule.constant(learningRate));
  }

  /**
   * Adagrad with the defaults, and a rate that changes.
   *
   * @param learningRate α
   */
  public Adagrad(Schedule learningRate) {
    this(learningRate, 0.1, 1e-7);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Ops tf = slots.tf();
    Operand<TFloat32> rate = slots.rate(learningRate);
    Operand<TFloat32> small = tf.constant((float) epsilon);
    return gradients.forEach(
        tf,
        (after, g) ->
            after.train.applyAdagradV2(
                g.weight(), slots.like("adagrad/s", g, initial), rate, small, g.value()));
  }
}
