package kazoku.wrap;

import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Brings the input to the width that the cell takes.
 *
 * <pre>
 * x~ = f(x·P + b)                             what the cell sees     [J]
 * y, s' = cell(x~, s)                         the cell's own step
 * </pre>
 *
 * <p>P {@code [I,J]} starts glorot-uniform, b {@code [J]} as zeros; weights and slots of the cell
 * are under {@code cell/}. On images the product is that of the channels at each place.
 *
 * <p>Source: tf.contrib's InputProjectionWrapper.
 *
 * @param cell the cell inside; J is the last axis of its input
 * @param inputSize I, at least 1
 * @param activation f; IDENTITY by default
 */
public record InputProjectionWrapper(Cell cell, int inputSize, Activation activation)
    implements Wrapper {

  public InputProjectionWrapper {
    Checks.given("InputProjectionWrapper", "cell", cell);
    Inner.checkAxis("InputProjectionWrapper", "the cell's input", cell.input());
    Checks.atLeastOne("InputProjectionWrapper", "inputSize", inputSize);
    Checks.given("InputProjectionWrapper", "activation", activation);
  }

  /**
   * The wrapper without a function.
   *
   * @param cell the cell inside
   * @param inputSize I
   */
  public InputProjectionWrapper(Cell cell, int inputSize) {
    this(cell, inputSize, Activation.IDENTITY);
  }

  @Override
  public Shape input() {
    Shape inner = cell.input();
    return inner.take(inner.numDimensions() - 1).append(inputSize);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    int projectionSize = Math.toIntExact(cell.input().get(-1));
    Expr P = w.input("P", inputSize, projectionSize);
    Expr b = w.bias("b", projectionSize);
    Step inner = w.in("cell").step(cell, activation.apply(x.dot(P).plus(b)), s.in("cell"));
    return new Step(inner.output(), Inner.state("cell", inner.next()));
  }
}
