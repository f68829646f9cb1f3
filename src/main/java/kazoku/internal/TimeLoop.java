package kazoku.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.IdentityN;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * The loop over time, and its gradient.
 *
 * <p>The forward loop carries the states and writes histories {@code [T, B, …]} in place: of the
 * states (with the first state in front, {@code T+1} entries), of the output where it is no state,
 * and of the products with weights. The backward loop goes from the last step to the first; it
 * reads the histories, recomputes the cheap part of a step, carries the gradients by the states,
 * and writes histories of gradients, from which the weights' gradients are formed by one product
 * after the loop.
 *
 * <p>The histories of both loops are written by {@code InplaceUpdate}, which changes the buffer
 * that it is given; each begins as an {@code Empty} of its own, which TensorFlow never merges with
 * another.
 */
final class TimeLoop {
  private final Plan plan;
  private final Class<? extends TNumber> type;
  private final boolean training;
  private final int unroll;
  private final WhileLoop forward;
  private final Layout layout;
  private WhileLoop backwardWithOutput;
  private WhileLoop backwardStatesOnly;
  private WhileLoop backwardByStart;

  /** What one run over time takes. */
  record Inputs(
      Map<Expr, Operand<TNumber>> weights,
      Map<Expr, Operand<TNumber>> sequences,
      List<Operand<TNumber>> states,
      Operand<TInt32> length,
      Operand<TInt32> steps,
      Operand<TInt32> rows) {}

  /**
   * Where the forward loop's variables stand: counter, number of steps, states, histories, and what
   * is only read. Where the output is a state, its history is that of the state.
   */
  private record Layout(
      int states,
      Map<Integer, Integer> remembered,
      int output,
      Map<Expr, Integer> kept,
      Map<Expr, Integer> weights,
      Map<Expr, Integer> sequences,
      WhileLoop.Variables variables) {}

  /**
   * Attaches the functions of both loops.
   *
   * @param graph the graph
   * @param name their names begin with it; unique in the graph
   * @param plan what the loops compute
   * @param type the working type
   * @param training whether a gradient will be taken
   * @param unroll how many steps a turn of the loops has
   */
  TimeLoop(
      Graph graph,
      String name,
      Plan plan,
      Class<? extends TNumber> type,
      boolean training,
      int unroll) {
    this.unroll = unroll;
    this.plan = plan;
    this.type = type;
    this.training = training;
    this.layout = layout();
    this.forward =
        WhileLoop.forward(
            graph, name, layout.variables, WhileLoop.STEPS_AT_A_TIME, unroll, this::step);
    if (training) {
      this.backwardWithOutput = attach(graph, name + "_gradient", plan.withOutput, true);
      this.backwardStatesOnly = attach(graph, name + "_state_gradient", plan.statesOnly, false);
    }
  }

  private Layout layout() {
    WhileLoop.Variables variables = new WhileLoop.Variables(type);
    variables.addCounter();
    int states = variables.addCounter() + 1;
    plan.states.forEach(s -> variables.add(s, 1));
    Map<Integer, Integer> remembered = new LinkedHashMap<>();
    Map<Expr, Integer> kept = new LinkedHashMap<>();
    if (training) {
      for (int slot : plan.remembered) {
        remembered.put(slot, variables.add(plan.states.get(slot), 2));
      }
      for (Expr product : plan.kept) {
        kept.put(product, variables.add(product, 2));
      }
    }
    Integer shared = remembered.get(plan.outputSlot());
    int output = shared != null ? shared : variables.add(plan.output, 2);
    Map<Expr, Integer> weights = new LinkedHashMap<>();
    for (Expr weight : plan.weights) {
      weights.put(weight, variables.add(weight, weight.level() == Level.WEIGHT ? 0 : 1));
    }
    Map<Expr, Integer> sequences = new LinkedHashMap<>();
    for (Expr sequence : plan.sequences) {
      sequences.put(sequence, variables.add(sequence, 2));
    }
    return new Layout(states, remembered, output, kept, weights, sequences, variables);
  }

  private boolean outputIsRemembered() {
    return layout.remembered.containsValue(layout.output);
  }

