package kazoku.train;

import java.util.List;
import kazoku.Checks;
import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Cross-entropy from logits. {@code tensorflow-framework} has no class weights; its sparse form has
 * no gradient, its categorical one refuses steps and divides the smoothing by −1 where the number
 * of classes is not known while building.
 *
 * @param form what targets are
 * @param smoothing ε
 * @param classWeights w; empty for ones
 */
record CrossEntropy(Form form, double smoothing, List<Double> classWeights) implements Measure {

  /** What targets are. */
  enum Form {
    /** For each output, how likely it is. */
    BINARY,
    /** How likely each class is. */
    CATEGORICAL,
    /** A label. */
    SPARSE
  }

  CrossEntropy(Form form) {
    this(form, 0, List.of());
  }

  @Override
  public Operand<TFloat32> each(Ops tf, Signal output, Signal target) {
    Operand<TFloat32> y = Numbers.of(output);
    Operand<TFloat32> each =
        switch (form) {
          case BINARY -> binary(tf, y, Numbers.of(target));
          case CATEGORICAL -> categorical(tf, y, Numbers.of(target));
          case SPARSE -> categorical(tf, y, Numbers.oneHot(tf, output, target));
        };
    return each;
  }

  private Operand<TFloat32> binary(Ops tf, Operand<TFloat32> y, Operand<TFloat32> t) {
    requireWeights(2, "2 for a binary one");
    Operand<TFloat32> smooth = t;
    if (smoothing > 0) {
      smooth = tf.math.add(tf.math.mul(t, number(tf, 1 - smoothing)), number(tf, smoothing / 2));
    }
    Operand<TFloat32> yes = tf.math.mul(smooth, tf.math.softplus(tf.math.neg(y)));
    Operand<TFloat32> no = tf.math.mul(tf.math.sub(number(tf, 1), smooth), tf.math.softplus(y));
    if (!classWeights.isEmpty()) {
      no = tf.math.mul(no, number(tf, classWeights.get(0)));
      yes = tf.math.mul(yes, number(tf, classWeights.get(1)));
    }
    return tf.math.mean(tf.math.add(yes, no), tf.constant(-1));
  }

  private Operand<TFloat32> categorical(Ops tf, Operand<TFloat32> y, Operand<TFloat32> t) {
    Operand<TFloat32> log = logSoftmax(tf, y);
    if (!classWeights.isEmpty()) {
      Shape shape = y.asOutput().shape();
      long classes = shape.isUnknown() ? Shape.UNKNOWN_SIZE : shape.get(-1);
      requireWeights(classes, classes + ", as the output has");
      float[] weights = new float[classWeights.size()];
      for (int k = 0; k < weights.length; k++) {
        weights[k] = classWeights.get(k).floatValue();
      }
      log = tf.math.mul(log, tf.constant(weights));
    }
    Operand<TInt32> last = tf.constant(-1);
    Operand<TFloat32> likely = tf.reduceSum(tf.math.mul(t, log), last);
    if (smoothing > 0) {
      likely =
          tf.math.add(
              tf.math.mul(likely, number(tf, 1 - smoothing)),
              tf.math.mul(tf.math.mean(log, last), number(tf, smoothing)));
    }
    return tf.math.neg(likely);
  }

  /** On a matrix, since the native gradient is wrong for more axes: it sums over the second. */
  static Operand<TFloat32> logSoftmax(Ops tf, Operand<TFloat32> y) {
    Operand<TInt32> classes = tf.stridedSlice(tf.shape(y), Indices.at(-1));
    Operand<TFloat32> rows = tf.reshape(y, tf.stack(List.of(tf.constant(-1), classes)));
    return tf.reshape(tf.nn.logSoftmax(rows), tf.shape(y));
  }

  private void requireWeights(long needed, String text) {
    Checks.require(
        classWeights.isEmpty() || needed < 0 || classWeights.size() == needed,
        "Loss",
        "the class weights of a cross-entropy must be " + text,
        classWeights.size());
  }

  private static Operand<TFloat32> number(Ops tf, double value) {
    return tf.constant((float) value);
  }
}
