package kazoku.wrap;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Shows a cell another state than its own: a product of the input with it, so that each input
 * chooses a recurrent matrix.
 *
 * <pre>
 * m = (x·W_m)⊙(h·U_m)                         what the cell sees for h  [H]
 * y, s' = cell(x, s with m in place of h)     the other slots unchanged
 * </pre>
 *
 * <p>m stands wherever h does: in a GRU also in the term that keeps the old state. The weights W_m
 * {@code [I,H]} and U_m {@code [H,H]} start glorot-uniform, the cell's are under {@code cell/}. On
 * images the products are those of the channels at each place, which needs images and state of the
 * same size.
 *
 * <p>Source: B. Krause, L. Lu, I. Murray, S. Renals, "Multiplicative LSTM for Sequence Modelling",
 * 2016, <a href="https://arxiv.org/abs/1609.07959">arXiv:1609.07959</a>, for any cell as in
 * RecurrentLayers.jl; around {@link kazoku.cells.LSTMCell} it is the {@code mlstm} of OpenAI's
 * generating-reviews-discovering-sentiment.
 *
 * @param cell the cell inside
 * @param slot the name of h among the cell's slots; by default its only slot, or the only one
 *     called {@code h}
 */
public record MultiplicativeWrapper(Cell cell, String slot) implements Wrapper {

  public MultiplicativeWrapper {
    Checks.given("MultiplicativeWrapper", "cell", cell);
    String name = slot;
    Checks.require(
        cell.state().stream().anyMatch(s -> s.name().equals(name)),
        "MultiplicativeWrapper",
        "slot must be one of " + cell.state().stream().map(Slot::name).toList(),
        slot);
    Shape h = slotNamed(cell, slot).shape();
    Shape x = cell.input();
    Checks.require(
        h.numDimensions() > 0
            && x.numDimensions() == h.numDimensions()
            && x.take(x.numDimensions() - 1).equals(h.take(h.numDimensions() - 1)),
        "MultiplicativeWrapper",
        "slot " + slot + " must differ from the input " + Checks.text(x) + " in its last axis only",
        h);
  }

  /**
   * The wrapper on the slot that cells call h.
   *
   * @param cell the cell inside
   */
  public MultiplicativeWrapper(Cell cell) {
    this(cell, hidden(cell));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    State before = s.in("cell");
    Expr h = before.get(slot);
    Expr W_m = w.input("W_m", x.size(), h.size());
    Expr U_m = w.input("U_m", h.size(), h.size());

    Expr m = x.dot(W_m).times(h.dot(U_m));
    Step inner = w.in("cell").step(cell, x, before.with(slot, m));
    return new Step(inner.output(), Inner.state("cell", inner.next()));
  }

  private static Slot slotNamed(Cell cell, String name) {
    return cell.state().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  private static String hidden(Cell cell) {
    Checks.given("MultiplicativeWrapper", "cell", cell);
    List<String> all = cell.state().stream().map(Slot::name).toList();
    List<String> hidden = all.stream().filter(n -> Inner.symbol(n).equals("h")).toList();
    List<String> candidates = all.size() == 1 ? all : hidden;
    Checks.require(
        candidates.size() == 1,
        "MultiplicativeWrapper",
        "the slot that is h must be named, where the cell has not just one called so",
        all);
    return candidates.get(0);
  }
}
