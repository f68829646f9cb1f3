package kazoku.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Expr;
import kazoku.Loop;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * Steps in segments, for a gradient that needs the memory of two segments.
 *
 * <p>The forward loop goes from segment to segment; it remembers the states before each, and the
 * outputs. The backward loop goes from the last segment to the first: it builds the segment's steps
 * once more, with all that their gradient reads, takes the gradient, adds up those by weights and
 * by rows, and writes those by the inputs of the steps. Both have the steps of a segment ({@link
 * AtOnce}) in their bodies, as loops in a loop. The steps of a segment do not wait for the gradient
 * of the next one: where a core is free, the second forward pass costs no time.
 */
final class Segments implements Steps {
  /** Before all other variables: the step, the number of steps, the size of a segment. */
  private static final int COUNTERS = 3;

  /** One segment runs forward a second time beside the gradient of another. */
  private static final int AT_A_TIME = 2;

  private final AtOnce.Blueprint blueprint;
  private final Plan plan;
  private final Class<? extends TNumber> type;
  private final int size;
  private final Set<Expr> inputs;
  private final String name;
  private Layout layout;
  private WhileLoop forward;
  private WhileLoop backwardWithOutput;
  private WhileLoop backwardStatesOnly;

  /**
   * Where the forward loop's variables stand: counters, states, histories of the states before each
   * segment, outputs, and what is only read.
   */
  private record Layout(
      int states,
      int starts,
      int outputs,
      Map<Expr, Integer> shared,
      Map<Expr, Integer> perRow,
      Map<Expr, Integer> sequences,
      int valid,
      WhileLoop.Variables variables) {

    int firstRead() {
      return outputs + 1;
    }

    List<Class<? extends TType>> types() {
      return variables.types();
    }
  }

  /**
   * Steps in segments.
   *
   * @param blueprint how a segment is built
   * @param size the number of its steps, or {@link Loop#ROOT}
   * @param inputs the sequences by which a gradient may be asked for
   * @param name the loops' functions begin with it; unique in the graph
   */
  Segments(AtOnce.Blueprint blueprint, int size, Set<Expr> inputs, String name) {
    this.blueprint = blueprint;
    this.plan = blueprint.plan();
    this.type = blueprint.type();
    this.size = size;
    this.inputs = inputs;
    this.name = name;
  }

  @Override
  public List<Expr> invariants() {
    return plan.weights;
  }

  @Override
  public Results build(Ops tf, Given given) {
    if (layout == null) {
      attach((Graph) tf.scope().env(), given);
    }
    // The zeros that stand for "no gradient" must not flow on into integer arithmetic.
    Operand<TInt32> own = tf.stopGradient(given.own());
    Operand<TInt32> length = tf.stopGradient(given.length());
    Operand<TInt32> segment = size == Loop.ROOT ? root(tf, length) : atMost(tf, length);
    Operand<TInt32> more = minusOne(tf, segment);
    Operand<TInt32> count = tf.math.floorDiv(tf.math.add(length, more), segment);
    List<Operand<?>> start = new ArrayList<>(List.of(tf.constant(new int[] {0}), own, segment));
    start.addAll(given.begin());
    plan.states.forEach(s -> start.add(empty(tf, count, given.rows(), s.shape())));
    start.add(empty(tf, length, given.rows(), blueprint.readout().output().shape()));
    layout.shared.keySet().forEach(e -> start.add(read(tf, e, given.shared().get(e))));
    layout.perRow.keySet().forEach(e -> start.add(read(tf, e, given.perRow().get(e))));
    layout
        .sequences
        .keySet()
        .forEach(e -> start.add(read(tf, e, given.sequences().get(e).byStep(tf))));
    if (given.valid() != null) {
      start.add(tf.stopGradient(given.valid()));
    }
    GraphOperation loop = forward.build(tf, start);
    JavaGradients.registerFor(loop, this::gradient);
    List<Operand<TNumber>> states = new ArrayList<>();
    for (int k = 0; k < plan.states.size(); k++) {
      states.add(number(loop.output(layout.states + k)));
    }
    return new Results(Sequence.byStep(number(loop.output(layout.outputs))), states);
  }

  /** ⌈√T⌉, at least 1. */
  static Operand<TInt32> root(Ops tf, Operand<TInt32> length) {
    Operand<TFloat64> root = tf.math.sqrt(tf.dtypes.cast(length, TFloat64.class));
    return tf.math.maximum(
        tf.dtypes.cast(tf.math.ceil(root), TInt32.class), tf.constant(new int[] {1}));
  }

