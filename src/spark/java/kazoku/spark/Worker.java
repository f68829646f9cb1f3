package kazoku.spark;

import java.util.List;
import kazoku.train.Sequences;
import kazoku.train.Workers;

/**
 * One of the processes that train a model together on Spark: its rows, and its way to the others.
 *
 * <pre>{@code
 * model.fit(
 *     worker.rows(),
 *     new Adam(3e-3),
 *     Loss.softmaxCrossEntropy(),
 *     Epochs.of(5).validation(worker.validation()).together(worker));
 * }</pre>
 */
public final class Worker implements Workers {
  private final Workers workers;
  private final Sequences rows;
  private final Sequences validation;
  private boolean gathered;

  Worker(Workers workers, Sequences rows, Sequences validation) {
    this.workers = workers;
    this.rows = rows;
    this.validation = validation;
  }

  /**
   * What this worker has of the data that is learnt from.
   *
   * @return its rows, in memory
   */
  public Sequences rows() {
    return rows;
  }

  /**
   * What this worker has of the data that is held out.
   *
   * @return its rows, in memory; null without such data, as {@link kazoku.train.Epochs#validation}
   *     takes it
   */
  public Sequences validation() {
    return validation;
  }

  @Override
  public int count() {
    return workers.count();
  }

  @Override
  public int rank() {
    return workers.rank();
  }

  @Override
  public List<byte[]> gather(byte[] mine) {
    gathered = true;
    return workers.gather(mine);
  }

  /** Whether anything was told to the others. */
  boolean hasGathered() {
    return gathered;
  }
}
