package kazoku.train;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
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
 * outputs' names. Arrays may be kept, not copied: do not change them afterwards. Instances do not
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
    for (int row = 0; row < inputs.length; row++) {
      int steps = inputs[row].length;
      if (lengths[row] < 0 || lengths[row] > steps) {
        String rule = "the length of row " + row + " must be in 0.." + steps + ", the steps it has";
        throw refusal(rule, lengths[row]);
      }
    }
    return of(Column.Vectors.of(inputs, "step").shortened(lengths.clone()));
  }

  /**
   * Sequences of one length whose numbers stand one after the other: the way without a copy for
   * what is so in memory already.
   *
   * @param inputs {@code [B, T, I]}, row after row, in each step after step
   * @param rows B, at least 1
   * @param steps T, at least 1
   * @return the sequences, without targets
   * @throws IllegalArgumentException if there are not as many numbers in each step
   */
  public static Sequences of(float[] inputs, int rows, int steps) {
    Checks.atLeastOne("Sequences", "rows", rows);
    Checks.atLeastOne("Sequences", "steps", steps);
    require(
        inputs.length > 0 && inputs.length % Math.multiplyExact(rows, steps) == 0,
        "numbers must be a multiple of the " + rows + " rows times " + steps + " steps",
        inputs.length);
    return of(Column.Vectors.of(inputs, rows, steps));
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
        if (token < 0) {
          throw refusal("tokens must be 0 or more, but row " + row + " has another", token);
        }
      }
    }
    return of(Column.Tokens.of(tokens));
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
    return of(Column.Vectors.ofRows(values, "row"));
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
   * One class for each step. A step whose label is −1 has none: it counts neither in the loss nor
   * in metrics (PyTorch's {@code ignore_index}, a sample weight of 0 for a step in Keras).
   *
   * @param labels {@code [B][T]}, counted from 0, or −1; as many for each row as it has steps
   * @return the same sequences with these targets
   * @throws IllegalArgumentException if there is not one label a step, or if one is less than −1
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
   * Numbers for each step. A step one of whose numbers is NaN has no target: it counts neither in
   * the loss nor in metrics.
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
    return with(output, targets.of(column));
  }

  private Sequences with(String output, Targets targets) {
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

  /**
   * Some rows.
   *
   * @param rows their indices, in the order that is wanted; each as often as you like
   * @return these rows, with all that belongs to them
   * @throws IllegalArgumentException if there is none, or no such row
   */
  public Sequences select(int... rows) {
    require(rows.length > 0, "at least one row must be selected", "none");
    for (int row : rows) {
      if (row < 0 || row >= size()) {
        throw refusal("rows must be in 0.." + (size() - 1), row);
      }
    }
    return made(rows, of -> of.select(rows), of -> of.select(rows));
  }

  /**
   * The rows of several data sets, one after the other.
   *
   * @param all with the same inputs and targets; where only some have sample weights, the rows of
   *     others count 1
   * @return all rows
   * @throws IllegalArgumentException if there is no data set, or if they are not alike
   */
  public static Sequences concat(List<Sequences> all) {
    require(!all.isEmpty(), "there must be at least one row", 0);
    Sequences first = all.get(0);
    for (Sequences other : all) {
      if (!first.like(other)) {
        throw refusal(first.rule(), other.text());
      }
    }
    Map<String, Sequences> beside = new LinkedHashMap<>();
    Map<String, Targets> targets = new LinkedHashMap<>();
    for (String name : first.beside.keySet()) {
      beside.put(name, concat(all.stream().map(data -> data.beside.get(name)).toList()));
    }
    for (String name : first.targets.keySet()) {
      List<Targets> each = all.stream().map(data -> data.targets.get(name)).toList();
      targets.put(name, each.get(0).concat(each));
    }
    boolean weighted = all.stream().anyMatch(data -> data.sampleWeights != null);
    return new Sequences(
        first.column.concat(all.stream().map(data -> data.column).toList()),
        Collections.unmodifiableMap(beside),
        Collections.unmodifiableMap(targets),
        weighted ? weights(all) : null);
  }

  private static float[] weights(List<Sequences> all) {
    float[] weights = new float[all.stream().mapToInt(Sequences::size).sum()];
    Arrays.fill(weights, 1);
    int at = 0;
    for (Sequences data : all) {
      if (data.sampleWeights != null) {
        System.arraycopy(data.sampleWeights, 0, weights, at, data.size());
      }
      at += data.size();
    }
    return weights;
  }

  /**
   * Data in two parts.
   *
   * @param training what is trained on
   * @param heldOut what is not
   */
  public record Split(Sequences training, Sequences heldOut) {}

  /**
   * Holds out rows that are drawn, for validation or a test. (Keras' {@code validation_split} takes
   * the last rows.) The rows of each part keep their order. Split a series before you cut windows
   * from it: windows that overlap would stand on both sides.
   *
   * @param fraction the part of the rows that is held out, in (0, 1)
   * @param seed draws them
   * @return both parts: the nearest whole number of rows is held out, but never all
   * @throws IllegalArgumentException if no row would be held out
   */
  public Split split(double fraction, long seed) {
    return split(fraction, seed, row -> 0);
  }

  /**
   * Holds out the same part of each class ("stratified"), {@link #split}.
   *
   * @param fraction the part of the rows of each class that is held out, in (0, 1)
   * @param seed draws them
   * @return both parts: of each class the nearest whole number of rows is held out, but never all
   * @throws IllegalArgumentException if no row would be held out, or if rows have no labels
   */
  public Split splitByLabel(double fraction, long seed) {
    return split(fraction, seed, label());
  }

  private IntUnaryOperator label() {
    Targets labels = requireTargets("");
    require(
        labels.hasLabels() && labels.form() == Targets.Form.ROW,
        "targets must be labels for each row, to split by them",
        labels.text());
    return row -> labels.labels(row, new int[] {0})[0];
  }

  /**
   * The splits of k-fold cross-validation: rows are dealt into k parts of about equal size, each of
   * which is held out once. The rows of each part keep their order.
   *
   * @param k how many parts, at least 2 and at most as many as there are rows
   * @param seed draws which row is in which part
   * @return k splits
   */
  public List<Split> folds(int k, long seed) {
    return folds(k, seed, row -> 0);
  }

  /**
   * The same with about as many rows of each class in every part ("stratified"), {@link #folds}.
   *
   * @param k how many parts, at least 2 and at most as many as there are rows
   * @param seed draws which row is in which part
   * @return k splits
   * @throws IllegalArgumentException if rows have no labels
   */
  public List<Split> foldsByLabel(int k, long seed) {
    return folds(k, seed, label());
  }

  private List<Split> folds(int k, long seed, IntUnaryOperator group) {
    require(
        k >= 2 && k <= size(), "folds must be in 2.." + size() + ", as many as there are rows", k);
    int[] order =
        IntStream.of(Shuffling.shuffled(size(), new Random(seed)))
            .boxed()
            .sorted(Comparator.comparingInt(group::applyAsInt))
            .mapToInt(row -> row)
            .toArray();
    int[] fold = new int[size()];
    for (int i = 0; i < order.length; i++) {
      fold[order[i]] = i % k;
    }
    return IntStream.range(0, k).mapToObj(held -> split(row -> fold[row] == held)).toList();
  }

  private Split split(IntPredicate heldOut) {
    return new Split(
        select(IntStream.range(0, size()).filter(heldOut.negate()).toArray()),
        select(IntStream.range(0, size()).filter(heldOut).toArray()));
  }

  private Split split(double fraction, long seed, IntUnaryOperator group) {
    require(fraction > 0 && fraction < 1, "the part that is held out must be in (0, 1)", fraction);
    Map<Integer, Integer> sizes = new HashMap<>();
    for (int row = 0; row < size(); row++) {
      sizes.merge(group.applyAsInt(row), 1, Integer::sum);
    }
    Map<Integer, Long> left = new HashMap<>();
    sizes.forEach(
        (label, size) -> left.put(label, Math.min(size - 1, Math.round(size * fraction))));
    boolean[] heldOut = new boolean[size()];
    for (int row : Shuffling.shuffled(size(), new Random(seed))) {
      heldOut[row] = left.merge(group.applyAsInt(row), -1L, Long::sum) >= 0;
    }
    require(
        IntStream.range(0, size()).anyMatch(row -> heldOut[row]),
        "a part of " + fraction + " of " + size() + " rows must be at least one row",
        0);
    return split(row -> heldOut[row]);
  }

  /**
   * Cuts each row into windows: steps 0 to length − 1, stride to stride + length − 1, and so on.
   * Targets and inputs beside are cut along; what a whole row has, each of its windows has. Steps
   * at the end of a row that do not fill a window are left out, and so are rows shorter than one
   * (as by Keras' {@code timeseries_dataset_from_array}). Numbers are not copied, however much
   * windows overlap.
   *
   * @param length steps of a window, at least 1
   * @param stride steps from the beginning of one window to that of the next, at least 1
   * @return a row for each window
   * @throws IllegalArgumentException if there is none, if an input beside has other lengths than
   *     the first one, or if targets are sequences of their own
   */
  public Sequences windows(int length, int stride) {
    Checks.atLeastOne("Sequences", "the length of windows", length);
    Checks.atLeastOne("Sequences", "the stride of windows", stride);
    int[] counts =
        IntStream.range(0, size())
            .map(row -> length(row) < length ? 0 : (length(row) - length) / stride + 1)
            .toArray();
    int[] rows =
        IntStream.range(0, size())
            .flatMap(row -> IntStream.range(0, counts[row]).map(i -> row))
            .toArray();
    int[] starts =
        IntStream.range(0, size())
            .flatMap(row -> IntStream.range(0, counts[row]).map(i -> i * stride))
            .toArray();
    require(
        rows.length > 0,
        "at least one row must have the " + length + " steps of a window",
        "at most " + column.longest(IntStream.range(0, size()).toArray()));
    return cut(new Views.Cut(rows, starts, filled(rows.length, length)));
  }

  /**
   * Cuts one long sequence into rows that stand beside each other ("batchify"): row 0 is its
   * beginning, row 1 goes on where row 0 ends. Steps at the end that do not fill a row are left
   * out. For training that carries the state from one part of the steps to the next.
   *
   * @param rows how many, at least 1; the batch size
   * @return rows of equal length
   * @throws IllegalArgumentException if there is more than one sequence, or if it is shorter
   */
  public Sequences streams(int rows) {
    Checks.atLeastOne("Sequences", "streams", rows);
    require(size() == 1, "streams must be cut from one sequence", size());
    require(length(0) >= rows, "each of " + rows + " streams must have a step", length(0));
    int length = length(0) / rows;
    int[] starts = IntStream.range(0, rows).map(i -> i * length).toArray();
    return cut(new Views.Cut(new int[rows], starts, filled(rows, length)));
  }

  /**
   * What is to be learnt at each step is the input some steps later: a forecast, or a model of
   * language, whose labels are the tokens that come next. Rows lose their last steps, which have
   * nothing ahead.
   *
   * <pre>{@code
   * Sequences.tokens(sentences).ahead(1)
   * Sequences.of(series).ahead(7).windows(30, 1).last()
   * }</pre>
   *
   * @param steps how many, at least 1
   * @return the same sequences, shorter, with these targets: labels for tokens, numbers for others
   * @throws IllegalArgumentException if no row has more steps, and as {@link #windows} does
   */
  public Sequences ahead(int steps) {
    Checks.atLeastOne("Sequences", "steps ahead", steps);
    int[] rows = IntStream.range(0, size()).toArray();
    require(
        column.longest(rows) > steps,
        "at least one row must have more than " + steps + " steps, to look so far ahead",
        column.longest(rows));
    int[] lengths = Arrays.stream(rows).map(row -> Math.max(0, length(row) - steps)).toArray();
    int[] later = Arrays.stream(rows).map(row -> length(row) - lengths[row]).toArray();
    return cut(new Views.Cut(rows, new int[rows.length], lengths))
        .with("", new Targets(column.cut(new Views.Cut(rows, later, lengths)), Targets.Form.STEP));
  }

  /**
   * What is to be learnt about a row is what was to be learnt at its last step, for a model that
   * gives an output there only, {@code rnn.last()}.
   *
   * @return the same sequences with targets for rows in the place of those for steps
   * @throws IllegalArgumentException if targets are not for steps, or if a row has no last step, or
   *     no target there
   */
  public Sequences last() {
    Targets steps = requireTargets("");
    require(steps.form() == Targets.Form.STEP, "targets must be for each step", steps.text());
    for (int row = 0; row < size(); row++) {
      require(length(row) > 0, "row " + row + " must have a last step", "no step");
      require(
          steps.has(row, length(row) - 1),
          "row " + row + " must have a target at its last step",
          "none");
    }
    return with("", steps.last());
  }

  private static int[] filled(int size, int number) {
    int[] all = new int[size];
    Arrays.fill(all, number);
    return all;
  }

  /** Some steps of each row; none of those that have ended before. */
  Sequences part(int from, int to) {
    int[] rows = IntStream.range(0, size()).toArray();
    int[] starts = Arrays.stream(rows).map(row -> Math.min(from, length(row))).toArray();
    int[] lengths =
        Arrays.stream(rows).map(row -> Math.min(to, length(row)) - starts[row]).toArray();
    return cut(new Views.Cut(rows, starts, lengths));
  }

  /** How many steps all rows have together. */
  long steps() {
    return IntStream.range(0, size()).mapToLong(this::length).sum();
  }

  /** How many steps the longest row has. */
  int longest() {
    return IntStream.range(0, size()).map(this::length).max().orElse(0);
  }

  private Sequences cut(Views.Cut cut) {
    beside.forEach(this::requireSameLengths);
    return made(cut.rows(), of -> of.cut(cut), of -> of.cut(cut));
  }

  /**
   * Data made of this.
   *
   * @param rows of which row each row is made
   */
  private Sequences made(int[] rows, UnaryOperator<Column> columns, UnaryOperator<Targets> learnt) {
    Map<String, Sequences> others = new LinkedHashMap<>();
    beside.forEach((name, other) -> others.put(name, of(columns.apply(other.column))));
    Map<String, Targets> more = new LinkedHashMap<>();
    targets.forEach((name, t) -> more.put(name, learnt.apply(t)));
    return new Sequences(
        columns.apply(column),
        Collections.unmodifiableMap(others),
        Collections.unmodifiableMap(more),
        sampleWeights == null ? null : weights(rows));
  }

  private void requireSameLengths(String name, Sequences other) {
    for (int row = 0; row < size() && !other.column.perRow(); row++) {
      require(
          other.length(row) == length(row),
          name
              + " must have as many steps as the first input, to be cut along; row "
              + row
              + " has not its "
              + length(row),
          other.length(row));
    }
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

  /**
   * The inputs by name, each as sequences without anything beside them.
   *
   * @return these, {@code input}, and then what stands beside them
   */
  public Map<String, Sequences> inputs() {
    Map<String, Sequences> all = new LinkedHashMap<>();
    all.put(Inputs.FIRST, beside.isEmpty() ? this : of(column));
    all.putAll(beside);
    return Collections.unmodifiableMap(all);
  }

  /**
   * What the sequences are made of.
   *
   * @return vectors, tokens, or rows without steps
   */
  public Inputs.Kind kind() {
    return column.kind();
  }

  /**
   * The numbers of one step, or of a row that has no steps.
   *
   * @param row the row's index
   * @param t the step's index; 0 where there are no steps
   * @return {@code [I]}
   * @throws IllegalArgumentException if these are tokens
   */
  public float[] step(int row, int t) {
    return vectors().step(row, t);
  }

  /**
   * How many numbers a step has, or a row that has no steps.
   *
   * @return I; −1 if no row has a step
   * @throws IllegalArgumentException if these are tokens
   */
  public int stepSize() {
    return vectors().size();
  }

  /**
   * Copies the numbers of all valid steps of a row, one after the other.
   *
   * @param row the row's index
   * @param to where they go
   * @param at where in it the first one goes
   * @throws IllegalArgumentException if these are tokens
   */
  public void copy(int row, float[] to, int at) {
    vectors().copy(row, to, at);
  }

  /**
   * Looks for a number that is not finite.
   *
   * @param row the row's index
   * @return the place of the first one among the numbers of all valid steps, t · I + i; −1 if there
   *     is none
   * @throws IllegalArgumentException if these are tokens
   */
  public int notFinite(int row) {
    return vectors().notFinite(row);
  }

  private Column.Vectors vectors() {
    if (column instanceof Column.Vectors vectors) {
      return vectors;
    }
    throw new IllegalArgumentException("Sequences: steps must be numbers, got tokens; use token");
  }

  /**
   * One token.
   *
   * @param row the row's index
   * @param t the step's index
   * @return the token
   * @throws IllegalArgumentException if these are no tokens
   */
  public int token(int row, int t) {
    if (column instanceof Column.Tokens tokens) {
      return tokens.step(row, t);
    }
    throw new IllegalArgumentException("Sequences: steps must be tokens, got numbers; use step");
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
    return Shuffling.cut(IntStream.range(0, size()).toArray(), batchSize);
  }

  /** All rows in batches, as they are taken in one pass over the data. */
  int[][] batches(int batchSize, Batching.Order order, long seed, long pass) {
    return Shuffling.batches(size(), this::length, batchSize, order, seed, pass);
  }

  /** Whether rows of other data can stand among these. */
  boolean like(Sequences other) {
    return column.like(other.column)
        && beside.keySet().equals(other.beside.keySet())
        && targets.keySet().equals(other.targets.keySet())
        && beside.keySet().stream().allMatch(n -> beside.get(n).like(other.beside.get(n)))
        && targets.keySet().stream().allMatch(n -> targets.get(n).like(other.targets.get(n)));
  }

  /** What other data must have to be like this. */
  String rule() {
    return "all data must have " + text() + ", as the first has";
  }

  /** The inputs and targets, for people. */
  String text() {
    StringBuilder text = new StringBuilder(text(column));
    beside.forEach(
        (name, other) -> text.append(", ").append(name).append(' ').append(other.text()));
    targets.forEach(
        (name, t) ->
            text.append(name.isEmpty() ? "; targets " : "; " + name + " targets ")
                .append(t.text())
                .append(t.hasLabels() || t.column().size() < 0 ? "" : ", " + t.column().size()));
    return text.toString();
  }

  private static String text(Column column) {
    boolean sized = column instanceof Column.Vectors && column.size() >= 0;
    return column.kind() + (sized ? " of " + column.size() + " numbers" : "");
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
    targets.forEach((name, t) -> parts.put(name, t.part(rows, fixedSteps)));
    return parts;
  }

  /** What some rows count; null if all count alike. */
  TFloat32 sampleWeights(int[] rows) {
    if (sampleWeights == null) {
      return null;
    }
    return TFloat32.tensorOf(Shape.of(rows.length), DataBuffers.of(weights(rows)));
  }

  private float[] weights(int[] rows) {
    float[] some = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      some[i] = sampleWeights[rows[i]];
    }
    return some;
  }

  private static void require(boolean holds, String rule, Object value) {
    Checks.require(holds, "Sequences", rule, value);
  }

  private static IllegalArgumentException refusal(String rule, Object value) {
    return Checks.refusal("Sequences", rule, value);
  }
}