  /** The number that was asked for, or all steps if they are fewer. */
  private Operand<TInt32> atMost(Ops tf, Operand<TInt32> length) {
    Operand<TInt32> all = tf.math.maximum(length, tf.constant(new int[] {1}));
    return tf.math.minimum(tf.constant(new int[] {size}), all);
  }

  // The functions

  private void attach(Graph graph, Given example) {
    layout = layout(example);
    forward = WhileLoop.forward(graph, name, layout.variables, AT_A_TIME, 1, this::forwardSegment);
    backwardWithOutput = attachBackward(graph, name + "_gradient", true);
    backwardStatesOnly = attachBackward(graph, name + "_state_gradient", false);
  }

  private Layout layout(Given example) {
    WhileLoop.Variables variables = new WhileLoop.Variables(type);
    for (int k = 0; k < COUNTERS; k++) {
      variables.addCounter();
    }
    plan.states.forEach(s -> variables.add(s, 1));
    int starts = variables.types().size();
    plan.states.forEach(s -> variables.add(s, 2));
    int outputs = variables.add(blueprint.readout().output(), 2);
    Map<Expr, Integer> shared = new LinkedHashMap<>();
    example.shared().keySet().forEach(e -> shared.put(e, variables.add(e, 0)));
    Map<Expr, Integer> perRow = new LinkedHashMap<>();
    example.perRow().keySet().forEach(e -> perRow.put(e, variables.add(e, 1)));
    Map<Expr, Integer> sequences = new LinkedHashMap<>();
    example.sequences().keySet().forEach(e -> sequences.put(e, variables.add(e, 2)));
    int valid = -1;
    if (example.valid() != null) {
      valid = variables.add(TBool.class, Shape.of(Shape.UNKNOWN_SIZE, Shape.UNKNOWN_SIZE));
    }
    return new Layout(COUNTERS, starts, outputs, shared, perRow, sequences, valid, variables);
  }

  /** One segment forward. */
  private List<Operand<?>> forwardSegment(Ops tf, List<Operand<?>> v) {
    Steps steps = blueprint.looped((Graph) tf.scope().env(), name + "_steps", false);
    Operand<TInt32> from = integer(v.get(0));
    Operand<TInt32> segment = integer(v.get(2));
    Operand<TInt32> to = tf.math.minimum(tf.math.add(from, segment), integer(v.get(1)));
    Operand<TInt32> index = tf.math.floorDiv(from, segment);
    List<Operand<TNumber>> begin =
        v.subList(layout.states, layout.starts).stream().map(Segments::number).toList();
    Results ran = steps.build(tf, slice(tf, v, layout.firstRead(), from, to, begin));

    List<Operand<?>> results = new ArrayList<>(v);
    results.set(0, tf.math.add(from, segment));
    for (int k = 0; k < begin.size(); k++) {
      results.set(layout.states + k, ran.states().get(k));
      results.set(
          layout.starts + k, WhileLoop.write(tf, v.get(layout.starts + k), index, begin.get(k)));
    }
    results.set(
        layout.outputs, write(tf, v.get(layout.outputs), from, to, ran.outputs().byStep(tf)));
    return results;
  }

  private WhileLoop attachBackward(Graph graph, String own, boolean output) {
    List<Class<? extends TType>> types = new ArrayList<>(layout.types().subList(0, layout.starts));
    summed().forEach(e -> types.add(type));
    written().forEach(e -> types.add(type));
    types.addAll(layout.types().subList(layout.starts, layout.outputs));
    types.addAll(layout.types().subList(layout.firstRead(), layout.types().size()));
    if (output) {
      types.add(type);
    }
    return WhileLoop.backward(
        graph, own, types, AT_A_TIME, 1, (tf, v) -> backwardSegment(tf, v, own, output));
  }

  /** The values of weights and rows; their gradients are added up. */
  private List<Expr> summed() {
    List<Expr> summed = new ArrayList<>(layout.shared.keySet());
    summed.addAll(layout.perRow.keySet());
    summed.removeIf(e -> e.primitive().logical());
    return summed;
  }

  /** The sequences whose gradients are written. */
  private List<Expr> written() {
    return layout.sequences.keySet().stream().filter(inputs::contains).toList();
  }

