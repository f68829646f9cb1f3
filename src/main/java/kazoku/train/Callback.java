package kazoku.train;

/**
 * Hears how training goes, and may change its course: {@code epochs.with(training ->
 * System.out.println(training.scores()))}. What it throws ends the training and goes on to who
 * called {@link Model#fit}.
 *
 * <p>Where {@linkplain Epochs#together workers} train together, that of rank 0 calls them.
 *
 * <p>The model may be asked here for all that it gives, {@code training.model().predict(…)}, and
 * may be saved.
 */
@FunctionalInterface
public interface Callback {

  /**
   * An epoch is over, its validation too.
   *
   * @param training where training stands
   */
  void epoch(Training training);

  /**
   * Training begins: all has been checked, nothing has been learnt.
   *
   * @param training where training stands
   */
  default void begin(Training training) {}

  /**
   * A batch has been learnt.
   *
   * @param training where training stands
   */
  default void batch(Training training) {}

  /**
   * Training is over, well or badly; it is called once for each {@link #begin}, also for one that
   * failed.
   *
   * @param training where training stands
   */
  default void end(Training training) {}
}
