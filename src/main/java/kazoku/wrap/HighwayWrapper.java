package kazoku.wrap;

import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;

/**
 * Carries a part of the input past the cell, as much as a gate says.
 *
 * <pre>
 * y, s'     = cell(x, s)                      the cell's own step
 * carry     = σ(x·W_c + b_c)                  how much of the input  [I]
 * transform = 1 − carry                       how much of the output; coupled
 * transform = σ(x·W_t + b_t)                  with a gate of its own
 * out       = x⊙carry + y⊙transform
 * </pre>
 *
 * <p>W_c and W_t {@code [I,I]} start glorot-uniform, b_c {@code [I]} at 1, b_t {@code [I]} at −1;
 * weights and slots of the cell are under {@code cell/}.
 *
 * <p>Source: R. Srivastava, K. Greff, J. Schmidhuber, "Highway Networks", 2015, <a
 * href="https://arxiv.org/abs/1505.00387">arXiv:1505.00387</a>, as in tf.contrib's HighwayWrapper,
 * whose gates see the input and not the cell's output.
 *
 * @param cell the cell inside, whose output has the shape of its input
 * @param coupled whether the two gates sum to 1; true by default
 */
public record HighwayWrapper(Cell cell, boolean coupled) implements Wrapper {

  public HighwayWrapper {
    Checks.given("HighwayWrapper", "cell", cell);
    Inner.checkSameShape("HighwayWrapper", cell);
    Inner.checkAxis("HighwayWrapper", "the cell's input", cell.input());
  }

  /**
   * The wrapper whose gates sum to 1.
   *
   * @param cell the cell inside
   */
  public HighwayWrapper(Cell cell) {
    this(cell, true);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step inner = w.in("cell").step(cell, x, s.in("cell"));
    int size = x.size();
    Expr b_c = w.get("b_c", Initializer.ONES, size);
    Expr carry = x.dot(w.input("W_c", size, size)).plus(b_c).sigmoid();
    Expr transform = carry.oneMinus();
    if (!coupled) {
      Expr b_t = w.get("b_t", Initializer.constant(-1), size);
      transform = x.dot(w.input("W_t", size, size)).plus(b_t).sigmoid();
    }
    Expr out = x.times(carry).plus(inner.output().times(transform));
    return new Step(out, Inner.state("cell", inner.next()));
  }
}
