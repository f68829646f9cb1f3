package kazoku.layers;

import kazoku.Activation;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.RowLayer;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * The fully connected layer: a product with a weight matrix, a sum, and a function applied.
 *
 * <pre>
 * y = f(x·W + b)        x [I], W [I,O], b [O], y [O]
 * </pre>
 *
 * <p>W starts as a truncated normal with standard deviation 1, as in the Python program that this
 * layer is ported from; for training a deeper network choose {@link Initializer#GLOROT_UNIFORM}. b
 * starts as zeros. Softmax is applied along the last axis.
 *
 * @param inputSize I, at least 1
 * @param outputSize O, at least 1
 * @param activation f; {@link Activation#IDENTITY} by default
 * @param initializer the first W
 */
public record Dense(int inputSize, int outputSize, Activation activation, Initializer initializer)
    implements RowLayer {

  public Dense {
    Checks.atLeastOne("Dense", "inputSize", inputSize);
    Checks.atLeastOne("Dense", "outputSize", outputSize);
    Checks.given("Dense", "activation", activation);
    Checks.given("Dense", "initializer", initializer);
  }

  /**
   * A dense layer with the initial values of the Python program.
   *
   * @param inputSize I
   * @param outputSize O
   * @param activation f
   */
  public Dense(int inputSize, int outputSize, Activation activation) {
    this(inputSize, outputSize, activation, Initializer.truncatedNormal(1));
  }

  /**
   * A linear layer.
   *
   * @param inputSize I
   * @param outputSize O
   */
  public Dense(int inputSize, int outputSize) {
    this(inputSize, outputSize, Activation.IDENTITY);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    Expr W = w.get("W", initializer, inputSize, outputSize);
    Expr b = w.bias("b", outputSize);
    return activation.apply(x.dot(W).plus(b));
  }
}
