package kazoku.train;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import kazoku.Checks;

/**
 * How well a model did on some data.
 *
 * @param loss the mean loss
 * @param metricName {@code accuracy}, {@code mae}
 * @param metric the mean metric that the loss brings
 * @param others other metrics by name; one of the name of the loss's metric takes its place where
 *     all are shown
 */
public record Scores(double loss, String metricName, double metric, Map<String, Double> others)
    implements Serializable {

  public Scores {
    others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
  }

  /**
   * Scores without other metrics.
   *
   * @param loss the mean loss
   * @param metricName the name of the metric that the loss brings
   * @param metric its mean
   */
  public Scores(double loss, String metricName, double metric) {
    this(loss, metricName, metric, Map.of());
  }

  /**
   * All scores by name: {@code loss}, the loss's metric, the others.
   *
   * @return name → value, in this order
   */
  public Map<String, Double> values() {
    Map<String, Double> all = new LinkedHashMap<>();
    all.put("loss", loss);
    all.put(metricName, metric);
    all.putAll(others);
    return Collections.unmodifiableMap(all);
  }

  /**
   * One score.
   *
   * @param name {@code loss}, or a metric's name
   * @return its value
   * @throws IllegalArgumentException if there is none of this name
   */
  public double value(String name) {
    Map<String, Double> all = values();
    Checks.require(all.containsKey(name), "Scores", "a score must be one of " + all.keySet(), name);
    return all.get(name);
  }

  @Override
  public String toString() {
    return values().entrySet().stream()
        .map(score -> String.format(Locale.ROOT, "%s %.4f", score.getKey(), score.getValue()))
        .collect(Collectors.joining(", "));
  }
}
