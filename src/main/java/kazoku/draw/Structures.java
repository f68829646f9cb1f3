package kazoku.draw;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import kazoku.Expr;
import kazoku.Primitive;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** Idioms whose operations are as many, or have such numbers, as the sizes of a cell ask for. */
final class Structures {
  static final List<Idiom> ALL =
      List.of(
          (value, inside) ->
              product(value, "cumsum", Vocabulary.DOT, m -> isTriangle(m, 0), inside),
          (value, inside) ->
              product(value, "triu", Vocabulary.TIMES, m -> isTriangle(m, 1), inside),
          Structures::permuted,
          Structures::rolled,
          Structures::oneHot,
          Structures::blockDiagonal,
          Structures::matrixExponential);

  private Structures() {}

  // Products with given matrices

  private interface Matrix {
    boolean is(Expr matrix);
  }

  private static Optional<Expr> product(
      Expr value, String function, Primitive product, Matrix matrix, UnaryOperator<Expr> inside) {
    boolean is = value.primitive() == product && matrix.is(value.inputs().get(1));
    return is
        ? Optional.of(
            Known.of(function, 1, value.shape(), List.of(inside.apply(value.inputs().get(0)))))
        : Optional.empty();
  }

  /** Whether a matrix has ones so far above its diagonal, and zeros below. */
  private static boolean isTriangle(Expr matrix, int above) {
    if (!(matrix.primitive() instanceof Vocabulary.Numbers numbers) || !isSquare(matrix)) {
      return false;
    }
    int size = (int) matrix.shape().get(0);
    double[] ones = new double[size * size];
    Arrays.setAll(ones, k -> k / size + above <= k % size ? 1 : 0);
    return Arrays.equals(numbers.values(), ones);
  }

  private static Optional<Expr> permuted(Expr value, UnaryOperator<Expr> inside) {
    boolean is =
        value.primitive() == Vocabulary.DOT
            && value.inputs().get(1).primitive() instanceof Vocabulary.Numbers numbers
            && isSquare(value.inputs().get(1))
            && isPermutation(numbers.values());
    return is
        ? Optional.of(spelled("permute", value, inside, value.inputs().get(0)))
        : Optional.empty();
  }

  private static boolean isPermutation(double[] values) {
    double ones = Arrays.stream(values).filter(v -> v == 1).count();
    return ones * ones == values.length && Arrays.stream(values).allMatch(v -> v == 0 || v == 1);
  }

  private static boolean isSquare(Expr matrix) {
    return matrix.shape().numDimensions() == 2
        && matrix.shape().get(0) == matrix.shape().get(1)
        && matrix.size() > 1;
  }

  private static Expr spelled(
      String function, Expr value, UnaryOperator<Expr> inside, Expr... values) {
    Expr spelled = Expr.of(value.primitive(), value.inputs().stream().map(inside).toList());
    return Known.spelled(function, spelled, Arrays.stream(values).map(inside).toList());
  }

  // Parts put together

  /** Two unnamed parts of one value that have changed places. */
  private static Optional<Expr> rolled(Expr value, UnaryOperator<Expr> inside) {
    List<Expr> in = value.inputs();
    boolean parts =
        value.primitive() instanceof Axes.Concat concat
            && in.size() == 2
            && in.get(0).primitive() instanceof Axes.Part last
            && in.get(1).primitive() instanceof Axes.Part first
            && in.stream().noneMatch(part -> part.name().isPresent())
            && in.get(0).inputs().equals(in.get(1).inputs())
            && concat.axis() == -1
            && last.axis() == -1
            && last.sizes().equals(first.sizes())
            && last.sizes().size() == 2
            && first.index() == 0
            && last.index() == 1;
    if (!parts) {
      return Optional.empty();
    }
    Expr whole = inside.apply(in.get(0).inputs().get(0));
    Expr shift = Expr.constant(in.get(0).size());
    return Optional.of(Known.of("roll", 2, whole.shape(), List.of(whole, shift)));
  }

