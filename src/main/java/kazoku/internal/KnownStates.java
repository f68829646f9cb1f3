package kazoku.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Trace;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.op.core.Unstack;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * States that are known at all steps before the loop, so that all that is made of them can be
 * computed for all steps at once, as of the inputs: those that hold inputs back, as the window of a
 * convolution over the last steps does, and those that count steps.
 *
 * <p>A state that holds inputs back is moved on by cutting and putting together along its rows (the
 * last axis but one). Each of its rows comes from another of its rows, that one from a third, and
 * at last one from the input: a row is the input of so many steps ago, or, in the first steps, a
 * row of the state to begin with.
 */
final class KnownStates {
  private final List<Expr> states;
  private final Map<Expr, Known> known = new LinkedHashMap<>();

  /**
   * A state that is known.
   *
   * @param before the state before each step, as a value of all steps
   * @param next what it is made of
   */
  private record Known(Expr before, Next next) {}

  private sealed interface Next {
    History history(Ops tf, Expr state, Operand<TNumber> first, Walk walk, Steps.Given given);
  }

  /** A row of a value; of a value that is moved as a whole, the only one. */
  private record Row(Expr of, int index) {}

  /**
   * Where a row of a state comes from.
   *
   * @param before the row itself, that which comes to its place after a step, and so on: what
   *     stands there in the first steps
   * @param input the row of the input that comes after them
   */
  private record Origin(List<Integer> before, Row input) {}

  /**
   * What a state was.
   *
   * @param before before each step, {@code [T, B, …]}
   * @param last after each row's last step, {@code [B, …]}
   */
  record History(Operand<TNumber> before, Operand<TNumber> last) {}

  private KnownStates(List<Expr> states) {
    this.states = states;
  }

  /**
   * Finds such states in a step.
   *
   * @param trace the step
   * @return those that are known; none if all are, since a loop has states
   */
  static KnownStates of(Trace trace) {
    KnownStates found = none(trace);
    trace
        .state()
        .forEach(
            (slot, state) -> {
              Expr before = Vocabulary.leaf(slot, state.shape(), Level.SEQUENCE);
              next(state, trace.next().get(slot))
                  .ifPresent(next -> found.known.put(state, new Known(before, next)));
            });
    return found.others().isEmpty() ? none(trace) : found;
  }

  /** Leaves all states of a step to the loop. */
  static KnownStates none(Trace trace) {
    return new KnownStates(List.copyOf(trace.state().values()));
  }

  private static Optional<Next> next(Expr state, Expr next) {
    if (next.primitive() == Vocabulary.PLUS
        && next.inputs().get(0) == state
        && next.inputs().get(1).primitive() instanceof Vocabulary.Constant constant) {
      return Optional.of(new Count(constant.value()));
    }
    List<Origin> origins = origins(state, next);
    return origins.isEmpty() ? Optional.empty() : Optional.of(new Delay(origins));
  }

  /** Where the rows of a state come from; empty if not all come from inputs. */
  private static List<Origin> origins(Expr state, Expr next) {
    List<Row> after = rows(state, next);
    List<Origin> origins = new ArrayList<>();
    for (int k = 0; k < after.size(); k++) {
      Set<Integer> before = new LinkedHashSet<>(Set.of(k));
      Row from = after.get(k);
      while (from.of == state && before.add(from.index)) {
        from = after.get(from.index);
      }
      if (from.of == state) {
        return List.of();
      }
      origins.add(new Origin(List.copyOf(before), from));
    }
    return origins;
  }

  /** What the rows of a value are; empty if some are computed of the state. */
  private static List<Row> rows(Expr state, Expr value) {
    int rank = value.shape().numDimensions();
    int count = rank < 2 ? 1 : Math.toIntExact(value.shape().get(-2));
    if (value == state || value.level() == Level.SEQUENCE) {
      List<Row> rows = new ArrayList<>();
      for (int k = 0; k < count; k++) {
        rows.add(new Row(value, k));
      }
      return rows;
    }
    if (value.primitive() instanceof Axes.Part part && part.axis() == -2) {
      List<Row> whole = rows(state, value.inputs().get(0));
      int from = part.sizes().subList(0, part.index()).stream().mapToInt(n -> n).sum();
      return whole.isEmpty() ? whole : whole.subList(from, from + count);
    }
    if (value.primitive() instanceof Axes.Concat concat && concat.axis() == -2) {
      List<Row> rows = new ArrayList<>();
      for (Expr input : value.inputs()) {
        List<Row> more = rows(state, input);
        if (more.isEmpty()) {
          return more;
        }
        rows.addAll(more);
      }
      return rows;
    }
    return List.of();
  }

  boolean isEmpty() {
    return known.isEmpty();
  }

  /** A state before each step as a value of all steps; nothing if it is not known. */
  Optional<Expr> before(Expr state) {
    return Optional.ofNullable(known.get(state)).map(Known::before);
  }

  /** The known states before each step, as values of all steps. */
  List<Expr> before() {
    return known.values().stream().map(Known::before).toList();
  }

