package kazoku.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.Level;

/**
 * Puts the terms of a sum that do not depend on the state together, so that they are added before
 * the loop: {@code x·W + h·U + b} becomes {@code (x·W + b) + h·U}.
 */
final class Regroup {
  private final Map<Expr, Integer> uses = new HashMap<>();
  private final Map<Expr, Expr> done = new HashMap<>();

  private Regroup(List<Expr> results) {
    results.forEach(r -> uses.merge(r, 1, Integer::sum));
    for (Expr expr : Reverse.steps(results)) {
      expr.inputs().forEach(i -> uses.merge(i, 1, Integer::sum));
    }
  }

  /**
   * Regroups the sums of a step.
   *
   * @param results what the step computes
   * @return the same values, in the same order
   */
  static List<Expr> sums(List<Expr> results) {
    Regroup regroup = new Regroup(results);
    return results.stream().map(regroup::rewrite).toList();
  }

  private Expr rewrite(Expr expr) {
    if (expr.level() != Level.STEP || expr.inputs().isEmpty()) {
      return expr;
    }
    Expr known = done.get(expr);
    if (known == null) {
      known =
          expr.primitive() == Vocabulary.PLUS ? sum(expr) : Rewriting.rebuilt(expr, this::rewrite);
      done.put(expr, known);
    }
    return known;
  }

  private Expr sum(Expr plus) {
    List<Expr> terms = new ArrayList<>();
    terms(plus, terms);
    List<Expr> below = terms.stream().filter(t -> t.level() != Level.STEP).toList();
    if (below.size() < 2) {
      return Rewriting.rebuilt(plus, this::rewrite);
    }
    Expr total = below.stream().reduce(Expr::plus).orElseThrow();
    for (Expr term : terms) {
      if (term.level() == Level.STEP) {
        total = total.plus(rewrite(term));
      }
    }
    return total;
  }

  private void terms(Expr plus, List<Expr> terms) {
    for (Expr term : plus.inputs()) {
      boolean inner = term.primitive() == Vocabulary.PLUS && term.level() == Level.STEP;
      if (inner && uses.get(term) == 1) {
        terms(term, terms);
      } else {
        terms.add(term);
      }
    }
  }
}
