package kazoku.train;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Checks;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A set of sequences of different lengths, and what is to be learnt about them.
 *
 * <pre>{@code
 * Sequences.of(utterances).labels(speakers)
 * Sequences.tokens(sentences).stepLabels(tags)
 * Sequences.tokens(questions).beside("target", Sequences.tokens(begun)).labelSequences(answers)
 * }</pre>
 *
 * <p>A sequence is a {@code float[T][I]}: T steps, at least 0, of I numbers each; or an {@code
 * int[T]} of tokens, whole numbers from 0. T differs from row to row, I does not. Targets are class
 * labels or numbers, one for each row, one for each step, or a sequence of their own for each row.
 * A model with several inputs and outputs has other sequences beside these and targets by the
 * outputs' names. The arrays are kept, not copied: do not change them afterwards. Instances do not
 * change.
 */
public final class Sequences implements Source {
  private final Column column;
  private final Map<String, Sequences> beside;
  private final Map<String, Targets> targets;
  private final float[] sampleWeights;

  private Sequences(
      Column column,
      Map<String, Sequences> beside,
      Map<String, Targets> targets,
      float[] sampleWeights) {
    this.column = column;
    this.beside = beside;
    this.targets = targets;
    this.sampleWeights = sampleWeights;
  }

  private static Sequences of(Column column) {
    return new Sequences(column, Map.of(), Map.of(), null);
  }

  /**
   * Sequences all of whose steps are valid.
   *
   * @param inputs {@code [B][T][I]}, B at least 1
   * @return the sequences, without targets
   * @throws IllegalArgumentException if there are none, or if steps differ in size
   */
  public static Sequences of(float[][][] inputs) {
    return of(inputs, Arrays.stream(inputs).mapToInt(row -> row.length).toArray());
  }

  /**
   * Sequences that are padded at their ends.
   *
   * @param inputs {@code [B][T][I]}, B at least 1
   * @param lengths {@code [B]}: how many steps of each row are valid, from 0 to its T
   * @return the sequences, without targets
   * @throws IllegalArgumentException if there are none, if steps differ in size, or if lengths do
   *     not fit
   */
  public static Sequences of(float[][][] inputs, int[] lengths) {
    require(inputs.length > 0, "there must be at least one row", 0);
    require(
        lengths.length == inputs.length,
        "lengths must have one number for each of the " + inputs.length + " rows",
        lengths.length);
    int size = -1;
    for (int row = 0; row < inputs.length; row++) {
      int steps = inputs[row].length;
      require(
          lengths[row] >= 0 && lengths[row] <= steps,
          "the length of row " + row + " must be in 0.." + steps + ", the steps it has",
          lengths[row]);
      for (float[] step : inputs[row]) {
        size = size < 0 ? step.length : size;
        require(
            step.length == size,
            "every step must have "
                + size
                + " numbers as the first one has, but row "
                + row
                + " has another",
            step.length);
      }
    }
    return of(new Column.Vectors(inputs, lengths.clone(), size));
  }

  /**
   * Sequences of tokens.
   *
   * @param tokens {@code [B][T]}, B at least 1; whole numbers from 0
   * @return the sequences, without targets
   * @throws IllegalArgumentException if there are none, or if a token is negative
   */
  public static Sequences tokens(int[][] tokens) {
    require(tokens.length > 0, "there must be at least one row", 0);
    for (int row = 0; row < tokens.length; row++) {
      for (int token : tokens[row]) {
        require(token >= 0, "tokens must be 0 or more, but row " + row + " has another", token);
      }
    }
    return of(new Column.Tokens(tokens));
  }

  /**
   * Numbers for each row, without steps; to stand {@linkplain #beside beside} sequences.
   *
   * @param values {@code [B][I]}, B at least 1
   * @return the rows, without targets
   * @throws IllegalArgumentException if there are none, or if they differ in size
   */
  public static Sequences rows(float[][] values) {
    require(values.length > 0, "there must be at least one row", 0);
    for (int row = 0; row < values.length; row++) {
      require(
          values[row].length == values[0].length,
          "every row must have "
              + values[0].length
              + " numbers as the first one has, but row "
              + row
              + " has another",
          values[row].length);
    }
    return of(new Column.Rows(values));
  }

  /**
   * One input more.
   *
   * @param name the name by which the model knows it, {@link Inputs}
   * @param other as many rows, with lengths of their own
   * @return the same sequences with this input beside them
   * @throws IllegalArgumentException if it has another number of rows
   */
  public Sequences beside(String name, Sequences other) {
    require(
        other.size() == size(),
        name + " must have " + size() + " rows, as the first input has",
        other.size());
    require(
        other.beside.isEmpty() && other.targets.isEmpty(),
        name + " must have no inputs or targets of its own",
        "some");
    Map<String, Sequences> more = new LinkedHashMap<>(beside);
    more.put(name, other);
    return new Sequences(column, Collections.unmodifiableMap(more), targets, sampleWeights);
  }

  /**
   * One class for each row.
   *
   * @param labels {@code [B]}, counted from 0
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there is not one label a row, or if one is negative
   */
  public Sequences labels(int... labels) {
    return target("", Targets.ofRows(labels));
  }

