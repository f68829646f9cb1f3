package kazoku.wrap;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Gives a cell a shortcut: the output is the cell's output and the input, added.
 *
 * <pre>
 * y, s' = cell(x, s)                          the cell's own step
 * y' = x + y                                  ADD
 * y' = x⊙y                                    MULTIPLY
 * </pre>
 *
 * <p>The state is the cell's, which does not see the shortcut; so gradients reach lower cells of a
 * deep stack without passing through this one. The weights are the cell's, under {@code cell/}.
 *
 * <p>Source: ResidualWrapper of TensorFlow, ResidualCell of MXNet, {@code
 * deep_rnn_with_residual_connections} of Sonnet; after Y. Wu et al., "Google's Neural Machine
 * Translation System", 2016, <a href="https://arxiv.org/abs/1609.08144">arXiv:1609.08144</a>.
 *
 * @param cell the cell inside, whose output has the shape of its input
 * @param residualFunction how input and output are put together; ADD by default
 */
public record ResidualWrapper(Cell cell, ResidualFunction residualFunction) implements Cell {

  /** How a cell's input and its output are put together. */
  public enum ResidualFunction {
    /** The sum. */
    ADD,
    /** The product, element by element. */
    MULTIPLY
  }

  public ResidualWrapper {
    Inner.checkSameShape("ResidualWrapper", cell);
    Checks.given("ResidualWrapper", "residualFunction", residualFunction);
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
  public Shape input() {
    return cell.input();
  }

  @Override
  public List<Slot> state() {
    return Inner.slots("cell", cell);
  }

  @Override
  public State initial(Weights w) {
    return Inner.initial(w, cell);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step inner = cell.step(w.in("cell"), x, s.in("cell"));
    Expr y =
        switch (residualFunction) {
          case ADD -> x.plus(inner.output());
          case MULTIPLY -> x.times(inner.output());
        };
    return new Step(y, Inner.state("cell", inner.next()));
  }
}
