package kazoku.decode;

import java.util.Arrays;
import java.util.List;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * The best path, read from its last label to its first.
 *
 * <pre>
 * label' = from[label]                            where the path came from                [1]
 * output = label
 * </pre>
 *
 * <p>{@code from} is the input, the best label before each label. The slot begins with the last
 * label.
 */
record TraceBackCell(int labels) implements Cell {
  static final String LABEL = "label";

  @Override
  public Shape input() {
    return Shape.of(labels);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of(LABEL, 1));
  }

  @Override
  public Step step(Weights w, Expr from, State s) {
    double[] count = new double[labels];
    Arrays.setAll(count, i -> i);
    Expr label = s.get(LABEL);
    Expr here = label.minus(Expr.constant(count, labels)).equalTo(0);
    return new Step(label, State.of(LABEL, here.where(from, Expr.constant(0)).sum()));
  }
}
