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
 * How the given labels compare with all label sequences, if the row ended here.
 *
 * <pre>
 * s     = Σ y⊙(given + x)                         this step of the given labels           [1]
 * a     = all + x − s                             all paths that are at a label, against
 *                                                 the given one                           [K]
 * all'  = ln Σ_i exp(a_i + transitions_ij)        the same, moved on to the next step     [K]
 * given' = y·transitions                          the given label, moved on               [K]
 * output = ln Σ exp(a + end) − Σ y⊙end            −ln p                                   [1]
 * </pre>
 *
 * <p>x are the scores of the step, y is the one-hot label, which stands beside them. Both slots
 * begin with {@code start}. Since everything is counted from the score of the given labels, numbers
 * stay small in long rows.
 */
record LikelihoodCell(int labels) implements Cell {
  static final String LABEL = "label";
  private static final String ALL = "all";
  private static final String GIVEN = "given";

  @Override
  public Shape input() {
    return Shape.of(labels);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of(ALL, labels), Slot.of(GIVEN, labels));
  }

  @Override
  public State initial(Weights w) {
    Expr start = w.get(Crf.START, Initializer.ZEROS, labels);
    return State.of(ALL, start).with(GIVEN, start);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr transitions = w.get(Crf.TRANSITIONS, Initializer.ZEROS, labels, labels);
    Expr end = w.get(Crf.END, Initializer.ZEROS, labels);
    Expr y = w.beside(LABEL, labels);

    Expr given = y.times(s.get(GIVEN).plus(x)).sum();
    Expr a = s.get(ALL).plus(x).minus(given);
    Expr allNext = ForwardCell.moves(a, transitions).logSumExp().reshape(labels);
    Expr givenNext = y.dot(transitions);
    Expr output = a.plus(end).logSumExp().minus(y.times(end).sum());
    return new Step(output, State.of(ALL, allNext).with(GIVEN, givenNext));
  }
}
