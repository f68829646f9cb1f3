package kazoku.spark;

import java.util.Collections;
import java.util.Map;
import kazoku.train.History;
import kazoku.train.Model;

/** What a training on Spark has come to, on the driver. */
public final class Trained {
  private final History history;
  private final Map<String, float[]> weights;
  private final SparkTraining.ModelSupplier fresh;

  Trained(History history, Map<String, float[]> weights, SparkTraining.ModelSupplier fresh) {
    this.history = history;
    this.weights = Collections.unmodifiableMap(weights);
    this.fresh = fresh;
  }

  /**
   * What happened, epoch by epoch.
   *
   * @return what the lesson has returned in worker 0
   */
  public History history() {
    return history;
  }

  /**
   * What was learnt.
   *
   * @return the values of each weight in row-major order, by full names: what {@link
   *     Model#weights(Map)} takes
   */
  public Map<String, float[]> weights() {
    return weights;
  }

  /**
   * The model with what was learnt, to be evaluated, asked, saved, exported: a new one with each
   * call, made here as it was made in the workers.
   *
   * @return the model; close it
   */
  public Model model() {
    Model model = fresh.get();
    try {
      model.weights(weights);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }
}
