package kazoku.layers;

import kazoku.Activation;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.RowLayer;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * A function as a layer, for places where no layer before it takes one.
 *
 * <pre>
 * y = f(x)        x, y [I]
 * </pre>
 *
 * @param activation f; softmax is along the last axis
 */
public record ActivationLayer(Activation activation) implements RowLayer {

  public ActivationLayer {
    Checks.given("ActivationLayer", "activation", activation);
  }

  @Override
  public Shape input() {
    return Shape.unknown();
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    return activation.apply(x);
  }
}
