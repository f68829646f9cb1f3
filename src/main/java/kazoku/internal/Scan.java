package kazoku.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import kazoku.Expr;
import kazoku.Level;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.IdentityN;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A recurrence that is linear in its state, in about 3√T steps in the place of T: exact, and with
 * an exact gradient.
 *
 * <p>T steps are cut into C chunks of L, both near √T, and the chunks are laid side by side as
 * rows. Stage by stage ({@link Linear}) the state before each chunk is found: all chunks at once go
 * through their L steps from a neutral state, and compose their transitions meanwhile; then C steps
 * carry the state from chunk to chunk. With the state before each chunk known, all chunks at once
 * go through the ordinary step; and so does, last, what is left of T, less than L steps.
 *
 * <p>The gradient goes the same way back: first that by the states before each chunk, as far as it
 * comes from the chunk's own outputs; then from chunk to chunk; then, with the gradient by the
 * state after each chunk known, through the steps of all chunks at once.
 */
final class Scan implements Steps {
  /** Far below every logarithm, and a number in every type: max(this, x) = x. */
  private static final double LOWEST = -1e30;

  private final AtOnce.Blueprint blueprint;
  private final Plan plan;
  private final Class<? extends TNumber> type;
  private final boolean differentiable;
  private final List<Stage> stages = new ArrayList<>();
  private final TimeLoop loop;

  /** One stage: within the chunks, and from chunk to chunk. */
  private final class Stage {
    /** Slots of earlier stages that this one reads, then its own. */
    final List<Integer> known = new ArrayList<>();

    final List<Integer> own = new ArrayList<>();
    final Set<Integer> maxima = new LinkedHashSet<>();

    /** The transitions, as states of the loop within chunks. */
    final List<Expr> composed = new ArrayList<>();

    final List<Expr> composedNext = new ArrayList<>();
    final List<Double> composedStart = new ArrayList<>();

    /** The transitions and the results of whole chunks, as inputs of the loop across chunks. */
    final Map<Expr, Integer> byComposed = new LinkedHashMap<>();

    final Map<Integer, Expr> local = new LinkedHashMap<>();

    /** Nothing, added to the state after each chunk: by it, there is the gradient by that state. */
    final List<Expr> nothing = new ArrayList<>();

    Plan inside;
    Plan across;
    TimeLoop insideLoop;
    TimeLoop acrossLoop;
  }

  /**
   * A scan.
   *
   * @param blueprint what is built, with its stages
   * @param graph the graph
   * @param name the loops' functions begin with it; unique in the graph
   * @param differentiable whether a gradient will be taken
   */
  Scan(AtOnce.Blueprint blueprint, Graph graph, String name, boolean differentiable) {
    this.blueprint = blueprint;
    this.plan = blueprint.plan();
    this.type = blueprint.type();
    this.differentiable = differentiable;
    for (List<Linear.Group> group : blueprint.stages().orElseThrow()) {
      Stage stage = stage(group);
      String own = name + "_stage" + stages.size();
      stage.insideLoop = new TimeLoop(graph, own, stage.inside, type, false, 1);
      stage.acrossLoop =
          new TimeLoop(graph, own + "_across", stage.across, type, differentiable, 1);
      stages.add(stage);
    }
    this.loop = new TimeLoop(graph, name, plan, type, differentiable, 1);
    if (differentiable) {
      loop.attachByStart(graph, name + "_start_gradient");
    }
  }

  @Override
  public Set<Expr> invariants() {
    Set<Expr> all = new LinkedHashSet<>(plan.weights);
    stages.forEach(s -> all.addAll(s.inside.weights));
    return all;
  }

