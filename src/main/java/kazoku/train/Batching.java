package kazoku.train;

import kazoku.Checks;

/**
 * How data becomes batches. {@link Epochs} has a short form for each part of it.
 *
 * @param size rows in a batch, at least 1; default 32. The last batch of a portion of data may be
 *     smaller
 * @param perEpoch how many batches make an epoch; 0 (the default) for a pass over the data
 * @param order in which order rows are taken; shuffled by default
 */
public record Batching(int size, int perEpoch, Order order) {

  /** The defaults. */
  static final Batching DEFAULT = new Batching(32, 0, Order.SHUFFLED);

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
  }

  Batching size(int rows) {
    return new Batching(rows, perEpoch, order);
  }

  Batching perEpoch(int batches) {
    return new Batching(size, batches, order);
  }

  Batching order(Order of) {
    return new Batching(size, perEpoch, of);
  }
}
