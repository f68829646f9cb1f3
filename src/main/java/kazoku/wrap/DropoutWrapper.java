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
 * Drops out a part of a cell's input, of its output, and of the state that it passes on; in
 * training only.
 *
 * <pre>
 * x~ = x⊙mask / inputKeepProb                 what the cell sees
 * y, ŝ = cell(x~, s)                          the cell's own step
 * s' = ŝ⊙mask / stateKeepProb                 for the slots of the filter
 * y' = y⊙mask / outputKeepProb                output
 * </pre>
 *
 * <p>Masks have ones where a value is kept, and the shape of what they meet; they are named {@code
 * input}, {@code output} and {@code state/SLOT}. The mask of the state meets what is passed on to
 * the next step, and the output of the same step does not see it. Masks are drawn for each row and
 * step; with {@code variationalRecurrent} once for each row, the same at all steps; with {@code
 * sharedMask} too, once for all rows. Weights and slots are the cell's, under {@code cell/}.
 *
 * <p>Source: DropoutWrapper of TensorFlow, whose variational masks are shared by all rows of a
 * batch; Keras, MXNet's VariationalDropoutCell and Sonnet draw them for each row, as the paper
 * does: Y. Gal, Z. Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural
 * Networks", NIPS 2016, <a href="https://arxiv.org/abs/1512.05287">arXiv:1512.05287</a>. Sonnet
 * masks the state that is read, and so the first one too. Drop-out on what a cell's own products
 * see is a setting of the cell: {@link kazoku.cells.LSTMCell}.
 *
 * @param cell the cell inside
 * @param inputKeepProb the part of the input that is kept, in (0, 1]
 * @param stateKeepProb the part of the state that is kept, in (0, 1]
 * @param outputKeepProb the part of the output that is kept, in (0, 1]
 * @param variationalRecurrent whether all steps of a row share their masks; false by default
 * @param sharedMask whether all rows share them too, which needs variationalRecurrent; false by
 *     default
 * @param stateFilter names of the cell's slots that are dropped out; by default all but an LSTM's
 *     memories, which are called {@code c} or {@code c_…}, and counters, which have no axis
 */
public record DropoutWrapper(
    Cell cell,
    double inputKeepProb,
    double stateKeepProb,
    double outputKeepProb,
    boolean variationalRecurrent,
    boolean sharedMask,
    List<String> stateFilter)
    implements Cell {

  public DropoutWrapper {
    Checks.given("DropoutWrapper", "cell", cell);
    Inner.checkKept("DropoutWrapper", "inputKeepProb", inputKeepProb);
    Inner.checkKept("DropoutWrapper", "stateKeepProb", stateKeepProb);
    Inner.checkKept("DropoutWrapper", "outputKeepProb", outputKeepProb);
    Checks.require(
        variationalRecurrent || !sharedMask,
        "DropoutWrapper",
        "sharedMask needs variationalRecurrent",
        "variationalRecurrent " + variationalRecurrent);
    Checks.given("DropoutWrapper", "stateFilter", stateFilter);
    stateFilter = List.copyOf(stateFilter);
    stateFilter.forEach(slot -> Inner.checkSlot("DropoutWrapper", "stateFilter", cell, slot));
  }

  /**
   * The wrapper with masks for each step.
   *
   * @param cell the cell inside
   * @param inputKeepProb the part of the input that is kept
   * @param stateKeepProb the part of the state that is kept
   * @param outputKeepProb the part of the output that is kept
   */
  public DropoutWrapper(
      Cell cell, double inputKeepProb, double stateKeepProb, double outputKeepProb) {
    this(cell, inputKeepProb, stateKeepProb, outputKeepProb, false, false, dropped(cell));
  }

  /**
   * The wrapper that drops out input and output.
   *
   * @param cell the cell inside
   * @param inputKeepProb the part of the input that is kept
   * @param outputKeepProb the part of the output that is kept
   */
  public DropoutWrapper(Cell cell, double inputKeepProb, double outputKeepProb) {
    this(cell, inputKeepProb, 1, outputKeepProb);
  }

  /**
   * The wrapper with one mask for all steps of a row.
   *
   * @return the wrapper
   */
  public DropoutWrapper variational() {
    return new DropoutWrapper(
        cell, inputKeepProb, stateKeepProb, outputKeepProb, true, sharedMask, stateFilter);
  }

  private static List<String> dropped(Cell cell) {
    Checks.given("DropoutWrapper", "cell", cell);
    return cell.state().stream()
        .filter(slot -> slot.shape().numDimensions() > 0)
        .map(Slot::name)
        .filter(name -> !Inner.symbol(name).matches("c(_.*)?"))
        .toList();
  }

  @Override
  public Shape input() {
    return cell.input();
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
    Step inner = cell.step(w.in("cell"), keep(w, "input", inputKeepProb, x), s.in("cell"));
    State next = inner.next();
    for (String slot : stateFilter) {
      next = next.with(slot, keep(w, "state/" + slot, stateKeepProb, inner.next().get(slot)));
    }
    Expr y = keep(w, "output", outputKeepProb, inner.output());
    return new Step(y, Inner.state("cell", next));
  }

  private Expr keep(Weights w, String name, double keepProb, Expr value) {
    Weights.Draw each = variationalRecurrent ? Weights.Draw.EACH_ROW : Weights.Draw.EACH_STEP;
    return Inner.keep(w, name, keepProb, sharedMask ? Weights.Draw.ONCE : each, value);
  }
}
