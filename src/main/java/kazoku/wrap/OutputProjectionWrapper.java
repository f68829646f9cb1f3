package kazoku.wrap;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Puts a dense layer behind a cell.
 *
 * <pre>
 * y, s' = cell(x, s)                          the cell's own step     [H]
 * y' = act(y·P + b)                           output                  [O]
 * </pre>
 *
 * <p>The state is the cell's own and not projected; {@link kazoku.cells.ProjectedLSTMCell} feeds
 * its projection back. P {@code [H,O]} starts glorot-uniform, b {@code [O]} as zeros; the cell's
 * weights are under {@code cell/}. On images the product is that of the channels at each place.
 *
 * <p>Source: OutputProjectionWrapper of tf.contrib. Behind an {@link kazoku.RNN}, {@link
 * kazoku.layers.Dense} is the same.
 *
 * @param cell the cell inside, with an output of width H
 * @param outputSize O, at least 1
 * @param activation act; IDENTITY by default
 */
public record OutputProjectionWrapper(Cell cell, int outputSize, Activation activation)
    implements Cell {

  public OutputProjectionWrapper {
    Checks.given("OutputProjectionWrapper", "cell", cell);
    Inner.checkAxis("OutputProjectionWrapper", "the cell's output", Trace.of(cell).outputShape());
    Checks.atLeastOne("OutputProjectionWrapper", "outputSize", outputSize);
    Checks.given("OutputProjectionWrapper", "activation", activation);
  }

  /**
   * The wrapper with a linear layer.
   *
   * @param cell the cell inside
   * @param outputSize O
   */
  public OutputProjectionWrapper(Cell cell, int outputSize) {
    this(cell, outputSize, Activation.IDENTITY);
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
    Expr y = activation.apply(Inner.projected(w, inner.output(), outputSize));
    return new Step(y, Inner.state("cell", inner.next()));
  }
}
