package kazoku.draw;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import kazoku.Activation;
import kazoku.BatchStatistics;
import kazoku.Expr;
import kazoku.Level;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * Something that is recorded as several operations and read as one: silu, layer norm. A recorded
 * value is an idiom if it has the form of a pattern, which is recorded by the very code that
 * records the value wherever there is such code.
 *
 * @param form how it is written
 * @param whole its form, of the holes and weights
 * @param holes what stands for values in it
 * @param weights what stands for weights in it
 * @param alongAxis whether elements of the last axis see each other
 */
record Pattern(Form form, Expr whole, List<Expr> holes, List<Expr> weights, boolean alongAxis) {
  private static final Expr A = leaf("a", Level.STEP);
  private static final Expr B = leaf("b", Level.STEP);
  private static final Expr ROWS = Vocabulary.leaf("rows", Shape.of(2, 7), Level.STEP);
  private static final Expr MEMORY = Vocabulary.leaf("memory", Shape.of(5, 7), Level.STEP);
  private static final Expr X = leaf("x", Level.SEQUENCE);
  private static final Expr VALID = Vocabulary.leaf("valid", Shape.of(1), Level.SEQUENCE);
  private static final Expr GAIN = leaf("gain", Level.WEIGHT);
  private static final Expr SHIFT = leaf("shift", Level.WEIGHT);
  private static final Expr MEAN = leaf("mean", Level.WEIGHT);
  private static final Expr VARIANCE = leaf("variance", Level.WEIGHT);

  /** Stands for any number. */
  private static final double ANY = Double.MIN_VALUE;

  private static final Expr ONE = Expr.constant(1);

  private static final List<Pattern> ALL =
      List.of(
          function("LN", A.layerNorm(ONE, Expr.constant(0), ANY)),
          new Pattern(
              name("LN"), A.layerNorm(GAIN, SHIFT, ANY), List.of(A), List.of(GAIN, SHIFT), true),
          new Pattern(
              name("RMS"), unit(A.square().mean()).times(GAIN), List.of(A), List.of(GAIN), true),
          new Pattern(
              name("RMS"), GAIN.times(unit(A.square().mean())), List.of(A), List.of(GAIN), true),
          along(name("RMS"), unit(A.square().mean())),
          function("unit", unit(A.square().sum())),
          function("÷Σ", A.dividedBy(A.sum())),
          along(Form.brackets("‖", "‖"), A.square().sum().maximum(Expr.constant(ANY)).sqrt()),
          along(Form.brackets("‖", "‖"), A.square().sum().plus(ANY).sqrt()),
          along(name("ln Σ exp"), A.logSumExp()),
          new Pattern(
              name("BN"),
              BatchStatistics.normalise(A, MEAN, VARIANCE, GAIN, SHIFT, ANY),
              List.of(A),
              List.of(MEAN, VARIANCE, GAIN, SHIFT),
              false),
          new Pattern(
              name("BN"),
              BatchStatistics.ofStep(A, VALID).normalise(A, GAIN, SHIFT, ANY),
              List.of(A),
              List.of(GAIN, SHIFT),
              false),
          new Pattern(
              name("BN"),
              BatchStatistics.ofSequence(X, VALID).normalise(X, GAIN, SHIFT, ANY),
              List.of(X),
              List.of(GAIN, SHIFT),
              false),
          new Pattern(
              name("BN"),
              A.minus(B).times(X.plus(ANY).rsqrt()).times(GAIN).plus(SHIFT),
              List.of(A, B, X),
              List.of(GAIN, SHIFT),
              true),
          new Pattern(
              name("modReLU"),
              A.sign().times(A.abs().plus(SHIFT).relu()),
              List.of(A),
              List.of(SHIFT),
              false),
          activation("hard σ", Activation.HARD_SIGMOID_SIXTH),
          activation("hard σ", Activation.HARD_SIGMOID_FIFTH),
          activation("hard tanh", Activation.HARD_TANH),
          activation("relu6", Activation.RELU6),
          activation("leaky relu", Activation.LEAKY_RELU),
          activation("selu", Activation.SELU),
          activation("softsign", Activation.SOFTSIGN),
          activation("silu", Activation.SILU),
          activation("gelu", Activation.GELU),
          activation("gelu", Activation.GELU_APPROXIMATE),
          activation("mish", Activation.MISH),
          activation("ln σ", a -> a.negate().softplus().negate()),
          activation("√", Pattern::root),
          operation("min", A.minimum(B), A, B),
          operation("mod", A.mod(B), A, B),
          operation("cos", cosine(Pattern::bounded), ROWS, MEMORY),
          operation("cos", cosine(a -> a.square().sum().plus(ANY).sqrt()), ROWS, MEMORY));

  private static Expr leaf(String name, Level level) {
    return Vocabulary.leaf(name, Shape.of(7), level);
  }

  private static Form name(String name) {
    return Form.function(Lettering.plain(name));
  }

  private static Pattern along(Form form, Expr pattern) {
    return new Pattern(form, pattern, List.of(A), List.of(), true);
  }

  private static Pattern function(String name, Expr pattern) {
    return along(name(name), pattern);
  }

  private static Pattern activation(String name, Activation function) {
    return new Pattern(name(name), function.apply(A), List.of(A), List.of(), false);
  }

