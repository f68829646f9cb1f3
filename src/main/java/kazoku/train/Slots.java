package kazoku.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Checks;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Operands;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Assign;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * What an optimizer remembers in a graph: Variables by name beside the weights, {@code
 * adam/m/rnn/cell/U}, among them {@code step}, how many updates were made, and {@code rate}, by
 * what the rates of the schedule are multiplied. They are no weights of the model.
 *
 * <p>{@link Model} has slots for each optimizer. In a graph of one's own:
 *
 * <pre>{@code
 * Slots slots = new Slots(tf, new Adam(1e-3).clip(1));
 * Op step = slots.update(Gradients.of(tf, loss, weights.trainable()));
 * }</pre>
 */
public final class Slots {
  private static final String STEP = "step";
  private static final String RATE = "rate";

  private final Ops tf;
  private final Graph graph;
  private final Optimizer optimizer;
  private final boolean followsSchedules;
  private final String scope;
  private final Map<String, Operand<TNumber>> all = new LinkedHashMap<>();
  private final Set<String> asked = new HashSet<>();
  private final Map<Schedule, Operand<TFloat32>> scheduled = new HashMap<>();
  private final Map<Schedule, Operand<TFloat32>> rates = new HashMap<>();
  private final Map<Operand<TFloat32>, Average> averages = new LinkedHashMap<>();
  private final Operand<TInt64> step;
  private final Operand<TFloat64> k;
  private final Operand<TFloat32> scale;
  private final Placeholder<TFloat32> scaleGiven;
  private final Op setScale;
  private Op exchange;
  private Kept kept;

  /**
   * The average of a weight.
   *
   * @param value the Variable
   * @param count of how many values of the weight it is
   */
  record Average(Operand<TFloat32> value, Operand<TFloat32> count) {}

  /**
   * Slots without a memory yet.
   *
   * @param tf operations of the graph
   * @param optimizer whose slots they are
   */
  public Slots(Ops tf, Optimizer optimizer) {
    this(tf, optimizer, true);
  }

  /** Slots whose rates are what is set from outside, whatever the optimizer's schedule says. */
  static Slots unscheduled(Ops tf, Optimizer optimizer) {
    return new Slots(tf, optimizer, false);
  }

  private Slots(Ops tf, Optimizer optimizer, boolean followsSchedules) {
    Checks.given("Slots", "optimizer", optimizer);
    this.tf = tf;
    this.graph = (Graph) tf.scope().env();
    this.optimizer = optimizer;
    this.followsSchedules = followsSchedules;
    this.scope = scope(graph);
    step = variable(STEP, TInt64.class, 0, Shape.scalar());
    k = tf.math.add(tf.dtypes.cast(step, TFloat64.class), tf.constant(1.0));
    scale = variable(RATE, TFloat32.class, 1, Shape.scalar());
    scaleGiven = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    setScale = tf.assign(scale, scaleGiven);
  }

  /** A name in the graph that no other slots have. */
  private static String scope(Graph graph) {
    String scope = "optimizer";
    for (int i = 2; graph.operation(scope + "/" + STEP) != null; i++) {
      scope = "optimizer" + i;
    }
    return scope;
  }

  /**
   * Builds one update of all weights, by which {@code step} moves as well.
   *
   * @param gradients the gradients; the same slots may be used for those of another loss
   * @return what to run
   */
  public Op update(Gradients gradients) {
    asked.clear();
    Op update = optimizer.update(this, gradients);
    exchange = averages.isEmpty() ? null : exchangeAll();
    return tf.withControlDependencies(update).assignAdd(step, tf.constant(1L));
  }

  /**
   * The operations of the graph.
   *
   * @return the {@code Ops}
   */
  public Ops tf() {
    return tf;
  }

  /**
   * The number of the update that is built, counted from 1: the number of those already made and
   * one.
   *
   * @return a number
   */
  public Operand<TFloat64> k() {
    return k;
  }

  /**
   * The rate of this update: what the schedule says, multiplied by what was set from outside.
   *
   * @param schedule the schedule
   * @return a number
   */
  public Operand<TFloat32> rate(Schedule schedule) {
    Operand<TFloat32> unscaled = scheduled(schedule);
    return rates.computeIfAbsent(schedule, s -> tf.math.mul(unscaled, scale));
  }

  private Operand<TFloat32> scheduled(Schedule schedule) {
    if (!followsSchedules) {
      return tf.constant(1f);
    }
    return scheduled.computeIfAbsent(
        schedule,
        s -> tf.dtypes.cast(s.rate(tf, tf.math.sub(k, tf.constant(1.0))), TFloat32.class));
  }

  /**
   * A slot of a weight's shape, zeros at first.
   *
   * @param name the slot's name, {@code adam/m}
   * @param gradient whose weight's
   * @return the Variable, {@code adam/m/rnn/cell/U}
   */
  public Operand<TFloat32> like(String name, Gradient gradient) {
    return like(name, gradient, 0);
  }

  /**
   * A slot of a weight's shape.
   *
   * @param name the slot's name, {@code adagrad/sum}
   * @param gradient whose weight's
   * @param first what stands in it at first
   * @return the Variable, {@code adagrad/sum/rnn/cell/U}
   */
  public Operand<TFloat32> like(String name, Gradient gradient, double first) {
    return slot(name + "/" + gradient.name(), first, gradient.shape().asArray());
  }