  /** One forward step. */
  private List<Operand<?>> step(Ops tf, List<Operand<?>> v) {
    Operand<TInt32> now = integer(v.get(0));
    Operand<TInt32> then = tf.math.add(now, tf.constant(new int[] {1}));
    Walk walk = body(tf, v.get(layout.states));
    for (int k = 0; k < plan.states.size(); k++) {
      walk.bind(plan.states.get(k), v.get(layout.states + k));
    }
    layout.weights.forEach((e, k) -> walk.bind(e, v.get(k)));
    layout.sequences.forEach((e, k) -> walk.bind(e, WhileLoop.entry(tf, v.get(k), now, then)));

    List<Operand<?>> results = new ArrayList<>(v);
    results.set(0, then);
    for (int k = 0; k < plan.states.size(); k++) {
      results.set(layout.states + k, walk.at(plan.next.get(k)));
    }
    layout.remembered.forEach(
        (slot, k) ->
            results.set(k, WhileLoop.write(tf, v.get(k), then, walk.at(plan.next.get(slot)))));
    layout.kept.forEach((e, k) -> results.set(k, WhileLoop.write(tf, v.get(k), now, walk.at(e))));
    if (!outputIsRemembered()) {
      results.set(
          layout.output, WhileLoop.write(tf, v.get(layout.output), now, walk.at(plan.output)));
    }
    return results;
  }

  private Walk body(Ops tf, Operand<?> someState) {
    return new Walk(
        tf,
        type,
        1,
        () ->
            tf.slice(tf.shape(someState), tf.constant(new int[] {0}), tf.constant(new int[] {1})));
  }

  /**
   * Builds the forward loop.
   *
   * @param tf operations of the graph
   * @param in what it takes
   * @return what it gives
   */
  Steps.Results build(Ops tf, Inputs in) {
    List<Operand<?>> start =
        new ArrayList<>(java.util.Collections.nCopies(layout.variables.types().size(), null));
    start.set(0, tf.constant(new int[] {0}));
    // The zeros that stand for "no gradient" must not flow on into integer arithmetic.
    start.set(1, tf.stopGradient(in.steps));
    Operand<TInt32> entries = tf.math.add(in.length, tf.constant(new int[] {1}));
    for (int k = 0; k < plan.states.size(); k++) {
      start.set(layout.states + k, in.states.get(k));
    }
    layout.remembered.forEach(
        (slot, k) -> {
          Operand<TNumber> empty = empty(tf, entries, in.rows, plan.states.get(slot).shape());
          Operand<TNumber> first =
              WhileLoop.write(tf, empty, tf.constant(new int[] {0}), in.states.get(slot));
          start.set(k, tf.stopGradient(first));
        });
    layout.kept.forEach((e, k) -> start.set(k, empty(tf, in.length, in.rows, e.shape())));
    if (!outputIsRemembered()) {
      start.set(layout.output, empty(tf, in.length, in.rows, plan.output.shape()));
    }
    layout.weights.forEach((e, k) -> start.set(k, given(tf, e, in.weights)));
    layout.sequences.forEach((e, k) -> start.set(k, given(tf, e, in.sequences)));

    GraphOperation loop =
        training ? forward.build(tf, start, this::gradient) : forward.build(tf, start);
    Operand<TNumber> outputs = number(loop.output(layout.output));
    if (outputIsRemembered()) {
      outputs = training ? outputsOf(tf, outputs) : withoutFirst(tf, outputs);
    }
    List<Operand<TNumber>> states = new ArrayList<>();
    for (int k = 0; k < plan.states.size(); k++) {
      states.add(number(loop.output(layout.states + k)));
    }
    return new Steps.Results(Sequence.byStep(outputs), states);
  }

  /** The outputs of a loop that has been built, where they are no states. */
  Operand<TNumber> outputs(GraphOperation loop) {
    return number(loop.output(layout.output));
  }

  /**
   * The states after each step as outputs. The loop is given their gradient as it is, {@code [T, B,
   * …]}: that of a slice would be copied behind a first entry of zeros.
   */
  private static Operand<TNumber> outputsOf(Ops tf, Operand<TNumber> history) {
    Operand<TNumber> entries = tf.stopGradient(withoutFirst(tf, history));
    IdentityN both = tf.identityN(List.of(history, entries));
    JavaGradients.registerFor(
        (GraphOperation) both.op(),
        (ops, operation, gradients) ->
            List.of(gradients.get(1), ops.zerosLike(operation.input(1))));
    return number(both.output().get(1));
  }

  private static Operand<TNumber> given(Ops tf, Expr expr, Map<Expr, Operand<TNumber>> values) {
    Operand<TNumber> value = values.get(expr);
    return expr.primitive().logical() ? tf.stopGradient(value) : value;
  }

  // The gradient

