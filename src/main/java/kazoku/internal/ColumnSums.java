package kazoku.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.Level;

/**
 * Sums the columns of matrices of all steps where they stand. Equations write {@code Σ(Aᵀ)}; by the
 * letter all steps would be laid out anew, and read from memory once more.
 */
final class ColumnSums {
  private final Map<Expr, Expr> done = new HashMap<>();

  private ColumnSums() {}

  /**
   * Rewrites such sums.
   *
   * @param results what a step computes
   * @return the same values, in the same order
   */
  static List<Expr> inPlace(List<Expr> results) {
    ColumnSums sums = new ColumnSums();
    return results.stream().map(sums::rewrite).toList();
  }

  private Expr rewrite(Expr expr) {
    if (expr.level() != Level.STEP && expr.level() != Level.SEQUENCE) {
      return expr;
    }
    Expr known = done.get(expr);
    if (known == null) {
      known = isOfColumns(expr) ? sum(expr) : Rewriting.rebuilt(expr, this::rewrite);
      done.put(expr, known);
    }
    return known;
  }

  private static boolean isOfColumns(Expr expr) {
    return expr.level() == Level.SEQUENCE
        && expr.primitive() == Axes.SUM
        && expr.inputs().get(0).primitive() == Axes.TRANSPOSE;
  }

  private Expr sum(Expr expr) {
    Expr matrix = rewrite(expr.inputs().get(0).inputs().get(0));
    return Expr.of(Axes.SUM_OF_COLUMNS, List.of(matrix)).transpose();
  }
}
