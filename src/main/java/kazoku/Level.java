package kazoku;

/**
 * What a value of a trace depends on, and with that where it is computed: what does not depend on
 * the state leaves the loop over time.
 */
public enum Level {
  /** Depends on weights only: computed once per run, without leading axes. */
  WEIGHT,
  /** Depends on what stands beside a row, not on the step: computed once for each row. */
  ROW,
  /** Depends on inputs but not on the state: computed for all steps at once. */
  SEQUENCE,
  /** Depends on the state: computed step by step, inside the loop. */
  STEP;

  /**
   * The higher of two levels.
   *
   * @param other the other level
   * @return the one that depends on more
   */
  public Level and(Level other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
