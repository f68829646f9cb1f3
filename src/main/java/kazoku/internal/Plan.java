package kazoku.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import org.tensorflow.ndarray.Shape;

/**
 * What the loop over time does with a recorded step: which values it reads, which histories it
 * keeps, and what its backward loop computes. Pure thought; {@link TimeLoop} builds it.
 *
 * <p>The backward loop recomputes what it needs of a step from the state before it. Three kinds of
 * values are not recomputed: states after the step (the next entry of the state's history), what
 * lies below the step level, and what the forward loop keeps: products with weights, or in their
 * place the gates and other functions that are made of them, where these are no more numbers.
 */
final class Plan {
  private static final int WORK_OF_AN_ELEMENT = 20;

  /** The state before a step, the state after it, in the order of the slots. */
  final List<Expr> states;

  final List<Expr> next;
  final Expr output;

  /** What a step computes, inputs first. */
  private final Set<Expr> steps;

  /** Values below the step level that a step reads: those of weights and rows, and of each step. */
  final List<Expr> weights;

  final List<Expr> sequences;

  /** The values of the forward step that the backward loop reads and does not compute again. */
  final List<Expr> kept;

  private boolean keepsFunctions;

  /** The states whose histories somebody reads, by index. */
  final Set<Integer> remembered;

  /** The backward loop where outputs reach the loss, and where only final states do. */
  final Backward withOutput;

  final Backward statesOnly;

  /** The same as {@link #withOutput} without all that is not for the states before the step. */
  final Backward byStart = new Backward();

  /** The loss's gradients by one output, and by the states after the step. */
  final Expr outputSeed;

  final List<Expr> stateSeeds;

  /** What one backward step computes. */
  static final class Backward {
    /** The gradients by the states before the step. */
    final List<Expr> states = new ArrayList<>();

    /** Written at every step, once each though it be used twice. */
    final List<Expr> written = new ArrayList<>();

    /** Weights used otherwise than in products, and values of rows; their gradients by row. */
    final List<Expr> summed = new ArrayList<>();

    final List<Expr> summands = new ArrayList<>();

    /** Gradients by {@link Plan#sequences}; null where there is none. */
    final List<Expr> sequences = new ArrayList<>();

    /** The products with weights, and the gradients by them. */
    final Map<Expr, Expr> products = new LinkedHashMap<>();

    /** Values below the step level that a backward step reads. */
    final List<Expr> weightReads = new ArrayList<>();

    final List<Expr> sequenceReads = new ArrayList<>();
  }

  private final boolean rowsAsSteps;

  Plan(List<Expr> states, List<Expr> next, Expr output) {
    this(states, next, output, false);
  }

  /**
   * Plans a step.
   *
   * @param rowsAsSteps whether values of a row are given anew at each step, as in a scan, whose
   *     rows are chunks
   */
  Plan(List<Expr> states, List<Expr> next, Expr output, boolean rowsAsSteps) {
    this.rowsAsSteps = rowsAsSteps;
    this.states = states;
    this.next = next;
    this.output = output;
    List<Expr> results = results();
    this.steps = Reverse.steps(results);
    Set<Expr> reads = new LinkedHashSet<>();
    steps.forEach(e -> reads.addAll(e.inputs()));
    reads.addAll(results);
    this.weights = reads.stream().filter(this::isInvariant).toList();
    this.sequences = reads.stream().filter(e -> e.level() != Level.STEP && !isBelow(e)).toList();
    this.outputSeed = Vocabulary.leaf("d output", output.shape(), Level.STEP);
    this.stateSeeds =
        states.stream()
            .map(s -> Vocabulary.leaf("d " + s.primitive().glyph(), s.shape(), Level.STEP))
            .toList();
    this.withOutput = backward(true);
    this.statesOnly = backward(false);
    this.keepsFunctions = false;
    long products = sizeOfKept();
    this.keepsFunctions = true;
    this.keepsFunctions = sizeOfKept() <= products;
    byStart.states.addAll(withOutput.states);
    addReads(byStart);
    addReads(withOutput);
    addReads(statesOnly);

    Set<Expr> needed = needs();
    Set<Integer> histories = new LinkedHashSet<>();
    for (int k = 0; k < states.size(); k++) {
      if (needed.contains(states.get(k)) || needed.contains(next.get(k)) || output == next.get(k)) {
        histories.add(k);
      }
    }
    this.remembered = histories;
    this.kept = kept(needed);
  }

  /**
   * About how much one step of one row is: a multiplication of a product counts as 1, an element of
   * anything else as {@value #WORK_OF_AN_ELEMENT}.
   */
  long work() {
    return steps.stream().mapToLong(Plan::work).sum();
  }

