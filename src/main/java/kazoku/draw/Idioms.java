package kazoku.draw;

import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.BatchStatistics;
import kazoku.Expr;
import org.tensorflow.ndarray.Shape;

/**
 * The idioms that figures and equations know: norms, activations, the cosine of rows. Where there
 * is code that records one, that code makes its pattern.
 */
final class Idioms {
  private static final double ANY = Pattern.ANY_NUMBER;
  private static final Expr ONE = Expr.constant(1);
  private static final Expr ZERO = Expr.constant(0);

  /** All; of two that fit, the first counts. */
  static final List<Idiom> ALL =
      Stream.of(norms(), activations(), functions(), Structures.ALL).flatMap(List::stream).toList();

  private Idioms() {}

  private static List<Idiom> norms() {
    return List.of(
        norm("LN", 2, a -> a.get(0).layerNorm(a.get(1), a.get(2), ANY)),
        norm("LN", 1, a -> a.get(0).layerNorm(a.get(1), ZERO, ANY)),
        norm("LN", 0, a -> a.get(0).layerNorm(ONE, ZERO, ANY)),
        Pattern.spelled("RMS", 1, a -> overRootMeanSquare(a.get(0)).times(a.get(1))),
        Pattern.spelled("RMS", 1, a -> a.get(1).times(overRootMeanSquare(a.get(0)))),
        Pattern.spelled("RMS", 0, a -> overRootMeanSquare(a.get(0))),
        norm("unit", 0, a -> over(a.get(0), a.get(0).square().sum())),
        new Pattern(2, 2, a -> normOf(a, BatchStatistics.ofStep(a.get(0), a.get(1))), Idioms::bn),
        new Pattern(
            2, 2, a -> normOf(a, BatchStatistics.ofSequence(a.get(0), a.get(1))), Idioms::bn),
        new Pattern(
            3,
            2,
            a -> BatchStatistics.normalise(a.get(0), a.get(1), a.get(2), a.get(3), a.get(4), ANY),
            a -> bnOf(a.get(0), a.get(3), a.get(4), a.get(1), a.get(2))),
        new Pattern(1, 0, a -> columnLengths(a.get(0)).rsqrt(), a -> oneOver(a.get(0))));
  }

  private static List<Idiom> activations() {
    return List.of(
        activation("hardσ", "6", Activation.HARD_SIGMOID_SIXTH),
        activation("hardσ", "5", Activation.HARD_SIGMOID_FIFTH),
        activation("leakyrelu", "", Activation.LEAKY_RELU),
        activation("selu", "", Activation.SELU),
        activation("softsign", "", Activation.SOFTSIGN),
        activation("silu", "", Activation.SILU),
        activation("gelu", "", Activation.GELU),
        activation("gelu", "tanh", Activation.GELU_APPROXIMATE),
        activation("mish", "", Activation.MISH),
        activation("ln σ", "", a -> a.negate().softplus().negate()));
  }

  private static List<Idiom> functions() {
    return List.of(
        new Pattern(1, 0, a -> notNegative(a.get(0)), a -> a.get(0).relu()),
        new Pattern(1, 0, a -> safeRoot(a.get(0)), a -> a.get(0).sqrt()),
        Pattern.spelled("modReLU", 1, a -> shrunk(a.get(0), a.get(1))),
        Pattern.spelled("÷Σ", 0, a -> a.get(0).dividedBy(a.get(0).sum())),
        new Pattern(
            1,
            0,
            a -> a.get(0).logSumExp(),
            a -> Known.spelled("ln Σ exp", a.get(0).exp().sum().log(), a)),
        pair("min", Expr::minimum),
        pair("mod", Expr::mod),
        cosine(rows -> rows.square().sum().maximum(Expr.constant(ANY)).sqrt()),
        cosine(rows -> rows.square().sum().plus(ANY).sqrt()));
  }

  private static Idiom norm(String function, int weights, Function<List<Expr>, Expr> pattern) {
    return new Pattern(1, weights, pattern, a -> Known.of(function, 1, a.get(0).shape(), a));
  }

  private static Expr over(Expr a, Expr square) {
    return a.times(square.plus(ANY).rsqrt());
  }

  private static Expr overRootMeanSquare(Expr a) {
    return over(a, a.square().mean());
  }

  private static Expr normOf(List<Expr> a, BatchStatistics statistics) {
    return statistics.normalise(a.get(0), a.get(2), a.get(3), ANY);
  }

  private static Expr bn(List<Expr> a) {
    return bnOf(a.get(0), a.get(2), a.get(3));
  }

  /** Equations do not mention its statistics: they are those of the batch, or running ones. */
  private static Expr bnOf(Expr... values) {
    return Known.elementwise("BN", "", 1, 3, List.of(values));
  }

  /** The squared lengths of columns, with a bound so that nothing is divided by 0. */
  private static Expr columnLengths(Expr a) {
    return a.square().transpose().sum().transpose().maximum(Expr.constant(ANY));
  }

  private static Expr oneOver(Expr a) {
    return ONE.dividedBy(Known.of(Known.LENGTH, 1, Shape.of(1, a.size()), List.of(a)));
  }

  private static Idiom activation(String function, String subscript, Activation activation) {
    return new Pattern(
        1, 0, a -> activation.apply(a.get(0)), a -> Known.elementwise(function, subscript, a));
  }

  private static Idiom pair(String function, BinaryOperator<Expr> pattern) {
    return new Pattern(
        2, 0, a -> pattern.apply(a.get(0), a.get(1)), a -> Known.elementwise(function, "", a));
  }

  /** A weight that counts as 0 where it is negative, and whose gradient passes all the same. */
  private static Expr notNegative(Expr a) {
    return a.plus(a.relu().minus(a).stopGradient());
  }

  /** A root that has the gradient 0 at 0. */
  private static Expr safeRoot(Expr a) {
    Expr positive = a.greaterThan(0);
    return positive.where(positive.where(a, ONE).sqrt(), ZERO);
  }

  private static Expr shrunk(Expr a, Expr shift) {
    return a.sign().times(a.abs().plus(shift).relu());
  }

  /** How similar each row is to each row of another matrix. */
  private static Idiom cosine(UnaryOperator<Expr> length) {
    return new Pattern(
        2,
        0,
        a -> {
          Expr lengths = length.apply(a.get(0)).matmul(length.apply(a.get(1)).transpose());
          return a.get(0).matmul(a.get(1).transpose()).dividedBy(lengths.plus(ANY));
        },
        a ->
            Known.of("cosine", 2, Shape.of(a.get(0).shape().get(-2), a.get(1).shape().get(-2)), a));
  }
}
