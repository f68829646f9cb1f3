package kazoku.layers;

import kazoku.Checks;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TNumber;

/**
 * Steps all of whose numbers have a certain value are not valid: what is padded so, is passed over
 * by the layers that follow.
 *
 * <pre>
 * valid_t = any(x_t ≠ value)        x [B, T, I]
 * y_t     = x_t where valid, 0 elsewhere
 * </pre>
 *
 * <p>The steps become the mask of the output; lengths and a mask that are there hold as well. It is
 * Keras' Masking. Where the lengths of rows are known, {@link kazoku.train.Sequences} has them, and
 * there is no need of it.
 *
 * @param value the value, a finite number; 0 by default
 */
public record Masking(double value) implements Layer {

  public Masking {
    Checks.require(Double.isFinite(value), "Masking", "value must be a finite number", value);
  }

  /** Steps of zeros are not valid. */
  public Masking() {
    this(0);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Ops tf = w.tf();
    Shape shape = Steps.shape("Masking", x, 3);
    Checks.require(
        shape.numDimensions() == 3, "Masking", "input must be sequences [B, T, I]", shape);
    Operand<TNumber> steps = Walk.numbers("Masking", w, x.value());
    Operand<TNumber> padding = Vocabulary.number(tf.dtypes.cast(tf.constant(value), steps.type()));
    Operand<TBool> valid = tf.reduceAny(tf.math.notEqual(steps, padding), tf.constant(-1));
    Operand<TBool> all = x.mask() == null ? valid : tf.math.logicalAnd(x.mask(), valid);
    Operand<TNumber> kept = tf.select(Steps.beside(tf, valid, 3), steps, tf.zerosLike(steps));
    return x.with(kept).masked(all);
  }
}
