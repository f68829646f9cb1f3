package kazoku.draw;

import java.util.Optional;
import java.util.function.UnaryOperator;
import kazoku.Expr;

/** Several operations that people write as one. */
interface Idiom {

  /**
   * How a value is written, if it is this idiom.
   *
   * @param value a recorded value
   * @param inside gives what the values that it is made of are written as
   */
  Optional<Expr> of(Expr value, UnaryOperator<Expr> inside);
}
