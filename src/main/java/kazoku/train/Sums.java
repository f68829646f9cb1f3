package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.types.TFloat32;

/** The sums of losses and metrics over batches, so that means are exact. */
final class Sums {
  private final Loss loss;
  private final Tallies metrics;
  private Objective.Means means;
  private double[] sums;

  Sums(Loss loss, Tallies metrics) {
    this.loss = loss;
    this.metrics = metrics;
  }

  Tallies metrics() {
    return metrics;
  }

  /** Learns what is summed. */
  void of(Objective.Means summed) {
    means = summed;
    sums = sums == null ? new double[summed.size()] : sums;
  }

  /** Asks for what is summed. */
  void fetch(Session.Runner runner, Objective.Means summed) {
    of(summed);
    runner.fetch(means.total()).fetch(means.sums());
    metrics.fetch(runner);
  }

  /** The sums of a batch, among the answers to {@link #fetch}. */
  static TFloat32 of(Result result) {
    return (TFloat32) result.get(1);
  }

  /** Adds a batch, and gives its mean loss. */
  float add(Result result, Course.Rows rows) {
    TFloat32 more = of(result);
    for (int i = 0; i < sums.length; i++) {
      sums[i] += more.getFloat(i);
    }
    metrics.read(result, 2, rows);
    return ((TFloat32) result.get(0)).getFloat();
  }

  /** All that has been summed, for {@link #merged}. */
  List<double[]> numbers() {
    List<double[]> numbers = new ArrayList<>();
    numbers.add(sums);
    numbers.addAll(metrics.numbers());
    return numbers;
  }

  /** The sums of several, in their order. */
  Sums merged(List<List<double[]>> all) {
    Sums merged = new Sums(loss, metrics.none());
    merged.of(means);
    for (List<double[]> numbers : all) {
      for (int i = 0; i < merged.sums.length; i++) {
        merged.sums[i] += numbers.get(0)[i];
      }
      merged.metrics.merge(numbers.subList(1, numbers.size()));
    }
    return merged;
  }

  /** The means so far. */
  Scores scores() {
    return new Scores(means.loss(sums), loss.metricName(), means.metric(sums), metrics.values());
  }
}
