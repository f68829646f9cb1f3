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
  /** A product with a matrix of blocks on the diagonal: of a value, and of the blocks. */
  static final String BLOCK_DIAGONAL = "diag";

  /** The lengths of columns. */
  static final String LENGTH = "‖";

  private final String subscript;
  private final int arguments;
  private final int read;
  private final boolean elementwise;
  private final Shape shape;
  private final Expr spelled;

  private Known(
      String function,
      String subscript,
      int arguments,
      int read,
      boolean elementwise,
      Shape shape,
      Expr spelled) {
    super(function);
    this.subscript = subscript;
    this.arguments = arguments;
    this.read = read;
    this.elementwise = elementwise;
    this.shape = shape;
    this.spelled = spelled;
  }

  /**
   * A function of arguments and of what it is set to.
   *
   * @param arguments how many of the values are arguments
   */
  static Expr of(String function, int arguments, Shape shape, List<Expr> values) {
    int count = values.size();
    return Expr.of(new Known(function, "", arguments, count, false, shape, null), values);
  }

  /** A function that is applied element by element. */
  static Expr elementwise(String function, String subscript, List<Expr> values) {
    int count = values.size();
    return elementwise(function, subscript, count, count, values);
  }

  /**
   * A function that is applied element by element, of arguments and of what it is set to.
   *
   * @param arguments how many of the values are arguments
   * @param read how many of them equations mention
   */
  static Expr elementwise(
      String function, String subscript, int arguments, int read, List<Expr> values) {
    Shape shape =
        values.subList(0, arguments).stream()
            .map(Expr::shape)
            .reduce((a, b) -> a.size() >= b.size() ? a : b)
            .orElseThrow();
    return Expr.of(new Known(function, subscript, arguments, read, true, shape, null), values);
  }

  /**
   * A function that is one step of a figure, and a formula in equations.
   *
   * @param spelled the formula
   */
  static Expr spelled(String function, Expr spelled, List<Expr> values) {
    int count = values.size();
    return Expr.of(new Known(function, "", 1, count, false, spelled.shape(), spelled), values);
  }

  /** The same function, element by element, of other values. */
  Expr again(List<Expr> values) {
    return elementwise(glyph(), subscript, arguments, read, values);
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

  /** The formula that equations have for it; null if they call it by its name. */
  Expr spelled() {
    return spelled;
  }

  /** The inputs of a value that equations mention. */
  static List<Expr> read(Expr value) {
    return value.primitive() instanceof Known known
        ? value.inputs().subList(0, known.read)
        : value.inputs();
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
