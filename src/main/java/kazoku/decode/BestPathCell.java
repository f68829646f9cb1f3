package kazoku.decode;

import java.util.List;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * The best path to each label, after Viterbi.
 *
 * <pre>
 * a      = best + x                               the best path that is at a label        [K]
 * m_j    = max_i (a_i + transitions_ij)           the same, moved on to the next step     [K]
 * best'  = m − max m                              kept near zero                          [K]
 * base'  = base + max m                           what was taken away                     [1]
 * from'  = argmax_i (a_i + transitions_ij)        where it came from                      [K]
 * last'  = argmax (a + end)                       the last label, if the row ended here   [1]
 * score' = max (a + end) + base                   and the whole score                     [1]
 * output = from
 * </pre>
 *
 * <p>{@code best} begins with {@code start}.
 */
record BestPathCell(int labels) implements Cell {
  private static final String BEST = "best";
  private static final String BASE = "base";
  private static final String FROM = "from";
  static final String LAST = "last";
  static final String SCORE = "score";

  @Override
  public Shape input() {
    return Shape.of(labels);
  }

  @Override
  public List<Slot> state() {
    return List.of(
        Slot.of(BEST, labels),
        Slot.of(BASE, 1),
        Slot.of(FROM, labels),
        Slot.of(LAST, 1),
        Slot.of(SCORE, 1));
  }

  @Override
  public State initial(Weights w) {
    return Cell.super.initial(w).with(BEST, w.get(Crf.START, Initializer.ZEROS, labels));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr transitions = w.get(Crf.TRANSITIONS, Initializer.ZEROS, labels, labels);
    Expr end = w.get(Crf.END, Initializer.ZEROS, labels);
    Expr base = s.get(BASE);

    Expr a = s.get(BEST).plus(x);
    Expr moves = ForwardCell.moves(a, transitions);
    Expr m = moves.max().reshape(labels);
    Expr ended = a.plus(end);
    State next =
        State.of(BEST, m.minus(m.max()))
            .with(BASE, base.plus(m.max()))
            .with(FROM, moves.argMax().reshape(labels))
            .with(LAST, ended.argMax())
            .with(SCORE, ended.max().plus(base));
    return new Step(s.get(FROM), next);
  }
}
