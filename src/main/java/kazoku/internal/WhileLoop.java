package kazoku.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import kazoku.Expr;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.RawCustomGradient;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * A loop of the graph: {@code StatelessWhile} with its condition and its body, which are attached
 * to the graph before the loop is built, since inside a gradient nothing can be attached. A body
 * may have loops of its own, whose functions come with it.
 *
 * <p>The first variable is a counter of shape {@code [1]}: a vector is what slices and in-place
 * updates take.
 *
 * <p>A loop of several steps a turn spares TensorFlow's executor the hand-over of all variables
 * between them. It is two loops, one after the other: the second makes the steps that are left, one
 * a turn.
 */
final class WhileLoop {
  /** How many steps TensorFlow works on at a time, if it is not told. */
  static final int STEPS_AT_A_TIME = 10;

  private final List<Shape> shapes;
  private final List<Turn> turns = new ArrayList<>();
  private final int stepsAtATime;

  /** The functions of a loop. */
  private record Turn(String condition, String body) {}

  /** The variables of a loop, one after the other: types, and shapes as far as they are known. */
  record Variables(
      Class<? extends TNumber> type, List<Class<? extends TType>> types, List<Shape> shapes) {

    Variables(Class<? extends TNumber> type) {
      this(type, new ArrayList<>(), new ArrayList<>());
    }

    int addCounter() {
      return add(TInt32.class, Shape.of(1));
    }

    /** A value with some axes before those of a row. */
    int add(Expr expr, int leading) {
      Shape shape = expr.shape();
      for (int k = 0; k < leading; k++) {
        shape = shape.prepend(Shape.UNKNOWN_SIZE);
      }
      return add(Vocabulary.type(expr, type), shape);
    }

    /** Where the variable stands. */
    int add(Class<? extends TType> of, Shape shape) {
      types.add(of);
      shapes.add(shape);
      return types.size() - 1;
    }
  }

  /** The steps of a loop: variables in, variables out. */
  @FunctionalInterface
  interface Body {
    List<Operand<?>> build(Ops tf, List<Operand<?>> variables);
  }

  /** Whether there is another turn of so many steps, as one element. */
  @FunctionalInterface
  private interface Condition {
    Operand<TBool> build(Ops tf, List<Operand<?>> variables, int steps);
  }

  /**
   * Attaches the functions of a loop that counts up: there is another step as long as the first
   * variable is less than the second.
   *
   * @param graph the graph
   * @param name the functions' names begin with it; unique in the graph
   * @param variables the variables
   * @param stepsAtATime how many turns are worked on at a time: what a turn can do before the one
   *     before it has ended goes on beside that, and takes its memory
   * @param unroll how many steps a turn has
   * @param body one step
   * @return the loop
   */
  static WhileLoop forward(
      Graph graph, String name, Variables variables, int stepsAtATime, int unroll, Body body) {
    return new WhileLoop(
        graph,
        name,
        variables.types,
        variables.shapes,
        (tf, v, steps) -> tf.math.less(last(tf, v, steps), counter(v.get(1))),
        stepsAtATime,
        unroll,
        body);
  }

  /**
   * Attaches the functions of a loop that counts down: the last step is that where the first
   * variable is 0. Of shapes nothing is known inside a gradient.
   *
   * @param graph the graph
   * @param name the functions' names begin with it; unique in the graph
   * @param types the variables' types
   * @param stepsAtATime as in {@link #forward}
   * @param unroll as in {@link #forward}
   * @param body one step
   * @return the loop
   */
  static WhileLoop backward(
      Graph graph,
      String name,
      List<Class<? extends TType>> types,
      int stepsAtATime,
      int unroll,
      Body body) {
    return new WhileLoop(
        graph,
        name,
        types,
        null,
        (tf, v, steps) ->
            tf.math.greaterEqual(counter(v.get(0)), tf.constant(new int[] {steps - 1})),
        stepsAtATime,
        unroll,
        body);
  }

  private WhileLoop(
      Graph graph,
      String name,
      List<Class<? extends TType>> types,
      List<Shape> shapes,
      Condition condition,
      int stepsAtATime,
      int unroll,
      Body body) {
    this.shapes = shapes;
    this.stepsAtATime = stepsAtATime;
    for (int steps : unroll == 1 ? new int[] {1} : new int[] {unroll, 1}) {
      String of = name + (steps == 1 ? "" : "_several");
      Body another =
          (tf, v) -> List.of(tf.reshape(condition.build(tf, v, steps), tf.constant(new int[0])));
      turns.add(
          new Turn(
              attach(graph, of + "_condition", types, shapes, another),
              attach(graph, of + "_body", types, shapes, repeated(body, steps))));
    }
  }

  private static Body repeated(Body body, int times) {
    return (tf, variables) -> {
      List<Operand<?>> all = variables;
      for (int k = 0; k < times; k++) {
        all = body.build(tf, all);
      }
      return all;
    };
  }

  /** The last of so many steps. */
  private static Operand<TInt32> last(Ops tf, List<Operand<?>> variables, int steps) {
    Operand<TInt32> now = counter(variables.get(0));
    return steps == 1 ? now : tf.math.add(now, tf.constant(new int[] {steps - 1}));
  }

