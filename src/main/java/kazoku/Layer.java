package kazoku;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TNumber;

/**
 * A layer: takes signals of a graph and gives signals back, with weights under a path of the
 * caller's. It keeps no state: the same layer applied twice to the same weights shares them.
 */
@FunctionalInterface
public interface Layer {

  /**
   * Builds the layer in the graph of the weights. One that sees other steps of a sequence beside
   * the one it makes, and is no recurrence, says so, {@link Weights#acrossSteps}.
   *
   * @param w the weights, at the layer's path: {@code weights.in("encoder")}
   * @param x the input
   * @return the output
   * @throws IllegalArgumentException if the input does not fit
   */
  Signal apply(Weights w, Signal x);

  /**
   * Builds the layer on a plain operand.
   *
   * @param <T> the working type
   * @param w the weights, at the layer's path
   * @param x the input
   * @return the output
   * @throws IllegalArgumentException if the input does not fit
   */
  @SuppressWarnings("unchecked") // Checked here.
  default <T extends TNumber> Operand<T> apply(Weights w, Operand<T> x) {
    Operand<? extends TNumber> y = apply(w, Signal.of(x)).value();
    Checks.require(
        y.type() == x.type(),
        name(),
        "the output is "
            + y.type().getSimpleName()
            + " and not of the input's type; use apply(w, Signal.of(x)).value()",
        x.type().getSimpleName());
    return (Operand<T>) y;
  }

  /**
   * The shape of one row of the input, be it a sample or a step.
   *
   * @return for example {@code [I]}; unknown where the layer takes any
   */
  default Shape input() {
    return Shape.unknown();
  }

  /**
   * What a container calls the layer where nobody gives it a name.
   *
   * @return the class's name with a small first letter, {@code dense}; {@code layer} for a lambda
   */
  default String name() {
    String simple = getClass().getSimpleName();
    if (!simple.matches("\\w+")) {
      return "layer";
    }
    boolean acronym = simple.length() > 1 && Character.isUpperCase(simple.charAt(1));
    return acronym
        ? simple.toLowerCase(java.util.Locale.ROOT)
        : Character.toLowerCase(simple.charAt(0)) + simple.substring(1);
  }

  /**
   * The layer under a name of its own.
   *
   * @param name the name, which becomes its part of the weights' path
   * @return the named layer
   */
  default Layer named(String name) {
    return new Named(name, this);
  }

  /**
   * A layer with a name.
   *
   * @param name the name
   * @param layer the layer
   */
  record Named(String name, Layer layer) implements Layer {
    @Override
    public Signal apply(Weights w, Signal x) {
      return layer.apply(w, x);
    }

    @Override
    public Shape input() {
      return layer.input();
    }
  }
}
