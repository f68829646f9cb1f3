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
import kazoku.Primitive;
import org.tensorflow.ndarray.Shape;

/**
 * How the state after a step depends on the state before it, found out from the recorded step.
 *
 * <p>Slots fall into groups that depend on each other, and groups into stages: a group's
 * coefficients may depend on inputs and on slots of earlier stages, but not on its own slots. Three
 * kinds of groups compose over many steps in closed form:
 *
 * <ul>
 *   <li>elementwise: {@code s_i' = Σ_j a_ij⊙s_j + b_i}, with {@code a = 0} for a slot that only
 *       holds something back;
 *   <li>one slot with matrices from the left: {@code S' = e⊙S + P·S + N}, be it the delta rule or a
 *       window that moves on;
 *   <li>one slot with a running maximum: {@code m' = max(m + a, b)}.
 * </ul>
 */
final class Linear {

  /** One slot's transition, composed over the steps of a chunk. */
  sealed interface Group {
    /** The slots, by index. */
    List<Integer> slots();
  }

  /** {@code a.get(i).get(j)}: what slot j gives to slot i; null for nothing. */
  record Elementwise(List<Integer> slots, List<List<Expr>> a) implements Group {}

  /** {@code e⊙S + P·S}; {@code e} is the same along the last axis; either may be null. */
  record FromLeft(List<Integer> slots, Expr e, Expr p) implements Group {}

  /** {@code max(m + a, …)}. */
  record Maximum(List<Integer> slots, Expr a) implements Group {}

  /** Raised within the analysis where a step is not linear. */
  private static final class NotLinear extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** {@code e⊙s + p·s}; null for nothing. */
  private record Coefficient(Expr e, Expr p) {}

  private final List<Expr> states;
  private final List<Expr> next;
  private final Map<Expr, Set<Integer>> reads = new HashMap<>();

  private Linear(List<Expr> states, List<Expr> next) {
    this.states = states;
    this.next = next;
  }

  /**
   * Analyses a step.
   *
   * @param states the state before the step
   * @param next the state after it
   * @return the stages, first to last; nothing if some slot is not linear
   */
  static Optional<List<List<Group>>> stages(List<Expr> states, List<Expr> next) {
    try {
      return Optional.of(new Linear(states, next).stages());
    } catch (NotLinear e) {
      return Optional.empty();
    }
  }

  private List<List<Group>> stages() throws NotLinear {
    List<Set<Integer>> reach = new ArrayList<>();
    next.forEach(e -> reach.add(new LinkedHashSet<>(reads(e))));
    for (int via = 0; via < next.size(); via++) {
      for (Set<Integer> from : reach) {
        if (from.contains(via)) {
          from.addAll(reach.get(via));
        }
      }
    }
    List<List<Group>> stages = new ArrayList<>();
    Map<Integer, Integer> stageOf = new HashMap<>();
    while (stageOf.size() < next.size()) {
      List<Group> stage = new ArrayList<>();
      Map<Integer, Integer> found = new HashMap<>();
      for (int k = 0; k < next.size(); k++) {
        int slot = k;
        List<Integer> group = new ArrayList<>();
        for (int other : reach.get(k)) {
          if (other != slot && reach.get(other).contains(slot)) {
            group.add(other);
          }
        }
        group.add(slot);
        boolean ready =
            reach.get(k).stream().allMatch(r -> group.contains(r) || stageOf.containsKey(r));
        if (ready && !stageOf.containsKey(k) && !found.containsKey(k)) {
          group.sort(null);
          stage.add(group(group));
          group.forEach(g -> found.put(g, stages.size()));
        }
      }
      stageOf.putAll(found);
      stages.add(stage);
    }
    return stages;
  }

  /** The slots that a value is made of. */
  Set<Integer> reads(Expr expr) {
    Set<Integer> known = reads.get(expr);
    if (known == null) {
      known = new LinkedHashSet<>();
      int slot = states.indexOf(expr);
      if (slot >= 0) {
        known.add(slot);
      } else if (expr.level() == Level.STEP) {
        for (Expr input : expr.inputs()) {
          known.addAll(reads(input));
        }
      }
      reads.put(expr, known);
    }
    return known;
  }

  private Group group(List<Integer> slots) throws NotLinear {
    if (slots.size() == 1) {
      int slot = slots.get(0);
      Optional<Expr> maximum = maximum(next.get(slot), slot);
      if (maximum.isPresent()) {
        return new Maximum(slots, maximum.get());
      }
    }
    List<List<Expr>> a = new ArrayList<>();
    for (int i : slots) {
      Map<Integer, Coefficient> coefficients = coefficients(next.get(i), Set.copyOf(slots));
      List<Expr> row = new ArrayList<>();
      for (int j : slots) {
        Coefficient c = coefficients.get(j);
        if (c != null && c.p != null) {
          if (slots.size() > 1 || c.e != null && !alongLast(c.e)) {
            throw new NotLinear();
          }
          return new FromLeft(slots, c.e, c.p);
        }
        row.add(c == null ? null : c.e);
      }
      a.add(row);
    }
    return new Elementwise(slots, a);
  }

