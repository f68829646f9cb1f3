package kazoku;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tensorflow.ndarray.Shape;

/**
 * Layers in a row: each takes what the one before it gives. The weights of each stand under its
 * {@link Layer#name() name}, {@code dense/W}.
 *
 * @param layers the layers, at least one, no two of the same name
 */
public record Sequential(List<Layer> layers) implements Layer {

  public Sequential {
    layers = List.copyOf(layers);
    Checks.require(!layers.isEmpty(), "Sequential", "there must be at least one layer", layers);
    Set<String> names = new HashSet<>();
    for (Layer layer : layers) {
      Checks.require(
          names.add(layer.name()),
          "Sequential",
          "each layer must have a name of its own; rename one, layer.named(\"head\")",
          "\"" + layer.name() + "\" twice");
    }
  }

  /**
   * Layers in a row.
   *
   * @param layers the layers, first to last
   */
  public Sequential(Layer... layers) {
    this(List.of(layers));
  }

  @Override
  public Shape input() {
    return layers.stream()
        .filter(layer -> !takesAny(layer))
        .findFirst()
        .map(Layer::input)
        .orElse(Shape.unknown());
  }

  /** Whether the layer after it says what a row is. */
  private static boolean takesAny(Layer layer) {
    return layer instanceof Named named
        ? takesAny(named.layer())
        : layer instanceof RowLayer && layer.input().isUnknown();
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Signal signal = x;
    for (Layer layer : layers) {
      Weights own = w.in(layer.name());
      Signal taken = signal;
      signal = layer.apply(own, taken);
      own.built(layer, taken, signal);
    }
    return signal;
  }
}
