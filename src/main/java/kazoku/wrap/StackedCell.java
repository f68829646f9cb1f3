package kazoku.wrap;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
 * Cells in series inside one step: each takes what the one before it gives.
 *
 * <pre>
 * y_0, s_0' = cell_0(x, s_0)                  the first cell
 * y_k, s_k' = cell_k(y_{k−1}, s_k)            each after it
 * y = y_K                                     output of the last
 * </pre>
 *
 * <p>Weights and slots are the cells' own, under {@code 0/}, {@code 1/} … In training what goes
 * from one cell to the next is dropped out by masks {@code 1}, {@code 2} …, drawn for each step.
 *
 * <p>A stack of layers ({@link kazoku.Sequential} of RNNs) gives the same numbers, and runs each
 * layer over all steps before the next; a stack of cells is one cell, and can be wrapped or used as
 * a decoder.
 *
 * <p>Source: TensorFlow's MultiRNNCell, Keras's StackedRNNCells. Keras unwraps the state of a stack
 * of one cell; here it is {@code 0/h} as well.
 *
 * @param cells the cells, at least one, the lowest first
 * @param keepProb the part of what goes from cell to cell that is kept in training, in (0, 1]; 1 by
 *     default
 */
public record StackedCell(List<Cell> cells, double keepProb) implements Cell {

  public StackedCell {
    cells = Inner.cells("StackedCell", cells);
    for (int k = 1; k < cells.size(); k++) {
      Shape below = Trace.of(cells.get(k - 1)).outputShape();
      Checks.require(
          cells.get(k).input().equals(below),
          "StackedCell",
          "the input of cell " + k + " must be the output of the one below, " + Checks.text(below),
          cells.get(k).input());
    }
    Checks.kept("StackedCell", "keepProb", keepProb);
  }

  /**
   * A stack without drop-out.
   *
   * @param cells the cells, the lowest first
   */
  public StackedCell(List<Cell> cells) {
    this(cells, 1);
  }

  /**
   * A stack without drop-out.
   *
   * @param cells the cells, the lowest first
   */
  public StackedCell(Cell... cells) {
    this(Arrays.asList(cells));
  }

  @Override
  public Shape input() {
    return cells.get(0).input();
  }

  @Override
  public List<Slot> state() {
    return Inner.slots(cells);
  }

  @Override
  public State initial(Weights w) {
    return Inner.initial(w, cells);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    State next = State.of(Map.of());
    Expr y = x;
    for (int k = 0; k < cells.size(); k++) {
      String path = Integer.toString(k);
      Expr seen = k == 0 ? x : w.dropOut(path, keepProb, Weights.Draw.EACH_STEP, y);
      Step step = w.in(path).step(cells.get(k), seen, s.in(path));
      next = next.with(path, step.next());
      y = step.output();
    }
    return new Step(y, next);
  }
}
