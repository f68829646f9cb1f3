package kazoku.train;

import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.framework.regularizers.L1L2;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Keeps weights small: adds to the loss of training, {@code loss.plus(Regularizer.l2(1e-4,
 * ".*&#47;W"))}.
 *
 * <pre>
 * l1·Σ|w| + l2·Σw²        over the numbers w of all weights whose names fit
 * </pre>
 *
 * <p>As in Keras, sums are not divided by anything and l2 has no factor ½. With {@link Adam} a
 * weight decay that the optimizer applies beside the gradient does better than l2 (I. Loshchilov,
 * F. Hutter, <a href="https://arxiv.org/abs/1711.05101">arXiv:1711.05101</a>). Keras also adds it
 * to the loss that {@code evaluate} gives; here that is the loss alone.
 *
 * @param l1 factor of the absolute values, at least 0
 * @param l2 factor of the squares, at least 0
 * @param weights a regular expression for full names, {@code rnn/cell/U}; it must fit the whole
 *     name of one weight at least
 */
public record Regularizer(double l1, double l2, String weights) {

  public Regularizer {
    Checks.notNegative("Regularizer", "l1", l1);
    Checks.notNegative("Regularizer", "l2", l2);
    Checks.given("Regularizer", "weights", weights);
    try {
      Pattern.compile(weights);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "Regularizer: weights must be a regular expression, got " + weights, e);
    }
  }

  /**
   * Absolute values: drives weights to 0.
   *
   * @param factor what they are multiplied by, at least 0
   * @param weights a regular expression for full names
   * @return the regulariser
   */
  public static Regularizer l1(double factor, String weights) {
    return new Regularizer(factor, 0, weights);
  }

  /**
   * Squares.
   *
   * @param factor what they are multiplied by, at least 0
   * @param weights a regular expression for full names
   * @return the regulariser
   */
  public static Regularizer l2(double factor, String weights) {
    return new Regularizer(0, factor, weights);
  }

  /** What is added to the loss. */
  Operand<TNumber> penalty(Ops tf, Map<String, Operand<TNumber>> all) {
    L1L2 norm = new L1L2((float) l1, (float) l2);
    Operand<TNumber> sum = null;
    for (Map.Entry<String, Operand<TNumber>> weight : all.entrySet()) {
      if (weight.getKey().matches(weights)) {
        // Its value: the gradient of a square of a Variable crashes.
        Operand<TNumber> own = norm.call(tf, tf.identity(weight.getValue()));
        sum = sum == null ? own : tf.math.add(sum, own);
      }
    }
    Checks.require(
        sum != null,
        "Regularizer",
        "weights must fit the name of a trained weight, one of " + new TreeSet<>(all.keySet()),
        weights);
    return sum;
  }
}
