package kazoku.internal;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import kazoku.Expr;
import kazoku.Level;

/** Values made of other values than they were recorded with. */
final class Rewriting {
  private Rewriting() {}

  /**
   * A value of a step in which some values stand in the place of others.
   *
   * @param expr the value
   * @param places what stands in the place of what; what is found out on the way is added
   * @return the value made of that
   */
  static Expr replaced(Expr expr, Map<Expr, Expr> places) {
    if (expr.level() != Level.STEP) {
      return expr;
    }
    Expr known = places.get(expr);
    if (known == null) {
      known = rebuilt(expr, input -> replaced(input, places));
      places.put(expr, known);
    }
    return known;
  }

  /**
   * A value made of what its inputs become.
   *
   * @param expr the value
   * @param change says what an input becomes
   * @return the value itself if none changes
   */
  static Expr rebuilt(Expr expr, UnaryOperator<Expr> change) {
    List<Expr> inputs = expr.inputs().stream().map(change).toList();
    return inputs.equals(expr.inputs()) ? expr : Expr.of(expr.primitive(), inputs);
  }
}