  private static long work(Expr step) {
    if (isProduct(step)) {
      Shape weight = step.inputs().get(1).shape();
      return step.shape().size() * weight.size() / weight.get(-1);
    }
    return step.shape().size() * WORK_OF_AN_ELEMENT;
  }

  /** How many operations a step has. */
  int size() {
    return steps.size();
  }

  private List<Expr> results() {
    List<Expr> results = new ArrayList<>(next);
    results.add(output);
    return results;
  }

  /** The slot whose value after the step is also the output; −1 if there is none. */
  int outputSlot() {
    for (int k = 0; k < next.size(); k++) {
      if (next.get(k) == output) {
        return k;
      }
    }
    return -1;
  }

  private Backward backward(boolean output) {
    List<Expr> values = new ArrayList<>(next);
    List<Expr> seeds = new ArrayList<>(stateSeeds);
    if (output && this.output.level() == Level.STEP) {
      values.add(this.output);
      seeds.add(outputSeed);
    }
    Reverse reverse = new Reverse(values, seeds);
    Backward backward = new Backward();
    Set<Expr> written = new LinkedHashSet<>();
    for (int k = 0; k < states.size(); k++) {
      Expr g = reverse.by(states.get(k));
      backward.states.add(g == null ? stateSeeds.get(k).times(0) : g);
    }
    for (Expr sequence : sequences) {
      Expr g = reverse.by(sequence);
      backward.sequences.add(g);
      if (g != null) {
        written.add(g);
      }
    }
    for (Expr weight : weights) {
      Expr g = reverse.by(weight);
      if (g != null) {
        backward.summed.add(weight);
        backward.summands.add(g);
      }
    }
    reverse
        .products()
        .forEach(
            (product, g) -> {
              backward.products.put(product, g);
              written.add(g);
              Expr lhs = product.inputs().get(0);
              if (!states.contains(lhs) && !next.contains(lhs)) {
                written.add(lhs);
              }
            });
    backward.written.addAll(written);
    return backward;
  }

  private void addReads(Backward backward) {
    Set<Expr> needed = needs(backward);
    needed.stream().filter(this::isInvariant).forEach(backward.weightReads::add);
    sequences.stream().filter(needed::contains).forEach(backward.sequenceReads::add);
  }

  private List<Expr> kept(Set<Expr> needed) {
    return needed.stream().filter(e -> isKept(e) && !next.contains(e)).toList();
  }

  private long sizeOfKept() {
    return kept(needs()).stream().mapToLong(e -> e.shape().size()).sum();
  }

  private Set<Expr> needs() {
    Set<Expr> needed = needs(withOutput);
    needed.addAll(needs(statesOnly));
    return needed;
  }

  /** Everything that a backward step computes or reads. */
  private Set<Expr> needs(Backward backward) {
    Set<Expr> needed = new LinkedHashSet<>();
    backward.states.forEach(e -> collect(e, needed));
    backward.written.forEach(e -> collect(e, needed));
    backward.summands.forEach(e -> collect(e, needed));
    // A product's left side is written, or stands in the history of a state.
    backward.products.keySet().forEach(p -> collect(p.inputs().get(0), needed));
    return needed;
  }

  private void collect(Expr expr, Set<Expr> needed) {
    boolean read = states.contains(expr) || next.contains(expr) || sequences.contains(expr);
    if (needed.add(expr) && !read && !isKept(expr) && !isBelow(expr)) {
      expr.inputs().forEach(i -> collect(i, needed));
    }
  }

  /** A value of the forward step that is not computed again; the backward step's own are. */
  private boolean isKept(Expr expr) {
    return steps.contains(expr)
        && (isProduct(expr)
            || keepsFunctions
                && (isPartOfProduct(expr)
                    || Vocabulary.isCostly(expr.primitive())
                        && !expr.inputs().stream().allMatch(this::isAtHand)));
  }

  private static boolean isProduct(Expr expr) {
    return expr.primitive() instanceof Primitive.Product;
  }

  private static boolean isPartOfProduct(Expr expr) {
    return expr.primitive() instanceof Axes.Part && isProduct(expr.inputs().get(0));
  }

  /** Whether the backward step reads a value; a function of it is computed again. */
  private boolean isAtHand(Expr expr) {
    return states.contains(expr)
        || next.contains(expr)
        || sequences.contains(expr)
        || isBelow(expr)
        || isProduct(expr);
  }

  /** Whether a value is the same at all steps. */
  private boolean isBelow(Expr expr) {
    return expr.level() == Level.WEIGHT || expr.level() == Level.ROW && !rowsAsSteps;
  }

  private boolean isInvariant(Expr expr) {
    return isBelow(expr) && !(expr.primitive() instanceof Vocabulary.Constant);
  }
}