  // Elementwise, and from the left

  /** What each slot of a group gives to a value, or an exception if it is not linear in them. */
  private Map<Integer, Coefficient> coefficients(Expr expr, Set<Integer> group) throws NotLinear {
    if (reads(expr).stream().noneMatch(group::contains)) {
      return Map.of();
    }
    int slot = states.indexOf(expr);
    if (slot >= 0) {
      return Map.of(slot, new Coefficient(Expr.constant(1), null));
    }
    Primitive op = expr.primitive();
    List<Expr> in = expr.inputs();
    if (op == Vocabulary.PLUS || op == Vocabulary.MINUS) {
      Map<Integer, Coefficient> right = coefficients(in.get(1), group);
      return sum(
          coefficients(in.get(0), group),
          op == Vocabulary.PLUS ? right : scaled(right, Expr.constant(-1)));
    }
    if (op == Vocabulary.NEGATE) {
      return scaled(coefficients(in.get(0), group), Expr.constant(-1));
    }
    if (op == Vocabulary.TIMES) {
      boolean first = reads(in.get(0)).stream().anyMatch(group::contains);
      boolean second = reads(in.get(1)).stream().anyMatch(group::contains);
      if (first && second) {
        throw new NotLinear();
      }
      return scaled(coefficients(in.get(first ? 0 : 1), group), in.get(first ? 1 : 0));
    }
    if (op == Vocabulary.DIVIDE && reads(in.get(1)).stream().noneMatch(group::contains)) {
      return scaled(coefficients(in.get(0), group), Expr.constant(1).dividedBy(in.get(1)));
    }
    if (op == Vocabulary.WHERE && reads(in.get(0)).stream().noneMatch(group::contains)) {
      return chosen(in.get(0), coefficients(in.get(1), group), coefficients(in.get(2), group));
    }
    if (op == Vocabulary.MATMUL && reads(in.get(0)).stream().noneMatch(group::contains)) {
      return multiplied(in.get(0), coefficients(in.get(1), group));
    }
    if (op instanceof Axes.Part part && part.axis() == -2) {
      Map<Integer, Coefficient> whole = coefficients(in.get(0), group);
      return mapRows(whole, in.get(0), p -> Expr.of(part, List.of(p)));
    }
    if (op instanceof Axes.Concat concat && concat.axis() == -2) {
      return stacked(in, group);
    }
    throw new NotLinear();
  }

  private static Map<Integer, Coefficient> sum(
      Map<Integer, Coefficient> a, Map<Integer, Coefficient> b) {
    Map<Integer, Coefficient> sum = new LinkedHashMap<>(a);
    b.forEach(
        (slot, c) -> sum.merge(slot, c, (x, y) -> new Coefficient(plus(x.e, y.e), plus(x.p, y.p))));
    return sum;
  }

  private static Expr plus(Expr a, Expr b) {
    return a == null ? b : b == null ? a : a.plus(b);
  }

  private static Map<Integer, Coefficient> scaled(Map<Integer, Coefficient> a, Expr factor)
      throws NotLinear {
    Map<Integer, Coefficient> scaled = new LinkedHashMap<>();
    for (Map.Entry<Integer, Coefficient> entry : a.entrySet()) {
      Coefficient c = entry.getValue();
      if (c.p != null && !alongLast(factor)) {
        throw new NotLinear();
      }
      scaled.put(
          entry.getKey(),
          new Coefficient(
              c.e == null ? null : product(c.e, factor), c.p == null ? null : c.p.times(factor)));
    }
    return scaled;
  }

  private static Expr product(Expr coefficient, Expr factor) {
    return Vocabulary.isConstant(coefficient, 1) ? factor : coefficient.times(factor);
  }

  private static Map<Integer, Coefficient> chosen(
      Expr condition, Map<Integer, Coefficient> yes, Map<Integer, Coefficient> no) {
    Set<Integer> slots = new LinkedHashSet<>(yes.keySet());
    slots.addAll(no.keySet());
    Map<Integer, Coefficient> chosen = new LinkedHashMap<>();
    Coefficient nothing = new Coefficient(null, null);
    for (int slot : slots) {
      Coefficient y = yes.getOrDefault(slot, nothing);
      Coefficient n = no.getOrDefault(slot, nothing);
      chosen.put(slot, new Coefficient(where(condition, y.e, n.e), where(condition, y.p, n.p)));
    }
    return chosen;
  }

  private static Expr where(Expr condition, Expr yes, Expr no) {
    if (yes == null && no == null) {
      return null;
    }
    Expr zero = Expr.constant(0);
    return condition.where(yes == null ? zero : yes, no == null ? zero : no);
  }

