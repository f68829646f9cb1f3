package kazoku.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.Level;

/** Makes products with weights those of weights that are rounded to bfloat16. */
final class Rounded {
  private final boolean withState;
  private final Map<Expr, Expr> done = new HashMap<>();

  private Rounded(boolean withState) {
    this.withState = withState;
  }

  /**
   * Rounds the products of a step.
   *
   * @param results what the step computes
   * @param withState whether products of what depends on the state are rounded, too
   * @return the same values, in the same order
   */
  static List<Expr> products(List<Expr> results, boolean withState) {
    Rounded rounded = new Rounded(withState);
    return results.stream().map(rounded::rewrite).toList();
  }

  private Expr rewrite(Expr expr) {
    Expr known = done.get(expr);
    if (known == null) {
      known = rewritten(expr);
      done.put(expr, known);
    }
    return known;
  }

  private Expr rewritten(Expr expr) {
    if (expr.level() == Level.WEIGHT) {
      return expr;
    }
    Expr rebuilt = Rewriting.rebuilt(expr, this::rewrite);
    boolean rounds =
        expr.primitive() == Vocabulary.DOT && (withState || expr.level() != Level.STEP);
    if (rounds) {
      Expr weight = Expr.of(Vocabulary.ROUND, List.of(rebuilt.inputs().get(1)));
      return Expr.of(Vocabulary.DOT, List.of(rebuilt.inputs().get(0), weight));
    }
    return rebuilt;
  }
}
