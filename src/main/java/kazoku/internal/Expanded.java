package kazoku.internal;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;

/**
 * Keeps in the loop what does not depend on the state but is much larger than what it is made of,
 * as the matrix that two vectors are multiplied to: for all steps at once it would be written to
 * memory and read from there, by its gradient a second time.
 */
final class Expanded {
  /** So many times as large as what it is made of. */
  private static final int TIMES = 4;

  private final Map<Expr, Expr> done = new HashMap<>();
  private final Map<Expr, Expr> within = new HashMap<>();

  /**
   * Keeps such values in the loop.
   *
   * @param results what a step computes
   * @return the same values, in the same order
   */
  static List<Expr> atEachStep(List<Expr> results) {
    Expanded expanded = new Expanded();
    return results.stream().map(expanded::rewrite).toList();
  }

  private Expr rewrite(Expr expr) {
    if (expr.level() != Level.STEP) {
      return isExpanded(expr) ? within(expr) : expr;
    }
    Expr known = done.get(expr);
    if (known == null) {
      known = Rewriting.rebuilt(expr, this::rewrite);
      done.put(expr, known);
    }
    return known;
  }

  private static boolean isExpanded(Expr expr) {
    if (expr.level() != Level.SEQUENCE) {
      return false;
    }
    Set<Expr> sources = new HashSet<>();
    collect(expr, expr.shape().size(), sources, new HashSet<>());
    return TIMES * sources.stream().mapToLong(e -> e.shape().size()).sum() <= expr.shape().size();
  }

  /** The values of all steps that a value is made of, as far down as they are as large as it. */
  private static void collect(Expr expr, long size, Set<Expr> sources, Set<Expr> seen) {
    if (!seen.add(expr)) {
      return;
    }
    if (expr.inputs().isEmpty() || expr.primitive() instanceof Primitive.Product) {
      sources.add(expr);
      return;
    }
    for (Expr input : expr.inputs()) {
      if (input.level() == Level.SEQUENCE) {
        if (isLarge(input, size)) {
          collect(input, size, sources, seen);
        } else {
          sources.add(input);
        }
      }
    }
  }

  private static boolean isLarge(Expr expr, long size) {
    return TIMES * expr.shape().size() > size;
  }

  private Expr within(Expr expr) {
    return within(expr, expr.shape().size());
  }

  private Expr within(Expr expr, long size) {
    Expr known = within.get(expr);
    if (known == null) {
      known =
          Rewriting.rebuilt(
              expr,
              i ->
                  i.level() != Level.SEQUENCE
                      ? i
                      : isLarge(i, size) ? within(i, size) : Axes.eachStep(i));
      within.put(expr, known);
    }
    return known;
  }
}