  private Stage stage(List<Linear.Group> groups) {
    Stage stage = new Stage();
    groups.forEach(g -> stage.own.addAll(g.slots()));
    stage.own.sort(null);
    stage.known.addAll(earlier(stage.own));
    stage.own.forEach(
        slot ->
            stage.local.put(
                slot,
                Vocabulary.leaf(
                    "end of " + glyph(slot), plan.states.get(slot).shape(), Level.SEQUENCE)));
    Map<Integer, Expr> carry = new LinkedHashMap<>();
    for (Linear.Group group : groups) {
      if (group instanceof Linear.Elementwise elementwise) {
        addElementwise(stage, elementwise, carry);
      } else if (group instanceof Linear.FromLeft left) {
        addFromLeft(stage, left, carry);
      } else if (group instanceof Linear.Maximum maximum) {
        addMaximum(stage, maximum, carry);
      }
    }
    List<Expr> states = new ArrayList<>();
    List<Expr> next = new ArrayList<>();
    for (int slot : concat(stage.known, stage.own)) {
      states.add(plan.states.get(slot));
      next.add(plan.next.get(slot));
    }
    states.addAll(stage.composed);
    next.addAll(stage.composedNext);
    stage.inside = new Plan(states, next, next.get(stage.known.size()), true);

    List<Expr> before = new ArrayList<>();
    List<Expr> after = new ArrayList<>();
    List<Expr> flat = new ArrayList<>();
    for (int slot : stage.own) {
      Expr state = plan.states.get(slot);
      before.add(state);
      Expr carried = Axes.eachStep(carry.get(slot));
      if (differentiable) {
        Expr nothing = Vocabulary.leaf("0", state.shape(), Level.SEQUENCE);
        stage.nothing.add(nothing);
        carried = carried.plus(nothing);
      }
      after.add(carried);
      flat.add(state.reshape(state.shape().size()));
    }
    stage.across = new Plan(before, after, Expr.concat(flat.toArray(Expr[]::new)), true);
    return stage;
  }

  /** Every slot of earlier stages that some slots are made of. */
  private Set<Integer> earlier(List<Integer> own) {
    Set<Integer> all = new TreeSet<>();
    List<Integer> open = new ArrayList<>(own);
    while (!open.isEmpty()) {
      Set<Integer> reads = new LinkedHashSet<>();
      Reverse.steps(List.of(plan.next.get(open.remove(0))))
          .forEach(e -> reads.add(plan.states.indexOf(e)));
      for (int slot : reads) {
        if (slot >= 0 && !own.contains(slot) && all.add(slot)) {
          open.add(slot);
        }
      }
    }
    return all;
  }

