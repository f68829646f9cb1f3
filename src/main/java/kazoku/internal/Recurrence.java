package kazoku.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kazoku.Carried;
import kazoku.Expr;
import kazoku.Kernel;
import kazoku.Level;
import kazoku.Loop;
import kazoku.Site;
import kazoku.Trace;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * One cell laid over a batch: masks rows that have ended, computes before the loop what does not
 * depend on the state, splits the batch, and runs the loop.
 */
public final class Recurrence {
  private static final String LAST_OUTPUT = "last output";

  private final Trace trace;
  private final Loop loop;
  private final Weights weights;
  private final Ops tf;
  private final boolean timeMajor;
  private final boolean remembersOutput;
  private final Map<Integer, Expr> validByRank = new LinkedHashMap<>();
  private final Optional<Kernel> kernel;
  private final Optional<List<List<Linear.Group>>> stages;
  private final Plan plan;
  private final Loop.Choice choice;

  /** What a recurrence gives: outputs, final states, and each row's last valid output. */
  public record Results(
      Operand<TNumber> outputs,
      Map<String, Operand<TNumber>> states,
      Operand<TNumber> lastOutput) {}

  /**
   * A recurrence in a graph.
   *
   * @param trace one step of the cell
   * @param weights the cell's weights
   * @param loop how the steps are built
   * @param timeMajor whether inputs and outputs are {@code [T, B, …]} and not {@code [B, T, …]}
   * @param masked whether rows have lengths of their own
   * @param remembersOutput whether the last valid output is carried along
   * @param kernel computes all steps, of rows that are valid up to their lengths
   */
  public Recurrence(
      Trace trace,
      Weights weights,
      Loop loop,
      boolean timeMajor,
      boolean masked,
      boolean remembersOutput,
      Optional<Kernel> kernel) {
    this.trace = trace;
    this.loop = loop;
    this.weights = weights;
    this.tf = weights.tf();
    this.timeMajor = timeMajor;
    this.remembersOutput = remembersOutput;
    boolean gradient = weights.differentiable();
    this.kernel =
        kernel.filter(
            k ->
                loop.mayUseKernel(gradient)
                    && weights.type() == TFloat32.class
                    && trace.requests().random().isEmpty()
                    && !remembersOutput);
    // The last chunk of a scan may have steps past the end.
    Laid scanned = loop.mayScan(gradient) ? laid(trace, true, remembersOutput, validByRank) : null;
    this.stages = scanned == null ? Optional.empty() : scanned.stages();
    if (stages.isEmpty()) {
      validByRank.clear();
    }
    Laid chosen = stages.isPresent() ? scanned : laid(trace, masked, remembersOutput, validByRank);
    this.plan = new Plan(chosen.states, chosen.next, chosen.output, stages.isPresent());
    this.choice = choose();
  }

  private Loop.Choice choose() {
    // Rows that see each other stay together.
    boolean together = plan.mixesRows();
    Loop.Form form =
        loop.unrolls(weights.differentiable())
            ? Loop.Form.UNROLLED
            : kernel.isPresent()
                ? Loop.Form.KERNEL
                : stages.isPresent() ? Loop.Form.SCAN : Loop.Form.WHILE;
    String why =
        loop.form() == form
            ? "as asked for"
            : switch (form) {
              case UNROLLED -> "since loops have no gradient on this platform";
              case KERNEL -> "since TensorFlow has one for it";
              case SCAN -> "since it is linear in its state";
              default ->
                  together ? "since rows see each other" : "since it is not linear in its state";
            };
    return new Loop.Choice(form, together ? 1 : loop.shards(), why);
  }

  /**
   * How the steps are built.
   *
   * @return the form, and why
   */
  public Loop.Choice choice() {
    return choice;
  }

  /** A step as it is laid over time; how it is run, and its gradient, are not yet thought out. */
  private record Laid(List<Expr> states, List<Expr> next, Expr output) {

    /** The stages of a scan; nothing if the step is not linear, or if rows see each other. */
    Optional<List<List<Linear.Group>>> stages() {
      List<Expr> results = new ArrayList<>(next);
      results.add(output);
      return Axes.mixesRows(results) ? Optional.empty() : Linear.stages(states, next);
    }
  }

