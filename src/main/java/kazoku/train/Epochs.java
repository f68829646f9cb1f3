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
 * @param workers the processes that train together; null (the default) for this one alone
 */
public record Epochs(
    int count,
    Batching batching,
    Source validation,
    List<Metric> metrics,
    EarlyStopping stopping,
    Checkpoints checkpoints,
    Callback progress,
    List<Callback> others,
    Workers workers) {

  public Epochs {
    Checks.atLeastOne("Epochs", "count", count);
    Checks.given("Epochs", "batching", batching);
    Checks.given("Epochs", "progress", progress);
    metrics = List.copyOf(metrics);
    others = List.copyOf(others);
    if (workers != null) {
      Checks.atLeastOne("Workers", "count", workers.count());
      Checks.require(
          workers.rank() >= 0 && workers.rank() < workers.count(),
          "Workers",
          "rank must be at least 0 and less than " + workers.count() + ", their count",
          workers.rank());
      Checks.require(
          !batching.inParts(),
          "Workers",
          "training together is of whole sequences; leave out truncate and stateful",
          batching);
    }
  }

  /**
   * Some epochs with the defaults.
   *
   * @param count how many
   * @return the epochs
   */
  public static Epochs of(int count) {
    return new Epochs(
        count, Batching.DEFAULT, null, List.of(), null, null, Progress.console(), List.of(), null);
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
   * The same with rows of about one length in each batch, so that less padding is computed: of
   * names of places, 32 in a batch, 2 % of the steps are padding, and 40 % where they are shuffled.
   * Batches are less varied: where lengths tell what is to be learnt, leave rows shuffled.
   *
   * @return the epochs
   */
  public Epochs byLength() {
    return batching(batching.order(Batching.Order.BY_LENGTH));
  }

  /**
   * The same with back-propagation through time that is cut off: each k steps of a batch make an
   * update, and the state is carried from one update to the next. {@code truncate(k, k)}.
   *
   * @param steps k, at least 1
   * @return the epochs
   */
  public Epochs truncate(int steps) {
    return truncate(steps, steps);
  }

  /**
   * The same with back-propagation through time that is cut off: every k1 steps of a batch the
   * weights are updated, by gradients through the last k2 steps ("TBPTT(k1, k2)"). Rows may be as
   * long as you like; memory is needed for k2 steps, or for k1 − k2 if that is more.
   *
   * <p>States are carried from window to window and begin anew with each batch; gradients do not
   * flow from a window into the state it begins with, but into the first state of a row where that
   * is learnt. An update is made of the mean loss of its steps, as that of a batch otherwise is;
   * the last one of a batch may have fewer steps. Schedules, drop-out and averages count updates; a
   * mask that is drawn for a row is drawn for each of its windows.
   *
   * <p>The loss of each step counts once. Where k1 &lt; k2, windows overlap: the steps before the
   * k1 new ones are computed again, by the weights as they are now, to lead gradients back. Where
   * k1 &gt; k2, the first k1 − k2 steps of each window only move the state: their loss is not
   * trained, and is not in the scores of training. Validation is of whole rows in any case.
   *
   * <p>Targets must be for steps. Layers that look across steps are refused: a reversed or
   * bidirectional recurrence, a convolution or pooling over time, the attention to a memory, a
   * {@code Crf}. A layer of your own says it by {@link kazoku.Weights#acrossSteps}.
   *
   * <p>Source: R. J. Williams, J. Peng, "An Efficient Gradient-Based Algorithm for On-Line Training
   * of Recurrent Network Trajectories", Neural Computation 2(4), 1990, <a
   * href="https://doi.org/10.1162/neco.1990.2.4.501">doi:10.1162/neco.1990.2.4.501</a>. In PyTorch
   * one detaches the state by hand (PyTorch Lightning had {@code truncated_bptt_steps}, which is
   * k); Keras has stateful layers only.
   *
   * @param every k1, at least 1
   * @param through k2, at least 1
   * @return the epochs
   */
  public Epochs truncate(int every, int through) {
    return batching(batching.truncation(new Truncation(every, through)));
  }

  /**
   * The same with batches that go on: rows are taken in order, and row i of a batch begins with the
   * state that row i of the batch before it has ended with, also from one portion of a {@link
   * Source} to the next. All begin anew with each epoch and each pass over the data. {@link
   * Sequences#streams} and {@code truncate} do it for one long sequence that fits in memory.
   *
   * <p>All batches must have as many rows: the batch size must divide the rows of each portion.
   * What is refused is what {@link #truncate(int, int)} refuses, but targets may be for rows.
   *
   * <p>Keras' {@code stateful=True} is the same, but there states stay until {@code reset_states},
   * over epochs, and a validation goes on from them, too; here it begins anew with each row.
   *
   * @return the epochs, in order
   */
  public Epochs stateful() {
    return batching(batching.goingOn());
  }

  private Epochs batching(Batching other) {
    return new Epochs(
        count, other, validation, metrics, stopping, checkpoints, progress, others, workers);
  }

  /**
   * The same with validation data.
   *
   * @param data sequences with targets
   * @return the epochs
   */
  public Epochs validation(Source data) {
    return new Epochs(
        count, batching, data, metrics, stopping, checkpoints, progress, others, workers);
  }

  /**
   * The same with metrics, measured on training data while weights change, and on validation data
   * after each epoch.
   *
   * @param all the metrics
   * @return the epochs
   */
  public Epochs metrics(Metric... all) {
    return new Epochs(
        count,
        batching,
        validation,
        List.of(all),
        stopping,
        checkpoints,
        progress,
        others,
        workers);
  }

  /**
   * The same, ended where training no longer gets better.
   *
   * @param when the rule; null for never
   * @return the epochs
   */
  public Epochs stopEarly(EarlyStopping when) {
    return new Epochs(
        count, batching, validation, metrics, when, checkpoints, progress, others, workers);
  }

  /**
   * The same, saved after each epoch.
   *
   * @param where the checkpoints; null for none
   * @return the epochs
   */
  public Epochs checkpoints(Checkpoints where) {
    return new Epochs(
        count, batching, validation, metrics, stopping, where, progress, others, workers);
  }

  /**
   * The same with other news.
   *
   * @param callback who shows how it goes; {@link Progress#NONE} for silence
   * @return the epochs
   */
  public Epochs progress(Callback callback) {
    return new Epochs(
        count, batching, validation, metrics, stopping, checkpoints, callback, others, workers);
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
    return new Epochs(
        count, batching, validation, metrics, stopping, checkpoints, progress, all, workers);
  }

  /**
   * The same, trained by several processes together, each of which calls {@link Model#fit} with a
   * model of the same layers and seed, the same arguments, and some of the rows: synchronous
   * data-parallel training. The rows of all, in the order of their ranks, are one data set, and are
   * trained in the batches that one process would make of it: how many workers there are, and how
   * rows are dealt out, changes no more than the rounding of sums. Each computes the gradients of
   * its own rows of a batch; the mean over all rows is added in double, in the order of ranks, and
   * every worker makes the same update with the same bits. Repeats give the same bits.
   *
   * <p>Data and validation data must be {@link Sequences} of at least one row in each worker; what
   * is scored, and decides when training ends early, is the rows of all. Callbacks are called in
   * the worker of rank 0 only. A rate that they set holds from the next update; {@link
   * Training#stop}, said after a batch, ends the epoch with the batch after it; weights they must
   * leave alone. The worker of rank 0 writes {@linkplain #checkpoints checkpoints}, and all read
   * them, in a folder that all see: training goes on from them with any number of workers, or
   * without.
   *
   * <p>An update weighs the mean gradient of each worker by how many rows or valid steps the loss
   * of the first output counts there, as {@link Optimizer#every} weighs batches. With several
   * outputs that count differently (rows and steps) this is not quite the gradient of the whole
   * batch. Batch norms see a worker's own rows; their running statistics become the means of all
   * workers, weighted by rows. Random values (drop-out) are drawn anew in each worker: they have
   * the same distribution as in one process, but not the same values.
   *
   * <p>An update sends 4 bytes for each trained weight from each worker to all others. Keras has
   * {@code MultiWorkerMirroredStrategy}, PyTorch {@code DistributedDataParallel}; they take the
   * mean of workers, not of rows.
   *
   * @param processes who trains, as this one sees it; null for this one alone
   * @return the epochs; {@code fit} raises what is not the same in all workers
   * @throws IllegalArgumentException with {@code truncate} or {@code stateful}
   */
  public Epochs together(Workers processes) {
    return new Epochs(
        count, batching, validation, metrics, stopping, checkpoints, progress, others, processes);
  }

  /** The callbacks that are called here, in this order. */
  List<Callback> callbacks() {
    if (workers != null && workers.rank() > 0) {
      return List.of();
    }
    return Stream.concat(others.stream(), Stream.of(progress)).toList();
  }
}
