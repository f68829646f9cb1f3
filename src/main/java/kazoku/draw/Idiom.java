package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kazoku.Activation;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * Something that is recorded as several operations and read as one: silu, layer norm. A recorded
 * value is an idiom if it has the form of a pattern, which is recorded by the very code that
 * records the value.
 *
 * @param label how it is written
 * @param pattern its form
 * @param holes what stands for values in it
 * @param weights what stands for weights in it
 */
record Idiom(String label, Expr pattern, List<Expr> holes, List<Expr> weights) {
  private static final Expr A = Vocabulary.leaf("a", Shape.of(7), Level.STEP);
  private static final Expr B = Vocabulary.leaf("b", Shape.of(7), Level.STEP);
  private static final Expr GAIN = Vocabulary.leaf("gain", Shape.of(7), Level.WEIGHT);
  private static final Expr SHIFT = Vocabulary.leaf("shift", Shape.of(7), Level.WEIGHT);

  /** Matches any number. */
  private static final double ANY = Double.MIN_VALUE;

  private static final List<Idiom> ALL =
      List.of(
          new Idiom("LN", A.layerNorm(GAIN, SHIFT, ANY), List.of(A), List.of(GAIN, SHIFT)),
          function("hard σ", Activation.HARD_SIGMOID_SIXTH),
          function("hard σ", Activation.HARD_SIGMOID_FIFTH),
          function("hard tanh", Activation.HARD_TANH),
          function("relu6", Activation.RELU6),
          function("leaky relu", Activation.LEAKY_RELU),
          function("selu", Activation.SELU),
          function("softsign", Activation.SOFTSIGN),
          function("silu", Activation.SILU),
          function("gelu", Activation.GELU),
          function("gelu", Activation.GELU_APPROXIMATE),
          function("mish", Activation.MISH),
          function("ln Σ exp", Expr::logSumExp),
          function("‖·‖", a -> a.square().sum().maximum(Expr.constant(ANY)).sqrt()),
          function("‖·‖", a -> a.square().sum().sqrt()),
          new Idiom("min", A.minimum(B), List.of(A, B), List.of()),
          new Idiom("mod", A.mod(B), List.of(A, B), List.of()));

  private static Idiom function(String label, Activation function) {
    return new Idiom(label, function.apply(A), List.of(A), List.of());
  }

  /** A value that is an idiom, and what stands in the place of its holes and weights. */
  record Match(Idiom idiom, Map<Expr, Expr> bound) {
    List<Expr> values() {
      return idiom.holes.stream().map(bound::get).toList();
    }

    List<Expr> weights() {
      return idiom.weights.stream().map(bound::get).toList();
    }
  }

  /** The idiom that a value is. */
  static Optional<Match> of(Expr value) {
    for (Idiom idiom : ALL) {
      Map<Expr, Expr> bound = new java.util.IdentityHashMap<>();
      if (idiom.matches(idiom.pattern, value, bound)) {
        return Optional.of(new Match(idiom, bound));
      }
    }
    return Optional.empty();
  }

  private boolean matches(Expr pattern, Expr value, Map<Expr, Expr> bound) {
    if (holes.contains(pattern) || weights.contains(pattern)) {
      boolean fits = holes.contains(pattern) || value.level() == Level.WEIGHT;
      return fits && bound.computeIfAbsent(pattern, p -> value) == value;
    }
    return same(pattern.primitive(), value.primitive())
        && pattern.inputs().size() == value.inputs().size()
        && java.util.stream.IntStream.range(0, pattern.inputs().size())
            .allMatch(k -> matches(pattern.inputs().get(k), value.inputs().get(k), bound));
  }

  private static boolean same(Primitive pattern, Primitive value) {
    if (pattern instanceof Vocabulary.Constant a && value instanceof Vocabulary.Constant b) {
      return a.value() == ANY || a.value() == b.value();
    }
    if (pattern instanceof Vocabulary.Clip a && value instanceof Vocabulary.Clip b) {
      return a.low() == b.low() && a.high() == b.high();
    }
    return pattern == value;
  }

  /**
   * What is moved in a cyclic shift.
   *
   * @param value any value
   * @return what the value is a shift of
   */
  static Optional<Expr> rolled(Expr value) {
    if (value.primitive() instanceof Axes.Concat && value.inputs().size() == 2) {
      List<Expr> whole = new ArrayList<>();
      for (Expr block : value.inputs()) {
        if (block.primitive() instanceof Axes.Part part && part.sizes().size() == 2) {
          whole.add(block.inputs().get(0));
        }
      }
      if (whole.size() == 2 && whole.get(0) == whole.get(1)) {
        return Optional.of(whole.get(0));
      }
    }
    return Optional.empty();
  }
}
