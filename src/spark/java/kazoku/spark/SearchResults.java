package kazoku.spark;

import java.io.Serializable;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import kazoku.Checks;

/**
 * What a {@link SparkSearch} has come to.
 *
 * @param results one for each setting, in their order
 * @param <S> what settings are
 */
public record SearchResults<S extends Serializable>(List<Result<S>> results) {

  /**
   * How one setting did.
   *
   * @param setting the setting
   * @param folds the scores of each fold by name; empty if one has failed
   * @param failure why one has failed; empty if none has
   * @param <S> what settings are
   */
  public record Result<S extends Serializable>(
      S setting, List<Map<String, Double>> folds, String failure) {

    static <S extends Serializable> Result<S> of(S setting, List<SparkSearch.Outcome> outcomes) {
      return outcomes.stream()
          .map(SparkSearch.Outcome::failure)
          .filter(Objects::nonNull)
          .findFirst()
          .map(failure -> new Result<>(setting, List.of(), failure))
          .orElseGet(
              () ->
                  new Result<>(
                      setting, outcomes.stream().map(SparkSearch.Outcome::scores).toList(), ""));
    }

    /**
     * The mean of a score over all folds.
     *
     * @param score {@code loss}, or a metric's name
     * @return the mean; NaN if a fold has failed
     * @throws IllegalArgumentException if there is no such score
     */
    public double mean(String score) {
      return folds.stream().mapToDouble(fold -> value(fold, score)).average().orElse(Double.NaN);
    }

    /**
     * How much a score differs from fold to fold.
     *
     * @param score {@code loss}, or a metric's name
     * @return the standard deviation, of the folds themselves (divided by k, as scikit-learn has
     *     it); NaN if one has failed
     * @throws IllegalArgumentException if there is no such score
     */
    public double deviation(String score) {
      double mean = mean(score);
      return Math.sqrt(
          folds.stream()
              .mapToDouble(fold -> Math.pow(value(fold, score) - mean, 2))
              .average()
              .orElse(Double.NaN));
    }

    private static double value(Map<String, Double> fold, String score) {
      Checks.require(
          fold.containsKey(score),
          "SearchResults",
          "a score must be one of " + fold.keySet(),
          score);
      return fold.get(score);
    }
  }

  public SearchResults {
    results = List.copyOf(results);
  }

  /**
   * The setting with the lowest mean, for a loss or an error.
   *
   * @param score its name
   * @return the first such result
   * @throws IllegalStateException if all have failed
   */
  public Result<S> lowest(String score) {
    return first(Comparator.comparingDouble(result -> result.mean(score)));
  }

  /**
   * The setting with the highest mean, for an accuracy.
   *
   * @param score its name
   * @return the first such result
   * @throws IllegalStateException if all have failed
   */
  public Result<S> highest(String score) {
    return first(Comparator.comparingDouble(result -> -result.mean(score)));
  }

  private Result<S> first(Comparator<Result<S>> order) {
    return results.stream()
        .filter(result -> result.failure.isEmpty())
        .min(order)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "SearchResults: every setting has failed, the first one so: "
                        + results.get(0).failure));
  }

  /** A line for each setting: means ± deviations, or why it has failed. */
  @Override
  public String toString() {
    return results.stream()
        .map(
            result ->
                result.setting
                    + "  "
                    + (result.failure.isEmpty() ? text(result) : "failed: " + result.failure))
        .collect(Collectors.joining("\n"));
  }

  private static String text(Result<?> result) {
    Set<String> scores = new LinkedHashSet<>(result.folds.get(0).keySet());
    return scores.stream()
        .map(
            score ->
                String.format(
                    Locale.ROOT,
                    "%s %.4f ± %.4f",
                    score,
                    result.mean(score),
                    result.deviation(score)))
        .collect(Collectors.joining(", "));
  }
}