  private void addElementwise(Stage stage, Linear.Elementwise group, Map<Integer, Expr> carry) {
    List<Integer> slots = group.slots();
    int rank = plan.states.get(slots.get(0)).shape().numDimensions();
    List<Expr> all = group.a().stream().flatMap(List::stream).filter(e -> e != null).toList();
    Shape shape = Linear.common(rank, all);
    int n = slots.size();
    Expr[][] composed = new Expr[n][n];
    Expr[][] total = new Expr[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n && !all.isEmpty(); j++) {
        String name = "A" + glyph(slots.get(i)) + glyph(slots.get(j));
        composed[i][j] = Vocabulary.leaf(name, shape, Level.STEP);
        total[i][j] = transition(stage, composed[i][j], i == j ? 1 : 0);
      }
    }
    for (int i = 0; i < n; i++) {
      Expr carried = stage.local.get(slots.get(i));
      for (int j = 0; j < n && !all.isEmpty(); j++) {
        Expr next = null;
        for (int k = 0; k < n; k++) {
          Expr a = group.a().get(i).get(k);
          if (a != null) {
            Expr term = composed[k][j].times(a);
            next = next == null ? term : next.plus(term);
          }
        }
        stage.composedNext.add(Axes.spread(next == null ? composed[i][j].times(0) : next, shape));
        carried = carried.plus(total[i][j].times(plan.states.get(slots.get(j))));
      }
      carry.put(slots.get(i), carried);
    }
  }

  private void addFromLeft(Stage stage, Linear.FromLeft group, Map<Integer, Expr> carry) {
    int slot = group.slots().get(0);
    Expr state = plan.states.get(slot);
    long[] sizes = state.shape().asArray();
    sizes[sizes.length - 1] = sizes[sizes.length - 2];
    Expr composed = Vocabulary.leaf("A" + glyph(slot), Shape.of(sizes), Level.STEP);
    Expr total = transition(stage, composed, Double.NaN);
    Expr next = group.p().matmul(composed);
    stage.composedNext.add(group.e() == null ? next : composed.times(group.e()).plus(next));
    carry.put(slot, total.matmul(state).plus(stage.local.get(slot)));
  }

  private void addMaximum(Stage stage, Linear.Maximum group, Map<Integer, Expr> carry) {
    int slot = group.slots().get(0);
    Expr state = plan.states.get(slot);
    Shape shape = Linear.common(state.shape().numDimensions(), List.of(group.a()));
    Expr composed = Vocabulary.leaf("A" + glyph(slot), shape, Level.STEP);
    Expr total = transition(stage, composed, 0);
    stage.composedNext.add(composed.plus(group.a()));
    stage.maxima.add(slot);
    carry.put(slot, state.plus(total).maximum(stage.local.get(slot)));
  }

  /** Adds a transition to a stage; the identity starts at NaN. Gives that of a whole chunk. */
  private Expr transition(Stage stage, Expr composed, double start) {
    stage.composed.add(composed);
    stage.composedStart.add(start);
    Expr total =
        Vocabulary.leaf(
            composed.primitive().glyph() + " of a chunk", composed.shape(), Level.SEQUENCE);
    stage.byComposed.put(total, stage.composed.size() - 1);
    return total;
  }

  private String glyph(int slot) {
    return plan.states.get(slot).primitive().glyph();
  }

  @Override
  public Results build(Ops tf, Given given) {
    Chunks cut = new Chunks(tf, given.length(), given.rows(), differentiable);
    List<Given> parts = parts(tf, given, cut);
    Map<Integer, Operand<TNumber>> before = new LinkedHashMap<>();
    Map<Integer, Operand<TNumber>> last = new LinkedHashMap<>();
    Given chunks = parts.get(0);
    Walk walk = AtOnce.walk(tf, blueprint, chunks).rowsAreSteps();
    Map<Expr, Operand<TNumber>> weights = AtOnce.invariants(walk, chunks, invariants());
    for (Stage stage : stages) {
      run(tf, stage, walk, weights, given.begin(), cut, before, last);
    }
    List<Operand<TNumber>> starts = bySlot(before);
    Results ran = loop.build(tf, inputs(plan, walk, weights, starts, cut.length, cut.allRows));
    if (differentiable) {
      ran = linked(tf, ran, given.begin(), starts, last);
    }
    Walk after = AtOnce.walk(tf, blueprint, parts.get(1)).rowsAreSteps();
    Results left =
        loop.build(tf, inputs(plan, after, weights, bySlot(last), cut.rest, given.rows()));
    return new Results(
        cut.together(
            blueprint.outputs(walk, ran),
            blueprint.outputs(after, left),
            blueprint.readout().output().shape(),
            given.sequences().values().stream().anyMatch(Sequence::isByRow)),
        left.states());
  }

  private List<Operand<TNumber>> bySlot(Map<Integer, Operand<TNumber>> values) {
    return IntStream.range(0, plan.states.size()).mapToObj(values::get).toList();
  }

  // The gradient

  /**
   * Gives the chunks' steps the gradients by the states after each chunk, which are those by the
   * states before the next one: for each stage, from the last to the first, first the part of them
   * that comes from the chunk's own outputs, by {@link TimeLoop#byStart}; then what comes from the
   * chunks after it, by the gradient of the loop from chunk to chunk. The loops that found the
   * states before each chunk have none of their own. Both are the gradients of operations that let
   * values through: {@link #pass} for the outputs, and {@link #link} from the states after chunks
   * to those before the next ones.
   *
   * @param run the chunks' steps
   * @param begin the states before the first chunk
   * @param starts the states before each chunk
   * @param last the states after the last chunk; with their gradient when this returns
   * @return what the chunks give, with its gradient
   */
  private Results linked(
      Ops tf,
      Results run,
      List<Operand<TNumber>> begin,
      List<Operand<TNumber>> starts,
      Map<Integer, Operand<TNumber>> last) {
    Operand<TNumber> outputs = run.outputs().byStep(tf);
    List<Operand<TNumber>> ends = new ArrayList<>(run.states());
    List<Integer> open = new ArrayList<>();
    stages.forEach(stage -> open.addAll(stage.own));
    for (Stage stage : stages) {
      open.removeAll(stage.own);
      List<Operand<TNumber>> around = new ArrayList<>();
      stage.own.forEach(slot -> around.add(starts.get(slot)));
      stage.own.forEach(slot -> around.add(last.get(slot)));
      stage.own.forEach(slot -> around.add(begin.get(slot)));
      stage.own.forEach(slot -> around.add(ends.get(slot)));
      IdentityN link = tf.identityN(List.copyOf(around));
      JavaGradients.registerFor(
          (GraphOperation) link.op(),
          (ops, operation, gradients) -> link(ops, operation, gradients, stage));
      List<Operand<TNumber>> passed = new ArrayList<>(List.of(outputs));
      open.forEach(slot -> passed.add(ends.get(slot)));
      for (int i = 0; i < stage.own.size(); i++) {
        passed.add(Vocabulary.number(link.output().get(i)));
        last.put(stage.own.get(i), Vocabulary.number(link.output().get(stage.own.size() + i)));
      }
      passed.add(tf.stopGradient(run.states().get(0)));
      List<Integer> later = List.copyOf(open);
      IdentityN pass = tf.identityN(List.copyOf(passed));
      JavaGradients.registerFor(
          (GraphOperation) pass.op(),
          (ops, operation, gradients) -> pass(ops, operation, gradients, stage, later));
      outputs = Vocabulary.number(pass.output().get(0));
      for (int i = 0; i < later.size(); i++) {
        ends.set(later.get(i), Vocabulary.number(pass.output().get(1 + i)));
      }
    }
    return new Results(Sequence.byStep(outputs), ends);
  }

  /**
   * The loop that gives an input, behind a {@code StopGradient}: a gradient must not hold the
   * graph, nor ask it for an operation by name, which waits for ever.
   */
  private static GraphOperation loopBefore(GraphOperation operation, int input) {
    GraphOperation stop = (GraphOperation) operation.input(input).op();
    return (GraphOperation) stop.input(0).op();
  }

  /**
   * The gradient by the states before each chunk of a stage, of those by the outputs and by the
   * states of later stages, which go through.
   */
  private List<Operand<?>> pass(
      Ops tf,
      GraphOperation operation,
      List<Output<?>> gradients,
      Stage stage,
      List<Integer> later) {
    GraphOperation run = loopBefore(operation, operation.numInputs() - 1);
    List<Operand<?>> results = new ArrayList<>();
    Map<Integer, Operand<?>> byEnds = new LinkedHashMap<>();
    for (int k = 0; k <= later.size(); k++) {
      boolean present = JavaGradients.isPresent(gradients.get(k));
      Operand<?> g = present ? gradients.get(k) : tf.zerosLike(operation.input(k));
      results.add(g);
      if (k > 0 && present) {
        byEnds.put(later.get(k - 1), g);
      }
    }
    List<Operand<TNumber>> byStart = loop.byStart(tf, run, byEnds, results.get(0));
    stage.own.forEach(slot -> results.add(byStart.get(slot)));
    results.add(tf.zerosLike(operation.input(operation.numInputs() - 1)));
    return results;
  }

  /**
   * The gradients by the states after each chunk of a stage and before the first one, of those by
   * the states before each chunk and after the last.
   */
  private List<Operand<?>> link(
      Ops tf, GraphOperation operation, List<Output<?>> gradients, Stage stage) {
    int n = stage.own.size();
    GraphOperation across = loopBefore(operation, n);
    List<Operand<?>> results = new ArrayList<>();
    for (int k = 0; k < 2 * n; k++) {
      results.add(tf.zerosLike(operation.input(k)));
    }
    Operand<TInt32> chunks =
        tf.slice(
            tf.shape(stage.acrossLoop.outputs(across)),
            tf.constant(new int[] {0}),
            tf.constant(new int[] {2}));
    List<Operand<TNumber>> flat = new ArrayList<>();
    Map<Integer, Operand<?>> byLast = new LinkedHashMap<>();
    for (int k = 0; k < n; k++) {
      boolean present = JavaGradients.isPresent(gradients.get(k));
      Operand<TNumber> own =
          Vocabulary.number(present ? gradients.get(k) : (Operand<?>) results.get(k));
      int size = Math.toIntExact(plan.states.get(stage.own.get(k)).shape().size());
      Operand<TInt32> each = tf.constant(new int[] {size});
      flat.add(tf.reshape(own, tf.concat(List.of(chunks, each), tf.constant(0))));
      if (JavaGradients.isPresent(gradients.get(n + k))) {
        byLast.put(k, gradients.get(n + k));
      }
    }
    Operand<TNumber> own = n == 1 ? flat.get(0) : tf.concat(flat, tf.constant(2));
    List<Operand<TNumber>> all =
        stage.acrossLoop.byStartAnd(tf, across, byLast, own, stage.nothing);
    results.addAll(all.subList(0, n));
    for (int k = 0; k < n; k++) {
      results.add(tf.reshape(all.get(n + k), tf.shape(operation.input(3 * n + k))));
    }
    return results;
  }

  /** What the chunks are given, which stand side by side as rows, and what the rest is given. */
  private List<Given> parts(Ops tf, Given given, Chunks cut) {
    Map<Expr, Sequence> ofChunks = new LinkedHashMap<>();
    Map<Expr, Sequence> ofRest = new LinkedHashMap<>();
    Map<Expr, Sequence> all = new LinkedHashMap<>(given.sequences());
    Walk steps = AtOnce.walk(tf, blueprint, given);
    given
        .perRow()
        .forEach((leaf, value) -> all.put(leaf, Sequence.byStep(steps.eachStep(leaf, value))));
    all.forEach(
        (leaf, values) -> {
          List<Operand<TNumber>> parts = cut.apart(values, leaf.shape());
          ofChunks.put(leaf, Sequence.byStep(parts.get(0)));
          ofRest.put(leaf, Sequence.byStep(parts.get(1)));
        });
    Operand<TBool> validInChunks = null;
    Operand<TBool> validInRest = null;
    if (given.valid() != null) {
      // Numbers of the working type: oneDNN complains of other types in a transposition.
      Operand<TNumber> one = steps.site().scalar(1);
      List<Operand<TNumber>> parts =
          cut.apart(Sequence.byStep(Axes.numbers(tf, given.valid(), type)), Shape.scalar());
      validInChunks = tf.math.equal(parts.get(0), one);
      validInRest = tf.math.equal(parts.get(1), one);
    }
    return List.of(
        part(given, ofChunks, validInChunks, cut.length, cut.allRows),
        part(given, ofRest, validInRest, cut.rest, given.rows()));
  }

  private static Given part(
      Given whole,
      Map<Expr, Sequence> sequences,
      Operand<TBool> valid,
      Operand<TInt32> steps,
      Operand<TInt32> rows) {
    return new Given(whole.shared(), Map.of(), sequences, valid, List.of(), steps, steps, rows);
  }

  /** Finds the states before each chunk. */
  private void run(
      Ops tf,
      Stage stage,
      Walk walk,
      Map<Expr, Operand<TNumber>> weights,
      List<Operand<TNumber>> initial,
      Chunks cut,
      Map<Integer, Operand<TNumber>> before,
      Map<Integer, Operand<TNumber>> last) {
    Walk rows = new Walk(tf, type, 1, () -> cut.allRows);
    List<Operand<TNumber>> starts = new ArrayList<>();
    stage.known.forEach(slot -> starts.add(before.get(slot)));
    for (int slot : stage.own) {
      double neutral = stage.maxima.contains(slot) ? LOWEST : 0;
      starts.add(filled(rows, plan.states.get(slot).shape(), neutral));
    }
    for (int k = 0; k < stage.composed.size(); k++) {
      Shape shape = stage.composed.get(k).shape();
      double start = stage.composedStart.get(k);
      starts.add(Double.isNaN(start) ? identity(rows, shape) : filled(rows, shape, start));
    }
    Results ends =
        stage.insideLoop.build(
            tf, inputs(stage.inside, walk, weights, starts, cut.length, cut.allRows));

    Walk chunk =
        new Walk(tf, type, 2, () -> tf.concat(List.of(cut.count, cut.rows), tf.constant(0)));
    int first = stage.known.size();
    for (int k = 0; k < stage.own.size(); k++) {
      Expr local = stage.local.get(stage.own.get(k));
      chunk.bind(local, cut.byChunk(ends.states().get(first + k), local.shape()));
    }
    int composed = first + stage.own.size();
    stage.byComposed.forEach(
        (total, k) ->
            chunk.bind(total, cut.byChunk(ends.states().get(composed + k), total.shape())));
    stage.nothing.forEach(e -> chunk.bind(e, filled(chunk, e.shape(), 0)));
    List<Operand<TNumber>> first0 = stage.own.stream().map(initial::get).toList();
    Results carried =
        stage.acrossLoop.build(
            tf, inputs(stage.across, chunk, weights, first0, cut.count, cut.rows));
    List<Operand<TNumber>> parts = parts(tf, stage, carried.outputs().byStep(tf));
    for (int k = 0; k < stage.own.size(); k++) {
      int slot = stage.own.get(k);
      Operand<TInt32> shape = rows.site().fullShape(plan.states.get(slot).shape());
      // The gradient goes another way: linked().
      before.put(slot, tf.stopGradient(tf.reshape(parts.get(k), shape)));
      last.put(slot, tf.stopGradient(carried.states().get(k)));
    }
  }

  private static TimeLoop.Inputs inputs(
      Plan plan,
      Walk walk,
      Map<Expr, Operand<TNumber>> weights,
      List<Operand<TNumber>> states,
      Operand<TInt32> length,
      Operand<TInt32> rows) {
    Map<Expr, Operand<TNumber>> sequences = new LinkedHashMap<>();
    plan.sequences.forEach(e -> sequences.put(e, walk.at(e)));
    Ops tf = walk.site().tf();
    Operand<TInt32> any = tf.math.minimum(rows, tf.constant(new int[] {1}));
    return new TimeLoop.Inputs(weights, sequences, states, length, tf.math.mul(length, any), rows);
  }

  /** The states before each chunk, which the loop across chunks gives side by side. */
  private List<Operand<TNumber>> parts(Ops tf, Stage stage, Operand<TNumber> flat) {
    if (stage.own.size() == 1) {
      return List.of(flat);
    }
    long[] sizes = stage.own.stream().mapToLong(s -> plan.states.get(s).shape().size()).toArray();
    List<Operand<TNumber>> parts = new ArrayList<>();
    int at = 0;
    for (long size : sizes) {
      parts.add(
          tf.slice(
              flat,
              tf.constant(new int[] {0, 0, at}),
              tf.constant(new int[] {-1, -1, (int) size})));
      at += (int) size;
    }
    return parts;
  }

  private static Operand<TNumber> filled(Walk rows, Shape shape, double value) {
    return rows.site().tf().fill(rows.site().fullShape(shape), rows.site().scalar(value));
  }

  private static Operand<TNumber> identity(Walk rows, Shape shape) {
    Expr eye = Expr.identity(Math.toIntExact(shape.get(-1)));
    return rows.site().tf().broadcastTo(rows.at(eye), rows.site().fullShape(shape));
  }

  private static List<Integer> concat(List<Integer> a, List<Integer> b) {
    List<Integer> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }
}
