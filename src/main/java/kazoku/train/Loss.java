package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * What training makes small, and the metric that is shown beside it. Both are means over rows or,
 * where each step has a target, over all valid steps of all rows; padding does not count.
 *
 * @param name the loss's name
 * @param labels whether targets are class labels; they are numbers otherwise
 * @param measure the loss of each row or step
 * @param metricName the metric's name
 * @param metric the metric of each row or step
 */
public record Loss(
    String name, boolean labels, Measure measure, String metricName, Measure metric) {

  private static final Loss SOFTMAX_CROSS_ENTROPY =
      new Loss(
          "softmax cross-entropy", true, Loss::crossEntropy, "accuracy", Loss::predictedRightly);

  private static final Loss MEAN_SQUARED_ERROR =
      new Loss(
          "mean squared error",
          false,
          (tf, output, target) -> mean(tf, tf.math.squaredDifference(output, numbers(target))),
          "mae",
          (tf, output, target) -> mean(tf, tf.math.abs(tf.math.sub(output, numbers(target)))));

  public Loss {
    Checks.given("Loss", "name", name);
    Checks.given("Loss", "measure", measure);
    Checks.given("Loss", "metricName", metricName);
    Checks.given("Loss", "metric", metric);
  }

  /**
   * For classes: {@code −ln softmax(y)_k}, where k is the label and y the output, one number for
   * each class, without an activation (logits). The metric is accuracy: how often the largest
   * output is the label's.
   *
   * @return the loss
   */
  public static Loss softmaxCrossEntropy() {
    return SOFTMAX_CROSS_ENTROPY;
  }

  /**
   * For numbers: {@code (y − target)²}, the mean over the O outputs. The metric is mae, the mean
   * absolute error {@code |y − target|}.
   *
   * @return the loss
   */
  public static Loss meanSquaredError() {
    return MEAN_SQUARED_ERROR;
  }

  @Override
  public String toString() {
    return name;
  }

  /** With one-hot labels: TensorFlow has no native gradient for the sparse form. */
  private static Operand<TFloat32> crossEntropy(
      Ops tf, Operand<TFloat32> output, Operand<? extends TNumber> target) {
    Operand<TInt32> classes = tf.stridedSlice(tf.shape(output), Indices.at(-1));
    Operand<TFloat32> hot = tf.oneHot(target, classes, tf.constant(1f), tf.constant(0f));
    Operand<TFloat32> log = tf.nn.logSoftmax(output);
    return tf.math.neg(tf.reduceSum(tf.math.mul(hot, log), tf.constant(-1)));
  }

  private static Operand<TFloat32> predictedRightly(
      Ops tf, Operand<TFloat32> output, Operand<? extends TNumber> target) {
    Operand<TInt32> predicted = tf.math.argMax(output, tf.constant(-1), TInt32.class);
    return tf.dtypes.cast(
        tf.math.equal(predicted, tf.dtypes.cast(target, TInt32.class)), TFloat32.class);
  }

  private static Operand<TFloat32> mean(Ops tf, Operand<TFloat32> each) {
    return tf.math.mean(each, tf.constant(-1));
  }

  @SuppressWarnings("unchecked") // Targets of a loss without labels are float32.
  private static Operand<TFloat32> numbers(Operand<? extends TNumber> target) {
    return (Operand<TFloat32>) target;
  }
}
