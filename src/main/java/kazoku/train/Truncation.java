package kazoku.train;

import java.util.List;
import java.util.stream.IntStream;
import kazoku.Checks;

/**
 * Back-propagation through time that is cut off: every k1 steps the weights are updated, by
 * gradients that go back k2 steps and no further.
 *
 * @param every k1, at least 1
 * @param through k2, at least 1
 */
public record Truncation(int every, int through) {

  public Truncation {
    Checks.atLeastOne("Epochs", "steps between updates", every);
    Checks.atLeastOne("Epochs", "steps of back-propagation", through);
  }

  /**
   * The steps of one update.
   *
   * @param begin the first one that gradients reach
   * @param end after the last one
   * @param counted the first one whose loss counts
   */
  record Window(int begin, int end, int counted) {}

  /** The updates of rows of so many steps at most, in their order; at least one. */
  List<Window> windows(int steps) {
    int updates = Math.max(1, (steps + every - 1) / every);
    return IntStream.range(0, updates).mapToObj(i -> window(i * every, steps)).toList();
  }

  private Window window(int from, int steps) {
    int end = Math.min(from + every, steps);
    int begin = Math.max(overlaps() ? 0 : from, end - through);
    return new Window(begin, end, Math.max(from, begin));
  }

  /** Refuses targets that are not for steps. */
  static void check(Targets targets) {
    Checks.require(
        targets.form() == Targets.Form.STEP,
        "Epochs",
        "to truncate, targets must be for each step, since a row's end is in its last window only;"
            + " train on whole sequences",
        targets.text());
  }

  /** Whether gradients go back to steps that counted before. */
  boolean overlaps() {
    return through > every;
  }
}
