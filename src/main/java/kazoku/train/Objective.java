package kazoku.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A loss in a graph, for one kind of targets.
 *
 * @param loss the loss
 * @param targets where the targets of each output are fed
 * @param training of the pass that can be trained
 * @param inference of the pass that cannot
 */
record Objective(Loss loss, Map<String, Pass.Port> targets, Means training, Means inference) {

  /**
   * Which objective it is.
   *
   * @param loss the loss
   * @param withSteps which outputs have targets for steps
   */
  record Key(Loss loss, Map<String, Boolean> withSteps) {}

  /**
   * Means over all that is measured of a batch.
   *
   * @param total what training makes small: the loss of all outputs, and penalties
   * @param loss the loss of all outputs
   * @param count how many rows or steps of the first output the loss is a mean of
   * @param metric the metric of the first output
   * @param metricCount how many the metric is a mean of
   */
  record Means(
      Operand<TFloat32> total,
      Operand<TFloat32> loss,
      Operand<TFloat32> count,
      Operand<TFloat32> metric,
      Operand<TFloat32> metricCount) {}

  static Objective build(Weights weights, Key key, Pass training, Pass inference) {
    Ops tf = weights.tf();
    Map<String, Pass.Port> targets = new LinkedHashMap<>();
    losses(key.loss())
        .forEach(
            (output, loss) ->
                targets.put(output, port(tf, loss.loss(), key.withSteps().get(output))));
    Means trained = means(tf, key.loss(), training, targets);
    Operand<TFloat32> total = trained.loss;
    for (Operand<TNumber> penalty : weights.penalties().values()) {
      total = tf.math.add(total, float32(penalty));
    }
    return new Objective(
        key.loss(),
        targets,
        new Means(total, trained.loss, trained.count, trained.metric, trained.metricCount),
        means(tf, key.loss(), inference, targets));
  }

  /** The losses of all outputs; the first output's name is empty. */
  static Map<String, Loss.Weighted> losses(Loss loss) {
    Map<String, Loss.Weighted> all = new LinkedHashMap<>();
    all.put("", new Loss.Weighted(loss, 1));
    all.putAll(loss.others());
    return all;
  }

  private static Pass.Port port(Ops tf, Loss loss, boolean withSteps) {
    int rank = 1 + (withSteps ? 1 : 0) + (loss.labels() ? 0 : 1);
    long[] sizes = new long[rank];
    Arrays.fill(sizes, Shape.UNKNOWN_SIZE);
    Placeholder.Options shape = Placeholder.shape(Shape.of(sizes));
    Placeholder<? extends TNumber> value =
        loss.labels() ? tf.placeholder(TInt32.class, shape) : tf.placeholder(TFloat32.class, shape);
    return new Pass.Port(value, withSteps ? Pass.lengths(tf, "target") : null);
  }

  private static Means means(Ops tf, Loss loss, Pass pass, Map<String, Pass.Port> targets) {
    Operand<TFloat32> sum = null;
    Mean first = null;
    for (Map.Entry<String, Loss.Weighted> part : losses(loss).entrySet()) {
      Signal output = pass.output(part.getKey());
      Pass.Port port = targets.get(part.getKey());
      Signal target = new Signal(port.value(), port.lengths());
      Mean mean = mean(tf, part.getValue().loss().measure(), output, target);
      first = first == null ? mean : first;
      double weight = part.getValue().weight();
      Operand<TFloat32> own =
          weight == 1 ? mean.value : tf.math.mul(mean.value, tf.constant((float) weight));
      sum = sum == null ? own : tf.math.add(sum, own);
    }
    Signal target = new Signal(targets.get("").value(), targets.get("").lengths());
    Mean metric = mean(tf, loss.metric(), pass.output(), target);
    return new Means(sum, sum, first.count, metric.value, metric.count);
  }

  private record Mean(Operand<TFloat32> value, Operand<TFloat32> count) {}

  /** The mean of a measure over rows, or over the steps that output and target have. */
  private static Mean mean(Ops tf, Measure measure, Signal output, Signal target) {
    Operand<TFloat32> each = measure.each(tf, output, target);
    boolean steps = each.asOutput().shape().numDimensions() == 2;
    Operand<TBool> valid = steps ? valid(tf, output, target) : null;
    Operand<TFloat32> ones =
        valid == null
            ? tf.fill(tf.shape(each), tf.constant(1f))
            : tf.dtypes.cast(valid, TFloat32.class);
    Operand<TInt32> axes = steps ? tf.array(0, 1) : tf.array(0);
    Operand<TFloat32> counted = valid == null ? each : tf.select(valid, each, tf.zerosLike(each));
    Operand<TFloat32> count = tf.reduceSum(ones, axes);
    return new Mean(
        tf.math.div(tf.reduceSum(counted, axes), tf.math.maximum(count, tf.constant(1f))), count);
  }

  private static Operand<TBool> valid(Ops tf, Signal output, Signal target) {
    Operand<TBool> ofTarget = target.valid(tf);
    boolean sameSteps = output.value().asOutput().shape().numDimensions() == 3;
    Operand<TBool> ofOutput = sameSteps ? output.valid(tf) : null;
    if (ofOutput == null || ofTarget == null) {
      return ofOutput == null ? ofTarget : ofOutput;
    }
    return tf.math.logicalAnd(ofOutput, ofTarget);
  }

  @SuppressWarnings("unchecked") // A model's weights are float32.
  private static Operand<TFloat32> float32(Operand<TNumber> value) {
    return (Operand<TFloat32>) (Operand<?>) value;
  }

  void feed(Session.Runner runner, Batch batch) {
    targets.forEach((output, port) -> port.feed(runner, batch.targets().get(output)));
  }
}