  /**
   * Whether a cell is linear in its state, so that it can be scanned.
   *
   * @param trace one step of the cell
   * @return true if {@link Loop.Form#SCAN} takes it
   */
  public static boolean isLinear(Trace trace) {
    return laid(trace, false, false, new HashMap<>()).stages().isPresent();
  }

  /** The step as the loop runs it: rows that have ended keep their state. */
  private static Laid laid(
      Trace trace, boolean masked, boolean remembersOutput, Map<Integer, Expr> validByRank) {
    List<Expr> states = new ArrayList<>(trace.state().values());
    List<Expr> raw = new ArrayList<>(trace.next().values());
    raw.add(trace.output());
    List<Expr> results = new ArrayList<>(Regroup.sums(raw));
    // A state that forgets its past is still a value of each step.
    results.replaceAll(Axes::eachStep);
    Expr output = results.remove(states.size());
    int same = results.indexOf(output);
    List<Expr> next = new ArrayList<>();
    for (int k = 0; k < states.size(); k++) {
      next.add(
          masked
              ? valid(states.get(k), validByRank).where(results.get(k), states.get(k))
              : results.get(k));
    }
    // All rows move a weight in the same way, those that have ended as well.
    trace.requests().moves().values().stream()
        .filter(m -> m.before().level() == Level.STEP)
        .forEach(
            m -> {
              states.add(m.before());
              next.add(Axes.eachStep(m.after()));
            });
    if (remembersOutput) {
      Expr before = Vocabulary.leaf(LAST_OUTPUT, output.shape(), Level.STEP);
      output = masked ? valid(before, validByRank).where(output, before) : output;
      states.add(before);
      next.add(output);
    } else if (same >= 0) {
      output = next.get(same);
    }
    return new Laid(states, next, output);
  }

  private static Expr valid(Expr like, Map<Integer, Expr> validByRank) {
    int rank = like.shape().numDimensions();
    return validByRank.computeIfAbsent(
        rank,
        r -> {
          long[] ones = new long[r];
          java.util.Arrays.fill(ones, 1);
          return Vocabulary.logicalLeaf("valid", Shape.of(ones), Level.SEQUENCE);
        });
  }

