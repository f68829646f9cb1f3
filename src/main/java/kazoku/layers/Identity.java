package kazoku.layers;

import kazoku.Checks;
import kazoku.Expr;
import kazoku.RowLayer;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * The layer that gives back what it takes.
 *
 * <pre>
 * y = x        x, y [I]
 * </pre>
 *
 * @param inputSize I, at least 1
 */
public record Identity(int inputSize) implements RowLayer {

  public Identity {
    Checks.atLeastOne("Identity", "inputSize", inputSize);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    return x;
  }
}
