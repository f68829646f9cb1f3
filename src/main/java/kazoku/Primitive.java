package kazoku;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TNumber;

/**
 * One operation of the vocabulary of equations: its forward form, its rule for the gradient, its
 * shape and its glyph, in one place.
 *
 * <p>A primitive speaks of one row, and addresses trailing axes only; so the same primitive is
 * right for one step {@code [B, …]} and for all steps at once {@code [T, B, …]}. The vocabulary
 * that {@link Expr} offers is closed; this class is also the door by which an own operation enters
 * an own cell: {@code Expr.of(myPrimitive, x, y)}.
 */
public abstract class Primitive {
  private final String glyph;

  /**
   * Names the primitive.
   *
   * @param glyph how equations and figures write it: {@code σ}, {@code +}, {@code ·}
   */
  protected Primitive(String glyph) {
    this.glyph = glyph;
  }

  /**
   * How equations and figures write the primitive.
   *
   * @return its glyph
   */
  public final String glyph() {
    return glyph;
  }

  /**
   * Checks the inputs and gives the shape of the result.
   *
   * @param inputs the inputs
   * @return shape of a row of the result
   * @throws IllegalArgumentException if the inputs do not fit, naming them
   */
  public abstract Shape shape(List<Expr> inputs);

  /**
   * The result's levels where it is not the highest of the inputs' levels: a leaf's own.
   *
   * @return the level to start from
   */
  public Level level() {
    return Level.WEIGHT;
  }

  /**
   * Whether the result is true or false rather than a number.
   *
   * @return true for comparisons
   */
  public boolean logical() {
    return false;
  }

  /**
   * Builds the forward operation. Inputs of level {@code WEIGHT} come without leading axes. Nothing
   * here may ask an operand for its shape: inside a gradient that would wait for ever for a lock.
   *
   * @param site where it is built
   * @param node the expression that is built
   * @param inputs the inputs' operands
   * @return the result's operand
   */
  public abstract Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs);

  /**
   * The rule of reverse mode, in the vocabulary itself.
   *
   * @param node the expression
   * @param g the gradient of the loss by the expression, in its shape
   * @return the gradient by each input, in the shape of the result or of the input (what was
   *     broadcast is summed by the caller); null where there is none
   */
  public abstract List<Expr> gradient(Expr node, Expr g);

  /**
   * A product with a weight, {@code lhs·W} or a convolution: its gradient by the weight is formed
   * for all steps at once, after the loop.
   */
  public abstract static class Product extends Primitive {

    /**
     * Names the product.
     *
     * @param glyph how equations write it
     */
    protected Product(String glyph) {
      super(glyph);
    }

    /**
     * Builds the gradient by the weight, the second input.
     *
     * @param site where it is built
     * @param node the product
     * @param lhs the first input of all steps, {@code [N, …]}
     * @param g the gradients by the product of all steps, {@code [N, …]}
     * @return the gradient, in the weight's shape
     */
    public abstract Operand<TNumber> weightGradient(
        Site site, Expr node, Operand<TNumber> lhs, Operand<TNumber> g);
  }
}