  /**
   * Attaches the function of a backward loop for {@link #byStart}.
   *
   * @param graph the graph
   * @param name its name; unique in the graph
   */
  void attachByStart(Graph graph, String name) {
    backwardByStart = attach(graph, name, plan.byStart, true);
  }

  private WhileLoop attach(Graph graph, String name, Plan.Backward backward, boolean output) {
    List<Class<? extends TType>> types = new ArrayList<>();
    types.add(TInt32.class);
    plan.states.forEach(s -> types.add(type));
    backward.summed.forEach(s -> types.add(type));
    backward.written.forEach(s -> types.add(type));
    backward.weightReads.forEach(s -> types.add(Vocabulary.type(s, type)));
    backward.sequenceReads.forEach(s -> types.add(Vocabulary.type(s, type)));
    layout.remembered.forEach((s, k) -> types.add(type));
    layout.kept.forEach((s, k) -> types.add(type));
    if (output) {
      types.add(type);
    }
    return WhileLoop.backward(
        graph,
        name,
        types,
        WhileLoop.STEPS_AT_A_TIME,
        unroll,
        (tf, v) -> backwardStep(tf, v, backward, output));
  }

  /** One backward step; its variables stand in the order of {@link #attach}. */
  private List<Operand<?>> backwardStep(
      Ops tf, List<Operand<?>> v, Plan.Backward backward, boolean output) {
    Operand<TInt32> now = integer(v.get(0));
    Operand<TInt32> one = tf.constant(new int[] {1});
    Operand<TInt32> then = tf.math.add(now, one);
    Operand<TInt32> after = tf.math.add(then, one);
    Walk walk = body(tf, v.get(1));
    int at = 1;
    for (Expr seed : plan.stateSeeds) {
      walk.bind(seed, v.get(at++));
    }
    int sums = at;
    int histories = sums + backward.summed.size();
    at = histories + backward.written.size();
    for (Expr weight : backward.weightReads) {
      walk.bind(weight, v.get(at++));
    }
    for (Expr sequence : backward.sequenceReads) {
      Operand<?> history = v.get(at++);
      walk.bind(sequence, () -> WhileLoop.entry(tf, history, now, then));
    }
    List<Runnable> afterStates = new ArrayList<>();
    for (int slot : layout.remembered.keySet()) {
      Operand<?> history = v.get(at++);
      walk.bind(plan.states.get(slot), () -> WhileLoop.entry(tf, history, now, then));
      afterStates.add(
          () -> walk.bind(plan.next.get(slot), () -> WhileLoop.entry(tf, history, then, after)));
    }
    // A state after the step may be another state before it; that is read where it is at hand.
    afterStates.forEach(Runnable::run);
    for (Expr product : layout.kept.keySet()) {
      Operand<?> history = v.get(at++);
      walk.bind(product, () -> WhileLoop.entry(tf, history, now, then));
    }
    if (output) {
      Operand<?> history = v.get(at++);
      walk.bind(plan.outputSeed, () -> WhileLoop.entry(tf, history, now, then));
    }

    List<Operand<?>> results = new ArrayList<>(v);
    results.set(0, tf.math.sub(now, one));
    for (int k = 0; k < plan.states.size(); k++) {
      results.set(1 + k, walk.at(backward.states.get(k)));
    }
    for (int k = 0; k < backward.summed.size(); k++) {
      results.set(
          sums + k, tf.math.add(number(v.get(sums + k)), walk.at(backward.summands.get(k))));
    }
    for (int k = 0; k < backward.written.size(); k++) {
      results.set(
          histories + k,
          WhileLoop.write(tf, v.get(histories + k), now, walk.at(backward.written.get(k))));
    }
    return results;
  }

  /** The gradients by the forward loop's variables. */
  private List<Operand<?>> gradient(Ops tf, GraphOperation loop, List<Output<?>> gradients) {
    Ran ran = runBackward(tf, loop, gradients);
    List<Operand<?>> results = new ArrayList<>();
    for (int k = 0; k < loop.numInputs(); k++) {
      results.add(null);
    }
    for (int k = 0; k < plan.states.size(); k++) {
      results.set(layout.states + k, ran.back.output(1 + k));
    }
    layout.weights.forEach((weight, k) -> results.set(k, weightGradient(ran, weight)));
    int sequence = 0;
    for (int k : layout.sequences.values()) {
      Expr g = ran.backward.sequences.get(sequence++);
      results.set(k, g == null ? null : ran.written(g));
    }
    // "No gradient" cannot be said from Java.
    for (int k = 0; k < results.size(); k++) {
      if (results.get(k) == null) {
        results.set(k, tf.zerosLike(loop.input(k)));
      }
    }
    return results;
  }