  private static Pattern operation(String name, Expr pattern, Expr... holes) {
    return new Pattern(name(name), pattern, List.of(holes), List.of(), true);
  }

  /** Divided by the root of something. */
  private static Expr unit(Expr square) {
    return A.times(square.plus(ANY).rsqrt());
  }

  /** The root, with the gradient 0 where it is 0. */
  private static Expr root(Expr square) {
    Expr positive = square.greaterThan(0);
    Expr root = positive.where(square, ONE).sqrt();
    return positive.where(root, Expr.constant(0));
  }

  private static Expr bounded(Expr rows) {
    return rows.square().sum().maximum(Expr.constant(ANY)).sqrt();
  }

  /** How similar each row is to each row of a memory. */
  private static Expr cosine(java.util.function.UnaryOperator<Expr> norm) {
    Expr lengths = norm.apply(ROWS).matmul(norm.apply(MEMORY).transpose());
    return ROWS.matmul(MEMORY.transpose()).dividedBy(lengths.plus(ANY));
  }

  /** A value that is an idiom, and what stands in the place of its holes and weights. */
  record Match(Pattern pattern, Map<Expr, Expr> bound) {
    List<Expr> values() {
      return pattern.holes.stream().map(bound::get).toList();
    }

    List<Expr> weights() {
      return pattern.weights.stream().map(bound::get).toList();
    }
  }

  /** The idiom that a value is. */
  static Optional<Match> of(Expr value) {
    for (Pattern pattern : ALL) {
      Map<Expr, Expr> bound = new IdentityHashMap<>();
      if (pattern.matches(pattern.whole, value, bound)) {
        return Optional.of(new Match(pattern, bound));
      }
    }
    return Optional.empty();
  }

  private boolean matches(Expr part, Expr value, Map<Expr, Expr> bound) {
    boolean hole = holes.contains(part) || part == VALID;
    if (hole || weights.contains(part)) {
      boolean fits = hole || value.level() == Level.WEIGHT;
      return fits && bound.computeIfAbsent(part, p -> value) == value;
    }
    boolean any =
        part.primitive() instanceof Vocabulary.Constant constant && constant.value() == ANY;
    if (any) {
      return Symbols.number(value).isPresent();
    }
    return Prints.operation(part).equals(Prints.operation(value))
        && part.inputs().size() == value.inputs().size()
        && IntStream.range(0, part.inputs().size())
            .allMatch(k -> matches(part.inputs().get(k), value.inputs().get(k), bound));
  }

  /** What a value is a cyclic shift of. */
  static Optional<Expr> rolled(Expr value) {
    if (!(value.primitive() instanceof Axes.Concat) || value.inputs().size() != 2) {
      return Optional.empty();
    }
    Expr first = value.inputs().get(0);
    Expr second = value.inputs().get(1);
    boolean swapped =
        first.primitive() instanceof Axes.Part a
            && second.primitive() instanceof Axes.Part b
            && first.inputs().get(0) == second.inputs().get(0)
            && a.sizes().equals(b.sizes())
            && a.sizes().size() == 2
            && a.index() == 1
            && b.index() == 0;
    return swapped ? Optional.of(first.inputs().get(0)) : Optional.empty();
  }

  /** What a value is a row for, of zeros but for a one at its place. */
  static Optional<Expr> oneHot(Expr value) {
    if (value.primitive() != Vocabulary.WHERE) {
      return Optional.empty();
    }
    Expr equal = value.inputs().get(0);
    boolean ones =
        Vocabulary.isConstant(value.inputs().get(1), 1)
            && Vocabulary.isConstant(value.inputs().get(2), 0);
    if (!ones || equal.primitive() != Vocabulary.EQUAL) {
      return Optional.empty();
    }
    Expr distance = equal.inputs().get(0);
    boolean places =
        distance.primitive() == Vocabulary.MINUS
            && distance.inputs().get(0).primitive() instanceof Vocabulary.Numbers;
    return places ? Optional.of(distance.inputs().get(1)) : Optional.empty();
  }

  /** A product whose matrix has blocks on the diagonal and zeros elsewhere. */
  record Diagonal(Expr value, Expr blocks) {}

  /** What a value is such a product of. */
  static Optional<Diagonal> diagonal(Expr value) {
    Diagonal found = null;
    if (!(value.primitive() instanceof Axes.Concat)) {
      return Optional.empty();
    }
    for (int k = 0; k < value.inputs().size(); k++) {
      Expr product = unformed(value.inputs().get(k));
      if (product.primitive() != Vocabulary.DOT) {
        return Optional.empty();
      }
      Expr slice = product.inputs().get(0);
      Expr block = unformed(product.inputs().get(1));
      boolean parts =
          slice.primitive() instanceof Axes.Part a
              && block.primitive() instanceof Axes.Part b
              && a.index() == k
              && b.index() == k;
      if (!parts) {
        return Optional.empty();
      }
      Diagonal one = new Diagonal(slice.inputs().get(0), block.inputs().get(0));
      if (found != null && !(found.value == one.value && found.blocks == one.blocks)) {
        return Optional.empty();
      }
      found = one;
    }
    return Optional.ofNullable(found);
  }

  private static Expr unformed(Expr value) {
    return value.primitive() instanceof Axes.Reshape ? value.inputs().get(0) : value;
  }
}
