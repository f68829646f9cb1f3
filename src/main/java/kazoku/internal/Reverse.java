package kazoku.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;

/**
 * Reverse mode over the part of a trace that depends on the state, in the vocabulary of the trace.
 *
 * <p>Gradients by values below the step level stay per row: a weight's is summed over batch and
 * time by whoever builds the loop. A {@linkplain Primitive.Product product}'s gradient by its
 * weight is not formed at all, only noted: it is cheaper for all steps at once.
 */
final class Reverse {
  private final Map<Expr, List<Expr>> terms = new LinkedHashMap<>();
  private final Map<Expr, Expr> products = new LinkedHashMap<>();

  /**
   * Takes the gradient.
   *
   * @param values the values that the loss depends on
   * @param seeds the loss's gradients by them
   */
  Reverse(List<Expr> values, List<Expr> seeds) {
    for (int k = 0; k < values.size(); k++) {
      add(values.get(k), seeds.get(k));
    }
    List<Expr> order = new ArrayList<>(steps(values));
    Collections.reverse(order);
    for (Expr node : order) {
      if (terms.containsKey(node) && !node.inputs().isEmpty()) {
        through(node);
      }
    }
  }

  /**
   * The gradient by an input of the step part: a state slot, or a value of a lower level.
   *
   * @param expr the value
   * @return the gradient, in the value's shape; null if it has none
   */
  Expr by(Expr expr) {
    List<Expr> all = terms.get(expr);
    return all == null ? null : Axes.spread(Axes.sum(all), expr.shape());
  }

  /**
   * The products with weights, and the loss's gradients by them.
   *
   * @return product → gradient
   */
  Map<Expr, Expr> products() {
    return products;
  }

  private void through(Expr node) {
    Expr g = Axes.sum(terms.get(node));
    // A gradient that is the same along an axis may stay short as long as nothing was repeated.
    boolean same = node.inputs().stream().allMatch(i -> i.shape().equals(node.shape()));
    if (!same || !Vocabulary.repeats(node.primitive())) {
      g = Axes.spread(g, node.shape());
    }
    if (node.primitive() instanceof Primitive.Product) {
      products.put(node, g);
    }
    List<Expr> gradients = node.primitive().gradient(node, g);
    for (int k = 0; k < gradients.size(); k++) {
      Expr input = node.inputs().get(k);
      Expr gradient = gradients.get(k);
      if (gradient != null && !isConstant(input)) {
        add(input, same ? gradient : Axes.sumTo(gradient, input.shape()));
      }
    }
  }

  private void add(Expr expr, Expr gradient) {
    terms.computeIfAbsent(expr, e -> new ArrayList<>()).add(gradient);
  }

  private static boolean isConstant(Expr expr) {
    return expr.primitive() instanceof Vocabulary.Constant;
  }

  /**
   * All values of the step level, inputs before what is made of them.
   *
   * @param results where to begin
   * @return the values
   */
  static Set<Expr> steps(List<Expr> results) {
    Set<Expr> order = new LinkedHashSet<>();
    results.forEach(r -> collect(r, order));
    return order;
  }

  private static void collect(Expr expr, Set<Expr> order) {
    if (expr.level() == Level.STEP && !order.contains(expr)) {
      expr.inputs().forEach(i -> collect(i, order));
      order.add(expr);
    }
  }
}