  /** One segment backward; its variables stand in the order of {@link #attachBackward}. */
  private List<Operand<?>> backwardSegment(Ops tf, List<Operand<?>> v, String own, boolean output) {
    Graph graph = (Graph) tf.scope().env();
    Steps steps = blueprint.looped(graph, own + "_steps", true);
    Operand<TInt32> from = integer(v.get(0));
    Operand<TInt32> segment = integer(v.get(2));
    Operand<TInt32> to = tf.math.minimum(tf.math.add(from, segment), integer(v.get(1)));
    Operand<TInt32> index = tf.math.floorDiv(from, segment);
    int count = plan.states.size();
    int sums = layout.states + count;
    int histories = sums + summed().size();
    int starts = histories + written().size();
    Operand<TInt32> after = tf.math.add(index, tf.constant(new int[] {1}));
    List<Operand<TNumber>> begin =
        v.subList(starts, starts + count).stream()
            .map(history -> number(WhileLoop.entry(tf, history, index, after)))
            .toList();
    Given given = slice(tf, v, starts + count, from, to, begin);
    Results ran = steps.build(tf, given);

    // A gradient by two values one of which is made of the other goes wrong without a word.
    List<Operand<TNumber>> ys = new ArrayList<>();
    ran.states().forEach(state -> ys.add(tf.identity(state)));
    List<Operand<?>> seeds = new ArrayList<>(v.subList(layout.states, sums));
    if (output) {
      ys.add(tf.identity(ran.outputs().byStep(tf)));
      seeds.add(between(tf, v.get(v.size() - 1), from, to));
    }
    List<Operand<TNumber>> xs = new ArrayList<>(begin);
    for (Expr e : summed()) {
      xs.add(given.shared().getOrDefault(e, given.perRow().get(e)));
    }
    written().forEach(e -> xs.add(given.sequences().get(e).byStep(tf)));
    List<Operand<TNumber>> gradients = gradients(graph, ys, xs, seeds);

    List<Operand<?>> results = new ArrayList<>(v);
    results.set(0, tf.math.sub(from, segment));
    for (int k = 0; k < xs.size(); k++) {
      Operand<TNumber> gradient = gradients.get(k);
      Operand<TNumber> g = gradient == null ? tf.zerosLike(xs.get(k)) : gradient;
      int at = layout.states + k;
      if (at < sums) {
        results.set(at, g);
      } else if (at < histories) {
        Expr of = summed().get(at - sums);
        results.set(at, tf.math.add(number(v.get(at)), cast(tf, of, g, type)));
      } else {
        results.set(at, write(tf, v.get(at), from, to, g));
      }
    }
    return results;
  }

  /** The gradients by some values, null where there is none: TensorFlow refuses some of those. */
  private static List<Operand<TNumber>> gradients(
      Graph graph, List<Operand<TNumber>> ys, List<Operand<TNumber>> xs, List<Operand<?>> seeds) {
    Set<GraphOperation> before = graph.subgraphTo(new LinkedHashSet<>(ys));
    List<Operand<TNumber>> reached = xs.stream().filter(x -> before.contains(x.op())).toList();
    Output<?>[] given = graph.addGradients(null, outputs(ys), outputs(reached), outputs(seeds));
    return xs.stream()
        .map(reached::indexOf)
        .map(k -> k >= 0 && JavaGradients.isPresent(given[k]) ? number(given[k]) : null)
        .toList();
  }

  private static Output<?>[] outputs(List<? extends Operand<?>> operands) {
    return operands.stream().map(Operand::asOutput).toArray(Output<?>[]::new);
  }

  /** What a segment is given, of what the whole is given. */
  private Given slice(
      Ops tf,
      List<Operand<?>> v,
      int firstRead,
      Operand<TInt32> from,
      Operand<TInt32> to,
      List<Operand<TNumber>> begin) {
    int moved = firstRead - layout.firstRead();
    Map<Expr, Operand<TNumber>> shared = new LinkedHashMap<>();
    layout.shared.forEach((e, k) -> shared.put(e, number(v.get(k + moved))));
    Map<Expr, Operand<TNumber>> perRow = new LinkedHashMap<>();
    layout.perRow.forEach((e, k) -> perRow.put(e, number(v.get(k + moved))));
    Map<Expr, Sequence> sequences = new LinkedHashMap<>();
    layout.sequences.forEach(
        (e, k) ->
            sequences.put(e, Sequence.byStep(number(between(tf, v.get(k + moved), from, to)))));
    Operand<TBool> valid =
        layout.valid < 0 ? null : logical(between(tf, v.get(layout.valid + moved), from, to));
    Operand<TInt32> rows =
        tf.slice(tf.shape(begin.get(0)), tf.constant(new int[] {0}), tf.constant(new int[] {1}));
    Operand<TInt32> length = tf.math.sub(to, from);
    return new Given(shared, perRow, sequences, valid, begin, length, length, rows);
  }

