package kazoku.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kazoku.Carried;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Kernel;
import kazoku.Level;
import kazoku.Loop;
import kazoku.Requests;
import kazoku.Site;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.internal.natives.Kernels;
import kazoku.internal.natives.Natives;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
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

  /** A core is worth its hand-overs for this much {@link Plan#work()} a step. */
  private static final long WORK_OF_A_SHARD = 150_000;

  /** The same for all chunks at once, of which few steps are made. */
  private static final long WORK_OF_A_SCANNED_SHARD = 600_000;

  /** Cells so small that a shard would need more rows are not split. */
  private static final long MOST_ROWS_NEEDED = 32;

  private static final int MOST_SHARDS = 8;

  /** Of fewer steps the longer time that it takes to make the graph ready comes back late. */
  private static final int STEPS_TO_UNROLL = 64;

  private static final int MOST_STEPS_A_TURN = 4;

  /** In a longer turn the executor's work between steps does not count. */
  private static final int OPERATIONS_OF_A_TURN = 80;

  /** So many numbers a row are work enough for a step, and more where chunks are composed. */
  private static final long LARGE_STATE = 1024;

  private final long steps;
  private final Trace trace;
  private final Loop loop;
  private final Weights weights;
  private final Ops tf;
  private final boolean timeMajor;
  private final boolean remembersOutput;
  private final boolean rounds;

  /** Rows that see each other stay together. */
  private final boolean together;

  /** A cell that is linear in its state, but whose state is so large that a loop is faster. */
  private final boolean large;

  private final List<Expr> states;
  private final KnownStates known;
  private final Map<Integer, Expr> validByRank = new LinkedHashMap<>();
  private final Optional<Kernel> kernel;
  private final Optional<List<List<Linear.Group>>> stages;
  private final Readout readout;
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
   * @param masked whether steps of rows may not be valid
   * @param untilLengths whether all steps up to a row's length are
   * @param remembersOutput whether the last valid output is carried along
   * @param kernel computes all steps of such rows
   * @param steps the number of steps; −1 if it is not known while building
   */
  public Recurrence(
      Trace trace,
      Weights weights,
      Loop loop,
      boolean timeMajor,
      boolean masked,
      boolean untilLengths,
      boolean remembersOutput,
      Optional<Kernel> kernel,
      long steps) {
    this.steps = steps;
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
                untilLengths
                    && loop.mayUseKernel(gradient)
                    && weights.type() == TFloat32.class
                    && trace.requests().random().isEmpty()
                    && !remembersOutput);
    this.rounds = loop.mixed() && gradient;
    Checks.require(
        !rounds || weights.type() == TFloat32.class,
        "Loop",
        "products in bfloat16 are for float32",
        weights.type().getSimpleName());
    // What rows hold back after their ends does not matter; in the midst it does.
    this.known = masked && !untilLengths ? KnownStates.none(trace) : KnownStates.of(trace);
    List<Expr> results = results(trace, known);
    List<Expr> linear = rounds ? Rounded.products(results, false) : results;
    this.together = Axes.mixesRows(traced(trace));
    Laid scanned = laid(trace, known, linear, masked, remembersOutput, validByRank);
    Optional<List<List<Linear.Group>>> found =
        loop.mayScan(gradient) && !together ? scanned.stages() : Optional.empty();
    this.large = found.isPresent() && isLarge(scanned.states);
    this.stages = large && loop.form() == Loop.Form.AUTO ? Optional.empty() : found;
    if (stages.isEmpty()) {
      validByRank.clear();
    }
    List<Expr> all = Expanded.atEachStep(rounds ? Rounded.products(results, true) : results);
    Laid chosen =
        stages.isPresent()
            ? scanned
            : laid(trace, known, all, masked, remembersOutput, validByRank);
    this.readout = Readout.of(chosen.next, chosen.output);
    this.plan = new Plan(chosen.states, chosen.next, readout.value(), stages.isPresent());
    this.states = known.with(plan.states);
    this.choice = choose();
  }

  private static boolean isLarge(List<Expr> states) {
    return !onGpu() && states.stream().mapToLong(s -> s.shape().size()).sum() >= LARGE_STATE;
  }

  private static boolean onGpu() {
    return Natives.kinds().contains(Kernels.GPU);
  }

  private Loop.Choice choose() {
    boolean single = loop.form() == Loop.Form.AUTO && steps == 1 && !weights.differentiable();
    Loop.Form form =
        single || loop.unrolls(weights.differentiable())
            ? Loop.Form.UNROLLED
            : kernel.isPresent()
                ? Loop.Form.KERNEL
                : stages.isPresent() ? Loop.Form.SCAN : Loop.Form.WHILE;
    String why =
        loop.form() == form
            ? "as asked for"
            : switch (form) {
              case UNROLLED ->
                  single ? "since it is one" : "since loops have no gradient on this platform";
              case KERNEL -> "since TensorFlow has one for it";
              case SCAN -> "since it is linear in its state";
              default -> whyLoop();
            };
    int shards = together ? 1 : shards(form);
    // Without a gradient nothing is kept.
    boolean whole =
        loop.segment() == Loop.WHOLE || !weights.differentiable() || form == Loop.Form.UNROLLED;
    boolean seeing = !whole && Axes.mixesSteps(traced(trace));
    int segment = whole || seeing ? Loop.WHOLE : loop.segment();
    int unroll = form == Loop.Form.WHILE ? unroll() : 1;
    String reason = seeing ? why + "; whole, since steps see each other" : why;
    return new Loop.Choice(form, shards, segment, rounds, unroll, reason);
  }

  private int unroll() {
    if (loop.unroll() != Loop.AUTO_UNROLL) {
      return loop.unroll();
    }
    boolean comesBack = weights.differentiable() && steps >= STEPS_TO_UNROLL;
    return comesBack
        ? Math.max(1, Math.min(MOST_STEPS_A_TURN, OPERATIONS_OF_A_TURN / plan.size()))
        : 1;
  }

  private String whyLoop() {
    return together
        ? "since rows see each other"
        : large ? "since its state is large" : "since it is not linear in its state";
  }

  private int shards(Loop.Form form) {
    if (loop.shards() != Loop.AUTO_SHARDS) {
      return loop.shards();
    }
    boolean small =
        form == Loop.Form.SCAN
            ? weights.differentiable() // The loops of its gradient go beside each other.
            : rowsFor(WORK_OF_A_SHARD) > MOST_ROWS_NEEDED;
    boolean alone = stepByStep() || form == Loop.Form.UNROLLED || small || onGpu();
    return alone ? 1 : Math.min(Runtime.getRuntime().availableProcessors(), MOST_SHARDS);
  }

  private boolean stepByStep() {
    return weights.carried() != null && weights.carried().stepByStep();
  }

  private int rowsFor(long work) {
    return Math.toIntExact(1 + (work - 1) / plan.work());
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

    /** The stages of a scan; nothing if the step is not linear. */
    Optional<List<List<Linear.Group>>> stages() {
      return Linear.stages(states, next);
    }
  }

  /**
   * Whether a cell is linear in its state, so that it can be scanned.
   *
   * @param trace one step of the cell
   * @return true if {@link Loop.Form#SCAN} takes it
   */
  public static boolean isLinear(Trace trace) {
    KnownStates none = KnownStates.none(trace);
    return !Axes.mixesRows(traced(trace))
        && laid(trace, none, results(trace, none), false, false, new HashMap<>())
            .stages()
            .isPresent();
  }

  /** What a step computes: the next state, the output, and weights that have moved. */
  private static List<Expr> traced(Trace trace) {
    List<Expr> results = new ArrayList<>(trace.next().values());
    results.add(trace.output());
    moves(trace).forEach(move -> results.add(move.after()));
    return results;
  }

  /** The same, of which the loop computes what is left to it. */
  private static List<Expr> results(Trace trace, KnownStates known) {
    // A state that forgets its past is still a value of each step.
    List<Expr> left = ColumnSums.inPlace(known.without(traced(trace)));
    return Regroup.sums(left).stream().map(Axes::eachStep).toList();
  }

  private static List<Requests.Move> moves(Trace trace) {
    return trace.requests().moves().values().stream()
        .filter(move -> move.before().level() == Level.STEP)
        .toList();
  }

  /** The step as the loop runs it: rows that have ended keep their state. */
  private static Laid laid(
      Trace trace,
      KnownStates known,
      List<Expr> computed,
      boolean masked,
      boolean remembersOutput,
      Map<Integer, Expr> validByRank) {
    List<Expr> states = new ArrayList<>(known.others());
    List<Expr> results = new ArrayList<>(computed);
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
    for (Requests.Move move : moves(trace)) {
      next.add(results.get(states.size()));
      states.add(move.before());
    }
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
   * @param initial the state to begin with, by slot; slots that are missing begin as the cell has
   *     it
   * @return what it gives
   */
  public Results build(
      Map<Expr, Operand<TNumber>> inputs,
      Map<Expr, Operand<TNumber>> perRow,
      Operand<TBool> valid,
      Map<String, Operand<TNumber>> initial) {
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
    Steps run = steps();
    for (Expr weight : run.invariants()) {
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
    List<Operand<TNumber>> begin = begin(weightLevel, initial, rows);
    Steps.Given whole = given(inputs, valid, shared, sequences, rowValues, begin, length, rows);
    Shards shards = shards(rows, length);
    List<Steps.Results> parts =
        shards.apart(whole).stream().map(part -> run.build(tf, part)).toList();
    if (weights.training() && !trace.requests().moves().isEmpty()) {
      moveWeights(parts, whole);
    }
    Results results = joined(shards, parts);
    if (carried != null) {
      results.states().forEach((slot, last) -> carried.end(path + slot, last));
    }
    return results;
  }

  /** The states to begin with, in the order of the plan. */
  private List<Operand<TNumber>> begin(
      Walk weightLevel, Map<String, Operand<TNumber>> initial, Operand<TInt32> rows) {
    Map<Expr, Operand<TNumber>> begin = new HashMap<>();
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
              begin.put(leaf, carried(slot, row, first, rows));
            });
    trace
        .requests()
        .moves()
        .forEach(
            (symbol, move) -> {
              boolean exists = weights.operands().containsKey(weights.path() + symbol);
              if (exists && states.contains(move.before())) {
                Operand<TInt32> each = tf.shape(zeros(rows, move.before().shape()));
                Operand<TNumber> now = tf.identity(weights.operand(symbol));
                begin.put(move.before(), tf.broadcastTo(now, each));
              }
            });
    return states.stream()
        .map(state -> begin.computeIfAbsent(state, s -> zeros(rows, s.shape())))
        .toList();
  }

  /** What a state begins with where some is carried from earlier steps. */
  private Operand<TNumber> carried(
      String slot, Shape row, Operand<TNumber> own, Operand<TInt32> rows) {
    Carried carried = weights.carried();
    if (carried == null) {
      return own;
    }
    Operand<TNumber> begin = carried.begin(weights.path() + slot, row, own);
    return tf.withName("a_state_must_have_one_entry_a_row")
        .reshape(begin, site(rows).fullShape(row));
  }

  private Operand<TNumber> zeros(Operand<TInt32> rows, Shape row) {
    Site site = site(rows);
    return tf.fill(site.fullShape(row), site.scalar(0));
  }

  private Site site(Operand<TInt32> rows) {
    return new Walk(tf, weights.type(), 1, () -> rows).site();
  }

  /** Assigns what moving weights have become; all rows agree on it. */
  private void moveWeights(List<Steps.Results> parts, Steps.Given given) {
    Walk whole =
        new Walk(
            tf,
            weights.type(),
            2,
            () -> tf.concat(List.of(given.length(), given.rows()), tf.constant(0)));
    given.shared().forEach(whole::bind);
    given.sequences().forEach((leaf, values) -> whole.bind(leaf, () -> values.byStep(tf)));
    given.perRow().forEach(whole::bind);
    trace
        .requests()
        .moves()
        .forEach(
            (symbol, move) -> {
              Expr before = move.before();
              int state = states.indexOf(before);
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

  private Results joined(Shards shards, List<Steps.Results> parts) {
    List<Operand<TNumber>> last = new ArrayList<>();
    for (int k = 0; k < states.size(); k++) {
      int slot = k;
      // A gradient by two values one of which is made of the other goes wrong without a word.
      List<Operand<TNumber>> each = parts.stream().map(p -> p.states().get(slot)).toList();
      last.add(tf.identity(shards.together(each, 0)));
    }
    Map<String, Operand<TNumber>> named = new LinkedHashMap<>();
    int k = 0;
    for (String slot : trace.state().keySet()) {
      named.put(slot, last.get(k++));
    }
    List<Operand<TNumber>> outputs =
        parts.stream()
            .map(Steps.Results::outputs)
            .map(all -> timeMajor ? all.byStep(tf) : all.byRow(tf))
            .toList();
    return new Results(
        tf.identity(shards.together(outputs, timeMajor ? 1 : 0)),
        named,
        remembersOutput ? last.get(last.size() - 1) : null);
  }

  private Steps steps() {
    if (choice.form() == Loop.Form.KERNEL) {
      return new InKernel(trace, kernel.orElseThrow(), stepByStep());
    }
    AtOnce.Blueprint blueprint =
        new AtOnce.Blueprint(plan, readout, stages, validByRank, weights.type(), choice.unroll());
    Steps steps = steps(blueprint);
    return known.isEmpty() ? steps : new AfterKnown(steps, states, known, blueprint);
  }

  private Steps steps(AtOnce.Blueprint blueprint) {
    if (choice.form() == Loop.Form.UNROLLED) {
      return blueprint.unrolled(Math.toIntExact(steps));
    }
    if (choice.segment() == Loop.WHOLE) {
      Graph graph = (Graph) tf.scope().env();
      return blueprint.looped(graph, functionName(), weights.differentiable());
    }
    Set<Expr> inputs = new HashSet<>(trace.requests().beside().values());
    inputs.add(trace.input());
    inputs.addAll(known.before());
    return new Segments(blueprint, choice.segment(), inputs, functionName());
  }

  /** What the whole batch is given. */
  private Steps.Given given(
      Map<Expr, Operand<TNumber>> inputs,
      Operand<TBool> valid,
      Map<Expr, Operand<TNumber>> shared,
      Map<Expr, Operand<TNumber>> drawn,
      Map<Expr, Operand<TNumber>> perRow,
      List<Operand<TNumber>> begin,
      Operand<TInt32> length,
      Operand<TInt32> rows) {
    Map<Expr, Sequence> sequences = new LinkedHashMap<>();
    drawn.forEach((leaf, value) -> sequences.put(leaf, Sequence.byStep(value)));
    inputs.forEach(
        (leaf, value) ->
            sequences.put(leaf, timeMajor ? Sequence.byStep(value) : Sequence.byRow(value)));
    Operand<TBool> steps = valid;
    if (valid != null && !timeMajor) {
      Operand<TNumber> one = Vocabulary.number(tf.dtypes.cast(tf.constant(1), weights.type()));
      Operand<TNumber> numbers = Axes.numbers(tf, valid, weights.type());
      steps = tf.math.equal(Axes.exchanged(tf, numbers), one);
    }
    if (trace.requests().valid() != null) {
      sequences.put(trace.requests().valid(), Sequence.byStep(ones(steps, length, rows)));
    }
    return new Steps.Given(shared, perRow, sequences, steps, begin, length, length, rows);
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

  private Shards shards(Operand<TInt32> rows, Operand<TInt32> length) {
    Operand<TInt32> most = tf.constant(new int[] {choice.shards()});
    Operand<TInt32> worth = most;
    if (loop.shards() == Loop.AUTO_SHARDS) {
      boolean scan = choice.form() == Loop.Form.SCAN;
      Operand<TInt32> atOnce = scan ? tf.math.mul(rows, Segments.root(tf, length)) : rows;
      int each = rowsFor(scan ? WORK_OF_A_SCANNED_SHARD : WORK_OF_A_SHARD);
      worth = tf.math.minimum(tf.math.floorDiv(atOnce, tf.constant(new int[] {each})), most);
    }
    boolean gradient = weights.differentiable() && Loop.supportsJavaGradients();
    return new Shards(tf, rows, worth, choice.shards(), gradient);
  }

  private Operand<TInt32> size(Operand<?> value, int axis) {
    return tf.slice(tf.shape(value), tf.constant(new int[] {axis}), tf.constant(new int[] {1}));
  }

  /** A name for the loop's functions: no other operation of the graph gets it. */
  private String functionName() {
    return "kazoku_" + tf.scope().makeOpName("loop_functions").replace('/', '_');
  }
}
