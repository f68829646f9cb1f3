package kazoku.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import kazoku.Checks;
import org.tensorflow.Result;
import org.tensorflow.Session;

/** Metrics over batches. */
final class Tallies {
  private final Map<String, Reading> readings;
  private final Map<Metric, Metric.Tally> tallies = new LinkedHashMap<>();

  /**
   * Begins to measure.
   *
   * @param outputs gives an output by its name
   * @param metrics of different names
   */
  Tallies(Function<String, Reading> outputs, List<Metric> metrics) {
    readings = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    for (Metric metric : metrics) {
      Checks.require(
          names.add(metric.name()), "Metric", "each must have a name of its own", metric.name());
      readings.computeIfAbsent(metric.output(), outputs);
      tallies.put(metric, metric.begin());
    }
  }

  private Tallies(Map<String, Reading> readings, Set<Metric> metrics) {
    this.readings = readings;
    metrics.forEach(metric -> tallies.put(metric, metric.begin()));
  }

  /** The same metrics, of no rows. */
  Tallies none() {
    return new Tallies(readings, tallies.keySet());
  }

  /** What each metric knows, for {@link #merge}. */
  List<double[]> numbers() {
    List<double[]> numbers = new ArrayList<>();
    tallies.forEach(
        (metric, tally) -> {
          try {
            numbers.add(tally.numbers());
          } catch (UnsupportedOperationException e) {
            throw new IllegalArgumentException(
                "Metric: "
                    + metric.name()
                    + " cannot be put together from several workers; give its tally numbers and"
                    + " merge, or leave it out",
                e);
          }
        });
    return numbers;
  }

  /** Takes in what other tallies of the same metrics know. */
  void merge(List<double[]> numbers) {
    int next = 0;
    for (Metric.Tally tally : tallies.values()) {
      tally.merge(numbers.get(next++));
    }
  }

  /** Refuses targets that do not fit the outputs that are measured. */
  void check(Sequences data) {
    readings.forEach((output, reading) -> reading.check(data.requireTargets(output)));
  }

  /** The names of the outputs that are measured. */
  Set<String> outputs() {
    return readings.keySet();
  }

  /** Asks for what metrics read. */
  void fetch(Session.Runner runner) {
    readings.values().forEach(reading -> reading.fetch(runner));
  }

  /**
   * Adds a batch.
   *
   * @param result the answers
   * @param first where the answers to {@link #fetch} begin
   * @param rows which rows they are for
   */
  void read(Result result, int first, Course.Rows rows) {
    int from = first;
    for (Map.Entry<String, Reading> reading : readings.entrySet()) {
      Reading.Values values = reading.getValue().values(result, from);
      for (int i = 0; i < rows.indices().length; i++) {
        add(reading.getKey(), values, i, rows);
      }
      from += reading.getValue().size();
    }
  }

  private void add(String output, Reading.Values values, int index, Course.Rows rows) {
    int row = rows.indices()[index];
    Targets targets = rows.data().requireTargets(output);
    int[] given = values.steps(index);
    int[] right = IntStream.range(0, targets.count(row)).toArray();
    if (targets.form() == Targets.Form.STEP) {
      int length = rows.data().length(row);
      Checks.require(
          values.steps() >= length,
          "Metric",
          "row " + row + " must have an output for each of its " + length + " targets",
          values.steps());
      given =
          Arrays.stream(given)
              .filter(t -> t < length && t >= rows.counted() && targets.has(row, t))
              .toArray();
      right = given;
    }
    for (Map.Entry<Metric, Metric.Tally> tally : tallies.entrySet()) {
      if (tally.getKey().output().equals(output)) {
        Outcome outcome =
            new Outcome(
                tally.getKey().name(),
                values.numbers(index, given),
                values.tokens(index, given),
                targets.labels(row, right),
                targets.values(row, right));
        tally.getValue().add(outcome);
      }
    }
  }

  /** The metrics' values, by name. */
  Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    tallies.forEach((metric, tally) -> values.put(metric.name(), tally.value()));
    return values;
  }
}