  /**
   * Builds the recurrence.
   *
   * @param inputs the input and what stands beside it
   * @param perRow what stands beside the rows, {@code [B, …]}
   * @param valid which steps of which rows are valid; null if all are
   * @param lengths how many steps of each row are valid, if that says it all; null otherwise
   * @param initial the state to begin with, by slot; slots that are missing begin as the cell has
   *     it
   * @param steps the number of steps, if it is known, for the unrolled form; −1 otherwise
   * @return what it gives
   */
  public Results build(
      Map<Expr, Operand<TNumber>> inputs,
      Map<Expr, Operand<TNumber>> perRow,
      Operand<TBool> valid,
      Operand<TInt32> lengths,
      Map<String, Operand<TNumber>> initial,
      long steps) {
    Carried carried = weights.carried();
    String path = weights.path();
    Map<Expr, Operand<TNumber>> shared = new HashMap<>();
    Walk weightLevel = new Walk(tf, weights.type(), 0, () -> tf.constant(new int[0]));
    trace
        .weights()
        .asked()
        .forEach((symbol, leaf) -> weightLevel.bind(leaf, weights.operand(symbol)));
    Operand<TNumber> x = inputs.get(trace.input());
    Operand<TInt32> length = size(x, timeMajor ? 0 : 1);
    Operand<TInt32> rows = size(x, timeMajor ? 1 : 0);
    Map<Expr, Operand<TNumber>> sequences = new LinkedHashMap<>();
    Map<Expr, Operand<TNumber>> rowValues = new LinkedHashMap<>(perRow);
    trace
        .requests()
        .random()
        .forEach(
            (name, random) -> {
              Operand<TNumber> drawn = Draws.draw(weights, name, random, length, rows);
              switch (random.draw()) {
                case ONCE -> weightLevel.bind(random.leaf(), drawn);
                case EACH_ROW -> rowValues.put(random.leaf(), drawn);
                case EACH_STEP -> sequences.put(random.leaf(), drawn);
              }
            });
    Steps run = steps(steps);
    for (Expr weight : run.weights()) {
      if (weight.level() == Level.WEIGHT) {
        shared.put(weight, weightLevel.at(weight));
      }
    }
    trace.weights().asked().forEach((symbol, leaf) -> shared.put(leaf, weights.operand(symbol)));
    trace
        .requests()
        .random()
        .values()
        .forEach(
            random -> {
              if (random.draw() == Weights.Draw.ONCE) {
                shared.put(random.leaf(), weightLevel.at(random.leaf()));
              }
            });
    if (weights.training()) {
      trace
          .requests()
          .penalties()
          .forEach((name, penalty) -> weights.addPenalty(name, weightLevel.at(penalty)));
    }
    Map<String, Operand<TNumber>> begin = new LinkedHashMap<>();
    trace
        .state()
        .forEach(
            (slot, leaf) -> {
              Shape row = leaf.shape();
              Operand<TNumber> first = initial.get(slot);
              if (first == null) {
                Operand<TNumber> start = weightLevel.at(trace.initial().get(slot));
                first = tf.math.add(zeros(rows, row), start);
              }
              begin.put(slot, carried == null ? first : carried.begin(path + slot, row, first));
            });

    List<TimeLoop.Results> parts = new ArrayList<>();
    int parted = choice.shards();
    if (parted == 1) {
      Given given =
          given(inputs, valid, lengths, shared, sequences, rowValues, begin, length, rows);
      parts.add(part(run, given, length, length, rows));
    }
    Operand<TInt32> shards = tf.constant(new int[] {parted});
    Operand<TInt32> share = share(rows, shards);
    for (int k = 0; parted > 1 && k < parted; k++) {
      Operand<TInt32> from = tf.math.minimum(tf.math.mul(share, tf.constant(new int[] {k})), rows);
      Operand<TInt32> count = tf.math.minimum(share, tf.math.sub(rows, from));
      Map<String, Operand<TNumber>> partial = new LinkedHashMap<>();
      begin.forEach((slot, value) -> partial.put(slot, cut(value, 0, from, count)));
      Operand<TInt32> own = tf.math.mul(length, tf.math.minimum(count, tf.constant(new int[] {1})));
      // Rows are cut before they are laid out by steps: that copies nothing.
      int axis = timeMajor ? 1 : 0;
      Given given =
          given(
              cutAll(inputs, axis, from, count),
              valid == null ? null : cut(valid, axis, from, count),
              lengths == null ? null : cut(lengths, 0, from, count),
              shared,
              cutAll(sequences, 1, from, count),
              cutAll(rowValues, 0, from, count),
              partial,
              length,
              count);
      parts.add(part(run, given, length, own, count));
    }
    if (weights.training() && !trace.requests().moves().isEmpty()) {
      Given whole =
          given(inputs, valid, lengths, shared, sequences, rowValues, begin, length, rows);
      moveWeights(parts, whole, length, rows);
    }
    Results results = joined(parts);
    if (carried != null) {
      results.states().forEach((slot, last) -> carried.end(path + slot, last));
    }
    return results;
  }

  private Operand<TNumber> zeros(Operand<TInt32> rows, Shape row) {
    Site site = new Walk(tf, weights.type(), 1, () -> rows).site();
    return tf.fill(site.fullShape(row), site.scalar(0));
  }

  /** Assigns what moving weights have become; all rows agree on it. */
  private void moveWeights(
      List<TimeLoop.Results> parts, Given given, Operand<TInt32> length, Operand<TInt32> rows) {
    Walk whole =
        new Walk(tf, weights.type(), 2, () -> tf.concat(List.of(length, rows), tf.constant(0)));
    given.shared.forEach(whole::bind);
    given.sequences.forEach(whole::bind);
    given.perRow.forEach(whole::bind);
    trace
        .requests()
        .moves()
        .forEach(
            (symbol, move) -> {
              Expr before = move.before();
              int state = plan.states.indexOf(before);
              if (state < 0) {
                whole.bind(before, () -> weights.operand(symbol));
              }
              weights.update(
                  symbol,
                  () ->
                      state < 0
                          ? Rows.first(
                              tf,
                              whole.at(move.after()),
                              Rows.leading(move.after(), 2),
                              before.shape())
                          : Rows.first(tf, parts.get(0).states().get(state), 1, before.shape()));
            });
  }