  /** A product whose matrix has blocks on the diagonal and zeros elsewhere. */
  private static Optional<Expr> blockDiagonal(Expr value, UnaryOperator<Expr> inside) {
    List<Expr> in = value.inputs();
    if (!(value.primitive() instanceof Axes.Concat)
        || !in.stream().allMatch(v -> unformed(v).primitive() == Vocabulary.DOT)) {
      return Optional.empty();
    }
    List<Expr> slices = in.stream().map(v -> unformed(v).inputs().get(0)).toList();
    List<Expr> blocks = in.stream().map(v -> unformed(unformed(v).inputs().get(1))).toList();
    return areTheParts(slices) && areTheParts(blocks)
        ? Optional.of(
            spelled(
                Known.BLOCK_DIAGONAL,
                value,
                inside,
                slices.get(0).inputs().get(0),
                blocks.get(0).inputs().get(0)))
        : Optional.empty();
  }

  private static boolean areTheParts(List<Expr> values) {
    return IntStream.range(0, values.size())
        .allMatch(
            k ->
                values.get(k).primitive() instanceof Axes.Part part
                    && part.index() == k
                    && values.get(k).inputs().equals(values.get(0).inputs()));
  }

  private static Expr unformed(Expr value) {
    return value.primitive() instanceof Axes.Reshape ? value.inputs().get(0) : value;
  }

  // Others

  /** A row of zeros but for a one at a place. */
  private static Optional<Expr> oneHot(Expr value, UnaryOperator<Expr> inside) {
    boolean ones =
        value.primitive() == Vocabulary.WHERE
            && value.inputs().get(0).primitive() == Vocabulary.EQUAL
            && Vocabulary.isConstant(value.inputs().get(1), 1)
            && Vocabulary.isConstant(value.inputs().get(2), 0);
    if (!ones) {
      return Optional.empty();
    }
    Expr distance = value.inputs().get(0).inputs().get(0);
    boolean places =
        distance.primitive() == Vocabulary.MINUS
            && distance.inputs().get(0).primitive() instanceof Vocabulary.Numbers;
    return places
        ? Optional.of(spelled("1-hot", value, inside, distance.inputs().get(1)))
        : Optional.empty();
  }

  /** A Taylor polynomial of a matrix divided by a power of two, squared as often. */
  private static Optional<Expr> matrixExponential(Expr value, UnaryOperator<Expr> inside) {
    int squarings = 0;
    Expr power = value;
    while (power.primitive() == Vocabulary.DOT && power.inputs().get(0) == power.inputs().get(1)) {
      power = power.inputs().get(0);
      squarings++;
    }
    Expr scaled = null;
    int degree = 0;
    while (power.primitive() == Vocabulary.PLUS
        && power.inputs().get(1).primitive() instanceof Vocabulary.Identity) {
      Expr term = power.inputs().get(0);
      degree++;
      Expr product = degree == 1 ? term : factor(term, 1.0 / degree);
      boolean next =
          product != null
              && product.primitive() == Vocabulary.DOT
              && (scaled == null || scaled == product.inputs().get(0));
      if (!next) {
        return Optional.empty();
      }
      scaled = product.inputs().get(0);
      power = product.inputs().get(1);
    }
    Expr exponent =
        degree > 1 && power.primitive() instanceof Vocabulary.Identity
            ? factor(scaled, Math.scalb(1.0, -squarings))
            : null;
    return Optional.ofNullable(exponent)
        .map(of -> Known.of("expm", 1, value.shape(), List.of(inside.apply(of))));
  }

  /** What is multiplied by a number; null if nothing is. */
  private static Expr factor(Expr product, double number) {
    boolean is =
        product.primitive() == Vocabulary.TIMES
            && Vocabulary.isConstant(product.inputs().get(1), number);
    return is ? product.inputs().get(0) : null;
  }
}
