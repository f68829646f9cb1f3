package kazoku.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What training makes small, and the metric that is shown beside it. Both are means over rows or,
 * where each step is measured, over all valid steps of all rows; padding does not count.
 *
 * <p>A model with several outputs has a loss for each of them: {@code tags.and("intent", intents,
 * 0.5)}.
 *
 * @param name the loss's name
 * @param labels whether targets are class labels; they are numbers otherwise
 * @param measure the loss of each row or step
 * @param metricName the metric's name
 * @param metric the metric of each row or step
 * @param others the losses of other outputs, by the names under which they stand beside the first
 */
public record Loss(
    String name,
    boolean labels,
    Measure measure,
    String metricName,
    Measure metric,
    Map<String, Weighted> others) {

  /**
   * The loss of another output.
   *
   * @param loss the loss
   * @param weight what it is multiplied by before losses are added
   */
  public record Weighted(Loss loss, double weight) {}

  private static final Loss SOFTMAX_CROSS_ENTROPY =
      new Loss(
          "softmax cross-entropy", true, Loss::crossEntropy, "accuracy", Loss::predictedRightly);

  private static final Loss MEAN_SQUARED_ERROR =
      new Loss(
          "mean squared error",
          false,
          (tf, output, target) ->
              mean(tf, tf.math.squaredDifference(numbers(output), numbers(target))),
          "mae",
          (tf, output, target) ->
              mean(tf, tf.math.abs(tf.math.sub(numbers(output), numbers(target)))));

  public Loss {
    Checks.given("Loss", "name", name);
    Checks.given("Loss", "measure", measure);
    Checks.given("Loss", "metricName", metricName);
    Checks.given("Loss", "metric", metric);
    others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
  }

  /**
   * A loss of one output.
   *
   * @param name the loss's name
   * @param labels whether targets are class labels; they are numbers otherwise
   * @param measure the loss of each row or step
   * @param metricName the metric's name
   * @param metric the metric of each row or step
   */
  public Loss(String name, boolean labels, Measure measure, String metricName, Measure metric) {
    this(name, labels, measure, metricName, metric, Map.of());
  }

  /**
   * The sum of this loss and that of another output. The metric stays that of the first output.
   *
   * @param output the other output's name: {@code signal.beside(output, …)}
   * @param loss its loss
   * @param weight what its loss is multiplied by
   * @return the loss
   */
  public Loss and(String output, Loss loss, double weight) {
    Checks.given("Loss", "loss of " + output, loss);
    Checks.require(
        loss.others.isEmpty(), "Loss", "only the first loss may have others beside it", output);
    Checks.notNegative("Loss", "the weight of " + output, weight);
    Map<String, Weighted> more = new LinkedHashMap<>(others);
    more.put(output, new Weighted(loss, weight));
    return new Loss(name, labels, measure, metricName, metric, more);
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

  /**
   * With one-hot labels, since TensorFlow has no native gradient for the sparse form; and on
   * matrices, since that of LogSoftmax is wrong for more axes: it sums over the second.
   */
  private static Operand<TFloat32> crossEntropy(Ops tf, Signal output, Signal target) {
    Operand<TFloat32> logits = numbers(output);
    Operand<TInt32> classes = tf.stridedSlice(tf.shape(logits), Indices.at(-1));
    Operand<TFloat32> rows = tf.reshape(logits, tf.stack(List.of(tf.constant(-1), classes)));
    Operand<TFloat32> hot =
        tf.oneHot(
            tf.reshape(target.value(), tf.array(-1)), classes, tf.constant(1f), tf.constant(0f));
    Operand<TFloat32> log = tf.nn.logSoftmax(rows);
    Operand<TFloat32> each = tf.math.neg(tf.reduceSum(tf.math.mul(hot, log), tf.constant(-1)));
    return tf.reshape(each, tf.shape(target.value()));
  }

  private static Operand<TFloat32> predictedRightly(Ops tf, Signal output, Signal target) {
    Operand<TInt32> predicted = tf.math.argMax(numbers(output), tf.constant(-1), TInt32.class);
    return tf.dtypes.cast(
        tf.math.equal(predicted, tf.dtypes.cast(target.value(), TInt32.class)), TFloat32.class);
  }

  private static Operand<TFloat32> mean(Ops tf, Operand<TFloat32> each) {
    return tf.math.mean(each, tf.constant(-1));
  }

  @SuppressWarnings("unchecked") // Outputs, and targets of a loss without labels, are float32.
  private static Operand<TFloat32> numbers(Signal signal) {
    return (Operand<TFloat32>) signal.value();
  }
}