  /**
   * One class for each step.
   *
   * @param labels {@code [B][T]}, counted from 0; as many for each row as it has steps
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there is not one label a step, or if one is negative
   */
  public Sequences stepLabels(int[][] labels) {
    return target("", Targets.ofSteps(labels));
  }

  /**
   * A sequence of classes for each row, of its own length: what an encoder-decoder or CTC learns.
   *
   * @param labels {@code [B][L]}, counted from 0
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there are not as many as rows, or if one is negative
   */
  public Sequences labelSequences(int[][] labels) {
    return target("", Targets.ofSequences(labels));
  }

  /**
   * Numbers for each row.
   *
   * @param values {@code [B][O]}
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there are not O numbers for each row
   */
  public Sequences targets(float[][] values) {
    return target("", Targets.ofRows(values));
  }

  /**
   * Numbers for each step.
   *
   * @param values {@code [B][T][O]}; as many steps for each row as it has
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there are not O numbers for each step
   */
  public Sequences stepTargets(float[][][] values) {
    return target("", Targets.ofSteps(values));
  }

  /**
   * Targets of another output.
   *
   * @param output the output's name: {@code signal.beside(output, …)}
   * @param targets the targets, {@code Targets.ofRows(labels)}
   * @return the same sequences with these targets, too
   * @throws IllegalArgumentException if the targets do not fit
   */
  public Sequences target(String output, Targets targets) {
    targets.check(column);
    Map<String, Targets> more = new LinkedHashMap<>(this.targets);
    more.put(output, targets);
    return new Sequences(column, beside, Collections.unmodifiableMap(more), sampleWeights);
  }

  /**
   * What each row counts in the loss; {@link Loss} says how.
   *
   * @param weights {@code [B]}, at least 0; 1 by default
   * @return the same sequences with these weights
   * @throws IllegalArgumentException if there is not one weight a row, or if one is negative
   */
  public Sequences sampleWeights(double... weights) {
    require(
        weights.length == size(),
        "sample weights must be given for all " + size() + " rows",
        weights.length);
    float[] all = new float[weights.length];
    for (int row = 0; row < all.length; row++) {
      Checks.notNegative("Sequences", "the sample weight of row " + row, weights[row]);
      all[row] = (float) weights[row];
    }
    return new Sequences(column, beside, targets, all);
  }

  /** All rows, as one portion. */
  @Override
  public Stream<Sequences> portions() {
    return Stream.of(this);
  }

  /**
   * The number of sequences.
   *
   * @return B
   */
  public int size() {
    return column.rows();
  }

  /**
   * The number of valid steps of one sequence.
   *
   * @param row its index
   * @return its length
   */
  public int length(int row) {
    return column.length(row);
  }

  /** An input by name; null if there is none. */
  Column column(String name) {
    if (name.equals(Inputs.FIRST)) {
      return column;
    }
    return beside.containsKey(name) ? beside.get(name).column : null;
  }

  /** The targets of an output. */
  Targets requireTargets(String output) {
    if (!targets.containsKey(output)) {
      throw new IllegalArgumentException(
          output.isEmpty()
              ? "Sequences: there are no targets; give them, Sequences.of(inputs).labels(labels)"
              : "Sequences: there are no targets for "
                  + output
                  + "; give them, sequences.target(\""
                  + output
                  + "\", …)");
    }
    return targets.get(output);
  }

  /** All rows in their order, in batches. */
  int[][] batches(int batchSize) {
    return cut(IntStream.range(0, size()).toArray(), batchSize);
  }

  /** All rows in batches, as they are taken in one pass over the data. */
  int[][] batches(int batchSize, Batching.Order order, long seed, long pass) {
    return switch (order) {
      case AS_GIVEN -> batches(batchSize);
      case SHUFFLED -> cut(shuffled(new Random(seed * 0x9E3779B97F4A7C15L + pass)), batchSize);
    };
  }

  private int[] shuffled(Random random) {
    int[] order = IntStream.range(0, size()).toArray();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }

  private static int[][] cut(int[] order, int size) {
    return IntStream.iterate(0, from -> from < order.length, from -> from + size)
        .mapToObj(from -> Arrays.copyOfRange(order, from, Math.min(from + size, order.length)))
        .toArray(int[][]::new);
  }

  /** The lengths of some rows. */
  static TInt32 lengths(Column column, int[] rows) {
    int[] lengths = Arrays.stream(rows).map(column::length).toArray();
    return TInt32.tensorOf(Shape.of(lengths.length), DataBuffers.of(lengths));
  }

  /**
   * The targets of some rows, padded.
   *
   * @param fixedSteps to which number of steps, or −1
   */
  Map<String, Batch.Part> targetParts(int[] rows, int fixedSteps) {
    Map<String, Batch.Part> parts = new LinkedHashMap<>();
    targets.forEach((name, t) -> parts.put(name, t.part(column, rows, fixedSteps)));
    return parts;
  }

  /** What some rows count; null if all count alike. */
  TFloat32 sampleWeights(int[] rows) {
    if (sampleWeights == null) {
      return null;
    }
    float[] some = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      some[i] = sampleWeights[rows[i]];
    }
    return TFloat32.tensorOf(Shape.of(some.length), DataBuffers.of(some));
  }

  private static void require(boolean holds, String rule, Object value) {
    Checks.require(holds, "Sequences", rule, value);
  }
}