  private Results joined(List<TimeLoop.Results> parts) {
    List<Operand<TNumber>> states = new ArrayList<>();
    for (int k = 0; k < plan.states.size(); k++) {
      int slot = k;
      // A gradient by two values one of which is made of the other goes wrong without a word.
      states.add(tf.identity(concat(parts.stream().map(p -> p.states().get(slot)).toList(), 0)));
    }
    Map<String, Operand<TNumber>> named = new LinkedHashMap<>();
    int k = 0;
    for (String slot : trace.state().keySet()) {
      named.put(slot, states.get(k++));
    }
    List<Operand<TNumber>> outputs = parts.stream().map(part -> laidOut(part.outputs())).toList();
    return new Results(
        tf.identity(concat(outputs, timeMajor ? 1 : 0)),
        named,
        remembersOutput ? states.get(k) : null);
  }

  /** From the order of the inputs' axes to time-major, and back. */
  private Operand<TNumber> laidOut(Operand<TNumber> value) {
    return timeMajor ? value : Axes.exchanged(tf, value);
  }

  /** How the steps of a part of the batch are built. */
  private record Steps(TimeLoop loop, Scan scan, Plan plan, int unrolled) {
    Collection<Expr> weights() {
      return scan == null ? plan.weights : scan.weights();
    }
  }

  private Steps steps(long known) {
    boolean differentiable = weights.differentiable();
    return switch (choice.form()) {
      case KERNEL -> new Steps(null, null, plan, 0);
      case UNROLLED -> new Steps(null, null, plan, Math.toIntExact(known));
      case SCAN ->
          new Steps(
              null,
              new Scan(plan, stages.get(), graph(), functionName(), weights.type(), differentiable),
              plan,
              0);
      default ->
          new Steps(
              new TimeLoop(graph(), functionName(), plan, weights.type(), differentiable),
              null,
              plan,
              0);
    };
  }

  /**
   * What a part of the batch is given.
   *
   * @param shared values of weights
   * @param sequences values of all steps, {@code [T, B, …]}
   * @param perRow values of the rows, {@code [B, …]}
   * @param valid which steps are valid, or null
   * @param lengths how many of them, if they are the first ones; or null
   * @param begin the state to begin with, {@code [B, …]}
   */
  private record Given(
      Map<Expr, Operand<TNumber>> shared,
      Map<Expr, Operand<TNumber>> sequences,
      Map<Expr, Operand<TNumber>> perRow,
      Operand<TBool> valid,
      Operand<TInt32> lengths,
      Map<String, Operand<TNumber>> begin) {}

  /** Lays a part of the batch out by steps. */
  private Given given(
      Map<Expr, Operand<TNumber>> inputs,
      Operand<TBool> valid,
      Operand<TInt32> lengths,
      Map<Expr, Operand<TNumber>> shared,
      Map<Expr, Operand<TNumber>> drawn,
      Map<Expr, Operand<TNumber>> perRow,
      Map<String, Operand<TNumber>> begin,
      Operand<TInt32> length,
      Operand<TInt32> rows) {
    Map<Expr, Operand<TNumber>> sequences = new LinkedHashMap<>(drawn);
    inputs.forEach((leaf, value) -> sequences.put(leaf, laidOut(value)));
    Operand<TBool> steps = valid;
    if (valid != null && !timeMajor) {
      // oneDNN complains of truth values in a transposition.
      Operand<TNumber> one = Vocabulary.number(tf.dtypes.cast(tf.constant(1), weights.type()));
      steps = tf.math.equal(laidOut(tf.select(valid, one, tf.zerosLike(one))), one);
    }
    if (trace.requests().valid() != null) {
      sequences.put(trace.requests().valid(), ones(steps, length, rows));
    }
    return new Given(shared, sequences, perRow, steps, lengths, begin);
  }

