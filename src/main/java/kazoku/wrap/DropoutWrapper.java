package kazoku.wrap;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;

/**
 * Drop-out around a cell, in training only: of its input, of the state that it hands on, and of its
 * output.
 *
 * <pre>
 * y, s^ = cell(x⊙m_x/p_x, s)                  the cell's own step
 * s'_k  = s^_k⊙m_k/p_s                        each slot k of the filter
 * out   = y⊙m_y/p_y                           output
 * </pre>
 *
 * <p>The masks m are ones with the keep probabilities p, and zeros. They are named {@code input},
 * {@code state/<slot>} and {@code output}, are drawn before the loop, and cost nothing inside it
 * but the product. The state's masks do not reach the output of the same step, not even where it is
 * a slot. Weights and slots are the cell's, under {@code cell/}.
 *
 * <p>Masks are drawn for each row and step; {@code variationalRecurrent} draws them once for all
 * steps of a row. TensorFlow's variational masks are shared by all rows of a batch, which {@code
 * sharedMask} does; Keras, MXNet and Sonnet draw them for each row. Sonnet drops the state that is
 * read; here, as in TensorFlow, it is the one that is handed on. A unit that variational masks keep
 * is divided by p_s at every step: a state that a gate can hold for long, as a GRU's, may grow
 * large, where an LSTM's does not, whose memory is left alone.
 *
 * <p>Source: TensorFlow's DropoutWrapper; Y. Gal, Z. Ghahramani, "A Theoretically Grounded
 * Application of Dropout in Recurrent Neural Networks", NIPS 2016, <a
 * href="https://arxiv.org/abs/1512.05287">arXiv:1512.05287</a>.
 *
 * @param cell the cell inside
 * @param inputKeepProb p_x, in (0, 1]; 1 for no drop-out
 * @param stateKeepProb p_s, in (0, 1]; 1 for no drop-out
 * @param outputKeepProb p_y, in (0, 1]; 1 for no drop-out
 * @param stateFilter the cell's slots that are dropped out; by default all but an LSTM's memories,
 *     which are called {@code c} or {@code c_…}, and counters, which have no axis
 * @param variationalRecurrent whether all steps share the masks; false by default
 * @param sharedMask whether all rows share variational masks, too; false by default
 */
public record DropoutWrapper(
    Cell cell,
    double inputKeepProb,
    double stateKeepProb,
    double outputKeepProb,
    List<String> stateFilter,
    boolean variationalRecurrent,
    boolean sharedMask)
    implements Wrapper {

  public DropoutWrapper {
    Checks.given("DropoutWrapper", "cell", cell);
    Checks.kept("DropoutWrapper", "inputKeepProb", inputKeepProb);
    Checks.kept("DropoutWrapper", "stateKeepProb", stateKeepProb);
    Checks.kept("DropoutWrapper", "outputKeepProb", outputKeepProb);
    Checks.given("DropoutWrapper", "stateFilter", stateFilter);
    stateFilter = List.copyOf(stateFilter);
    stateFilter.forEach(slot -> Inner.checkSlot("DropoutWrapper", "stateFilter", cell, slot));
    Checks.require(
        variationalRecurrent || !sharedMask,
        "DropoutWrapper",
        "sharedMask needs variationalRecurrent",
        variationalRecurrent);
  }

  /**
   * Drop-out with masks for each step.
   *
   * @param cell the cell inside
   * @param inputKeepProb p_x
   * @param stateKeepProb p_s
   * @param outputKeepProb p_y
   */
  public DropoutWrapper(
      Cell cell, double inputKeepProb, double stateKeepProb, double outputKeepProb) {
    this(cell, inputKeepProb, stateKeepProb, outputKeepProb, hidden(cell), false, false);
  }

  /**
   * The same with masks that all steps of a row share.
   *
   * @return the wrapper
   */
  public DropoutWrapper variational() {
    return new DropoutWrapper(
        cell, inputKeepProb, stateKeepProb, outputKeepProb, stateFilter, true, sharedMask);
  }

  private static List<String> hidden(Cell cell) {
    Checks.given("DropoutWrapper", "cell", cell);
    return Inner.units(cell).stream()
        .filter(slot -> !Inner.symbol(slot).matches("c(_.*)?"))
        .toList();
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step inner = w.in("cell").step(cell, keep(w, "input", inputKeepProb, x), s.in("cell"));
    State next = inner.next();
    for (String slot : stateFilter) {
      next = next.with(slot, keep(w, "state/" + slot, stateKeepProb, next.get(slot)));
    }
    Expr output = keep(w, "output", outputKeepProb, inner.output());
    return new Step(output, Inner.state("cell", next));
  }

  private Expr keep(Weights w, String name, double keepProb, Expr value) {
    Weights.Draw draw = Weights.Draw.EACH_STEP;
    if (variationalRecurrent) {
      draw = sharedMask ? Weights.Draw.ONCE : Weights.Draw.EACH_ROW;
    }
    return w.dropOut(name, keepProb, draw, value);
  }
}
