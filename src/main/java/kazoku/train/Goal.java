package kazoku.train;

import java.util.List;
import java.util.Set;
import kazoku.Checks;

/**
 * By which score epochs are compared: {@code Goal.smallest("loss")}, {@code Goal.largest("macro
 * f1").by(0.001)}. It is looked up in the validation scores, or in those of the training data where
 * there is no validation data.
 *
 * @param score {@code loss}, or a metric's name
 * @param largest whether more is better
 * @param margin by how much an epoch must be better than the best one so far to count as better, at
 *     least 0; default 0
 */
public record Goal(String score, boolean largest, double margin) {

  public Goal {
    Checks.given("Goal", "score", score);
    Checks.notNegative("Goal", "margin", margin);
  }

  /**
   * Less is better.
   *
   * @param score {@code loss}, {@code mae}
   * @return the goal
   */
  public static Goal smallest(String score) {
    return new Goal(score, false, 0);
  }

  /**
   * More is better.
   *
   * @param score {@code accuracy}
   * @return the goal
   */
  public static Goal largest(String score) {
    return new Goal(score, true, 0);
  }

  /**
   * The same goal, for which small improvements do not count.
   *
   * @param more the margin
   * @return the goal
   */
  public Goal by(double more) {
    return new Goal(score, largest, more);
  }

  /**
   * The score that counts.
   *
   * @param epoch of a training
   * @return its value
   */
  public double value(History.Epoch epoch) {
    return (epoch.validation() == null ? epoch.training() : epoch.validation()).value(score);
  }

  /**
   * Where the best epoch is.
   *
   * @param epochs some epochs
   * @return its index, of equal ones the first; −1 if there is none whose score is a number
   */
  public int best(List<History.Epoch> epochs) {
    int best = -1;
    for (int i = 0; i < epochs.size(); i++) {
      best = better(epochs, i, best) ? i : best;
    }
    return best;
  }

  /** Whether an epoch is better than the best one before, whose index is −1 if there is none. */
  boolean better(List<History.Epoch> epochs, int index, int best) {
    double value = value(epochs.get(index));
    if (Double.isNaN(value) || best < 0) {
      return !Double.isNaN(value);
    }
    double before = value(epochs.get(best));
    return largest ? value > before + margin : value < before - margin;
  }

  /** Refuses a score that there will not be. */
  void check(Set<String> scores) {
    Checks.require(scores.contains(score), "Goal", "a score must be one of " + scores, score);
  }
}
