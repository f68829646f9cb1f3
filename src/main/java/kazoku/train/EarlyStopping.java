package kazoku.train;

import java.util.List;
import kazoku.Checks;

/**
 * Ends a training that no longer gets better: {@code epochs.stopEarly(EarlyStopping.after(5))}.
 * However the training ends, also where all epochs were run or an exception ended it, the model has
 * the weights of the best epoch afterwards; what the optimizer remembers stays. (Keras keeps the
 * last weights unless told otherwise.)
 *
 * @param patience how many epochs in a row may pass without a better one, at least 1
 * @param goal which epoch is better; default {@code Goal.smallest("loss")}
 */
public record EarlyStopping(int patience, Goal goal) {

  public EarlyStopping {
    Checks.atLeastOne("EarlyStopping", "patience", patience);
    Checks.given("EarlyStopping", "goal", goal);
  }

  /**
   * Stops when the loss gets no smaller.
   *
   * @param patience how many epochs in a row may pass without a better one
   * @return the rule
   */
  public static EarlyStopping after(int patience) {
    return new EarlyStopping(patience, Goal.smallest("loss"));
  }

  /**
   * The same with another goal.
   *
   * @param score which epoch is better
   * @return the rule
   */
  public EarlyStopping goal(Goal score) {
    return new EarlyStopping(patience, score);
  }

  /** Whether training should end after these epochs. */
  boolean ends(List<History.Epoch> epochs) {
    return epochs.size() - 1 - goal.best(epochs) >= patience;
  }
}