  /**
   * A slot of any shape.
   *
   * @param name its full name
   * @param first what stands in it at first
   * @param shape its shape; none for a number
   * @return the Variable
   * @throws IllegalArgumentException if it is asked for twice in one update
   */
  @SuppressWarnings("unchecked") // Of all slots only the step is not float32.
  public Operand<TFloat32> slot(String name, double first, long... shape) {
    Checks.require(
        asked.add(name),
        "Slots",
        "each slot may be used once in an update; use average and every once only",
        name);
    Operand<?> there = all.get(name);
    return there == null
        ? variable(name, TFloat32.class, first, Shape.of(shape))
        : (Operand<TFloat32>) there;
  }

  @SuppressWarnings("unchecked") // A Variable is of the type that it is made with.
  private <T extends TNumber> Operand<T> variable(
      String name, Class<T> type, double first, Shape shape) {
    Variable<T> made = made(name, type, first, shape);
    all.put(name, (Operand<TNumber>) (Operand<?>) made);
    return made;
  }

  private <T extends TNumber> Variable<T> made(
      String name, Class<T> type, double first, Shape shape) {
    String operation = scope + "/" + name;
    Operation variable =
        graph
            .opBuilder(Variable.OP_NAME, operation, tf.scope())
            .setAttr("shape", shape)
            .setAttr("dtype", Operands.toDataType(type))
            .build();
    Ops init = tf.withInitScope();
    Operand<T> value = init.fill(init.constant(shape.asArray()), init.constant(type, first));
    graph
        .opBuilder(Assign.OP_NAME, operation + "/assign", init.scope())
        .addInput(variable.output(0))
        .addInput(value.asOutput())
        .build();
    return new Variable<>(variable);
  }

  private String nameOf(Operand<?> slot) {
    return slot.op().name().substring(scope.length() + 1);
  }

  /**
   * All slots so far: what a checkpoint has beside the weights.
   *
   * @return name → Variable
   */
  public Map<String, Operand<TNumber>> all() {
    return Collections.unmodifiableMap(all);
  }

  /** The rate of the next update, as the schedule has it. */
  Operand<TFloat32> scheduled() {
    return scheduled(optimizer.learningRate());
  }

  /** By what the schedule's rates are multiplied. */
  Operand<TFloat32> scale() {
    return scale;
  }

  /** Where another multiple is fed. */
  Placeholder<TFloat32> scaleGiven() {
    return scaleGiven;
  }

  /** Takes what is fed. */
  Op setScale() {
    return setScale;
  }

  /** Remembers what averages a weight. */
  void average(Operand<TFloat32> weight, Average average) {
    averages.put(weight, average);
  }

  /**
   * Copies of weights, and of the averages by which they may have been measured.
   *
   * @param variables where they are, by name
   * @param take copies
   * @param putBack puts the copies in the place of what they were made of
   */
  record Kept(Map<String, Operand<TNumber>> variables, Op take, Op putBack) {}

  /** Where an epoch's weights are kept, to go back to. */
  @SuppressWarnings("unchecked") // A model's weights are float32.
  Kept kept(Map<String, Operand<TNumber>> weights) {
    if (kept == null) {
      Map<String, Operand<TFloat32>> copied = new LinkedHashMap<>();
      weights.forEach(
          (name, weight) -> copied.put("weight/" + name, (Operand<TFloat32>) (Operand<?>) weight));
      averages
          .values()
          .forEach(
              average -> {
                copied.put("slot/" + nameOf(average.value()), average.value());
                copied.put("slot/" + nameOf(average.count()), average.count());
              });
      Map<String, Operand<TNumber>> variables = new LinkedHashMap<>();
      List<Op> takes = new ArrayList<>();
      List<Op> puts = new ArrayList<>();
      copied.forEach(
          (name, original) -> {
            Shape shape = original.asOutput().shape();
            Variable<TFloat32> copy = made("best/" + name, TFloat32.class, 0, shape);
            variables.put(name, (Operand<TNumber>) (Operand<?>) copy);
            takes.add(tf.assign(copy, original));
            puts.add(tf.assign(original, copy));
          });
      kept =
          new Kept(
              variables,
              tf.withControlDependencies(takes).noOp(),
              tf.withControlDependencies(puts).noOp());
    }
    return kept;
  }

  /** Exchanges weights and averages; null where there are none. */
  Op exchange() {
    return exchange;
  }

  /**
   * All are copied before one is assigned, since an assignment writes into the buffer that a reader
   * may still have. Weights that have no average yet stay.
   */
  private Op exchangeAll() {
    List<Op> copies = new ArrayList<>();
    Map<Operand<TFloat32>, Operand<TFloat32>> next = new LinkedHashMap<>();
    averages.forEach(
        (weight, average) -> {
          Operand<TFloat32> trained = tf.deepCopy(weight);
          Operand<TFloat32> averaged = tf.deepCopy(average.value());
          Operand<TBool> there = tf.math.greater(average.count(), tf.constant(0f));
          next.put(weight, tf.select(there, averaged, trained));
          next.put(average.value(), tf.select(there, trained, averaged));
          copies.addAll(List.of(trained, averaged));
        });
    Ops after = tf.withControlDependencies(copies);
    List<Op> assigned = new ArrayList<>();
    next.forEach((variable, value) -> assigned.add(after.assign(variable, value)));
    return tf.withControlDependencies(assigned).noOp();
  }
}
