package kazoku.train;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
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
 * }</pre>
 *
 * <p>A sequence is a {@code float[T][I]}: T steps, at least 0, of I numbers each; T differs from
 * row to row, I does not. Targets are class labels or numbers, one for each row or one for each
 * step. The arrays are kept, not copied: do not change them afterwards. Instances do not change.
 */
public final class Sequences {
  private final float[][][] inputs;
  private final int[] lengths;
  private final int inputSize;
  private final Targets targets;

  private Sequences(float[][][] inputs, int[] lengths, int inputSize, Targets targets) {
    this.inputs = inputs;
    this.lengths = lengths;
    this.inputSize = inputSize;
    this.targets = targets;
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
    return new Sequences(inputs, lengths.clone(), size, null);
  }

  /**
   * One class for each row.
   *
   * @param labels {@code [B]}, counted from 0
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there is not one label a row, or if one is negative
   */
  public Sequences labels(int... labels) {
    return with(
        new Targets(Arrays.stream(labels).mapToObj(l -> new int[] {l}).toArray(int[][]::new)));
  }

  /**
   * One class for each step.
   *
   * @param labels {@code [B][T]}, counted from 0; as many for each row as it has steps
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there is not one label a step, or if one is negative
   */
  public Sequences stepLabels(int[][] labels) {
    return with(new Targets(labels, null, true));
  }

  /**
   * Numbers for each row.
   *
   * @param values {@code [B][O]}
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there are not O numbers for each row
   */
  public Sequences targets(float[][] values) {
    return with(
        new Targets(
            null,
            Arrays.stream(values).map(v -> new float[][] {v}).toArray(float[][][]::new),
            false));
  }

  /**
   * Numbers for each step.
   *
   * @param values {@code [B][T][O]}; as many steps for each row as it has
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there are not O numbers for each step
   */
  public Sequences stepTargets(float[][][] values) {
    return with(new Targets(null, values, true));
  }

  /**
   * The number of sequences.
   *
   * @return B
   */
  public int size() {
    return inputs.length;
  }

  /**
   * The number of valid steps of one sequence.
   *
   * @param row its index
   * @return its length
   */
  public int length(int row) {
    return lengths[row];
  }

  /** I, or −1 if no row has a step. */
  int inputSize() {
    return inputSize;
  }

  /** The targets, or null. */
  Targets targets() {
    return targets;
  }

  /** All rows in their order, in batches. */
  int[][] batches(int batchSize) {
    return cut(IntStream.range(0, size()).toArray(), batchSize);
  }

  /** All rows in an order drawn for this epoch, in batches. */
  int[][] batches(int batchSize, long seed, int epoch) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + epoch);
    int[] order = IntStream.range(0, size()).toArray();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return cut(order, batchSize);
  }

  private static int[][] cut(int[] order, int size) {
    return IntStream.iterate(0, from -> from < order.length, from -> from + size)
        .mapToObj(from -> Arrays.copyOfRange(order, from, Math.min(from + size, order.length)))
        .toArray(int[][]::new);
  }

  /** Some rows, padded with zeros to the longest of them. */
  /** The number of steps of the longest row. */
  int longest() {
    return Arrays.stream(lengths).max().orElse(0);
  }

  /** Some rows, padded to a number of steps, or to the longest of them if that is −1. */
  Batch batch(int[] rows, int fixedSteps, int columns) {
    int longest = Arrays.stream(rows).map(row -> lengths[row]).max().orElse(0);
    int steps = fixedSteps >= 0 ? fixedSteps : longest;
    float[] values = new float[Math.multiplyExact(rows.length * steps, columns)];
    int[] valid = new int[rows.length];
    long count = 0;
    for (int i = 0; i < rows.length; i++) {
      valid[i] = lengths[rows[i]];
      count += valid[i];
      for (int t = 0; t < valid[i]; t++) {
        System.arraycopy(inputs[rows[i]][t], 0, values, (i * steps + t) * columns, columns);
      }
    }
    return new Batch(
        TFloat32.tensorOf(Shape.of(rows.length, steps, columns), DataBuffers.of(values)),
        TInt32.tensorOf(Shape.of(rows.length), DataBuffers.of(valid)),
        targets == null ? null : targets.tensor(rows, valid, steps),
        targets != null && targets.perStep() ? count : rows.length);
  }

  private Sequences with(Targets given) {
    given.check(inputs);
    return new Sequences(inputs, lengths, inputSize, given);
  }

  private static void require(boolean holds, String rule, Object value) {
    Checks.require(holds, "Sequences", rule, value);
  }
}