  private TimeLoop.Results part(
      Steps run, Given given, Operand<TInt32> length, Operand<TInt32> own, Operand<TInt32> rows) {
    if (choice.form() == Loop.Form.KERNEL) {
      return kernel(given, length, rows);
    }
    Scan.Cut cut = run.scan == null ? null : new Scan.Cut(tf, length, rows);
    Operand<TInt32> steps = cut == null ? length : cut.length;
    Operand<TInt32> allRows = cut == null ? rows : cut.allRows;
    Walk before =
        new Walk(tf, weights.type(), 2, () -> tf.concat(List.of(steps, allRows), tf.constant(0)));
    given.shared.forEach(before::bind);
    given.sequences.forEach(
        (leaf, value) -> before.bind(leaf, cut == null ? value : cut.chunked(value, leaf.shape())));
    given.perRow.forEach(
        (leaf, value) ->
            before.bind(leaf, cut == null ? value : chunked(cut, leaf, value, length, rows)));
    if (cut != null) {
      before.rowsAreSteps();
    }
    if (!validByRank.isEmpty()) {
      Operand<TBool> valids =
          cut == null ? given.valid : valid(cut, before.site(), given.valid, length, rows);
      validByRank.forEach(
          (rank, leaf) ->
              before.bind(leaf, tf.reshape(valids, before.site().fullShape(leaf.shape()))));
    }
    Map<Expr, Operand<TNumber>> moving = new HashMap<>();
    trace
        .requests()
        .moves()
        .forEach(
            (symbol, move) -> {
              if (weights.operands().containsKey(weights.path() + symbol)) {
                moving.put(move.before(), tf.identity(weights.operand(symbol)));
              }
            });
    List<Operand<TNumber>> states = new ArrayList<>();
    for (Expr state : plan.states) {
      Operand<TNumber> begin = given.begin.get(state.primitive().glyph());
      if (begin == null) {
        Operand<TNumber> zero = zeros(rows, state.shape());
        Operand<TNumber> weight = moving.get(state);
        begin = weight == null ? zero : tf.broadcastTo(weight, tf.shape(zero));
      }
      states.add(begin);
    }
    if (cut != null) {
      return run.scan.build(tf, before, given.shared, states, cut);
    }
    Map<Expr, Operand<TNumber>> invariants = new HashMap<>(given.shared);
    for (Expr weight : plan.weights) {
      invariants.computeIfAbsent(weight, before::at);
    }
    Map<Expr, Operand<TNumber>> sequences = new LinkedHashMap<>();
    for (Expr sequence : plan.sequences) {
      sequences.put(sequence, before.at(sequence));
    }
    TimeLoop.Inputs in = new TimeLoop.Inputs(invariants, sequences, states, length, own, rows);
    return run.loop != null
        ? run.loop.build(tf, in)
        : Unrolled.build(tf, plan, weights.type(), in, run.unrolled);
  }

  private TimeLoop.Results kernel(Given given, Operand<TInt32> length, Operand<TInt32> rows) {
    Map<String, Operand<TFloat32>> symbols = new HashMap<>();
    trace
        .weights()
        .asked()
        .forEach((symbol, leaf) -> symbols.put(symbol, float32(given.shared.get(leaf))));
    Map<String, Operand<TFloat32>> begin = new HashMap<>();
    given.begin.forEach((slot, value) -> begin.put(slot, float32(value)));
    Operand<TFloat32> x = float32(given.sequences.get(trace.input()));
    Map<String, Operand<TFloat32>> all = kernel.orElseThrow().build(tf, symbols, x, begin);
    Operand<TInt32> ends = given.lengths == null ? tf.broadcastTo(length, rows) : given.lengths;
    Operand<TInt32> each =
        tf.range(tf.constant(0), tf.reshape(rows, tf.constant(new int[0])), tf.constant(1));
    Operand<TInt32> last = tf.stack(List.of(ends, each), Stack.axis(1L));
    List<Operand<TNumber>> states = new ArrayList<>();
    Operand<TNumber> outputs = null;
    for (Map.Entry<String, Expr> next : trace.next().entrySet()) {
      Operand<TNumber> after = Vocabulary.number(all.get(next.getKey()));
      Operand<TNumber> first = tf.expandDims(given.begin.get(next.getKey()), tf.constant(0));
      states.add(tf.gatherNd(tf.concat(List.of(first, after), tf.constant(0)), last));
      outputs = next.getValue() == trace.output() ? after : outputs;
    }
    return new TimeLoop.Results(outputs, states);
  }

