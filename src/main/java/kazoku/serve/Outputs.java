package kazoku.serve;

import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
   * @param steps T; 1 where rows have none
   * @param size O
   * @param numbers {@code [B, T, O]}, {@code float[]} or {@code int[]}
   * @param valid how many steps of each row are
   */
  record Values(boolean perStep, int steps, int size, Object numbers, int[] valid) {
    int rows() {
      return valid.length;
    }

    private Object make(int count) {
      return Array.newInstance(numbers.getClass().getComponentType(), count);
    }

    /** Some numbers of a row from one of its steps on. */
    private Object part(int row, int t, int count) {
      Object part = make(count);
      System.arraycopy(numbers, (row * steps + t) * size, part, 0, count);
      return part;
    }

    float[][] floats(int row) {
      float[][] values = new float[valid[row]][];
      Arrays.setAll(values, t -> (float[]) part(row, t, size));
      return values;
    }

    float[] last(int row) {
      return floats(row)[valid[row] - 1];
    }

    int[] tokens(int row) {
      return (int[]) part(row, 0, valid[row] * size);
    }

    /** With zeros in the place of steps that are not valid; not copied if there are none. */
    Object flat() {
      if (Arrays.stream(valid).allMatch(length -> length == steps)) {
        return numbers;
      }
      Object flat = make(Array.getLength(numbers));
      for (int row = 0; row < rows(); row++) {
        int from = row * steps * size;
        System.arraycopy(numbers, from, flat, from, valid[row] * size);
      }
      return flat;
    }

    Values row(int row) {
      return new Values(perStep, steps, size, part(row, 0, steps * size), new int[] {valid[row]});
    }

    /** The rows of several parts, padded to the most steps. */
    static Values concat(List<Values> parts) {
      Values first = parts.get(0);
      int rows = parts.stream().mapToInt(Values::rows).sum();
      int steps = parts.stream().mapToInt(Values::steps).max().orElse(0);
      int size = parts.stream().mapToInt(Values::size).max().orElse(0);
      Object all = first.make(Math.multiplyExact(rows, Math.multiplyExact(steps, size)));
      int at = 0;
      for (Values part : parts) {
        for (int row = 0; row < part.rows(); row++) {
          int from = row * part.steps * size;
          System.arraycopy(part.numbers, from, all, at++ * steps * size, part.valid[row] * size);
        }
      }
      int[] valid = parts.stream().flatMapToInt(part -> Arrays.stream(part.valid)).toArray();
      return new Values(first.perStep, steps, size, all, valid);
    }
  }

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
    return numbers(name, false).map(row -> row[0]).toArray(float[][]::new);
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
   * All numbers of an output as they stood in TensorFlow's memory, one after the other: the
   * quickest way to read many.
   *
   * @param name its name
   * @return {@code [B, O]}, or {@code [B, T, O]}, T as many as rows were padded to, with zeros
   *     beyond the length of a row; it may not be a copy: do not change it
   * @throws IllegalArgumentException if there is none, or if it has tokens
   */
  public float[] flat(String name) {
    return (float[]) requireNumbers(name).flat();
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
    if (values.numbers instanceof float[]) {
      throw wrong(name, "numbers; use rows or steps");
    }
    return IntStream.range(0, values.rows()).mapToObj(values::tokens).toArray(int[][]::new);
  }

  private Values requireNumbers(String name) {
    Values values = require(name);
    if (values.numbers instanceof int[]) {
      throw wrong(name, "tokens; use tokens");
    }
    return values;
  }

  private Stream<float[][]> numbers(String name, boolean perStep) {
    Values values = requireNumbers(name);
    if (values.perStep != perStep) {
      throw wrong(name, values.perStep ? "for each step; use steps" : "for each row; use rows");
    }
    return IntStream.range(0, values.rows()).mapToObj(values::floats);
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
    Values values = requireNumbers(usual());
    float[][] last = new float[values.rows()][];
    Arrays.setAll(last, values::last);
    return last;
  }

  /** The rows of several parts, one after the other. */
  static Outputs concat(List<Outputs> parts) {
    Map<String, Values> joined = new LinkedHashMap<>();
    parts
        .get(0)
        .all
        .forEach(
            (name, first) ->
                joined.put(
                    name, Values.concat(parts.stream().map(part -> part.all.get(name)).toList())));
    return new Outputs(parts.get(0).folder, joined);
  }

  /** What one row has. */
  Outputs row(int row) {
    Map<String, Values> one = new LinkedHashMap<>();
    all.forEach((name, values) -> one.put(name, values.row(row)));
    return new Outputs(folder, one);
  }
}
