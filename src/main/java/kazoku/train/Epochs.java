package kazoku.train;

import java.util.List;
import kazoku.Checks;

/**
 * How long and in which portions a model is trained: {@code Epochs.of(40).batchSize(16)}.
 *
 * @param count passes over the training data, at least 1
 * @param batchSize rows in a batch, at least 1; default 32. The last batch of an epoch may be
 *     smaller
 * @param validation data that is evaluated after each epoch; null (the default) for none
 * @param progress who hears how it goes; default {@link Progress#console()}
 * @param metrics what is measured on validation data beside the loss and its own metric; none by
 *     default
 */
public record Epochs(
    int count, int batchSize, Sequences validation, Progress progress, List<Metric> metrics) {

  public Epochs {
    Checks.atLeastOne("Epochs", "count", count);
    Checks.atLeastOne("Epochs", "batchSize", batchSize);
    Checks.given("Epochs", "progress", progress);
    metrics = List.copyOf(metrics);
  }

  /**
   * Some epochs with the defaults.
   *
   * @param count how many
   * @return the epochs
   */
  public static Epochs of(int count) {
    return new Epochs(count, 32, null, Progress.console(), List.of());
  }

  /**
   * The same with another size of batches.
   *
   * @param rows rows in a batch
   * @return the epochs
   */
  public Epochs batchSize(int rows) {
    return new Epochs(count, rows, validation, progress, metrics);
  }

  /**
   * The same with validation data.
   *
   * @param data sequences with targets
   * @return the epochs
   */
  public Epochs validation(Sequences data) {
    return new Epochs(count, batchSize, data, progress, metrics);
  }

  /**
   * The same with other news.
   *
   * @param listener who hears how it goes; {@link Progress#NONE} for silence
   * @return the epochs
   */
  public Epochs progress(Progress listener) {
    return new Epochs(count, batchSize, validation, listener, metrics);
  }

  /**
   * The same with metrics of the validation data, measured after each epoch.
   *
   * @param all the metrics
   * @return the epochs
   */
  public Epochs metrics(Metric... all) {
    return new Epochs(count, batchSize, validation, progress, List.of(all));
  }
}
