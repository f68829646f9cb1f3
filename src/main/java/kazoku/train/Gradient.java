package kazoku.train;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * The gradient of a loss by one weight.
 *
 * @param name the weight's full name, {@code rnn/cell/U}
 * @param weight the Variable
 * @param value the gradient, of the weight's shape
 */
public record Gradient(String name, Operand<TFloat32> weight, Operand<TFloat32> value) {

  /**
   * The shape of weight and gradient.
   *
   * @return the shape
   */
  public Shape shape() {
    return weight.asOutput().shape();
  }
}