  /** A backward loop that has been built, and the forward loop it belongs to. */
  private record Ran(
      Ops tf,
      GraphOperation loop,
      GraphOperation back,
      Plan.Backward backward,
      int sums,
      int histories,
      Walk outside) {

    /** What was written at all steps. */
    Operand<TNumber> written(Expr expr) {
      return number(back.output(histories + backward.written.indexOf(expr)));
    }
  }

  /**
   * The gradients by the states before the first step alone.
   *
   * @param tf operations of the graph, inside a gradient
   * @param loop what {@link #build} gave
   * @param byStates by slot, the gradients by the states after the last step; where there is none,
   *     it is 0
   * @param byOutputs the gradient by the outputs
   * @return by slot
   */
  List<Operand<TNumber>> byStart(
      Ops tf,
      GraphOperation loop,
      Map<Integer, ? extends Operand<?>> byStates,
      Operand<?> byOutputs) {
    List<Operand<?>> ends = ends(tf, loop, byStates);
    Ran ran = runBackward(tf, loop, plan.byStart, backwardByStart, ends, byOutputs);
    return byStart(ran);
  }

  /**
   * The gradients by the states before the first step, and by a value of all steps for each slot.
   *
   * @param tf operations of the graph, inside a gradient
   * @param loop what {@link #build} gave
   * @param byStates by slot, as for {@link #byStart}
   * @param byOutputs the gradient by the outputs
   * @param sequences the values
   * @return those by the states, then those by the values
   */
  List<Operand<TNumber>> byStartAnd(
      Ops tf,
      GraphOperation loop,
      Map<Integer, ? extends Operand<?>> byStates,
      Operand<?> byOutputs,
      List<Expr> sequences) {
    List<Operand<?>> ends = ends(tf, loop, byStates);
    Ran ran = runBackward(tf, loop, plan.withOutput, backwardWithOutput, ends, byOutputs);
    List<Operand<TNumber>> all = byStart(ran);
    for (Expr sequence : sequences) {
      all.add(ran.written(ran.backward.sequences.get(plan.sequences.indexOf(sequence))));
    }
    return all;
  }

  private List<Operand<TNumber>> byStart(Ran ran) {
    List<Operand<TNumber>> all = new ArrayList<>();
    for (int k = 0; k < plan.states.size(); k++) {
      all.add(number(ran.back.output(1 + k)));
    }
    return all;
  }

  private List<Operand<?>> ends(
      Ops tf, GraphOperation loop, Map<Integer, ? extends Operand<?>> byStates) {
    List<Operand<?>> ends = new ArrayList<>();
    for (int k = 0; k < plan.states.size(); k++) {
      Operand<?> given = byStates.get(k);
      ends.add(given != null ? given : tf.zerosLike(loop.output(layout.states + k)));
    }
    return ends;
  }

  private Ran runBackward(Ops tf, GraphOperation loop, List<Output<?>> gradients) {
    Map<Integer, Output<?>> byStates = new LinkedHashMap<>();
    for (int k = 0; k < plan.states.size(); k++) {
      Output<?> g = gradients.get(layout.states + k);
      if (JavaGradients.isPresent(g)) {
        byStates.put(k, g);
      }
    }
    List<Operand<?>> ends = ends(tf, loop, byStates);
    Output<?> byOutputs = gradients.get(layout.output);
    return JavaGradients.isPresent(byOutputs)
        ? runBackward(tf, loop, plan.withOutput, backwardWithOutput, ends, byOutputs)
        : runBackward(tf, loop, plan.statesOnly, backwardStatesOnly, ends, null);
  }

