package kazoku.serve;

import java.time.Duration;
import kazoku.Checks;

/**
 * How many streams are kept. One that is evicted gives its memory back, and says so when it is fed.
 *
 * @param streams how many at most, at least 1; one more evicts the one that was not fed for the
 *     longest time
 * @param idle for how long a stream may not be fed, more than 0; looked at whenever any stream is
 *     opened or fed
 */
public record Limits(int streams, Duration idle) {

  /** 10,000 streams, an hour. */
  public static final Limits DEFAULT = new Limits(10_000, Duration.ofHours(1));

  public Limits {
    Checks.atLeastOne("Limits", "streams", streams);
    Checks.require(
        idle != null && idle.compareTo(Duration.ZERO) > 0,
        "Limits",
        "idle must be more than 0",
        idle);
  }
}
