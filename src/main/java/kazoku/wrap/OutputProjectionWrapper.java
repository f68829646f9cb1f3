package kazoku.wrap;

import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;

/**
 * Brings the cell's output to another width; the state is as it is.
 *
 * <pre>
 * y, s' = cell(x, s)                          the cell's own step
 * out   = f(y·P + b)                          output                 [O]
 * </pre>
 *
 * <p>P {@code [H,O]} starts glorot-uniform, b {@code [O]} as zeros; weights and slots of the cell
 * are under {@code cell/}. On images the product is that of the channels at each place.
 *
 * <p>Source: tf.contrib's OutputProjectionWrapper.
 *
 * @param cell the cell inside
 * @param outputSize O, at least 1
 * @param activation f; IDENTITY by default
 */
public record OutputProjectionWrapper(Cell cell, int outputSize, Activation activation)
    implements Wrapper {

  public OutputProjectionWrapper {
    Checks.given("OutputProjectionWrapper", "cell", cell);
    Inner.checkAxis("OutputProjectionWrapper", "the cell's output", Trace.of(cell).outputShape());
    Checks.atLeastOne("OutputProjectionWrapper", "outputSize", outputSize);
    Checks.given("OutputProjectionWrapper", "activation", activation);
  }

  /**
   * The wrapper without a function.
   *
   * @param cell the cell inside
   * @param outputSize O
   */
  public OutputProjectionWrapper(Cell cell, int outputSize) {
    this(cell, outputSize, Activation.IDENTITY);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step inner = w.in("cell").step(cell, x, s.in("cell"));
    Expr P = w.input("P", inner.output().size(), outputSize);
    Expr out = activation.apply(inner.output().dot(P).plus(w.bias("b", outputSize)));
    return new Step(out, Inner.state("cell", inner.next()));
  }
}
