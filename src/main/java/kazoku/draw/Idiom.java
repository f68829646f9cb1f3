package kazoku.draw;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import kazoku.Activation;
import kazoku.BatchStatistics;
import kazoku.Expr;
import kazoku.Level;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * Several operations that people write as one: an expression with holes, and how it is written of
 * what is in the holes. The number NaN in the expression stands for any number.
 */
final class Idiom {
  private final List<Expr> holes;
  private final Expr pattern;
  private final Function<List<Expr>, Expr> written;

  private Idiom(int holes, Function<List<Expr>, Expr> pattern, Function<List<Expr>, Expr> written) {
    Expr[] all = new Expr[holes];
    Arrays.setAll(all, k -> Vocabulary.leaf("hole " + k, Shape.of(2, 2), Level.WEIGHT));
    this.holes = List.of(all);
    this.pattern = pattern.apply(this.holes);
    this.written = written;
  }

  /** All idioms; of two that fit, the first counts. */
  static final List<Idiom> ALL = all();

  private static List<Idiom> all() {
    List<Idiom> all = new ArrayList<>();
    all.add(norm("LN", 3, a -> a.get(0).layerNorm(a.get(1), a.get(2), Double.NaN)));
    all.add(norm("LN", 2, a -> a.get(0).layerNorm(a.get(1), Expr.constant(0), Double.NaN)));
    all.add(norm("LN", 1, Idiom::plainNorm));
    all.add(new Idiom(5, Idiom::batchNorm, Idiom::normOfTheBatch));
    all.add(norm("unit", 1, a -> toLengthOne(a.get(0))));
    all.add(new Idiom(1, a -> columnLengths(a.get(0)).rsqrt(), a -> oneOver(a.get(0))));
    all.add(activation("hardσ", "6", Activation.HARD_SIGMOID_SIXTH));
    all.add(activation("hardσ", "5", Activation.HARD_SIGMOID_FIFTH));
    all.add(activation("leakyrelu", "", Activation.LEAKY_RELU));
    all.add(activation("selu", "", Activation.SELU));
    all.add(activation("softsign", "", Activation.SOFTSIGN));
    all.add(activation("silu", "", Activation.SILU));
    all.add(activation("gelu", "", Activation.GELU));
    all.add(activation("gelu", "tanh", Activation.GELU_APPROXIMATE));
    all.add(activation("mish", "", Activation.MISH));
    all.add(activation("ln σ", "", a -> a.negate().softplus().negate()));
    all.add(new Idiom(1, a -> notNegative(a.get(0)), a -> a.get(0).relu()));
    all.add(new Idiom(1, a -> safeRoot(a.get(0)), a -> a.get(0).sqrt()));
    all.add(new Idiom(1, a -> a.get(0).logSumExp(), a -> a.get(0).exp().sum().log()));
    all.add(pair("min", (a, b) -> a.minimum(b)));
    all.add(pair("mod", (a, b) -> a.mod(b)));
    return List.copyOf(all);
  }

  private static Expr plainNorm(List<Expr> a) {
    return a.get(0).layerNorm(Expr.constant(1), Expr.constant(0), Double.NaN);
  }

  private static Expr batchNorm(List<Expr> a) {
    return BatchStatistics.normalise(a.get(0), a.get(1), a.get(2), a.get(3), a.get(4), Double.NaN);
  }

  /** Its statistics are not printed: they are those of the batch, or running ones. */
  private static Expr normOfTheBatch(List<Expr> a) {
    return Known.of("BN", 1, a.get(0).shape(), List.of(a.get(0), a.get(3), a.get(4)));
  }

  private static Expr toLengthOne(Expr a) {
    return a.times(a.square().sum().plus(Double.NaN).rsqrt());
  }

  /** The squared lengths of columns, with a bound so that nothing is divided by 0. */
  private static Expr columnLengths(Expr a) {
    return a.square().transpose().sum().transpose().maximum(Expr.constant(Double.NaN));
  }

  private static Expr oneOver(Expr a) {
    Shape columns = Shape.of(1, a.size());
    return Expr.constant(1).dividedBy(Known.of("‖", 1, columns, List.of(a)));
  }

  /** A weight that counts as 0 where it is negative, and whose gradient passes all the same. */
  private static Expr notNegative(Expr a) {
    return a.plus(a.relu().minus(a).stopGradient());
  }

  /** A root that has the gradient 0 at 0. */
  private static Expr safeRoot(Expr a) {
    Expr positive = a.greaterThan(0);
    Expr root = positive.where(a, Expr.constant(1)).sqrt();
    return positive.where(root, Expr.constant(0));
  }

  private static Idiom norm(String function, int holes, Function<List<Expr>, Expr> pattern) {
    return new Idiom(holes, pattern, a -> Known.of(function, 1, a.get(0).shape(), a));
  }

  private static Idiom activation(String function, String subscript, Activation activation) {
    return new Idiom(
        1, a -> activation.apply(a.get(0)), a -> Known.elementwise(function, subscript, a));
  }

  private static Idiom pair(String function, BinaryOperator<Expr> pattern) {
    return new Idiom(
        2, a -> pattern.apply(a.get(0), a.get(1)), a -> Known.elementwise(function, "", a));
  }

  /**
   * How an expression is written, if it is this idiom.
   *
   * @param inside gives what the values in the holes are written as
   */
  Optional<Expr> of(Expr expr, UnaryOperator<Expr> inside) {
    Map<Expr, Expr> found = new IdentityHashMap<>();
    return matches(pattern, expr, found, true)
        ? Optional.of(written.apply(holes.stream().map(found::get).map(inside).toList()))
        : Optional.empty();
  }

  private boolean matches(Expr part, Expr expr, Map<Expr, Expr> found, boolean whole) {
    if (holes.contains(part)) {
      return found.putIfAbsent(part, expr) == null || found.get(part) == expr;
    }
    if (part.primitive() instanceof Vocabulary.Constant number) {
      return expr.primitive() instanceof Vocabulary.Constant other
          && (Double.isNaN(number.value()) || number.value() == other.value());
    }
    if (!whole && Names.isNamed(expr)
        || !Names.key(part.primitive()).equals(Names.key(expr.primitive()))
        || part.inputs().size() != expr.inputs().size()) {
      return false;
    }
    for (int k = 0; k < part.inputs().size(); k++) {
      if (!matches(part.inputs().get(k), expr.inputs().get(k), found, false)) {
        return false;
      }
    }
    return true;
  }
}