  /** The states that are left. */
  List<Expr> others() {
    return states.stream().filter(s -> !known.containsKey(s)).toList();
  }

  /**
   * All states.
   *
   * @param left those that are left, and others after them
   * @return the states of the step, and the others after them
   */
  List<Expr> with(List<Expr> left) {
    List<Expr> all = new ArrayList<>(states);
    all.addAll(left.subList(others().size(), left.size()));
    return all;
  }

  /**
   * What is left to be computed at each step.
   *
   * @param results the states after the step, then other values of it
   * @return the same without the states that are known, made of what these are before each step
   */
  List<Expr> without(List<Expr> results) {
    Map<Expr, Expr> done = new HashMap<>();
    known.forEach((state, value) -> done.put(state, value.before));
    List<Expr> left = new ArrayList<>();
    for (int k = 0; k < results.size(); k++) {
      if (k >= states.size() || !known.containsKey(states.get(k))) {
        left.add(Rewriting.replaced(results.get(k), done));
      }
    }
    return left;
  }

  /**
   * The history of a state that is known.
   *
   * @param tf operations of the graph
   * @param state the state
   * @param first what it begins with, {@code [B, …]}
   * @param walk gives the values of all steps
   * @param given what is given beside them; rows are valid up to their lengths
   * @return the state before each step and after the last
   */
  History history(Ops tf, Expr state, Operand<TNumber> first, Walk walk, Steps.Given given) {
    return known.get(state).next.history(tf, state, first, walk, given);
  }

  /** {@code s' = s + each}. */
  private record Count(double each) implements Next {
    @Override
    public History history(
        Ops tf, Expr state, Operand<TNumber> first, Walk walk, Steps.Given given) {
      Operand<TInt32> end = tf.reshape(given.length(), tf.constant(new int[0]));
      int[] column = new int[state.shape().numDimensions() + 1];
      Arrays.fill(column, 1);
      column[0] = -1;
      Operand<TNumber> steps = counted(tf, tf.range(tf.constant(0), end, tf.constant(1)), walk);
      Operand<TNumber> all = tf.reshape(counted(tf, given.counts(tf), walk), tf.constant(column));
      Operand<TNumber> before =
          tf.expandDims(tf.reshape(steps, tf.constant(column)), tf.constant(1));
      return new History(
          tf.math.add(tf.expandDims(first, tf.constant(0)), before), tf.math.add(first, all));
    }

    private Operand<TNumber> counted(Ops tf, Operand<TInt32> steps, Walk walk) {
      Operand<TNumber> numbers = Vocabulary.number(tf.dtypes.cast(steps, walk.site().type()));
      return tf.math.mul(numbers, walk.site().scalar(each));
    }
  }

  /**
   * A state that holds inputs back.
   *
   * @param rows where each row comes from
   */
  private record Delay(List<Origin> rows) implements Next {
    @Override
    public History history(
        Ops tf, Expr state, Operand<TNumber> first, Walk walk, Steps.Given given) {
      int rank = state.shape().numDimensions();
      List<? extends Operand<TNumber>> firsts = rows(tf, state, first, 1);
      List<Operand<TNumber>> before = new ArrayList<>();
      List<Operand<TNumber>> last = new ArrayList<>();
      for (Origin origin : rows) {
        Expr of = origin.input.of;
        List<Operand<TNumber>> start = new ArrayList<>();
        origin.before.forEach(k -> start.add(firsts.get(k)));
        Operand<TNumber> inputs = rows(tf, of, walk.at(of), 2).get(origin.input.index);
        Operand<TNumber> entries = tf.concat(List.of(tf.stack(start), inputs), tf.constant(0));
        // Not a slice, whose gradient would be put among zeros.
        Operand<TInt32> more = tf.constant(new int[] {start.size()});
        Operand<TInt32> sizes = tf.concat(List.of(given.length(), more), tf.constant(0));
        List<Output<TNumber>> parts = tf.splitV(entries, sizes, tf.constant(0), 2L).output();
        before.add(parts.get(0));
        last.add(given.valid() == null ? first(tf, parts.get(1)) : given.last(tf, entries));
      }
      return rank < 2
          ? new History(before.get(0), last.get(0))
          : new History(
              tf.stack(before, Stack.axis((long) rank)), tf.stack(last, Stack.axis(rank - 1L)));
    }

    private static Operand<TNumber> first(Ops tf, Operand<TNumber> entries) {
      Operand<TInt32> first = tf.constant(new int[] {0});
      Operand<TInt32> second = tf.constant(new int[] {1});
      return Vocabulary.number(WhileLoop.entry(tf, entries, first, second));
    }

    /** The rows of a value with some axes before its own. */
    private static List<? extends Operand<TNumber>> rows(
        Ops tf, Expr of, Operand<TNumber> value, int leading) {
      int rank = of.shape().numDimensions();
      return rank < 2
          ? List.of(value)
          : tf.unstack(value, of.shape().get(-2), Unstack.axis(leading + rank - 2L)).output();
    }
  }
}
