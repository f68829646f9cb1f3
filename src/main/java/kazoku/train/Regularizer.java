package kazoku.train;

import java.util.Map;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.framework.regularizers.L1L2;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Keeps weights small: adds to the loss of training, {@code loss.plus(Regularizer.l2(1e-4,
 * "/W$"))}.
 *
 * <pre>
 * l1·Σ|w| + l2·Σw²        over the numbers w of all weights whose names fit
 * </pre>
 *
 * <p>As in Keras, sums are not divided by anything and l2 has no factor ½. Keras also adds them to
 * the loss that {@code evaluate} gives; here that is the loss alone. {@link Optimizer#l2} with
 * twice the factor has the same gradient, and does not show in the loss; with {@link Adam}, {@link
 * Optimizer#weightDecay} does better than both.
 *
 * @param l1 factor of the absolute values, at least 0
 * @param l2 factor of the squares, at least 0
 * @param pattern a regular expression that is found somewhere in the full name of each weight,
 *     {@code rnn/cell/U}
 */
public record Regularizer(double l1, double l2, String pattern) {

  public Regularizer {
    Checks.notNegative("Regularizer", "l1", l1);
    Checks.notNegative("Regularizer", "l2", l2);
    Names.check("Regularizer", "pattern", pattern);
  }

  /**
   * Absolute values: drives weights to 0.
   *
   * @param factor what they are multiplied by, at least 0
   * @param pattern a regular expression that is found somewhere in the full name of each weight
   * @return the regulariser
   */
  public static Regularizer l1(double factor, String pattern) {
    return new Regularizer(factor, 0, pattern);
  }

  /**
   * Squares.
   *
   * @param factor what they are multiplied by, at least 0
   * @param pattern a regular expression that is found somewhere in the full name of each weight
   * @return the regulariser
   */
  public static Regularizer l2(double factor, String pattern) {
    return new Regularizer(0, factor, pattern);
  }

  /** What is added to the loss. */
  Operand<TNumber> penalty(Ops tf, Map<String, Operand<TNumber>> all) {
    L1L2 norm = new L1L2((float) l1, (float) l2);
    Operand<TNumber> sum = null;
    for (String name : Names.found("Regularizer", "pattern", pattern, all.keySet())) {
      // Its value: the gradient of a square of a Variable crashes.
      Operand<TNumber> own = norm.call(tf, tf.identity(all.get(name)));
      sum = sum == null ? own : tf.math.add(sum, own);
    }
    return sum;
  }
}
