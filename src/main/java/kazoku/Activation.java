package kazoku;

import java.util.List;

/**
 * A function that is applied element by element (softmax: along the last axis). Own functions are
 * lambdas: {@code a -> a.tanh().times(1.7)}.
 */
@FunctionalInterface
public interface Activation {

  /** {@code a}. */
  Activation IDENTITY = named("IDENTITY", a -> a);

  /** {@code 1/(1+e^−a)}. */
  Activation SIGMOID = named("SIGMOID", Expr::sigmoid);

  /** {@code tanh(a)}. */
  Activation TANH = named("TANH", Expr::tanh);

  /** {@code max(a, 0)}. */
  Activation RELU = named("RELU", Expr::relu);

  /** {@code min(max(a, 0), 6)}. */
  Activation RELU6 = named("RELU6", a -> a.clip(0, 6));

  /** {@code a} where positive, {@code 0.2·a} elsewhere (TensorFlow's slope). */
  Activation LEAKY_RELU = named("LEAKY_RELU", a -> a.maximum(a.times(0.2)));

  /** {@code a} where positive, {@code e^a − 1} elsewhere. */
  Activation ELU = named("ELU", Expr::elu);

  /** {@code λ·a} where positive, {@code λ·α·(e^a − 1)} elsewhere, λ = 1.0507…, α = 1.6732…. */
  Activation SELU =
      named(
          "SELU",
          a -> {
            double scale = 1.0507009873554805;
            double alpha = 1.6732632423543772;
            Expr negative = a.negate().relu().negate();
            return a.relu().times(scale).plus(negative.elu().times(scale * alpha));
          });

  /** {@code ln(1 + e^a)}. */
  Activation SOFTPLUS = named("SOFTPLUS", Expr::softplus);

  /** {@code a/(1 + |a|)}. */
  Activation SOFTSIGN = named("SOFTSIGN", a -> a.dividedBy(a.abs().plus(1)));

  /** {@code a·σ(a)}; swish. */
  Activation SILU = named("SILU", a -> a.times(a.sigmoid()));

  /** {@code a·Φ(a)} with the normal distribution function, by erf. */
  Activation GELU = named("GELU", a -> a.times(a.times(Math.sqrt(0.5)).erf().plus(1).times(0.5)));

  /** {@code a/2·(1 + tanh(√(2/π)·(a + 0.044715·a³)))}. */
  Activation GELU_APPROXIMATE =
      named(
          "GELU_APPROXIMATE",
          a -> {
            Expr cubed = a.square().times(a);
            Expr inner = a.plus(cubed.times(0.044715)).times(Math.sqrt(2 / Math.PI));
            return a.times(inner.tanh().plus(1).times(0.5));
          });

  /** {@code a·tanh(ln(1 + e^a))}. */
  Activation MISH = named("MISH", a -> a.times(a.softplus().tanh()));

  /** {@code a/6 + 1/2}, cut off at 0 and 1 (PyTorch, Keras 3). */
  Activation HARD_SIGMOID_SIXTH =
      named("HARD_SIGMOID_SIXTH", a -> a.times(1 / 6.0).plus(0.5).clip(0, 1));

  /** {@code a/5 + 1/2}, cut off at 0 and 1 (older Keras, TensorFlow 1). */
  Activation HARD_SIGMOID_FIFTH =
      named("HARD_SIGMOID_FIFTH", a -> a.times(0.2).plus(0.5).clip(0, 1));

  /** {@code a}, cut off at −1 and 1. */
  Activation HARD_TANH = named("HARD_TANH", a -> a.clip(-1, 1));

  /** {@code e^a/Σe^a} along the last axis. */
  Activation SOFTMAX = named("SOFTMAX", Expr::softmax);

  /**
   * Applies the function.
   *
   * @param a the argument
   * @return the value
   */
  Expr apply(Expr a);

  /**
   * The activations of this interface, by name. {@code SWISH} is {@code SILU}; {@code HARD_SIGMOID}
   * is {@code HARD_SIGMOID_SIXTH}.
   *
   * @param name the constant's name
   * @return the activation
   * @throws IllegalArgumentException if there is none
   */
  static Activation valueOf(String name) {
    String key =
        switch (name) {
          case "SWISH" -> "SILU";
          case "HARD_SIGMOID" -> "HARD_SIGMOID_SIXTH";
          default -> name;
        };
    return values().stream()
        .filter(a -> a.toString().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Activation: there is no " + name + "; there are " + values()));
  }

  /**
   * All activations that have a name.
   *
   * @return the constants of this interface
   */
  static List<Activation> values() {
    return List.of(
        IDENTITY,
        SIGMOID,
        TANH,
        RELU,
        RELU6,
        LEAKY_RELU,
        ELU,
        SELU,
        SOFTPLUS,
        SOFTSIGN,
        SILU,
        GELU,
        GELU_APPROXIMATE,
        MISH,
        HARD_SIGMOID_SIXTH,
        HARD_SIGMOID_FIFTH,
        HARD_TANH,
        SOFTMAX);
  }

  /**
   * An activation that prints its name.
   *
   * @param name the name
   * @param function the function
   * @return the activation
   */
  static Activation named(String name, Activation function) {
    return new Activation() {
      @Override
      public Expr apply(Expr a) {
        return function.apply(a);
      }

      @Override
      public String toString() {
        return name;
      }
    };
  }
}
