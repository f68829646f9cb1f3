package kazoku.layers;

import kazoku.Checks;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * Gives back what it takes, and adds to the loss of training how large it is (AR) and how much it
 * changes from step to step (TAR).
 *
 * <pre>
 * α·mean(h_t²) + β·mean((h_t+1 − h_t)²)        h [B, T, H]
 * </pre>
 *
 * <p>Means are over all numbers of all valid steps, and of all pairs of neighbours that are both
 * valid. In the AWD-LSTM α belongs behind the drop-out of the last recurrent layer, and β before
 * it:
 *
 * <pre>{@code
 * new Sequential(
 *     new RNN(new LSTMCell(400, 400)),
 *     new ActivationRegularization(0, 1).named("tar"),
 *     new Dropout(0.4, Draw.EACH_ROW),
 *     new ActivationRegularization(2, 0).named("ar"),
 *     new Dense(400, 10000));
 * }</pre>
 *
 * <p>Source: S. Merity, B. McCann, R. Socher 2017, <a
 * href="https://arxiv.org/abs/1708.01009">arXiv:1708.01009</a>; the paper has the norm, the
 * authors' program the mean of squares. Keras' {@code activity_regularizer} and
 * ActivityRegularization sum over steps and numbers, padding too, and divide by B.
 *
 * @param alpha α, at least 0; the authors have 2
 * @param beta β, at least 0; the authors have 1; 0 for rows without steps
 */
public record ActivationRegularization(double alpha, double beta) implements Layer {
  private static final String PENALTY = "penalty";

  public ActivationRegularization {
    Checks.notNegative("ActivationRegularization", "alpha", alpha);
    Checks.notNegative("ActivationRegularization", "beta", beta);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Ops tf = w.tf();
    Shape shape = Steps.shape("ActivationRegularization", x, beta > 0 ? 3 : 2);
    if (!w.training()) {
      return x;
    }
    Operand<TNumber> h = Vocabulary.number(x.value());
    Operand<TBool> valid = shape.numDimensions() > 2 ? x.validSteps(tf) : null;
    if (alpha > 0) {
      add(w, meanSquare(w, h, valid), alpha);
    }
    if (beta > 0) {
      Operand<TNumber> change = tf.math.sub(after(tf, h), before(tf, h));
      add(w, meanSquare(w, change, tf.math.logicalAnd(after(tf, valid), before(tf, valid))), beta);
    }
    return x;
  }

  /** Adds to what the same layer, applied before, has added already. */
  private static void add(Weights w, Operand<TNumber> mean, double factor) {
    Ops tf = w.tf();
    Operand<TNumber> own = tf.math.mul(mean, number(w, tf.constant(factor)));
    Operand<TNumber> before = w.penalties().get(w.path() + PENALTY);
    w.addPenalty(PENALTY, before == null ? own : tf.math.add(before, own));
  }

  /** The mean square of all numbers of valid steps, or of all numbers. */
  private static Operand<TNumber> meanSquare(
      Weights w, Operand<TNumber> value, Operand<TBool> valid) {
    Ops tf = w.tf();
    int axes = value.asOutput().shape().numDimensions();
    Operand<TNumber> counted = value;
    Operand<TNumber> ones = tf.fill(tf.shape(value), number(w, tf.constant(1)));
    if (valid != null) {
      Operand<TBool> each = Steps.beside(tf, valid, axes);
      counted = tf.select(each, value, tf.zerosLike(value));
      ones = tf.math.mul(ones, number(w, each));
    }
    Operand<TInt32> all = tf.range(tf.constant(0), tf.constant(axes), tf.constant(1));
    Operand<TNumber> count = tf.math.maximum(tf.reduceSum(ones, all), number(w, tf.constant(1)));
    return tf.math.div(tf.reduceSum(tf.math.square(counted), all), count);
  }

  private static Operand<TNumber> number(Weights w, Operand<? extends TType> value) {
    return Vocabulary.number(w.tf().dtypes.cast(value, w.type()));
  }

  private static <T extends TType> Operand<T> before(Ops tf, Operand<T> steps) {
    return tf.stridedSlice(steps, Indices.all(), Indices.sliceTo(-1));
  }

  private static <T extends TType> Operand<T> after(Ops tf, Operand<T> steps) {
    return tf.stridedSlice(steps, Indices.all(), Indices.sliceFrom(1));
  }
}
