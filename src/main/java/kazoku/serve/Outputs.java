package kazoku.serve;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Checks;
import kazoku.train.Export;

/** What one call gives: every output of the signature, by name. All are of one run of one model. */
public final class Outputs {
  private final Path folder;
  private final Map<String, Values> all;

  /**
   * One output.
   *
   * @param perStep whether rows have steps
   * @param rows for each row its steps, one if it has none: {@code float[T][O]}, or {@code int[T]}
   */
  record Values(boolean perStep, List<Object> rows) {}

  Outputs(Path folder, Map<String, Values> all) {
    this.folder = folder;
    this.all = all;
  }

  /**
   * The SavedModel that gave them, and by that which version it was where one takes the place of
   * another.
   *
   * @return the folder that was loaded; of a {@link kazoku.train.Model}, one that is there no more
   */
  public Path folder() {
    return folder;
  }

  /**
   * The names of the outputs that are numbers or tokens.
   *
   * @return the names
   */
  public Set<String> names() {
    return Set.copyOf(all.keySet());
  }

  /**
   * An output that has numbers for each row.
   *
   * @param name its name
   * @return {@code [B][O]}
   * @throws IllegalArgumentException if there is none, or if it is for each step
   */
  public float[][] rows(String name) {
    return numbers(name, false).stream().map(row -> row[0]).toArray(float[][]::new);
  }

  /**
   * An output that has numbers for each valid step of each row.
   *
   * @param name its name
   * @return {@code [B][T][O]}, T the length of the row
   * @throws IllegalArgumentException if there is none, or if it is for each row
   */
  public float[][][] steps(String name) {
    return numbers(name, true).toArray(float[][][]::new);
  }

  /**
   * An output that has whole numbers for each valid step of each row, or one for each row.
   *
   * @param name its name
   * @return {@code [B][T]}, or {@code [B][1]}
   * @throws IllegalArgumentException if there is none, or if it has fractions
   */
  public int[][] tokens(String name) {
    Values values = require(name);
    if (values.rows.stream().anyMatch(row -> !(row instanceof int[]))) {
      throw wrong(name, "numbers; use rows or steps");
    }
    return values.rows.stream().map(int[].class::cast).toArray(int[][]::new);
  }

  private List<float[][]> numbers(String name, boolean perStep) {
    Values values = require(name);
    List<float[][]> numbers = new ArrayList<>();
    for (Object row : values.rows) {
      if (!(row instanceof float[][] floats)) {
        throw wrong(name, "tokens; use tokens");
      }
      if (values.perStep != perStep) {
        throw wrong(name, values.perStep ? "for each step; use steps" : "for each row; use rows");
      }
      numbers.add(floats);
    }
    return numbers;
  }

  private Values require(String name) {
    Values values = all.get(name);
    if (values == null) {
      throw new IllegalArgumentException(
          "Predictor: an output must be one of " + all.keySet() + ", got " + name);
    }
    return values;
  }

  private static IllegalArgumentException wrong(String name, String what) {
    return new IllegalArgumentException("Predictor: the output " + name + " is " + what);
  }

  /** The output that is meant where none is named. */
  String usual() {
    if (all.size() == 1) {
      return all.keySet().iterator().next();
    }
    Checks.require(
        all.containsKey(Export.OUTPUT),
        "Predictor",
        "there must be one output, or one with the name output; use run(…) and a name",
        all.keySet());
    return Export.OUTPUT;
  }

  /** The usual output: for each row, or at the last step of each. */
  float[][] last() {
    Values values = all.get(usual());
    return numbers(usual(), values.perStep).stream()
        .map(steps -> steps[steps.length - 1])
        .toArray(float[][]::new);
  }

  /** The rows of several parts, one after the other. */
  static Outputs concat(List<Outputs> parts) {
    Map<String, Values> joined = new LinkedHashMap<>();
    parts
        .get(0)
        .all
        .forEach(
            (name, first) -> {
              List<Object> rows = new ArrayList<>();
              parts.forEach(part -> rows.addAll(part.all.get(name).rows));
              joined.put(name, new Values(first.perStep, rows));
            });
    return new Outputs(parts.get(0).folder, joined);
  }

  /** What one row has. */
  Outputs row(int row) {
    Map<String, Values> one = new LinkedHashMap<>();
    all.forEach(
        (name, values) -> one.put(name, new Values(values.perStep, List.of(values.rows.get(row)))));
    return new Outputs(folder, one);
  }
}