  @SuppressWarnings("unchecked") // Counters are of int32.
  private static Operand<TInt32> counter(Operand<?> variable) {
    return (Operand<TInt32>) variable;
  }

  private static String attach(
      Graph graph, String name, List<Class<? extends TType>> types, List<Shape> shapes, Body body) {
    try (Graph inner = new Graph()) {
      Ops tf = Ops.create(inner);
      Signature.Builder signature = Signature.builder(name);
      List<Operand<?>> variables = new ArrayList<>();
      for (int k = 0; k < types.size(); k++) {
        Shape shape = shapes == null ? Shape.unknown() : shapes.get(k);
        Operand<?> variable =
            tf.withName("in" + k).placeholder(types.get(k), Placeholder.shape(shape));
        variables.add(variable);
        signature.input("in" + k, variable);
      }
      List<Operand<?>> results = body.build(tf, variables);
      for (int k = 0; k < results.size(); k++) {
        signature.output("out" + k, results.get(k));
      }
      try (ConcreteFunction function = ConcreteFunction.create(signature.build(), inner)) {
        graph.attachFunction(function);
        return function.getDefinedName();
      }
    }
  }

  /**
   * Builds the loop, without a gradient.
   *
   * @param tf operations of the graph
   * @param start the variables' first values
   * @return the operation that gives the last values
   */
  GraphOperation build(Ops tf, List<Operand<?>> start) {
    return build(tf, start, Optional.empty());
  }

  /**
   * Builds the loop.
   *
   * @param tf operations of the graph
   * @param start the variables' first values
   * @param gradient builds the gradients by these
   * @return the operation that gives the last values; the first values of variables that do not
   *     change are among its inputs, too
   */
  GraphOperation build(Ops tf, List<Operand<?>> start, RawCustomGradient gradient) {
    return build(tf, start, Optional.of(gradient));
  }

  private GraphOperation build(
      Ops tf, List<Operand<?>> start, Optional<RawCustomGradient> gradient) {
    GraphOperation loop = build(tf, turns.get(0), start);
    for (Turn turn : turns.subList(1, turns.size())) {
      GraphOperation before = loop;
      // The loop after it gives the gradients by the first values.
      gradient.ifPresent(
          g -> JavaGradients.registerFor(before, (ops, op, gradients) -> passed(gradients)));
      loop = build(tf, turn, IntStream.range(0, start.size()).mapToObj(before::output).toList());
    }
    GraphOperation last = loop;
    gradient.ifPresent(g -> JavaGradients.registerFor(last, g));
    return last;
  }

  private static List<Operand<?>> passed(List<Output<?>> gradients) {
    List<Operand<?>> passed = new ArrayList<>();
    gradients.forEach(g -> passed.add(JavaGradients.isPresent(g) ? g : null));
    return passed;
  }

  private GraphOperation build(Ops tf, Turn turn, List<? extends Operand<?>> start) {
    var builder =
        tf.scope()
            .env()
            .opBuilder("StatelessWhile", tf.scope().makeOpName("loop"), tf.scope())
            .addInputList(start.stream().map(Operand::asOutput).toArray(Output<?>[]::new))
            .setAttr("cond", function(turn.condition))
            .setAttr("body", function(turn.body))
            .setAttr("parallel_iterations", stepsAtATime)
            // Without it each step pays two function calls across threads.
            .setAttr("_lower_using_switch_merge", true);
    if (shapes != null) {
      builder.setAttr("output_shapes", shapes.toArray(Shape[]::new));
    }
    return (GraphOperation) builder.build();
  }

  private static AttrValue function(String name) {
    return AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName(name)).build();
  }

  /**
   * One entry of a history, without copying it.
   *
   * @param tf operations of a body
   * @param history {@code [T, …]}
   * @param index which entry, {@code [1]}
   * @param after the index after it, {@code [1]}
   * @return {@code […]}
   */
  static Operand<? extends TType> entry(
      Ops tf, Operand<? extends TType> history, Operand<TInt32> index, Operand<TInt32> after) {
    return tf.stridedSlice(
        history,
        index,
        after,
        tf.constant(new int[] {1}),
        org.tensorflow.op.core.StridedSlice.shrinkAxisMask(1L));
  }

  /**
   * Changes one entry of a history in place.
   *
   * @param tf operations of a body
   * @param history {@code [T, …]}
   * @param index which entry, {@code [1]}
   * @param value {@code […]}
   * @return the history
   */
  static Operand<TNumber> write(
      Ops tf, Operand<?> history, Operand<TInt32> index, Operand<TNumber> value) {
    return tf.inplaceUpdate(
        Vocabulary.number(history), index, tf.expandDims(value, tf.constant(0)));
  }

  /**
   * A history to begin with, which has a buffer of its own.
   *
   * @param tf operations of the graph
   * @param type the working type
   * @param shape {@code [T, …]}
   * @return a history whose entries may be anything
   */
  static Operand<TNumber> history(Ops tf, Class<? extends TNumber> type, Operand<TInt32> shape) {
    return tf.stopGradient(Vocabulary.number(tf.empty(shape, type)));
  }
}
