package kazoku.wrap;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Puts a dense layer before a cell.
 *
 * <pre>
 * x~ = act(x·P + b)                           what the cell sees      [J]
 * y, s' = cell(x~, s)                         the cell's own step
 * </pre>
 *
 * <p>P {@code [I,J]} starts glorot-uniform, b {@code [J]} as zeros; J is the width of the cell's
 * input. The cell's weights are under {@code cell/}. On images the product is that of the channels
 * at each place.
 *
 * <p>Source: InputProjectionWrapper of tf.contrib.
 *
 * @param cell the cell inside, with an input of width J
 * @param inputSize I, at least 1
 * @param activation act; IDENTITY by default
 */
public record InputProjectionWrapper(Cell cell, int inputSize, Activation activation)
    implements Cell {

  public InputProjectionWrapper {
    Checks.given("InputProjectionWrapper", "cell", cell);
    Inner.checkAxis("InputProjectionWrapper", "the cell's input", cell.input());
    Checks.atLeastOne("InputProjectionWrapper", "inputSize", inputSize);
    Checks.given("InputProjectionWrapper", "activation", activation);
  }

  /**
   * The wrapper with a linear layer.
   *
   * @param cell the cell inside
   * @param inputSize I
   */
  public InputProjectionWrapper(Cell cell, int inputSize) {
    this(cell, inputSize, Activation.IDENTITY);
  }

  @Override
  public Shape input() {
    Shape projected = cell.input();
    return projected.take(projected.numDimensions() - 1).append(inputSize);
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
    Expr seen = activation.apply(Inner.projected(w, x, cell.input().get(-1)));
    Step inner = cell.step(w.in("cell"), seen, s.in("cell"));
    return new Step(inner.output(), Inner.state("cell", inner.next()));
  }
}
