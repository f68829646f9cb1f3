package kazoku.wrap;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;

/**
 * Drop-out of weights and not of values (DropConnect): in training, entries of a cell's recurrent
 * matrices are left out for a whole sequence.
 *
 * <pre>
 * U~ = mask⊙U / keepProb                      what the cell sees for each matrix U
 * y, s' = cell(x, s)                          the cell's own step
 * </pre>
 *
 * <p>There is one mask for all rows of the batch and all steps, named as the weight, {@code U},
 * with dots in a path: {@code cell.U}. Weights and slots are the cell's, under {@code cell/}; in
 * evaluation the cell is as it is.
 *
 * <p>Source: S. Merity, N. Keskar, R. Socher, "Regularizing and Optimizing LSTM Language Models",
 * ICLR 2018, <a href="https://arxiv.org/abs/1708.02182">arXiv:1708.02182</a>. {@code variational}
 * is the flag of the authors' code (awd-lstm-lm), which then drops in evaluation too; this wrapper
 * never does.
 *
 * @param cell the cell inside
 * @param pattern the weights that are dropped out, a regular expression for their names without the
 *     path of this wrapper; by default those whose last part is {@code U} or begins with {@code U_}
 * @param keepProb the part that is kept in training, in (0, 1]
 * @param variational whether a column of a matrix is kept or dropped as one; false by default
 */
public record WeightDropWrapper(Cell cell, String pattern, double keepProb, boolean variational)
    implements Wrapper {
  private static final String RECURRENT = "(.*/)?U(_.*)?";

  public WeightDropWrapper {
    Checks.given("WeightDropWrapper", "cell", cell);
    Checks.given("WeightDropWrapper", "pattern", pattern);
    List<String> names = List.copyOf(Trace.of(cell).weights().asked().keySet());
    Checks.require(
        names.stream().anyMatch(compiled(pattern).asMatchPredicate()),
        "WeightDropWrapper",
        "pattern must match one of the cell's weights, " + names,
        pattern);
    Checks.kept("WeightDropWrapper", "keepProb", keepProb);
  }

  /**
   * The wrapper for recurrent matrices, entry by entry.
   *
   * @param cell the cell inside
   * @param keepProb the part that is kept in training
   */
  public WeightDropWrapper(Cell cell, double keepProb) {
    this(cell, RECURRENT, keepProb, false);
  }

  private static Pattern compiled(String pattern) {
    try {
      return Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "WeightDropWrapper: pattern must be a regular expression, got " + pattern, e);
    }
  }

  @Override
  public State initial(Weights w) {
    return Inner.state("cell", cell.initial(dropped(w)));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step inner = dropped(w).step(cell, x, s.in("cell"));
    return new Step(inner.output(), Inner.state("cell", inner.next()));
  }

  private Weights dropped(Weights w) {
    Weights inside = w.in("cell");
    if (keepProb == 1 || !w.training()) {
      return inside;
    }
    Pattern names = compiled(pattern);
    return inside.through(
        (plain, symbol, initializer, shape) -> {
          Expr U = plain.get(symbol, initializer, shape);
          if (!names.matcher(symbol).matches()) {
            return U;
          }
          long[] drawn = shape.clone();
          if (variational && shape.length > 1) {
            Arrays.fill(drawn, 0, shape.length - 1, 1);
          }
          Expr mask = w.mask(symbol.replace('/', '.'), keepProb, Weights.Draw.ONCE, drawn);
          return mask.times(1 / keepProb).times(U);
        });
  }
}
