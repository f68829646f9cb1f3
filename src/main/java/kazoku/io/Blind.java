package kazoku.io;

import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * A layer that does not see the mask of its input, as many of Keras' do not: it takes steps that
 * are masked as all others. Lengths it sees.
 *
 * @param layer the layer inside
 * @param keeps whether the output has the mask of the input
 */
record Blind(Layer layer, boolean keeps) implements Layer {
  @Override
  public Signal apply(Weights w, Signal x) {
    Signal y = layer.apply(w, x.masked(null));
    return keeps ? y.masked(x.mask()) : y;
  }

  @Override
  public Shape input() {
    return layer.input();
  }
}
