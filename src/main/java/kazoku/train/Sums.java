package kazoku.train;

import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.types.TFloat32;

/** The sums of losses and metrics over batches, so that means are exact. */
final class Sums {
  private final Loss loss;
  private final Tallies metrics;
  private double[] weights;
  private double[] sums;

  Sums(Loss loss, Tallies metrics) {
    this.loss = loss;
    this.metrics = metrics;
  }

  Tallies metrics() {
    return metrics;
  }

  /** Asks for what is summed. */
  void fetch(Session.Runner runner, Objective.Means means) {
    weights = means.losses().stream().mapToDouble(Objective.Mean::weight).toArray();
    runner.fetch(means.total()).fetch(means.sums());
    metrics.fetch(runner);
  }

  /** Adds a batch, and gives its mean loss. */
  float add(Result result, Course.Rows rows) {
    TFloat32 more = (TFloat32) result.get(1);
    sums = sums == null ? new double[(int) more.size()] : sums;
    for (int i = 0; i < sums.length; i++) {
      sums[i] += more.getFloat(i);
    }
    metrics.read(result, 2, rows);
    return ((TFloat32) result.get(0)).getFloat();
  }

  /** The means so far. */
  Scores scores() {
    double mean = 0;
    for (int i = 0; i < weights.length; i++) {
      mean += weights[i] * mean(i);
    }
    return new Scores(mean, loss.metricName(), mean(weights.length), metrics.values());
  }

  private double mean(int index) {
    return sums[2 * index] / Math.max(1, sums[2 * index + 1]);
  }
}
