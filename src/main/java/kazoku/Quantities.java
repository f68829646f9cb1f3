package kazoku;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import kazoku.internal.Vocabulary;

/** What a step computes, by name: {@link Trace#quantities}. */
final class Quantities {
  private final Map<Expr, String> paths = new IdentityHashMap<>();
  private final Map<String, Expr> byName = new LinkedHashMap<>();

  /**
   * The quantities of a step.
   *
   * @param requests what it has asked for
   * @param input its input
   * @param step what it gives
   */
  Quantities(Requests requests, Expr input, Step step) {
    for (Requests.Inner inner : requests.inner()) {
      Set<Expr> outside = set(inner.state().values().values());
      outside.add(inner.input());
      visit(inner.step(), outside, expr -> paths.putIfAbsent(expr, inner.weights().path()));
    }
    Map<Expr, String> results = new IdentityHashMap<>();
    step.next().values().forEach((slot, after) -> results.put(after, slot));
    results.computeIfAbsent(step.output(), output -> name(output, "y"));
    byName.put("x", input);
    visit(step, set(Set.of()), expr -> add(results.getOrDefault(expr, name(expr, null)), expr));
  }

  private void add(String name, Expr expr) {
    if (name != null && !expr.primitive().logical()) {
      byName.remove(name);
      byName.put(name, expr);
    }
  }

  /** The name of an expression, with the path of its cell; a name with _ is that of a weight. */
  private String name(Expr expr, String other) {
    boolean outside = expr.primitive() instanceof Vocabulary.Leaf;
    return expr.name()
        .filter(name -> !outside && !name.startsWith("_"))
        .map(name -> paths.getOrDefault(expr, "") + name)
        .orElse(other);
  }

  /** What a step computes with other values than weights, each after what it is made of. */
  private static void visit(Step step, Set<Expr> seen, Consumer<Expr> each) {
    step.next().values().values().forEach(after -> visit(after, seen, each));
    visit(step.output(), seen, each);
  }

  private static void visit(Expr expr, Set<Expr> seen, Consumer<Expr> each) {
    if (expr.level() != Level.WEIGHT && seen.add(expr)) {
      expr.inputs().forEach(input -> visit(input, seen, each));
      each.accept(expr);
    }
  }

  private static Set<Expr> set(Collection<Expr> all) {
    Set<Expr> set = Collections.newSetFromMap(new IdentityHashMap<>());
    set.addAll(all);
    return set;
  }

  Map<String, Expr> byName() {
    return Collections.unmodifiableMap(byName);
  }
}
