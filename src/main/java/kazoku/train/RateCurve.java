package kazoku.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How the loss of a batch depends on the learning rate, while that rises: what {@link
 * Model#findLearningRate(Source, Optimizer, Loss, Epochs)} finds.
 *
 * @param points the batches, in order
 */
public record RateCurve(List<Point> points) {

  public RateCurve {
    points = List.copyOf(points);
  }

  /**
   * A batch.
   *
   * @param rate the learning rate that it was learnt with
   * @param loss its mean loss, before it was learnt
   * @param smoothed the mean of the losses near it: of the n batches of the {@link RateRange}, the
   *     loss of a batch j places away weighs max(0, n/10 − |j|). (An exponential mean, as Lightning
   *     and fast.ai have it, comes late, and makes rates look too large.)
   */
  public record Point(double rate, double loss, double smoothed) {}

  static RateCurve of(RateRange range, List<Double> losses) {
    int window = range.window();
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < losses.size(); i++) {
      double sum = 0;
      double weights = 0;
      int last = Math.min(losses.size(), i + window);
      for (int j = Math.max(0, i - window + 1); j < last; j++) {
        double weight = window - Math.abs(i - j);
        sum += weight * losses.get(j);
        weights += weight;
      }
      points.add(new Point(range.rate(i), losses.get(i), sum / weights));
    }
    return new RateCurve(points);
  }

  /**
   * The rate at which the loss falls fastest, which is a good one for training: with s the smoothed
   * loss and α the rate, the α of the i at which
   *
   * <pre>
   * (s_{i+1} − s_{i−1}) / (ln α_{i+1} − ln α_{i−1})
   * </pre>
   *
   * <p>is least, of all i up to the least s.
   *
   * @return the rate
   * @throws IllegalStateException if the loss never falls
   */
  public double steepest() {
    return points
        .get(
            IntStream.range(1, requireLeast())
                .boxed()
                .min(Comparator.comparingDouble(this::slope))
                .orElseThrow())
        .rate();
  }

  private double slope(int i) {
    Point before = points.get(i - 1);
    Point after = points.get(i + 1);
    return (after.smoothed - before.smoothed) / (Math.log(after.rate) - Math.log(before.rate));
  }

  /**
   * A tenth of the rate at which the smoothed loss is least, an older rule of thumb.
   *
   * @return the rate
   * @throws IllegalStateException if the loss never falls
   */
  public double tenthOfLeast() {
    return points.get(requireLeast()).rate() / 10;
  }

  /** Where the smoothed loss is least. */
  private int least() {
    return IntStream.range(0, points.size())
        .boxed()
        .min(Comparator.comparingDouble(i -> points.get(i).smoothed))
        .orElse(0);
  }

  private int requireLeast() {
    int least = least();
    if (least < 2) {
      throw new IllegalStateException(
          "RateCurve: the loss falls at no rate; try a wider range, more batches, or another"
              + " model");
    }
    return least;
  }

  /**
   * Draws the losses, the smoothed ones and both suggestions, if there are any. It needs XChart
   * ({@code org.knowm.xchart:xchart}) among your dependencies, and no screen.
   *
   * @param file {@code rates.png} or {@code rates.svg}; written aside and then moved into place
   * @throws IllegalArgumentException if its name ends otherwise
   * @throws IllegalStateException if there is no XChart
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void draw(Path file) {
    double[] rates = values(Point::rate);
    double[] smoothed = values(Point::smoothed);
    Plot.Panel panel =
        new Plot.Panel(
                "loss by learning rate",
                Plot.Axis.logarithmic("learning rate"),
                Plot.Axis.fitting("", smoothed))
            .line("of a batch", Plot.Style.FAINT, rates, values(Point::loss))
            .line("smoothed", Plot.Style.SOLID, rates, smoothed);
    if (least() >= 2) {
      panel = upright(upright(panel, "steepest", steepest()), "least / 10", tenthOfLeast());
    }
    new Plot(panel).write(file);
  }

  private Plot.Panel upright(Plot.Panel panel, String name, double rate) {
    DoubleSummaryStatistics range = Arrays.stream(values(Point::smoothed)).summaryStatistics();
    return panel.line(
        String.format(Locale.ROOT, "%s: %.2g", name, rate),
        Plot.Style.DASHED,
        new double[] {rate, rate},
        new double[] {range.getMin(), range.getMax()});
  }

  private double[] values(ToDoubleFunction<Point> of) {
    return points.stream().mapToDouble(of).toArray();
  }
}
