package kazoku.layers;

import kazoku.Checks;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TNumber;

/**
 * A layer whose input is added to its output.
 *
 * <pre>
 * y = x + layer(x)        x, y of one shape
 * </pre>
 *
 * <p>The layer's weights are under {@code layer/}.
 *
 * @param layer the layer inside, which keeps the shape of its input
 */
public record Residual(Layer layer) implements Layer {

  public Residual {
    Checks.given("Residual", "layer", layer);
  }

  @Override
  public Shape input() {
    return layer.input();
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Weights own = w.in("layer");
    Signal y = layer.apply(own, x);
    own.built(layer, x, y);
    Operand<TNumber> before = Walk.numbers("Residual", w, x.value());
    Operand<TNumber> after = Walk.numbers("Residual", w, y.value());
    Shape shape = before.asOutput().shape();
    Checks.require(
        shape.isCompatibleWith(after.asOutput().shape()),
        "Residual",
        "the layer inside must keep the shape of its input, " + Checks.text(shape),
        after.asOutput().shape());
    return y.with(w.tf().math.add(before, after));
  }
}