  // The gradient

  /** The gradients by the forward loop's variables. */
  private List<Operand<?>> gradient(Ops tf, GraphOperation loop, List<Output<?>> gradients) {
    boolean output = JavaGradients.isPresent(gradients.get(layout.outputs));
    Operand<TInt32> own = integer(loop.input(1));
    Operand<TInt32> segment = integer(loop.input(2));
    List<Operand<?>> start = new ArrayList<>();
    start.add(tf.math.mul(tf.math.floorDiv(minusOne(tf, own), segment), segment));
    start.add(own);
    start.add(segment);
    for (int k = layout.states; k < layout.starts; k++) {
      Output<?> g = gradients.get(k);
      start.add(JavaGradients.isPresent(g) ? g : tf.zerosLike(loop.output(k)));
    }
    Map<Integer, Integer> results = new LinkedHashMap<>();
    for (int k = layout.states; k < layout.starts; k++) {
      results.put(k, k);
    }
    Map<Integer, Expr> sums = new LinkedHashMap<>();
    for (Expr e : summed()) {
      int k = layout.shared.getOrDefault(e, layout.perRow.get(e));
      results.put(k, start.size());
      sums.put(k, e);
      start.add(cast(tf, e, number(tf.zerosLike(loop.input(k))), type));
    }
    for (Expr e : written()) {
      int k = layout.sequences.get(e);
      results.put(k, start.size());
      start.add(WhileLoop.history(tf, type, tf.shape(loop.input(k))));
    }
    for (int k = layout.starts; k < layout.outputs; k++) {
      start.add(loop.output(k));
    }
    for (int k = layout.firstRead(); k < layout.types().size(); k++) {
      start.add(loop.input(k));
    }
    if (output) {
      start.add(gradients.get(layout.outputs));
    }
    WhileLoop segments = output ? backwardWithOutput : backwardStatesOnly;
    GraphOperation back = segments.build(tf, start);
    List<Operand<?>> all = new ArrayList<>();
    for (int k = 0; k < loop.numInputs(); k++) {
      Integer at = results.get(k);
      // "No gradient" cannot be said from Java.
      Operand<TNumber> g = number(at == null ? tf.zerosLike(loop.input(k)) : back.output(at));
      all.add(sums.containsKey(k) ? cast(tf, sums.get(k), g, TBfloat16.class) : g);
    }
    return all;
  }

  // Values

  /** The gradient by a rounded weight, which is summed over segments in the working type. */
  private static Operand<TNumber> cast(
      Ops tf, Expr expr, Operand<TNumber> gradient, Class<? extends TNumber> to) {
    return Vocabulary.isRounded(expr) ? number(tf.dtypes.cast(gradient, to)) : gradient;
  }

  private static Operand<TNumber> read(Ops tf, Expr expr, Operand<TNumber> value) {
    return expr.primitive().logical() ? tf.stopGradient(value) : value;
  }

  private Operand<TNumber> empty(Ops tf, Operand<TInt32> entries, Operand<TInt32> rows, Shape row) {
    Operand<TInt32> sizes = tf.constant(Walk.ints(row));
    return WhileLoop.history(tf, type, tf.concat(List.of(entries, rows, sizes), tf.constant(0)));
  }

  private static Operand<? extends TType> between(
      Ops tf, Operand<? extends TType> history, Operand<TInt32> from, Operand<TInt32> to) {
    return tf.stridedSlice(history, from, to, tf.constant(new int[] {1}));
  }

  private static Operand<TNumber> write(
      Ops tf,
      Operand<?> history,
      Operand<TInt32> from,
      Operand<TInt32> to,
      Operand<TNumber> values) {
    Operand<TInt32> scalar = tf.constant(new int[0]);
    Operand<TInt32> steps =
        tf.range(tf.reshape(from, scalar), tf.reshape(to, scalar), tf.constant(1));
    return tf.inplaceUpdate(number(history), steps, values);
  }

  private static Operand<TInt32> minusOne(Ops tf, Operand<TInt32> a) {
    return tf.math.sub(a, tf.constant(new int[] {1}));
  }

  private static Operand<TNumber> number(Operand<?> operand) {
    return Vocabulary.number(operand);
  }

  @SuppressWarnings("unchecked")
  private static Operand<TInt32> integer(Operand<?> operand) {
    return (Operand<TInt32>) operand;
  }

  @SuppressWarnings("unchecked")
  private static Operand<TBool> logical(Operand<?> operand) {
    return (Operand<TBool>) operand;
  }
}
