package kazoku.wrap;

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
 * Cells on top of each other within one step: each reads what the one below it shows.
 *
 * <pre>
 * y_0, s_0' = cell_0(x, s_0)                  the lowest cell
 * y_k, s_k' = cell_k(y_k−1, s_k)              the cells above it
 * y = y_K−1                                   output of the highest
 * </pre>
 *
 * <p>The weights and slots are those of the cells, under {@code 0/}, {@code 1/} …; a cell that
 * stands in the list twice has weights of its own at each place. In training what a cell shows to
 * the one above it is dropped out, by masks {@code between/0}, {@code between/1} … that are drawn
 * for each step, as in PyTorch; {@link DropoutWrapper} around single cells has more ways.
 *
 * <p>The same network is several {@link kazoku.RNN} in a row, which do the products of each cell's
 * input for all steps at once. The stack is one cell, for where one is asked for: a decoder, a
 * wrapper around the whole.
 *
 * <p>Source: MultiRNNCell of TensorFlow, StackedRNNCells of Keras, DeepRNN of Sonnet and Haiku.
 *
 * @param cells the cells from the lowest to the highest, at least one; each takes the output of the
 *     one before it
 * @param keepProb the part that drop-out between cells keeps in training, in (0, 1]; 1 by default
 */
public record StackedCell(List<Cell> cells, double keepProb) implements Cell {

  public StackedCell {
    cells = Inner.cells("StackedCell", cells);
    Inner.checkKept("StackedCell", "keepProb", keepProb);
    for (int k = 1; k < cells.size(); k++) {
      Shape below = Trace.of(cells.get(k - 1)).outputShape();
      Checks.require(
          cells.get(k).input().equals(below),
          "StackedCell",
          "the input of cell " + k + " must be the output of the cell below " + Checks.text(below),
          cells.get(k).input());
    }
  }

  /**
   * The stack without drop-out.
   *
   * @param cells the cells from the lowest to the highest
   */
  public StackedCell(List<? extends Cell> cells) {
    this(Inner.cells("StackedCell", cells), 1);
  }

  /**
   * The stack without drop-out.
   *
   * @param cells the cells from the lowest to the highest
   */
  public StackedCell(Cell... cells) {
    this(Inner.cells("StackedCell", cells));
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
    Expr y = x;
    State next = State.of(Map.of());
    for (int k = 0; k < cells.size(); k++) {
      if (k > 0) {
        y = Inner.keep(w, "between/" + (k - 1), keepProb, Weights.Draw.EACH_STEP, y);
      }
      String path = Integer.toString(k);
      Step inner = cells.get(k).step(w.in(path), y, s.in(path));
      y = inner.output();
      next = next.with(path, inner.next());
    }
    return new Step(y, next);
  }
}
