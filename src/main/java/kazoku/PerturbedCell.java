package kazoku;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.Shape;

/**
 * A cell to whose state something is added after each step; the gradient by it is the gradient by
 * the state.
 *
 * <pre>
 * s' = step(x, s) + p_s                       every slot s
 * </pre>
 *
 * <p>p stands beside the input, as {@link #beside(String)} calls it.
 *
 * @param cell the cell
 */
record PerturbedCell(Cell cell) implements Cell {

  /** What is added to a slot. */
  static String beside(String slot) {
    return "perturbation of " + slot;
  }

  @Override
  public Shape input() {
    return cell.input();
  }

  @Override
  public List<Slot> state() {
    return cell.state();
  }

  @Override
  public State initial(Weights w) {
    return cell.initial(w);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step step = cell.step(w, x, s);
    Map<String, Expr> next = new LinkedHashMap<>();
    Expr output = step.output();
    for (Slot slot : state()) {
      Expr after = step.next().get(slot.name());
      Expr moved = after.plus(w.beside(beside(slot.name()), slot.shape().asArray()));
      next.put(slot.name(), moved);
      if (step.output() == after) {
        output = moved;
      }
    }
    return new Step(output, State.of(next));
  }
}
