package kazoku.wrap;

import java.util.ArrayList;
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
 * Cells in series inside one step, each of which sees the input as well.
 *
 * <pre>
 * y_0, s_0' = cell_0(x, s_0)                  the first cell
 * y_k, s_k' = cell_k([x,y_{k−1}], s_k)        each after it
 * y = [y_0,…,y_K]                             output of all, or y_K
 * </pre>
 *
 * <p>Weights and slots are the cells' own, under {@code 0/}, {@code 1/} … Values are put side by
 * side on the last axis, for images on the channels.
 *
 * <p>Source: {@code deep_rnn_with_skip_connections} of Sonnet and Haiku; A. Graves, "Generating
 * Sequences With Recurrent Neural Networks", 2013, <a
 * href="https://arxiv.org/abs/1308.0850">arXiv:1308.0850</a>.
 *
 * @param cells the cells, at least one, the lowest first
 * @param lastOnly whether the output is that of the last cell and not of all; false by default
 */
public record SkipStackedCell(List<Cell> cells, boolean lastOnly) implements Cell {

  public SkipStackedCell {
    cells = Inner.cells("SkipStackedCell", cells);
    Shape x = cells.get(0).input();
    Inner.checkAxis("SkipStackedCell", "the input", x);
    Shape below = null;
    int axes = x.numDimensions() - 1;
    for (int k = 0; k < cells.size(); k++) {
      Shape y = Trace.of(cells.get(k)).outputShape();
      Checks.require(
          y.numDimensions() == axes + 1 && y.take(axes).equals(x.take(axes)),
          "SkipStackedCell",
          "the output of cell "
              + k
              + " must differ from the input "
              + Checks.text(x)
              + " in its last axis only",
          y);
      if (k > 0) {
        Shape needed = x.take(axes).append(x.get(axes) + below.get(axes));
        Checks.require(
            cells.get(k).input().equals(needed),
            "SkipStackedCell",
            "the input of cell "
                + k
                + " must be x and the output of the one below, "
                + Checks.text(needed),
            cells.get(k).input());
      }
      below = y;
    }
  }

  /**
   * A stack that gives the outputs of all cells.
   *
   * @param cells the cells, the lowest first
   */
  public SkipStackedCell(List<Cell> cells) {
    this(cells, false);
  }

  /**
   * A stack that gives the outputs of all cells.
   *
   * @param cells the cells, the lowest first
   */
  public SkipStackedCell(Cell... cells) {
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
    List<Expr> outputs = new ArrayList<>();
    for (int k = 0; k < cells.size(); k++) {
      String path = Integer.toString(k);
      Expr seen = k == 0 ? x : Expr.concat(x, outputs.get(k - 1));
      Step step = w.in(path).step(cells.get(k), seen, s.in(path));
      next = next.with(path, step.next());
      outputs.add(step.output());
    }
    Expr last = outputs.get(outputs.size() - 1);
    return new Step(lastOnly ? last : Expr.concat(outputs.toArray(Expr[]::new)), next);
  }
}