  private static Map<Integer, Coefficient> multiplied(Expr left, Map<Integer, Coefficient> a)
      throws NotLinear {
    Map<Integer, Coefficient> products = new LinkedHashMap<>();
    for (Map.Entry<Integer, Coefficient> entry : a.entrySet()) {
      Coefficient c = entry.getValue();
      Expr p = c.p == null ? null : left.matmul(c.p);
      if (c.e != null) {
        if (!alongLast(c.e)) {
          throw new NotLinear();
        }
        // left·(e⊙s) = (left⊙eᵀ)·s
        boolean number = c.e.shape().numDimensions() < 2;
        p = plus(p, product(number ? c.e : c.e.transpose(), left));
      }
      products.put(entry.getKey(), new Coefficient(null, p));
    }
    return products;
  }

  @FunctionalInterface
  private interface Rows {
    Expr of(Expr p);
  }

  /** A linear map of the rows of a value, applied to its coefficients. */
  private static Map<Integer, Coefficient> mapRows(
      Map<Integer, Coefficient> a, Expr value, Rows rows) throws NotLinear {
    Map<Integer, Coefficient> mapped = new LinkedHashMap<>();
    for (Map.Entry<Integer, Coefficient> entry : a.entrySet()) {
      Coefficient c = entry.getValue();
      mapped.put(entry.getKey(), new Coefficient(null, rows.of(matrix(c, value))));
    }
    return mapped;
  }

  /** A coefficient as one matrix from the left. */
  private static Expr matrix(Coefficient c, Expr value) throws NotLinear {
    if (c.e == null) {
      return c.p;
    }
    if (!alongLast(c.e)) {
      throw new NotLinear();
    }
    Expr diagonal = Expr.identity(Math.toIntExact(value.shape().get(-2))).times(c.e);
    return plus(c.p, diagonal);
  }

  private Map<Integer, Coefficient> stacked(List<Expr> parts, Set<Integer> group) throws NotLinear {
    Set<Integer> slots = new LinkedHashSet<>();
    List<Map<Integer, Coefficient>> all = new ArrayList<>();
    for (Expr part : parts) {
      all.add(coefficients(part, group));
      slots.addAll(all.get(all.size() - 1).keySet());
    }
    Map<Integer, Coefficient> stacked = new LinkedHashMap<>();
    for (int slot : slots) {
      Shape rows = states.get(slot).shape();
      Expr[] blocks = new Expr[parts.size()];
      for (int k = 0; k < blocks.length; k++) {
        Coefficient c = all.get(k).get(slot);
        long[] sizes = rows.asArray();
        sizes[sizes.length - 1] = rows.get(-2);
        sizes[sizes.length - 2] = parts.get(k).shape().get(-2);
        blocks[k] =
            c == null
                ? Expr.constant(new double[(int) Shape.of(sizes).size()], sizes)
                : matrix(c, parts.get(k));
      }
      stacked.put(slot, new Coefficient(null, Expr.concat(-2, blocks)));
    }
    return stacked;
  }

  private static boolean alongLast(Expr e) {
    return e.shape().numDimensions() == 0 || e.shape().get(-1) == 1;
  }

  // The maximum

  /** The a of {@code max(m + a, …)}; nothing if the value is of another form. */
  private Optional<Expr> maximum(Expr expr, int slot) {
    boolean[] seen = new boolean[1];
    Optional<Expr> shift = shift(expr, slot, seen);
    return seen[0] ? shift : Optional.empty();
  }

  private Optional<Expr> shift(Expr expr, int slot, boolean[] seen) {
    if (expr == states.get(slot)) {
      return Optional.of(Expr.constant(0));
    }
    Primitive op = expr.primitive();
    List<Expr> in = expr.inputs();
    boolean[] own = new boolean[in.size()];
    for (int k = 0; k < own.length; k++) {
      own[k] = reads(in.get(k)).contains(slot);
    }
    if (op == Vocabulary.PLUS && own[0] != own[1]) {
      Expr other = in.get(own[0] ? 1 : 0);
      return shift(in.get(own[0] ? 0 : 1), slot, seen).map(a -> a.plus(other));
    }
    if (op == Vocabulary.MINUS && own[0] && !own[1]) {
      return shift(in.get(0), slot, seen).map(a -> a.minus(in.get(1)));
    }
    if (op == Vocabulary.MAXIMUM && own[0] != own[1]) {
      seen[0] = true;
      return shift(in.get(own[0] ? 0 : 1), slot, seen);
    }
    if (op == Vocabulary.WHERE && !own[0] && own[1] && own[2]) {
      Optional<Expr> yes = shift(in.get(1), slot, seen);
      Optional<Expr> no = shift(in.get(2), slot, seen);
      return yes.isPresent() && no.isPresent()
          ? Optional.of(in.get(0).where(yes.get(), no.get()))
          : Optional.empty();
    }
    return Optional.empty();
  }

  /**
   * The shape that a product of coefficients over several steps has.
   *
   * @param rank the rank of the slot
   * @param coefficients the coefficients
   * @return the shape, ones where all of them repeat
   */
  static Shape common(int rank, List<Expr> coefficients) {
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    for (Expr c : coefficients) {
      Shape shape = c.shape();
      for (int k = 1; k <= shape.numDimensions(); k++) {
        sizes[rank - k] = Math.max(sizes[rank - k], shape.get(-k));
      }
    }
    return Shape.of(sizes);
  }
}
