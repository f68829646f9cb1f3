package kazoku.layers;

import java.util.ArrayList;
import java.util.List;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * A layer that is applied to each step of a sequence as if it were a row of its own: {@code [B, T,
 * …]} becomes {@code [B·T, …]} for the layer inside, and its output is cut in steps again. Only
 * valid steps are given to it; the others are zeros.
 *
 * <p>A {@link kazoku.RowLayer} ({@link Dense}, the norms, drop-out) does not need it: it takes
 * {@code [B, T, I]} as it is. It is for layers that see more than one axis of a row: a recurrence
 * over the letters {@code [B, T, N]} of each word, {@code new TimeDistributed(new Sequential(new
 * Embedding(128, 16, 0), new RNN(new GRUCell(16, 32)).last()))}.
 *
 * <p>The weights of the layer inside are under {@code layer/}. What stands beside the signal does
 * not reach it. Its recurrences begin anew for each step, also where states are {@linkplain
 * Weights#carrying carried} from step to step outside of it.
 *
 * @param layer the layer inside
 */
public record TimeDistributed(Layer layer) implements Layer {

  public TimeDistributed {
    Checks.given("TimeDistributed", "layer", layer);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Ops tf = w.tf();
    Steps.shape("TimeDistributed", x, 2);
    Operand<TNumber> value = Vocabulary.number(x.value());
    List<Operand<TInt32>> leading = List.of(Steps.size(tf, value, 0), Steps.size(tf, value, 1));
    Operand<TInt32> count = tf.math.mul(leading.get(0), leading.get(1));
    Operand<TNumber> rows = reshaped(tf, value, List.of(count), 2);

    Operand<TBool> valid = x.valid(tf);
    if (valid == null) {
      return x.with(reshaped(tf, inside(w, rows), leading, 1));
    }
    Operand<TInt64> places = tf.where(tf.reshape(valid, tf.constant(new int[] {-1})));
    Operand<TNumber> taken =
        tf.gather(
            rows,
            tf.squeeze(places, org.tensorflow.op.core.Squeeze.axis(List.of(1L))),
            tf.constant(0));
    Operand<TNumber> y = inside(w, taken);
    Operand<TNumber> all =
        tf.scatterNd(tf.dtypes.cast(places, TInt32.class), y, sizes(tf, y, List.of(count), 1));
    return x.with(reshaped(tf, all, leading, 1));
  }

  private Operand<TNumber> inside(Weights w, Operand<TNumber> rows) {
    Weights own = w.in("layer").carrying(null);
    Signal each = Signal.of(rows);
    Signal y = layer.apply(own, each);
    own.built(layer, each, y);
    Shape shape = y.value().asOutput().shape();
    Checks.require(
        !shape.isUnknown() && shape.numDimensions() > 0,
        "TimeDistributed",
        "the layer inside must give rows [B, …]",
        shape);
    return Vocabulary.number(y.value());
  }

  /** The value with other axes in the place of its first ones. */
  private static Operand<TNumber> reshaped(
      Ops tf, Operand<TNumber> value, List<Operand<TInt32>> leading, int replaced) {
    return tf.reshape(value, sizes(tf, value, leading, replaced));
  }

  private static Operand<TInt32> sizes(
      Ops tf, Operand<TNumber> value, List<Operand<TInt32>> leading, int replaced) {
    List<Operand<TInt32>> sizes = new ArrayList<>(leading);
    for (int axis = replaced; axis < value.asOutput().shape().numDimensions(); axis++) {
      sizes.add(Steps.size(tf, value, axis));
    }
    return tf.stack(sizes);
  }
}
