package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Where a running {@link Model#fit} stands, for its {@link Callback}s. */
public final class Training {
  private final Model model;
  private final Trainer trainer;
  private final Epochs plan;
  private final Set<String> scoreNames;
  private final List<History.Epoch> history = new ArrayList<>();
  private final List<Callback> begun = new ArrayList<>();
  private int batch;
  private int batches;
  private float loss;
  private boolean stopped;

  Training(Model model, Trainer trainer, Epochs plan, Set<String> scoreNames, History before) {
    this.model = model;
    this.trainer = trainer;
    this.plan = plan;
    this.scoreNames = scoreNames;
    history.addAll(before.epochs());
  }

  /**
   * The model that is trained.
   *
   * @return the model
   */
  public Model model() {
    return model;
  }

  /**
   * The number of the epoch that runs, or has just ended.
   *
   * @return counted from 1; 0 before the first one
   */
  public int epoch() {
    return history.size() + (batch > 0 ? 1 : 0);
  }

  /**
   * How many epochs there will be at most.
   *
   * @return at least 1
   */
  public int epochs() {
    return plan.count();
  }

  /**
   * The number of the last batch of the epoch that runs.
   *
   * @return counted from 1; 0 between epochs
   */
  public int batch() {
    return batch;
  }

  /**
   * How many batches an epoch has.
   *
   * @return their number; −1 while it is not known, in the first pass over a source of several
   *     portions
   */
  public int batches() {
    return batches;
  }

  /**
   * The mean loss of the last batch.
   *
   * @return a finite number; 0 before the first batch
   */
  public float loss() {
    return loss;
  }

  /**
   * What happened so far.
   *
   * @return all epochs that have ended; empty before the first end of one
   */
  public History history() {
    return new History(history);
  }

  /**
   * The names of the scores that there will be.
   *
   * @return {@code loss}, the loss's metric, other metrics
   */
  public Set<String> scoreNames() {
    return scoreNames;
  }

  /**
   * Whether epochs end with a validation.
   *
   * @return whether there is validation data
   */
  public boolean validates() {
    return plan.validation() != null;
  }

  /**
   * How many batches the model has learnt from since it was made, in all trainings. With {@link
   * Epochs#truncate} each window counts as one.
   *
   * @return their number
   */
  public long learnt() {
    return trainer.learnt();
  }

  /**
   * The learning rate of the next update.
   *
   * @return the rate
   */
  public double learningRate() {
    return trainer.learningRate();
  }

  /**
   * Sets the learning rate of the next update, and scales the schedule with it.
   *
   * @param rate the rate, at least 0
   * @see Model#learningRate(double)
   */
  public void learningRate(double rate) {
    trainer.learningRate(rate);
  }

  /**
   * Ends the training after this epoch; said after a batch, the epoch ends with that batch or,
   * where {@linkplain Epochs#together workers} train together, with the next one.
   */
  public void stop() {
    stopped = true;
  }

  boolean goesOn() {
    boolean ended = plan.stopping() != null && plan.stopping().ends(history);
    return !stopped && !ended && history.size() < plan.count();
  }

  boolean stopped() {
    return stopped;
  }

  void begin() {
    for (Callback callback : plan.callbacks()) {
      begun.add(callback);
      callback.begin(this);
    }
  }

  void batch(int number, int of, float mean) {
    batch = number;
    batches = of;
    loss = mean;
    begun.forEach(callback -> callback.batch(this));
  }

  void keep(Scores training, Scores validation) {
    history.add(
        new History.Epoch(history.size() + 1, training, validation, trainer.learningRate()));
    batch = 0;
  }

  void epochEnds() {
    begun.forEach(callback -> callback.epoch(this));
  }

  void end() {
    begun.forEach(callback -> callback.end(this));
  }
}
