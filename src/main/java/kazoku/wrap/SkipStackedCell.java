package kazoku.wrap;

import java.util.ArrayList;
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
 * Cells on top of each other with shortcuts: each sees the input beside what the one below it
 * shows, and all are seen in the output.
 *
 * <pre>
 * y_0, s_0' = cell_0(x, s_0)                  the lowest cell
 * y_k, s_k' = cell_k([x,y_k−1], s_k)          the cells above it
 * y = [y_0..y_K−1]                            output
 * </pre>
 *
 * <p>With {@code lastOnly} the output is y_K−1. The weights and slots are those of the cells, under
 * {@code 0/}, {@code 1/} … Images are put together by their channels, and must be of one size.
 *
 * <p>Source: A. Graves, "Generating Sequences With Recurrent Neural Networks", 2013, <a
 * href="https://arxiv.org/abs/1308.0850">arXiv:1308.0850</a>, figure 1, where the cells are joined
 * by separate matrices, which is the same; {@code deep_rnn_with_skip_connections} of Sonnet and
 * Haiku.
 *
 * @param cells the cells from the lowest to the highest, at least one; all but the first take the
 *     input of the first and the output of the one before them, side by side
 * @param lastOnly whether only the highest cell is seen in the output; false by default
 */
public record SkipStackedCell(List<Cell> cells, boolean lastOnly) implements Cell {

  public SkipStackedCell {
    cells = Inner.cells("SkipStackedCell", cells);
    Shape x = cells.get(0).input();
    Checks.require(
        x.numDimensions() > 0, "SkipStackedCell", "the input must have an axis to join along", x);
    for (int k = 0; k < cells.size(); k++) {
      Shape output = Trace.of(cells.get(k)).outputShape();
      Checks.require(
          output.numDimensions() == x.numDimensions()
              && output.take(x.numDimensions() - 1).equals(x.take(x.numDimensions() - 1)),
          "SkipStackedCell",
          "the output of cell "
              + k
              + " must differ from the input "
              + Checks.text(x)
              + " in its last axis only",
          output);
      if (k < cells.size() - 1) {
        long width = x.get(-1) + output.get(-1);
        Shape joined = x.take(x.numDimensions() - 1).append(width);
        Checks.require(
            cells.get(k + 1).input().equals(joined),
            "SkipStackedCell",
            "the input of cell "
                + (k + 1)
                + " must be that of cell 0 beside the output of the cell below "
                + Checks.text(joined),
            cells.get(k + 1).input());
      }
    }
  }

  /**
   * The stack whose output is that of all cells.
   *
   * @param cells the cells from the lowest to the highest
   */
  public SkipStackedCell(List<? extends Cell> cells) {
    this(Inner.cells("SkipStackedCell", cells), false);
  }

  /**
   * The stack whose output is that of all cells.
   *
   * @param cells the cells from the lowest to the highest
   */
  public SkipStackedCell(Cell... cells) {
    this(Inner.cells("SkipStackedCell", cells));
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
    List<Expr> ys = new ArrayList<>();
    Expr seen = x;
    State next = State.of(Map.of());
    for (int k = 0; k < cells.size(); k++) {
      String path = Integer.toString(k);
      Step inner = cells.get(k).step(w.in(path), seen, s.in(path));
      ys.add(inner.output());
      next = next.with(path, inner.next());
      seen = Expr.concat(x, inner.output());
    }
    Expr last = ys.get(ys.size() - 1);
    return new Step(lastOnly ? last : Expr.concat(ys.toArray(Expr[]::new)), next);
  }
}
