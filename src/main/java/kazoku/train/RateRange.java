package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import kazoku.Checks;

/**
 * Which learning rates {@link Model#findLearningRate(Source, Optimizer, Loss, Epochs, RateRange)}
 * tries: of n batches the i-th, counted from 0, has the rate
 *
 * <pre>
 * least · (largest / least)^(i / (n − 1))
 * </pre>
 *
 * <p>It ends earlier where a loss or a gradient is no longer finite, or where the loss diverges:
 * the mean of the last n/10 losses is larger than at the beginning, and more than 4 times the least
 * such mean.
 *
 * @param least the first rate, greater than 0
 * @param largest the last rate, greater than the first
 * @param batches n, at least 10. Data that has fewer is taken again
 */
public record RateRange(double least, double largest, int batches) {

  /** From 1e-6 to 10, in 100 batches. */
  static final RateRange DEFAULT = new RateRange(1e-6, 10, 100);

  public RateRange {
    Checks.require(
        least > 0 && least < Double.POSITIVE_INFINITY,
        "RateRange",
        "least must be greater than 0",
        least);
    Checks.require(
        largest > least && largest < Double.POSITIVE_INFINITY,
        "RateRange",
        "largest must be greater than least, " + least,
        largest);
    Checks.require(batches >= 10, "RateRange", "batches must be at least 10", batches);
  }

  /** The rate of a batch. */
  double rate(int batch) {
    return least * Math.pow(largest / least, (double) batch / (batches - 1));
  }

  /** Over how many batches losses are smoothed. */
  int window() {
    return batches / 10;
  }

  /** Trains up to where it diverges. */
  RateCurve search(
      Trainer trainer, Source data, Optimizer optimizer, Loss loss, Batching batching) {
    List<Double> losses = new ArrayList<>();
    Batching endless = batching.perEpoch(batches);
    try (Course course = new Course(data, endless, Team.ALONE, trainer.seed());
        Lesson lesson = new Lesson(trainer, optimizer, loss, endless, Team.ALONE)) {
      trainer.ignoreSchedule(optimizer);
      course.begin(trainer.passes() + 1);
      Sums sums = new Sums(loss, trainer.tallies(trainer.training(), List.of()));
      lesson.check(course.look().data(), sums.metrics());
      trainer.begin(optimizer);
      while (losses.size() < batches && !diverges(losses)) {
        Course.Rows rows = course.take();
        if (rows == null) {
          course.begin(course.pass() + 1);
          lesson.forget();
          rows = course.take();
        }
        trainer.learningRate(rate(losses.size()));
        losses.add((double) lesson.learn(sums, rows, "batch " + (losses.size() + 1)));
      }
    } catch (Culprit.NotFinite e) {
      if (losses.isEmpty()) {
        throw e;
      }
    }
    return RateCurve.of(this, losses);
  }

  private boolean diverges(List<Double> losses) {
    double first = recent(losses, window());
    double least = Double.POSITIVE_INFINITY;
    double mean = first;
    for (int end = window(); end <= losses.size(); end++) {
      mean = recent(losses, end);
      least = Math.min(least, mean);
    }
    return mean > first && mean - least > 3 * Math.abs(least);
  }

  /** The mean of the last losses before one. */
  private double recent(List<Double> losses, int end) {
    OptionalDouble mean =
        losses.stream().limit(end).skip(Math.max(0, end - window())).mapToDouble(x -> x).average();
    return mean.orElse(0);
  }
}
