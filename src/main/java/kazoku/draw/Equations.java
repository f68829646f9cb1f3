package kazoku.draw;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.RowLayer;
import kazoku.Trace;
import kazoku.Weights;

/**
 * The equations of a step, printed from what it computes. {@code Equations.of(new GRUCell(3, 4))}
 * is as text
 *
 * <pre>
 * [z,r] = σ(split_2(x·W_zr + h·U_zr + b_zr))
 * n  = tanh(x·W_n + (r⊙h)·U_n + b_n)
 * h' = z⊙h + (1−z)⊙n
 * </pre>
 *
 * <p>and its last line as LaTeX is {@code h' &= z \odot h + (1 - z) \odot n}.
 *
 * <p>A line is printed for each quantity that the code names ({@link kazoku.Expr#as}), for each cut
 * whose blocks have names ({@link kazoku.Parts#as}), for each next state, and for the output, which
 * is y if it has no name. A larger value that is used more than once without a name gets one: a,
 * a_2. Settings are printed as the numbers and functions that they are. Not printed is what changes
 * no value: reshaping, unless an axis is added for an outer product, and what only bends gradients.
 * Normalisations are printed as {@code LN(a; gain, shift)} and {@code BN(a; gain, shift)}, without
 * their epsilon.
 */
public final class Equations {
  private final List<Equation> equations;

  private Equations(List<Equation> equations) {
    this.equations = equations;
  }

  /**
   * The equations of a cell as it is evaluated: without drop-out, with running statistics.
   *
   * @param cell the cell
   * @return its equations
   */
  public static Equations of(Cell cell) {
    Checks.given("Equations", "cell", cell);
    return of(Trace.of(cell, Weights.symbolic().forEvaluation()));
  }

  /**
   * The equations of a recorded step.
   *
   * @param trace the step
   * @return its equations
   */
  public static Equations of(Trace trace) {
    Checks.given("Equations", "trace", trace);
    return new Equations(Script.of(WrittenStep.of(trace)));
  }

  /**
   * The equations of a layer that treats every row alike.
   *
   * @param layer the layer
   * @return its equations; the input is x and the output y
   */
  public static Equations of(RowLayer layer) {
    Checks.given("Equations", "layer", layer);
    return new Equations(Script.of(WrittenStep.of(layer)));
  }

  /**
   * The equations as text, one in a line.
   *
   * @return lines in the notation of {@code kazoku.cells}, without a line end behind the last
   */
  public String text() {
    return new TextNotation().lines(equations);
  }

  /**
   * The equations as LaTeX.
   *
   * @return an {@code aligned} environment, for use between {@code \[} and {@code \]}
   */
  public String latex() {
    return new LatexNotation().lines(equations);
  }

  @Override
  public String toString() {
    return text();
  }
}
