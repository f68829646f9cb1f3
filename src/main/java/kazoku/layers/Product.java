package kazoku.layers;

import kazoku.Checks;
import kazoku.Expr;
import kazoku.Level;
import kazoku.internal.Rows;
import kazoku.internal.Vocabulary;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * The elementwise product of two inputs.
 *
 * <pre>
 * y = x₁⊙x₂        x₁, x₂, y [I]
 * </pre>
 *
 * @param inputSize I, at least 1
 */
public record Product(int inputSize) {

  public Product {
    Checks.atLeastOne("Product", "inputSize", inputSize);
  }

  /**
   * The layer's equation.
   *
   * @param x1 one row of the first input
   * @param x2 one row of the second input
   * @return one row of the output
   */
  public Expr equation(Expr x1, Expr x2) {
    return x1.times(x2);
  }

  /**
   * Builds the layer.
   *
   * @param <T> the working type
   * @param tf operations of the graph
   * @param x1 the first input, {@code [.., I]}
   * @param x2 the second input, of the same shape
   * @return their product
   * @throws IllegalArgumentException if the inputs do not fit
   */
  @SuppressWarnings("unchecked") // The product has the type of its factors.
  public <T extends TNumber> Operand<T> apply(Ops tf, Operand<T> x1, Operand<T> x2) {
    Shape row = Shape.of(inputSize);
    Expr first = Vocabulary.leaf("x₁", row, Level.SEQUENCE);
    Expr second = Vocabulary.leaf("x₂", row, Level.SEQUENCE);
    int leading = Rows.leadingAxes("Product", row, x1);
    Checks.require(
        x2.shape().isCompatibleWith(x1.shape()),
        "Product",
        "both inputs must have one shape, " + Checks.text(x1.shape()),
        x2.shape());
    Walk walk = Walk.batchMajor(tf, x1.type(), leading, x1);
    walk.bind(first, x1);
    walk.bind(second, x2);
    return (Operand<T>) walk.at(equation(first, second));
  }
}
