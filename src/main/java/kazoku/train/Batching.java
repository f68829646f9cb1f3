package kazoku.train;

import kazoku.Checks;

/**
 * How data becomes batches. {@link Epochs} has a short form for each part of it.
 *
 * @param size rows in a batch, at least 1; default 32. The last batch of a portion of data may be
 *     smaller
 * @param perEpoch how many batches make an epoch; 0 (the default) for a pass over the data
 * @param order in which order rows are taken; shuffled by default
 * @param truncation how back-propagation through time is cut off; null (the default) for whole
 *     sequences
 * @param stateful whether each row of a batch goes on where that of the batch before has ended;
 *     false by default
 */
public record Batching(
    int size, int perEpoch, Order order, Truncation truncation, boolean stateful) {

  /** The defaults. */
  static final Batching DEFAULT = new Batching(32, 0, Order.SHUFFLED, null, false);

  /**
   * In which order rows are taken: a function of the model's seed and of the number of the pass.
   */
  public enum Order {
    /** Drawn anew for each pass. */
    SHUFFLED,
    /** As they are given. */
    AS_GIVEN,
    /**
     * Drawn anew for each pass, with rows of about one length in each batch ("bucketing"): rows in
     * an order that is drawn are sorted by length in pools of 50 batches, and the batches are taken
     * in an order that is drawn.
     */
    BY_LENGTH
  }

  public Batching {
    Checks.atLeastOne("Epochs", "batchSize", size);
    Checks.notNegative("Epochs", "batches", perEpoch);
    Checks.given("Epochs", "order", order);
    Checks.require(
        !stateful || order == Order.AS_GIVEN,
        "Epochs",
        "stateful training must take rows as they are given, since each goes on where another"
            + " ended; use inOrder",
        order);
  }

  Batching size(int rows) {
    return new Batching(rows, perEpoch, order, truncation, stateful);
  }

  Batching perEpoch(int batches) {
    return new Batching(size, batches, order, truncation, stateful);
  }

  Batching order(Order of) {
    return new Batching(size, perEpoch, of, truncation, stateful);
  }

  Batching truncation(Truncation where) {
    return new Batching(size, perEpoch, order, where, stateful);
  }

  Batching goingOn() {
    return new Batching(size, perEpoch, Order.AS_GIVEN, truncation, true);
  }

  /**
   * How many rows all batches of some data have; refuses data whose rows do not go on.
   *
   * @param before how many those before had, or 0
   */
  int equalRows(Sequences data, int before) {
    int rows = Math.min(size, data.size());
    if (data.size() % rows != 0 || before > 0 && rows != before) {
      throw new IllegalArgumentException(
          "Epochs: stateful training needs as many rows in every batch, since each goes on where"
              + " one of the batch before ended; choose a batchSize that divides the rows of each"
              + " portion, got "
              + size
              + " for "
              + data.size());
    }
    return rows;
  }

  /** Whether sequences are given to the model in parts. */
  boolean inParts() {
    return truncation != null || stateful;
  }
}
