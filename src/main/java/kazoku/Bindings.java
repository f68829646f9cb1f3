package kazoku;

import java.util.function.Supplier;
import kazoku.internal.Vocabulary;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * What the expressions of a {@link Trace} are in a graph: some are given, and what is made of these
 * is built from them, each once. The same expressions are values of one step, {@code [B, …]}, or of
 * all steps at once, {@code [T, B, …]}.
 */
public final class Bindings {
  private final Walk walk;

  /**
   * Bindings without a value.
   *
   * @param w weights in the graph
   * @param leading how many axes stand before those of a row: 1 for a step, 2 for all steps
   * @param sizes builds the sizes of these axes, if they are needed
   */
  public Bindings(Weights w, int leading, Supplier<Operand<TInt32>> sizes) {
    this.walk = new Walk(w.tf(), w.type(), leading, sizes);
  }

  /**
   * Says what an expression is.
   *
   * @param expr the expression
   * @param value its value
   */
  public void put(Expr expr, Operand<? extends TNumber> value) {
    walk.bind(expr, value);
  }

  /**
   * Says what an expression is, if anybody asks for it.
   *
   * @param expr the expression
   * @param value builds its value
   */
  public void put(Expr expr, Supplier<Operand<?>> value) {
    walk.bind(expr, value);
  }

  /**
   * The value of an expression.
   *
   * @param expr the expression; leaves that it depends on must be given
   * @return its value
   */
  public Operand<TNumber> get(Expr expr) {
    return walk.at(expr);
  }

  /**
   * A number in the weights' type.
   *
   * @param value the number
   * @return a scalar
   */
  public Operand<TNumber> scalar(double value) {
    return walk.site().scalar(value);
  }

  /**
   * Whether an expression is the constant 0.
   *
   * @param expr the expression
   * @return false for everything else, be its value 0 or not
   */
  public static boolean isZero(Expr expr) {
    return expr.primitive() instanceof Vocabulary.Constant constant && constant.value() == 0;
  }
}
