package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kazoku.Checks;

/**
 * How long and in which portions a model is trained, and who hears of it: {@code
 * Epochs.of(40).batchSize(16).validation(data).stopEarly(EarlyStopping.after(5))}.
 *
 * @param count how many, at least 1
 * @param batching how data becomes batches
 * @param validation data that is evaluated after each epoch; null (the default) for none
 * @param metrics what is measured on training and validation data beside the loss and its own
 *     metric; none by default
 * @param stopping when training ends early; null (the default) for never
 * @param checkpoints where training is saved after each epoch; null (the default) for nowhere
 * @param progress who shows people how it goes; default {@link Progress#console()}
 * @param others other callbacks, called in their order, and before progress; none by default
 */
public record Epochs(
    int count,
    Batching batching,
    Source validation,
    List<Metric> metrics,
    EarlyStopping stopping,
    Checkpoints checkpoints,
    Callback progress,
    List<Callback> others) {

  public Epochs {
    Checks.atLeastOne("Epochs", "count", count);
    Checks.given("Epochs", "batching", batching);
    Checks.given("Epochs", "progress", progress);
    metrics = List.copyOf(metrics);
    others = List.copyOf(others);
  }

  /**
   * Some epochs with the defaults.
   *
   * @param count how many
   * @return the epochs
   */
  public static Epochs of(int count) {
    return new Epochs(
        count, Batching.DEFAULT, null, List.of(), null, null, Progress.console(), List.of());
  }

  /**
   * The same with another size of batches.
   *
   * @param rows rows in a batch
   * @return the epochs
   */
  public Epochs batchSize(int rows) {
    return batching(batching.size(rows));
  }

  /**
   * The same, each of them of so many batches: for data that has no end, or takes long. An epoch
   * goes on where the last one ended, and begins a new pass whenever the data is at its end.
   *
   * @param number batches in an epoch, at least 1
   * @return the epochs
   */
  public Epochs batches(int number) {
    Checks.atLeastOne("Epochs", "batches", number);
    return batching(batching.perEpoch(number));
  }

  /**
   * The same with rows taken as they are given, not shuffled.
   *
   * @return the epochs
   */
  public Epochs inOrder() {
    return batching(batching.order(Batching.Order.AS_GIVEN));
  }

  /**
   * The same with rows of about one length in each batch, so that less padding is computed. Batches
   * are less varied: where lengths tell what is to be learnt, leave rows shuffled.
   *
   * @return the epochs
   */
  public Epochs byLength() {
    return batching(batching.order(Batching.Order.BY_LENGTH));
  }

  private Epochs batching(Batching other) {
    return new Epochs(count, other, validation, metrics, stopping, checkpoints, progress, others);
  }

  /**
   * The same with validation data.
   *
   * @param data sequences with targets
   * @return the epochs
   */
  public Epochs validation(Source data) {
    return new Epochs(count, batching, data, metrics, stopping, checkpoints, progress, others);
  }

  /**
   * The same with metrics, measured on training data while weights change, and on validation data
   * after each epoch.
   *
   * @param all the metrics
   * @return the epochs
   */
  public Epochs metrics(Metric... all) {
    return new Epochs(count, batching, validation, List.of(all), stopping, checkpoints, progress, others);
  }

  /**
   * The same, ended where training no longer gets better.
   *
   * @param when the rule; null for never
   * @return the epochs
   */
  public Epochs stopEarly(EarlyStopping when) {
    return new Epochs(count, batching, validation, metrics, when, checkpoints, progress, others);
  }

  /**
   * The same, saved after each epoch.
   *
   * @param where the checkpoints; null for none
   * @return the epochs
   */
  public Epochs checkpoints(Checkpoints where) {
    return new Epochs(
        count, batching, validation, metrics, stopping, where, progress, others);
  }

  /**
   * The same with other news.
   *
   * @param callback who shows how it goes; {@link Progress#NONE} for silence
   * @return the epochs
   */
  public Epochs progress(Callback callback) {
    return new Epochs(count, batching, validation, metrics, stopping, checkpoints, callback, others);
  }

  /**
   * The same with more callbacks.
   *
   * @param more who hears how it goes, too
   * @return the epochs
   */
  public Epochs with(Callback... more) {
    List<Callback> all = new ArrayList<>(others);
    all.addAll(List.of(more));
    return new Epochs(count, batching, validation, metrics, stopping, checkpoints, progress, all);
  }

  /** All callbacks, in the order in which they are called. */
  List<Callback> callbacks() {
    return Stream.concat(others.stream(), Stream.of(progress)).toList();
  }
}
