package kazoku;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import kazoku.internal.Vocabulary;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Operands;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Assign;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.random.RandomUniformInt;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The weights of layers and cells, by name.
 *
 * <p>Equations ask for a weight by its symbol where they use it: {@code w.get("p_i", ONES, H)}. The
 * first ask makes the weight, later asks return it. What is made depends on where the weights are:
 * Variables of a graph ({@link #variables}), values that somebody gives ({@link #given}), or
 * nothing but the record that was asked for ({@link #symbolic}).
 *
 * <p>A weight's full name is the path given by the caller and the symbol, {@code encoder/U}. It is
 * the name of the Variable and the key in checkpoints; nothing is numbered, and a name that the
 * graph has already is refused.
 */
public final class Weights {

  /** What all paths of one set of weights share. */
  private static final class Store {
    final Ops tf;
    final Class<? extends TNumber> type;
    final long seed;
    final Map<String, Operand<?>> given;
    final boolean initialised;
    final Map<String, Expr> leaves = new LinkedHashMap<>();
    final Map<String, Initializer> initializers = new LinkedHashMap<>();
    final Map<String, Operand<TNumber>> operands = new LinkedHashMap<>();
    final Set<String> fixed = new LinkedHashSet<>();
    final Requests requests = new Requests();
    final Map<String, Operand<TNumber>> penalties = new LinkedHashMap<>();
    final Map<Operand<TNumber>, Operand<TNumber>> updates = new LinkedHashMap<>();
    Operand<TInt64> key;

    Store(
        Ops tf,
        Class<? extends TNumber> type,
        long seed,
        Map<String, Operand<?>> given,
        boolean initialised) {
      this.tf = tf;
      this.initialised = initialised;
      this.type = type;
      this.seed = seed;
      this.given = given;
    }
  }

  /** What the layers are built for. */
  private enum Mode {
    TRAINING,
    EVALUATION,
    INFERENCE
  }

  /**
   * What stands between a layer and its weights, beside their path.
   *
   * @param mode what the layers are built for
   * @param dotted whether Variables have dots in their names
   * @param plain the weights as they are, for who answers in their place
   * @param lookup who answers; null for the weights themselves
   * @param carried where states come from and go to; null where recurrences begin anew
   * @param lowering lays cells over time; null where {@link RNN} does
   * @param observer hears what is built
   * @param perturbed whether zeros are added to states
   * @param probed whether recurrences tell what they compute at each step
   */
  private record Use(
      Mode mode,
      boolean dotted,
      Weights plain,
      Lookup lookup,
      Carried carried,
      Lowering lowering,
      Consumer<Built> observer,
      boolean perturbed,
      boolean probed) {

    static Use of(Mode mode) {
      return new Use(mode, false, null, null, null, null, built -> {}, false, false);
    }

    Use mode(Mode other) {
      return new Use(other, dotted, plain, lookup, carried, lowering, observer, perturbed, probed);
    }

    Use dots() {
      return new Use(mode, true, plain, lookup, carried, lowering, observer, perturbed, probed);
    }

    Use through(Weights themselves, Lookup answer) {
      return new Use(
          mode, dotted, themselves, answer, carried, lowering, observer, perturbed, probed);
    }

    Use carrying(Carried states) {
      return new Use(mode, dotted, plain, lookup, states, lowering, observer, perturbed, probed);
    }

    Use lowered(Lowering other) {
      return new Use(mode, dotted, plain, lookup, carried, other, observer, perturbed, probed);
    }

    Use observed(Consumer<Built> listener) {
      return new Use(mode, dotted, plain, lookup, carried, lowering, listener, perturbed, probed);
    }

    Use perturbing() {
      return new Use(mode, dotted, plain, lookup, carried, lowering, observer, true, probed);
    }

    Use probing() {
      return new Use(mode, dotted, plain, lookup, carried, lowering, observer, perturbed, true);
    }
  }

  private final Store store;
  private final String path;
  private final Use use;

  private Weights(Store store, String path, Use use) {
    this.store = store;
    this.path = path;
    this.use = use;
  }

  /** Answers who asks for a weight: what a wrapper does with the weights of its cell. */
  @FunctionalInterface
  public interface Lookup {

    /**
     * What is taken for a weight.
     *
     * @param plain the weights as they are
     * @param symbol the weight's symbol, with its path below those weights: {@code cell/U}
     * @param initializer its first value
     * @param shape its shape
     * @return an expression of this shape that depends on weights only
     */
    Expr get(Weights plain, String symbol, Initializer initializer, long... shape);
  }

  /**
   * The same weights, where every ask is answered by a function: drop-out of weights, weights that
   * are drawn from a distribution. {@linkplain #fixed Fixed} weights are as they are.
   *
   * @param answer gives what is taken for a weight
   * @return the weights
   */
  public Weights through(Lookup answer) {
    return new Weights(store, path, use.through(this, answer));
  }

  /**
   * Variables of type float32 in a graph. They are reference variables, which {@code Session.save},
   * SavedModel export and the optimizers of {@code tensorflow-framework} see; their initialisers
   * are added to those that {@code Session.initialize()} runs.
   *
   * @param tf operations of the graph
   * @param seed the seed of all random initial values
   * @return the weights
   */
  public static Weights variables(Ops tf, long seed) {
    return variables(tf, TFloat32.class, seed);
  }

  /**
   * Variables in a graph.
   *
   * @param tf operations of the graph
   * @param type {@code TFloat32}, the working type, or {@code TFloat64}
   * @param seed the seed of all random initial values
   * @return the weights
   */
  public static Weights variables(Ops tf, Class<? extends TFloating> type, long seed) {
    if (!(tf.scope().env() instanceof Graph)) {
      throw new IllegalArgumentException(
          "Weights: Variables live in a graph, got an eager session; use Ops.create(graph)");
    }
    return new Weights(new Store(tf, checked(type), seed, null, true), "", Use.of(Mode.TRAINING));
  }

  /**
   * Variables in a graph without first values: a checkpoint brings them.
   *
   * @param tf operations of the graph
   * @param type their type
   * @return the weights
   */
  public static Weights restored(Ops tf, Class<? extends TFloating> type) {
    return restored(tf, type, 0);
  }

  /**
   * Variables in a graph without first values; what is random has a seed.
   *
   * @param tf operations of the graph
   * @param type their type
   * @param seed the seed of all random values
   * @return the weights
   */
  public static Weights restored(Ops tf, Class<? extends TFloating> type, long seed) {
    return new Weights(new Store(tf, checked(type), seed, null, false), "", Use.of(Mode.TRAINING));
  }

  /**
   * Values that somebody gives, by full name: constants of a frozen graph, or values for a test.
   *
   * @param tf operations of the graph they are in
   * @param type their type
   * @param values name → operand
   * @return the weights
   */
  public static Weights given(
      Ops tf, Class<? extends TFloating> type, Map<String, ? extends Operand<?>> values) {
    return given(tf, type, values, 0);
  }

  /**
   * Values that somebody gives, by full name; what is random has a seed.
   *
   * @param tf operations of the graph they are in
   * @param type their type
   * @param values name → operand
   * @param seed the seed of all random values that are not given
   * @return the weights
   */
  public static Weights given(
      Ops tf,
      Class<? extends TFloating> type,
      Map<String, ? extends Operand<?>> values,
      long seed) {
    return new Weights(
        new Store(tf, checked(type), seed, Map.copyOf(values), false), "", Use.of(Mode.TRAINING));
  }

  /**
   * No values: only a record of what is asked for. Needs no TensorFlow.
   *
   * @return the weights
   */
  public static Weights symbolic() {
    return new Weights(new Store(null, TFloat32.class, 0, null, false), "", Use.of(Mode.TRAINING));
  }

  /** Weights that only record, for what this set is for. */
  Weights recorder() {
    return new Weights(symbolic().store, "", Use.of(use.mode()));
  }

  /**
   * The same weights, seen from a path below this one.
   *
   * @param name the path's next part
   * @return weights whose names begin with this path and the name
   */
  public Weights in(String name) {
    if (!name.matches("[A-Za-z0-9_.\\-]+(/[A-Za-z0-9_.\\-]+)*")) {
      throw new IllegalArgumentException(
          "Weights: a path has letters, digits and _ . - / only, got \"" + name + "\"");
    }
    return new Weights(store, path + name + "/", use);
  }

  /**
   * The same weights, for layers that compute as in evaluation and of which a gradient can be taken
   * all the same: drop-out is off, batch norms read their running statistics.
   *
   * @return the weights
   */
  public Weights forEvaluation() {
    return new Weights(store, path, use.mode(Mode.EVALUATION));
  }

  /**
   * The same weights, for layers that are built to be evaluated and not to be trained: as {@link
   * #forEvaluation()}, and loops keep no history, so that no gradient can be taken.
   *
   * @return the weights
   */
  public Weights forInference() {
    return new Weights(store, path, use.mode(Mode.INFERENCE));
  }

  /**
   * The same weights, whose Variables have dots in the place of slashes: {@code dense.W}. The
   * optimizers of {@code tensorflow-framework} that keep slots (Adam, momentum, …) need it: they
   * refuse Variables with a slash in the name. Everything else calls the weight {@code dense/W} as
   * before, but a checkpoint has the name with the dot.
   *
   * @return the weights
   */
  public Weights dotted() {
    return new Weights(store, path, use.dots());
  }

  /**
   * The same weights, for layers that are given a sequence in parts: their recurrences go on where
   * they ended before.
   *
   * @param states where states come from and go to; null for layers that begin anew
   * @return the weights
   */
  public Weights carrying(Carried states) {
    return new Weights(store, path, use.carrying(states));
  }

  /**
   * Where states come from and go to.
   *
   * @return null where recurrences begin anew
   */
  public Carried carried() {
    return use.carried();
  }

  /**
   * To be said by a layer that sees other steps of a sequence beside the one it makes, and keeps no
   * state: it is refused where sequences are given in parts.
   *
   * @param who the layer
   * @throws IllegalArgumentException if states are {@linkplain #carrying carried}
   */
  public void acrossSteps(String who) {
    if (use.carried() != null) {
      use.carried().refuse(who);
    }
  }

  /**
   * The same weights, for layers whose cells are laid over time in another form than {@link RNN}'s,
   * wherever they stand in a layer.
   *
   * @param form lays a cell over time; null for {@code RNN}'s own
   * @return the weights
   */
  public Weights lowered(Lowering form) {
    return new Weights(store, path, use.lowered(form));
  }

  /** Who lays cells over time; null where {@link RNN} does. */
  Lowering lowering() {
    return use.lowering();
  }

  /**
   * The same weights, where somebody hears of each layer and each cell laid over time that is built
   * with them: after it is built, so first of what stands in it.
   *
   * @param listener hears
   * @return the weights
   */
  public Weights observed(Consumer<Built> listener) {
    Checks.given("Weights", "listener", listener);
    return new Weights(store, path, use.observed(listener));
  }

  /**
   * Tells who observes these weights of a layer that was built with them.
   *
   * @param layer the layer, whose path is the path of these weights
   * @param input what it takes
   * @param output what it gives
   */
  public void built(Layer layer, Signal input, Signal output) {
    use.observer().accept(new Built(name(), layer, input, output, null));
  }

  /** Tells of a cell that was laid over time. */
  void built(Cell cell, Signal input, Signal output, Built.Steps steps) {
    use.observer().accept(new Built(name(), cell, input, output, steps));
  }

  private String name() {
    return path.isEmpty() ? path : path.substring(0, path.length() - 1);
  }

  /**
   * The same weights, for recurrent layers that add zeros to their states after each step. The
   * gradient by these is the gradient by the states; who {@linkplain #observed observes} the
   * weights hears of them. Loops have the form that suits the platform.
   *
   * @return the weights
   */
  public Weights perturbed() {
    return new Weights(store, path, use.perturbing());
  }

  /** Whether states are perturbed. */
  boolean perturbs() {
    return use.perturbed();
  }

  /**
   * The same weights, for recurrent layers that tell what they compute at each step, {@link
   * Trace#quantities}: who {@linkplain #observed observes} the weights hears of it. For that they
   * compute all steps a second time.
   *
   * @return the weights
   */
  public Weights probed() {
    return new Weights(store, path, use.probing());
  }

  /** Whether recurrences tell what they compute. */
  boolean probes() {
    return use.probed();
  }

  /**
   * Whether layers compute as in training: with drop-out, and batch norms by the batch.
   *
   * @return false for weights from {@link #forEvaluation()} and {@link #forInference()}
   */
  public boolean training() {
    return use.mode() == Mode.TRAINING;
  }

  /**
   * Whether a gradient can be taken of layers built with these weights.
   *
   * @return false for weights from {@link #forInference()}
   */
  public boolean differentiable() {
    return use.mode() != Mode.INFERENCE;
  }

  /**
   * An input matrix or kernel; starts as {@link Initializer#GLOROT_UNIFORM}.
   *
   * @param symbol its symbol, {@code W}
   * @param shape its shape, {@code [I, kH]}
   * @return the weight
   */
  public Expr input(String symbol, long... shape) {
    return get(symbol, Initializer.GLOROT_UNIFORM, shape);
  }

  /**
   * A recurrent matrix; starts as {@link Initializer#ORTHOGONAL}.
   *
   * @param symbol its symbol, {@code U}
   * @param shape its shape, {@code [H, kH]}
   * @return the weight
   */
  public Expr recurrent(String symbol, long... shape) {
    return get(symbol, Initializer.ORTHOGONAL, shape);
  }

  /**
   * A bias or shift; starts as zeros.
   *
   * @param symbol its symbol, {@code b}
   * @param shape its shape, {@code [kH]}
   * @return the weight
   */
  public Expr bias(String symbol, long... shape) {
    return get(symbol, Initializer.ZEROS, shape);
  }

  /**
   * A bias that a cell may be made without.
   *
   * @param used whether there is one
   * @param symbol its symbol, {@code b}
   * @param shape its shape, {@code [kH]}
   * @return the weight, or the constant 0, which adds nothing
   */
  public Expr biasIf(boolean used, String symbol, long... shape) {
    return used ? bias(symbol, shape) : Expr.constant(0);
  }

  /**
   * A gain; starts as ones.
   *
   * @param symbol its symbol, {@code gamma}
   * @param shape its shape, {@code [H]}
   * @return the weight
   */
  public Expr gain(String symbol, long... shape) {
    return get(symbol, Initializer.ONES, shape);
  }

  /**
   * A weight that is not trained: a reservoir, a mask, running statistics. It has a first value and
   * is in checkpoints as the others are.
   *
   * @param symbol its symbol
   * @param initializer its value, where the weight is not there yet
   * @param shape its shape
   * @return the weight
   * @throws IllegalArgumentException as {@link #get}
   */
  public Expr fixed(String symbol, Initializer initializer, long... shape) {
    store.fixed.add(path + symbol);
    return own(symbol, initializer, shape);
  }

  /**
   * What stands beside the input at every step of a sequence: time stamps, intervals, masks. A
   * cell's step asks for it by name; who builds the layer gives it with {@link Signal#beside}. All
   * cells of one layer that ask for a name get the same.
   *
   * @param name its name, {@code time}
   * @param shape its shape for one row, {@code [1]}
   * @return the value, known for all steps before the loop
   * @throws IllegalArgumentException if these weights are not those of a cell's step, or another
   *     shape was asked for
   */
  public Expr beside(String name, long... shape) {
    return stepOnly("has inputs beside the first", name).askBeside(name, Shape.of(shape));
  }

  /**
   * A sequence that stands beside a whole row, the same at every step: the memory of an attention.
   * Who builds the layer gives it with {@link Signal#beside}; a shorter one is padded with zeros.
   *
   * @param name its name, {@code memory}
   * @param shape its shape for one row, {@code [N, D]}, N the largest number of its steps
   * @return the sequence, zeros in its padded steps, and which steps are valid
   * @throws IllegalArgumentException as {@link #beside}
   */
  public Requests.PerRow perRow(String name, long... shape) {
    return stepOnly("has inputs beside the first", name).askPerRow(name, Shape.of(shape));
  }

  /**
   * A step of a cell inside another one, on these weights: {@code w.in("cell").step(cell, x, s)}.
   * Who looks at the outer step knows by it which quantities are the inner cell's.
   *
   * @param cell the cell inside
   * @param x its input
   * @param s its state
   * @return what its step gives
   */
  public Step step(Cell cell, Expr x, State s) {
    Step step = cell.step(this, x, s);
    store.requests.addInner(new Requests.Inner(this, cell, x, s, step));
    return step;
  }

  /**
   * Whether a step is valid: 1, or 0 past the length of its row. For sums over the batch, which
   * must not see padding.
   *
   * @return ones and zeros, {@code [1]}
   * @throws IllegalArgumentException if these weights are not those of a cell's step
   */
  public Expr valid() {
    return stepOnly("knows its length", path).askValid();
  }

  /**
   * Moves a {@linkplain #fixed fixed} weight in training: running statistics. To be called in
   * {@link #training()} only. A move at {@code Level.STEP} is made at every step, one after the
   * other; one at {@code Level.WEIGHT} once for the whole sequence.
   *
   * @param symbol the weight's symbol
   * @param initializer its first value
   * @param level how often it moves
   * @param move the value after the move, from the value before; equal for all rows
   * @param shape the weight's shape
   * @throws IllegalArgumentException if these weights are not those of a cell's step
   */
  public void move(
      String symbol,
      Initializer initializer,
      Level level,
      UnaryOperator<Expr> move,
      long... shape) {
    Requests requests = stepOnly("moves weights", path + symbol);
    Expr before = Vocabulary.leaf(path + symbol, Shape.of(shape), level);
    requests.askMove(
        path + symbol, new Requests.Move(initializer, before, move.apply(before).stopGradient()));
  }

  /**
   * Adds something to the loss of training: how far weights are from their prior.
   *
   * @param name its name, under this path
   * @param penalty a number that depends on weights only, without axes
   * @throws IllegalArgumentException if these weights are not those of a cell's step, or the
   *     penalty is no single number
   */
  public void penalty(String name, Expr penalty) {
    Checks.require(
        penalty.level() == Level.WEIGHT && penalty.shape().numDimensions() == 0,
        path + name,
        "a penalty must be one number that depends on weights only",
        penalty);
    stepOnly("adds to the loss", path + name).askPenalty(path + name, penalty);
  }

  /**
   * What cells have added to the loss so far.
   *
   * @return full name → scalar
   */
  public Map<String, Operand<TNumber>> penalties() {
    return Collections.unmodifiableMap(store.penalties);
  }

  /**
   * Adds something to the loss of training; {@link kazoku.train.Model} minimises it with the loss.
   *
   * @param name its name, under this path
   * @param value a number, without axes
   */
  public void addPenalty(String name, Operand<TNumber> value) {
    store.penalties.put(path + name, value);
  }

  /**
   * Assigns a value to a weight whenever the updates are run; does nothing for given values.
   *
   * @param symbol the weight's symbol
   * @param value builds its next value
   */
  public void update(String symbol, Supplier<Operand<TNumber>> value) {
    if (store.given == null) {
      store.updates.put(operand(symbol), value.get());
    }
  }

  /**
   * What weights that move have become. They are made of trained weights, as these were before they
   * are updated: an update waits for them.
   *
   * @return weight → next value
   */
  public Map<Operand<TNumber>, Operand<TNumber>> moved() {
    return Collections.unmodifiableMap(store.updates);
  }

  /**
   * What a step of training runs beside the optimizer: the assignments of weights that move.
   *
   * @param tf operations of the graph, which may wait for something
   * @return the operations
   */
  public List<Op> updates(Ops tf) {
    return store.updates.entrySet().stream()
        .<Op>map(update -> tf.assign(update.getKey(), update.getValue()))
        .toList();
  }

  /** For what a random value is drawn anew; all are drawn anew for each run. */
  public enum Draw {
    /** For every row and every step. */
    EACH_STEP(Level.SEQUENCE),
    /** For every row; all steps of a sequence share it. */
    EACH_ROW(Level.ROW),
    /** Once: all rows and steps share it. */
    ONCE(Level.WEIGHT);

    private final Level level;

    Draw(Level level) {
      this.level = level;
    }

    Level level() {
      return level;
    }
  }

  /**
   * What the step asked for beside its weights.
   *
   * @return the requests
   */
  public Requests requests() {
    return store.requests;
  }

  /**
   * The seed of something random under this path.
   *
   * @param name its name
   * @return a seed of its own, from the seed of all and the full name
   */
  public long seedOf(String name) {
    return seedOf(path + name, store.seed);
  }

  /**
   * The key of a run of a session: all that is random under these weights is a function of it and
   * of the value's full name. A sequence of its own of keys comes from the seed; who feeds two
   * numbers here repeats a run, or goes on where another session ended.
   *
   * @return two numbers, {@code [2]}, anew in each run
   * @throws IllegalStateException as {@link #tf}
   */
  public Operand<TInt64> key() {
    if (store.key == null) {
      Ops tf = tf();
      // Two seeds of zero would mean: any.
      store.key =
          tf.random.randomUniformInt(
              tf.array(2),
              tf.constant(0L),
              tf.constant(Long.MAX_VALUE),
              RandomUniformInt.seed(store.seed),
              RandomUniformInt.seed2(1L));
    }
    return store.key;
  }

  /**
   * Takes a key of one's own, in the place of the one that comes from the seed.
   *
   * @param key two numbers, {@code [2]}
   * @throws IllegalArgumentException if the other one has been asked for
   */
  public void key(Operand<TInt64> key) {
    Checks.require(
        store.key == null, "Weights", "a key must be given before it is asked for", "another one");
    store.key = key;
  }

  /**
   * The value that somebody gave in the place of a random one.
   *
   * @param name its name, under this path
   * @return the value; null if it is to be drawn
   */
  public Operand<TNumber> givenRandom(String name) {
    Operand<?> value = store.given == null ? null : store.given.get(path + name);
    return value == null ? null : Vocabulary.number(value);
  }

  /**
   * A random mask of zeros and ones, for drop-out and its kin; to be asked for in {@link
   * #training()} only. It is drawn before the loop and has no gradient.
   *
   * @param name its name, under this path
   * @param keep the probability of a one, more than 0 and at most 1
   * @param draw for what it is drawn anew
   * @param shape its shape for one row
   * @return the mask, not divided by {@code keep}
   * @throws IllegalArgumentException if these weights are not those of a cell's step, {@code keep}
   *     is not a probability, or the name was asked for in another way
   */
  public Expr mask(String name, double keep, Draw draw, long... shape) {
    Checks.require(
        keep > 0 && keep <= 1, path + name, "the probability of a one must be in (0, 1]", keep);
    return random(name, Requests.Distribution.MASK, keep, draw, shape);
  }

  /**
   * Drop-out: in training a random part of a value is zero, and the rest is divided by its share.
   *
   * @param name the mask's name, under this path
   * @param keep the share that is kept, more than 0 and at most 1; 1 for no drop-out
   * @param draw for what the mask is drawn anew
   * @param value the value
   * @return the value dropped out; itself in evaluation
   * @throws IllegalArgumentException as {@link #mask}
   */
  public Expr dropOut(String name, double keep, Draw draw, Expr value) {
    if (keep == 1 || !training()) {
      return value;
    }
    return value.times(mask(name, keep, draw, value.shape().asArray()).times(1 / keep));
  }

  /**
   * Random numbers that are normally distributed, of mean 0 and standard deviation 1; drawn before
   * the loop, without a gradient.
   *
   * @param name their name, under this path
   * @param draw for what they are drawn anew
   * @param shape their shape for one row
   * @return the numbers
   * @throws IllegalArgumentException if these weights are not those of a cell's step, or the name
   *     was asked for in another way
   */
  public Expr noise(String name, Draw draw, long... shape) {
    return random(name, Requests.Distribution.NORMAL, 1, draw, shape);
  }

  /**
   * Random numbers that are uniformly distributed, at least 0 and less than 1; drawn before the
   * loop, without a gradient.
   *
   * @param name their name, under this path
   * @param draw for what they are drawn anew
   * @param shape their shape for one row
   * @return the numbers
   * @throws IllegalArgumentException if these weights are not those of a cell's step, or the name
   *     was asked for in another way
   */
  public Expr uniform(String name, Draw draw, long... shape) {
    return random(name, Requests.Distribution.UNIFORM, 1, draw, shape);
  }

  private Expr random(
      String name, Requests.Distribution distribution, double keep, Draw draw, long... shape) {
    return stepOnly("has random values", path + name)
        .askRandom(path + name, distribution, keep, draw, Shape.of(shape));
  }

  private Requests stepOnly(String what, String name) {
    Checks.require(store.tf == null, "Weights", "only a cell's step " + what, name);
    return store.requests;
  }

  /**
   * A weight.
   *
   * @param symbol its symbol; Greek letters and subscripts are spelled, {@code beta_1}
   * @param initializer its first value, where the weight is not there yet
   * @param shape its shape
   * @return the weight
   * @throws IllegalArgumentException if it exists with another shape, or the name is used in the
   *     graph
   */
  public Expr get(String symbol, Initializer initializer, long... shape) {
    if (use.lookup() != null) {
      String relative = (path + symbol).substring(use.plain().path.length());
      return use.lookup().get(use.plain(), relative, initializer, shape);
    }
    return own(symbol, initializer, shape);
  }

  private Expr own(String symbol, Initializer initializer, long... shape) {
    requireOpen();
    String name = path + symbol;
    Shape asked = Shape.of(shape);
    Expr leaf = store.leaves.get(name);
    if (leaf == null) {
      leaf = Vocabulary.leaf(name, asked, Level.WEIGHT);
      if (store.tf != null) {
        store.operands.put(
            name, store.given == null ? variable(name, asked, initializer) : value(name, asked));
      }
      store.leaves.put(name, leaf);
      store.initializers.put(name, initializer);
    }
    if (!leaf.shape().equals(asked)) {
      throw new IllegalArgumentException(
          name
              + ": exists with shape "
              + Checks.text(leaf.shape())
              + ", asked for "
              + Checks.text(asked));
    }
    return leaf;
  }

  /**
   * Makes the weights that a trace asked for.
   *
   * @param trace symbolic weights
   */
  void adopt(Weights trace) {
    trace.store.leaves.forEach(
        (symbol, leaf) ->
            get(symbol, trace.store.initializers.get(symbol), leaf.shape().asArray()));
    trace.store.fixed.forEach(symbol -> store.fixed.add(path + symbol));
    if (store.given == null) {
      trace
          .store
          .requests
          .moves()
          .forEach(
              (symbol, move) -> fixed(symbol, move.initializer(), move.before().shape().asArray()));
    }
  }

  /**
   * The weights asked for so far, in the order of their first ask.
   *
   * @return full name → expression
   */
  public Map<String, Expr> asked() {
    return Collections.unmodifiableMap(store.leaves);
  }

  /**
   * The names of the weights asked for so far that are {@linkplain #fixed fixed}.
   *
   * @return full names
   */
  public Set<String> untrained() {
    return Collections.unmodifiableSet(store.fixed);
  }

  /**
   * The operands of all weights so far: what a checkpoint has.
   *
   * @return full name → operand
   */
  public Map<String, Operand<TNumber>> operands() {
    return Collections.unmodifiableMap(store.operands);
  }

  /**
   * The operands of the weights so far that are not {@linkplain #fixed fixed}: the list that an
   * optimizer trains.
   *
   * @return full name → operand
   */
  public Map<String, Operand<TNumber>> trainable() {
    Map<String, Operand<TNumber>> trainable = new LinkedHashMap<>(store.operands);
    trainable.keySet().removeAll(store.fixed);
    return trainable;
  }

  /**
   * The path of these weights.
   *
   * @return what the full names of weights asked for here begin with: {@code encoder/cell/}
   */
  public String path() {
    return path;
  }

  /**
   * What each weight's expression is in the graph.
   *
   * @return expression → operand
   */
  public Map<Expr, Operand<TNumber>> bindings() {
    Map<Expr, Operand<TNumber>> bindings = new java.util.IdentityHashMap<>();
    store.leaves.forEach((name, leaf) -> bindings.put(leaf, store.operands.get(name)));
    return bindings;
  }

  /**
   * The operand of one weight.
   *
   * @param symbol its symbol, below this path
   * @return its Variable or given value
   * @throws IllegalArgumentException if no such weight was asked for
   */
  public Operand<TNumber> operand(String symbol) {
    Operand<TNumber> operand = store.operands.get(path + symbol);
    if (operand == null) {
      throw new IllegalArgumentException(
          path + symbol + ": no such weight; there are " + store.operands.keySet());
    }
    return operand;
  }

  /**
   * The operations of the graph that the weights are in.
   *
   * @return the {@code Ops}
   * @throws IllegalStateException for symbolic weights, or if the graph is closed
   */
  public Ops tf() {
    if (store.tf == null) {
      throw new IllegalStateException(
          "Weights: symbolic weights are in no graph; use Weights.variables(tf, seed)");
    }
    requireOpen();
    return store.tf;
  }

  /**
   * The type of all weights.
   *
   * @return {@code TFloat32} or {@code TFloat64}
   */
  public Class<? extends TNumber> type() {
    return store.type;
  }

  private Operand<TNumber> variable(String name, Shape shape, Initializer initializer) {
    Ops tf = store.tf;
    Graph graph = (Graph) tf.scope().env();
    String operation = use.dotted() ? name.replace('/', '.') : name;
    if (graph.operation(operation) != null) {
      throw new IllegalArgumentException(
          name + ": the graph has an operation of this name already; give the layer another path");
    }
    // Ops.withName refuses a path; the builders beneath it take one.
    Operation variable =
        graph
            .opBuilder(Variable.OP_NAME, operation, tf.scope())
            .setAttr("shape", shape)
            .setAttr("dtype", Operands.toDataType(store.type))
            .build();
    if (store.initialised) {
      Ops init = tf.withInitScope();
      Operand<TNumber> first = initializer.value(init, shape, store.type, seedOf(name, store.seed));
      graph
          .opBuilder(Assign.OP_NAME, operation + "/assign", init.scope())
          .addInput(variable.output(0))
          .addInput(first.asOutput())
          .build();
    }
    return new Variable<>(variable);
  }

  /** Raised here, and not by a null handle somewhere below. */
  private void requireOpen() {
    if (store.tf != null && store.tf.scope().env() instanceof Graph graph) {
      try {
        graph.operation("");
      } catch (IllegalStateException e) {
        throw new IllegalStateException(
            "Weights: their graph is closed; make weights in an open graph", e);
      }
    }
  }

  private Operand<TNumber> value(String name, Shape shape) {
    Operand<?> value = store.given.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          name
              + ": no value was given; there are "
              + new java.util.TreeSet<>(store.given.keySet()));
    }
    if (!value.asOutput().shape().isCompatibleWith(shape) || value.type() != store.type) {
      throw new IllegalArgumentException(
          name
              + ": must be "
              + store.type.getSimpleName()
              + " "
              + Checks.text(shape)
              + ", was given "
              + value.type().getSimpleName()
              + " "
              + Checks.text(value.asOutput().shape()));
    }
    return Vocabulary.number(value);
  }

  /** A seed of its own for each weight: FNV-1a of the model's seed and the name. */
  private static long seedOf(String name, long seed) {
    long hash = 0xcbf29ce484222325L ^ seed;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ b) * 0x100000001b3L;
    }
    return hash;
  }

  private static Class<? extends TNumber> checked(Class<? extends TFloating> type) {
    if (!Set.of(TFloat32.class, TFloat64.class).contains(type)) {
      throw new IllegalArgumentException(
          "Weights: the type must be TFloat32 or TFloat64, got " + type.getSimpleName());
    }
    return type;
  }
}
