package kazoku.internal;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Expr;
import kazoku.Level;

/**
 * The part of a step that no later step is made of, but the output: it is computed after the loop,
 * for all steps at once.
 *
 * @param value the last value that the loop computes for the output
 * @param read the same as a value of all steps
 * @param output the output, made of it
 */
record Readout(Expr value, Expr read, Expr output) {
  /** A value of so many times the output's size is worth being kept for all steps. */
  private static final int MOST_TIMES_THE_OUTPUT = 2;

  /**
   * Finds that part.
   *
   * @param next the states after the step
   * @param output the output
   * @return where the loop ends: as early as one value of about the output's size is all that the
   *     rest needs
   */
  static Readout of(List<Expr> next, Expr output) {
    Set<Expr> loop = Reverse.steps(next);
    Set<Expr> ends = new HashSet<>();
    for (Expr expr : Reverse.steps(List.of(output))) {
      if (!loop.contains(expr)) {
        ends.add(expr);
        ends.addAll(expr.inputs());
      }
    }
    for (Expr expr : Reverse.steps(List.of(output))) {
      if (ends.contains(expr) && isKept(expr, output)) {
        Expr read = Vocabulary.leaf("value", expr.shape(), Level.SEQUENCE);
        Expr rest = Rewriting.replaced(output, new HashMap<>(Map.of(expr, read)));
        if (rest.level() != Level.STEP) {
          return new Readout(expr, read, rest);
        }
      }
    }
    Expr read = Vocabulary.leaf("output", output.shape(), Level.SEQUENCE);
    return new Readout(output, read, read);
  }

  private static boolean isKept(Expr expr, Expr output) {
    return !expr.inputs().isEmpty()
        && !expr.primitive().logical()
        && expr.shape().size() <= MOST_TIMES_THE_OUTPUT * output.shape().size();
  }
}