  @SuppressWarnings("unchecked") // The working type is float32 where there is a kernel.
  private static Operand<TFloat32> float32(Operand<TNumber> value) {
    return (Operand<TFloat32>) (Operand<?>) value;
  }

  /** The value of each row as the value of each step of its chunks. */
  private Operand<TNumber> chunked(
      Scan.Cut cut,
      Expr leaf,
      Operand<TNumber> value,
      Operand<TInt32> length,
      Operand<TInt32> rows) {
    Walk whole =
        new Walk(tf, weights.type(), 2, () -> tf.concat(List.of(length, rows), tf.constant(0)));
    return cut.chunked(whole.eachStep(leaf, value), leaf.shape());
  }

  /** Which steps are valid, in numbers, {@code [T, B, 1]}. */
  private Operand<TNumber> ones(
      Operand<TBool> valid, Operand<TInt32> length, Operand<TInt32> rows) {
    Operand<TInt32> one = tf.constant(new int[] {1});
    Operand<TInt32> shape = tf.concat(List.of(length, rows, one), tf.constant(0));
    return valid != null
        ? Vocabulary.number(tf.dtypes.cast(tf.reshape(valid, shape), weights.type()))
        : tf.fill(shape, Vocabulary.number(tf.dtypes.cast(tf.constant(1), weights.type())));
  }

  /** Which steps of the chunks are valid; those past the end are not. */
  private Operand<TBool> valid(
      Scan.Cut cut, Site site, Operand<TBool> valid, Operand<TInt32> length, Operand<TInt32> rows) {
    // Numbers of the working type: oneDNN complains of other types in a transposition.
    Operand<TNumber> one = site.scalar(1);
    Operand<TNumber> given =
        valid != null
            ? Vocabulary.number(tf.dtypes.cast(valid, weights.type()))
            : tf.fill(tf.concat(List.of(length, rows), tf.constant(0)), one);
    return tf.math.equal(cut.chunkedMask(given, site.scalar(0)), one);
  }

  /** Rows a shard, rounded up: the last ones get fewer, or none. */
  private Operand<TInt32> share(Operand<TInt32> rows, Operand<TInt32> shards) {
    Operand<TInt32> one = tf.constant(new int[] {1});
    return tf.math.floorDiv(tf.math.sub(tf.math.add(rows, shards), one), shards);
  }

  private Map<Expr, Operand<TNumber>> cutAll(
      Map<Expr, Operand<TNumber>> inputs, int axis, Operand<TInt32> begin, Operand<TInt32> count) {
    Map<Expr, Operand<TNumber>> cut = new LinkedHashMap<>();
    inputs.forEach((leaf, value) -> cut.put(leaf, cut(value, axis, begin, count)));
    return cut;
  }

  private <T extends org.tensorflow.types.family.TType> Operand<T> cut(
      Operand<T> value, int axis, Operand<TInt32> begin, Operand<TInt32> count) {
    Operand<TInt32> zero = tf.constant(new int[] {0});
    Operand<TInt32> end = tf.math.add(begin, count);
    Operand<TInt32> one = tf.constant(new int[] {1});
    return axis == 0
        ? tf.stridedSlice(value, begin, end, one)
        : tf.stridedSlice(
            value,
            tf.concat(List.of(zero, begin), tf.constant(0)),
            tf.concat(List.of(zero, end), tf.constant(0)),
            tf.constant(new int[] {1, 1}),
            org.tensorflow.op.core.StridedSlice.endMask(1L));
  }

  private Operand<TNumber> concat(List<Operand<TNumber>> parts, int axis) {
    return parts.size() == 1 ? parts.get(0) : tf.concat(parts, tf.constant(axis));
  }

  private Operand<TInt32> size(Operand<?> value, int axis) {
    return tf.slice(tf.shape(value), tf.constant(new int[] {axis}), tf.constant(new int[] {1}));
  }

  private Graph graph() {
    return (Graph) tf.scope().env();
  }

  /** A name for the loop's functions: no other operation of the graph gets it. */
  private String functionName() {
    return "kazoku_" + tf.scope().makeOpName("loop_functions").replace('/', '_');
  }
}
