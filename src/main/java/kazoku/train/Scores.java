package kazoku.train;

import java.util.Locale;

/**
 * How well a model did on some data.
 *
 * @param loss the mean loss
 * @param metricName {@code accuracy}, {@code mae}
 * @param metric the mean metric
 */
public record Scores(double loss, String metricName, double metric) {
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "loss %.4f, %s %.4f", loss, metricName, metric);
  }
}