  /** Builds a backward loop; its variables stand in the order of {@link #attach}. */
  private Ran runBackward(
      Ops tf,
      GraphOperation loop,
      Plan.Backward backward,
      WhileLoop steps,
      List<Operand<?>> ends,
      Operand<?> byOutputs) {
    Operand<TInt32> one = tf.constant(new int[] {1});
    Operand<TInt32> rows =
        tf.slice(tf.shape(loop.input(layout.states)), tf.constant(new int[] {0}), one);
    Operand<TInt32> length = length(tf, loop);
    Walk outside = new Walk(tf, type, 2, () -> tf.concat(List.of(length, rows), tf.constant(0)));
    layout.weights.forEach((e, k) -> outside.bind(e, loop.input(k)));

    List<Operand<?>> start = new ArrayList<>();
    start.add(tf.math.sub(integer(loop.input(1)), one));
    start.addAll(ends);
    int sums = start.size();
    for (Expr weight : backward.summed) {
      Operand<TInt32> sizes =
          tf.concat(List.of(rows, tf.constant(Walk.ints(weight.shape()))), tf.constant(0));
      start.add(tf.fill(sizes, outside.site().scalar(0)));
    }
    int histories = start.size();
    for (Expr written : backward.written) {
      start.add(empty(tf, length, rows, written.shape()));
    }
    backward.weightReads.forEach(e -> start.add(outside.at(e)));
    backward.sequenceReads.forEach(e -> start.add(loop.input(layout.sequences.get(e))));
    layout.remembered.forEach((slot, k) -> start.add(loop.output(k)));
    layout.kept.forEach((e, k) -> start.add(loop.output(k)));
    if (byOutputs != null) {
      start.add(byOutputs);
    }
    GraphOperation back = steps.build(tf, start);
    return new Ran(tf, loop, back, backward, sums, histories, outside);
  }

  /**
   * The gradient by a weight: its sum over rows, and one product for each product it is in; by a
   * value of a row, the row's own.
   */
  private Operand<TNumber> weightGradient(Ran ran, Expr weight) {
    Ops tf = ran.tf;
    Operand<TNumber> total = null;
    int sum = ran.backward.summed.indexOf(weight);
    if (sum >= 0) {
      Operand<TNumber> byRow = number(ran.back.output(ran.sums + sum));
      total =
          weight.level() == Level.WEIGHT ? tf.reduceSum(byRow, tf.constant(new int[] {0})) : byRow;
    }
    for (Map.Entry<Expr, Expr> entry : ran.backward.products.entrySet()) {
      Expr product = entry.getKey();
      if (product.inputs().get(1) == weight) {
        Operand<TNumber> part =
            ((Primitive.Product) product.primitive())
                .weightGradient(
                    ran.outside.site(),
                    product,
                    leftSides(ran, product.inputs().get(0)),
                    ran.written(entry.getValue()));
        total = total == null ? part : tf.math.add(total, part);
      }
    }
    return total;
  }

  /** The left sides of a product at all steps. */
  private Operand<TNumber> leftSides(Ran ran, Expr lhs) {
    int before = plan.states.indexOf(lhs);
    if (before >= 0) {
      return withoutLast(ran.tf, number(ran.loop.output(layout.remembered.get(before))));
    }
    int after = plan.next.indexOf(lhs);
    if (after >= 0) {
      return withoutFirst(ran.tf, number(ran.loop.output(layout.remembered.get(after))));
    }
    return ran.written(lhs);
  }

  /** The number of entries of a history: all steps, also where a shard without rows runs none. */
  private Operand<TInt32> length(Ops tf, GraphOperation loop) {
    Operand<TInt32> one = tf.constant(new int[] {1});
    Operand<TInt32> entries =
        tf.slice(tf.shape(loop.output(layout.output)), tf.constant(new int[] {0}), one);
    return outputIsRemembered() ? tf.math.sub(entries, one) : entries;
  }

  // Histories

  private Operand<TNumber> empty(Ops tf, Operand<TInt32> length, Operand<TInt32> rows, Shape row) {
    Operand<TInt32> sizes =
        tf.concat(List.of(length, rows, tf.constant(Walk.ints(row))), tf.constant(0));
    return WhileLoop.history(tf, type, sizes);
  }

  private static Operand<TNumber> withoutFirst(Ops tf, Operand<TNumber> history) {
    return tf.stridedSlice(
        history,
        tf.constant(new int[] {1}),
        tf.constant(new int[] {0}),
        tf.constant(new int[] {1}),
        org.tensorflow.op.core.StridedSlice.endMask(1L));
  }

  private static Operand<TNumber> withoutLast(Ops tf, Operand<TNumber> history) {
    return tf.stridedSlice(
        history,
        tf.constant(new int[] {0}),
        tf.constant(new int[] {-1}),
        tf.constant(new int[] {1}));
  }

  private static Operand<TNumber> number(Operand<?> operand) {
    return Vocabulary.number(operand);
  }

  @SuppressWarnings("unchecked")
  private static Operand<TInt32> integer(Operand<?> operand) {
    return (Operand<TInt32>) operand;
  }
}
