package kazoku.draw;

import java.util.List;
import kazoku.Expr;
import kazoku.Primitive;
import kazoku.Site;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TNumber;

/** A function that people know by its name, in the place of the operations it is made of. */
final class Known extends Primitive {
  private final String subscript;
  private final int arguments;
  private final boolean elementwise;
  private final Shape shape;

  private Known(
      String function, String subscript, int arguments, boolean elementwise, Shape shape) {
    super(function);
    this.subscript = subscript;
    this.arguments = arguments;
    this.elementwise = elementwise;
    this.shape = shape;
  }

  /**
   * A function of arguments and of what it is set to.
   *
   * @param arguments how many of the values are arguments
   */
  static Expr of(String function, int arguments, Shape shape, List<Expr> values) {
    return Expr.of(new Known(function, "", arguments, false, shape), values);
  }

  static Expr of(String function, String subscript, Shape shape, Expr value) {
    return Expr.of(new Known(function, subscript, 1, false, shape), List.of(value));
  }

  /** A function that is applied element by element. */
  static Expr elementwise(String function, String subscript, List<Expr> values) {
    Shape shape =
        values.stream()
            .map(Expr::shape)
            .reduce((a, b) -> a.size() >= b.size() ? a : b)
            .orElseThrow();
    return Expr.of(new Known(function, subscript, values.size(), true, shape), values);
  }

  /** The same function of other values. */
  Expr again(List<Expr> values) {
    return elementwise(glyph(), subscript, values);
  }

  String subscript() {
    return subscript;
  }

  int arguments() {
    return arguments;
  }

  boolean isElementwise() {
    return elementwise;
  }

  @Override
  public Shape shape(List<Expr> inputs) {
    return shape;
  }

  @Override
  public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
    throw new UnsupportedOperationException(glyph() + ": is only printed");
  }

  @Override
  public List<Expr> gradient(Expr node, Expr g) {
    throw new UnsupportedOperationException(glyph() + ": is only printed");
  }
}
