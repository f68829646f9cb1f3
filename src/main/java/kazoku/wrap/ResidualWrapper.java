package kazoku.wrap;

import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;

/**
 * Adds the input to the output, so that the cell learns what to change.
 *
 * <pre>
 * y, s' = cell(x, s)                          the cell's own step
 * out = y + x                                 ADD
 * out = y⊙x                                   MULTIPLY
 * </pre>
 *
 * <p>Weights and slots are the cell's, under {@code cell/}; the state is untouched.
 *
 * <p>Source: TensorFlow's ResidualWrapper, MXNet's ResidualCell; Y. Wu et al., "Google's Neural
 * Machine Translation System", 2016, <a
 * href="https://arxiv.org/abs/1609.08144">arXiv:1609.08144</a>.
 *
 * @param cell the cell inside, whose output has the shape of its input
 * @param residualFunction how input and output are combined; ADD by default
 */
public record ResidualWrapper(Cell cell, ResidualFunction residualFunction) implements Wrapper {

  /** How input and output are combined. */
  public enum ResidualFunction {
    /** The sum. */
    ADD,
    /** The elementwise product. */
    MULTIPLY
  }

  public ResidualWrapper {
    Checks.given("ResidualWrapper", "cell", cell);
    Checks.given("ResidualWrapper", "residualFunction", residualFunction);
    Inner.checkSameShape("ResidualWrapper", cell);
  }

  /**
   * The wrapper that adds.
   *
   * @param cell the cell inside
   */
  public ResidualWrapper(Cell cell) {
    this(cell, ResidualFunction.ADD);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step inner = w.in("cell").step(cell, x, s.in("cell"));
    Expr y = inner.output();
    Expr out = residualFunction == ResidualFunction.ADD ? y.plus(x) : y.times(x);
    return new Step(out, Inner.state("cell", inner.next()));
  }
}
