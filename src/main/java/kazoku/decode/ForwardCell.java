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
 * All paths that lead to each label.
 *
 * <pre>
 * a    = all + x                                  all paths that are at a label           [K]
 * all' = ln Σ_i exp(a_i + transitions_ij)         the same, moved on to the next step     [K]
 * output = a
 * </pre>
 *
 * <p>The slot begins with {@code start}. It is kept near zero, since only differences matter. Read
 * from the last step to the first, with the transposed transitions and {@code end} for {@code
 * start}, it is all paths that lead from each label to the end.
 */
record ForwardCell(int labels) implements Cell {
  private static final String ALL = "all";

  @Override
  public Shape input() {
    return Shape.of(labels);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of(ALL, labels));
  }

  @Override
  public State initial(Weights w) {
    return State.of(ALL, w.get(Crf.START, Initializer.ZEROS, labels));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr transitions = w.get(Crf.TRANSITIONS, Initializer.ZEROS, labels, labels);

    Expr a = s.get(ALL).plus(x);
    Expr all = moves(a, transitions).logSumExp().reshape(labels);
    return new Step(a, State.of(ALL, all.minus(all.max())));
  }

  /** {@code [K,K]}: in row j what comes to label j, from label i in column i. */
  static Expr moves(Expr a, Expr transitions) {
    return a.reshape(1, a.size()).plus(transitions.transpose());
  }
}
