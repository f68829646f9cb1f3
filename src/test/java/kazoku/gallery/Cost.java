package kazoku.gallery;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.internal.Convolution;
import kazoku.internal.Vocabulary;

/**
 * What a step costs for one row, and how large its weights and its state are: counted in the
 * recorded step, as it is in evaluation. What depends on weights only is made once for all steps,
 * and does not count.
 */
final class Cost {
  static final String PARAMETERS = "parameters";
  static final String FIXED = "fixed";
  static final String PRODUCTS = "products";
  static final String IN_THE_LOOP = "in the loop";
  static final String STATE = "state";

  /** Comes before the name of a function: the elements that it is applied to. */
  static final String FUNCTION = "function ";

  /** Comes before the name of a weight and the number of its axis. */
  static final String WEIGHT = "weight ";

  /** Comes before the name of a slot and the number of its axis. */
  static final String SLOT = "slot ";

  /** What is worth counting: the others are sums and products of elements. */
  private static final Set<String> FUNCTIONS =
      Set.of(
          "σ",
          "tanh",
          "elu",
          "softplus",
          "exp",
          "ln",
          "√",
          "1/√",
          "sin",
          "cos",
          "erf",
          "softmax",
          "^");

  private final Map<String, Long> counts = new LinkedHashMap<>();

  private Cost() {}

  /** Numbers by name. */
  static Map<String, Long> of(kazoku.Cell cell) {
    Trace trace = Trace.of(cell, Weights.symbolic().forEvaluation());
    Cost cost = new Cost();
    long fixed =
        trace.weights().untrained().stream()
            .mapToLong(name -> trace.weights().asked().get(name).shape().size())
            .sum();
    cost.counts.put(PARAMETERS, trace.parameters());
    cost.counts.put(FIXED, fixed);
    cost.counts.put(PRODUCTS, 0L);
    cost.counts.put(IN_THE_LOOP, 0L);
    cost.counts.put(STATE, trace.state().values().stream().mapToLong(s -> s.shape().size()).sum());
    FUNCTIONS.stream().sorted().forEach(name -> cost.counts.put(FUNCTION + name, 0L));
    trace.weights().asked().forEach((name, weight) -> cost.axes(WEIGHT + name, weight));
    trace.state().forEach((name, slot) -> cost.axes(SLOT + name, slot));
    Set<Expr> seen = new LinkedHashSet<>(trace.results());
    List<Expr> open = new ArrayList<>(seen);
    while (!open.isEmpty()) {
      Expr expr = open.remove(open.size() - 1);
      cost.count(expr);
      expr.inputs().stream().filter(seen::add).forEach(open::add);
    }
    return cost.counts;
  }

  private void axes(String name, Expr value) {
    for (int axis = 0; axis < value.shape().numDimensions(); axis++) {
      counts.put(name + " " + axis, value.shape().get(axis));
    }
  }

  private void count(Expr expr) {
    if (expr.level() == Level.WEIGHT || expr.level() == Level.ROW) {
      return;
    }
    long products = products(expr);
    counts.merge(PRODUCTS, products, Long::sum);
    if (expr.level() == Level.STEP) {
      counts.merge(IN_THE_LOOP, products, Long::sum);
    }
    if (FUNCTIONS.contains(expr.primitive().glyph()) && !expr.inputs().isEmpty()) {
      counts.merge(FUNCTION + expr.primitive().glyph(), expr.shape().size(), Long::sum);
    }
  }

  /** Multiplications that are added up. */
  private static long products(Expr expr) {
    if (expr.primitive() == Vocabulary.DOT || expr.primitive() == Vocabulary.MATMUL) {
      return expr.shape().size() * expr.inputs().get(0).size();
    }
    if (expr.primitive() instanceof Convolution) {
      Expr kernel = expr.inputs().get(1);
      return expr.shape().size() * kernel.shape().size() / kernel.size();
    }
    return 0;
  }
}
