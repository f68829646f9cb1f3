package kazoku.train;

import java.util.List;
import kazoku.Checks;

/**
 * Lowers the learning rate when training no longer gets better: {@code
 * epochs.with(OnPlateau.after(3))}. All rates of the schedule are multiplied, {@link
 * Model#learningRate(double)}. It waits as Keras' {@code ReduceLROnPlateau} does; PyTorch's of the
 * same name waits one epoch more.
 *
 * @param patience after how many epochs in a row without a better one, at least 1; they are counted
 *     anew after each reduction
 * @param factor by what the rate is multiplied, greater than 0 and less than 1; default 0.5
 * @param least the rate is never set below this, at least 0; default 0
 * @param goal which epoch is better; default {@code Goal.smallest("loss")}
 */
public record OnPlateau(int patience, double factor, double least, Goal goal) implements Callback {

  public OnPlateau {
    Checks.atLeastOne("OnPlateau", "patience", patience);
    Checks.require(
        factor > 0 && factor < 1,
        "OnPlateau",
        "factor must be greater than 0 and less than 1",
        factor);
    Checks.notNegative("OnPlateau", "least", least);
    Checks.given("OnPlateau", "goal", goal);
  }

  /**
   * Halves the rate when the loss gets no smaller.
   *
   * @param patience after how many epochs in a row without a better one
   * @return the callback
   */
  public static OnPlateau after(int patience) {
    return new OnPlateau(patience, 0.5, 0, Goal.smallest("loss"));
  }

  /**
   * The same with another factor.
   *
   * @param by by what the rate is multiplied
   * @return the callback
   */
  public OnPlateau factor(double by) {
    return new OnPlateau(patience, by, least, goal);
  }

  /**
   * The same with a least rate.
   *
   * @param rate the rate is never set below this
   * @return the callback
   */
  public OnPlateau least(double rate) {
    return new OnPlateau(patience, factor, rate, goal);
  }

  /**
   * The same with another goal.
   *
   * @param score which epoch is better
   * @return the callback
   */
  public OnPlateau goal(Goal score) {
    return new OnPlateau(patience, factor, least, score);
  }

  @Override
  public void begin(Training training) {
    goal.check(training.scoreNames());
  }

  @Override
  public void epoch(Training training) {
    double rate = training.learningRate();
    double lower = lowered(training.history().epochs(), rate);
    if (lower < rate) {
      training.learningRate(lower);
    }
  }

  /** The rate after these epochs, of which the last was learnt with some rate. */
  double lowered(List<History.Epoch> epochs, double rate) {
    return reduces(epochs) ? Math.min(rate, Math.max(rate * factor, least)) : rate;
  }

  /** Whether the last of these epochs is one too many; a function of the history alone. */
  private boolean reduces(List<History.Epoch> epochs) {
    int best = -1;
    int since = 0;
    boolean reduces = false;
    for (int i = 0; i < epochs.size(); i++) {
      if (goal.better(epochs, i, best)) {
        best = i;
        since = i;
      }
      reduces = i - since >= patience;
      since = reduces ? i : since;
    }
    return reduces;
  }
}
