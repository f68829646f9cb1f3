package kazoku.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
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
 * @param sampleWeights where what rows count is fed, {@code [B]}; one for all if it is not
 * @param counted where the first step that counts is fed; 0 if it is not
 * @param training of the pass that can be trained
 * @param inference of the pass that cannot
 */
record Objective(
    Loss loss,
    Map<String, Pass.Port> targets,
    Operand<TFloat32> sampleWeights,
    Operand<TInt32> counted,
    Means training,
    Means inference) {

  /**
   * Which objective it is.
   *
   * @param loss the loss
   * @param withSteps which outputs have targets for steps
   */
  record Key(Loss loss, Map<String, Boolean> withSteps) {}

  /**
   * What is made small for a batch, and what it is made of, so that means over many batches are
   * exact.
   *
   * @param total the loss of all outputs, and penalties in training
   * @param losses of each output, and of penalties in training
   * @param metric the loss's own metric
   * @param sums the sum and the count of each loss, then of the metric
   */
  record Means(Operand<TFloat32> total, List<Mean> losses, Mean metric, Operand<TFloat32> sums) {

    /** How many numbers the sums are. */
    int size() {
      return 2 * (losses.size() + 1);
    }

    /** The mean loss of all that has been summed. */
    double loss(double[] all) {
      double loss = 0;
      for (int i = 0; i < losses.size(); i++) {
        loss += losses.get(i).weight() * mean(all, i);
      }
      return loss;
    }

    /** The mean of the loss's own metric. */
    double metric(double[] all) {
      return mean(all, losses.size());
    }

    private static double mean(double[] all, int index) {
      return all[2 * index] / Math.max(1, all[2 * index + 1]);
    }
  }

  /**
   * A mean of rows or steps, or of batches.
   *
   * @param sum of all that is measured
   * @param count how many that are
   * @param weight what the mean is multiplied by
   * @param ofSteps whether each step counts for itself
   */
  record Mean(Operand<TFloat32> sum, Operand<TFloat32> count, double weight, boolean ofSteps) {
    Operand<TFloat32> value(Ops tf) {
      Operand<TFloat32> mean = tf.math.div(sum, tf.math.maximum(count, tf.constant(1f)));
      return weight == 1 ? mean : tf.math.mul(mean, tf.constant((float) weight));
    }
  }

  Means means(boolean inTraining) {
    return inTraining ? training : inference;
  }

  static Objective build(Weights weights, Key key, Pass training, Pass inference) {
    Ops tf = weights.tf();
    Map<String, Pass.Port> targets = new LinkedHashMap<>();
    losses(key.loss())
        .forEach(
            (output, loss) ->
                targets.put(output, port(tf, loss.loss(), key.withSteps().get(output))));
    Operand<TFloat32> sampleWeights =
        tf.placeholderWithDefault(tf.array(1f), Shape.of(Shape.UNKNOWN_SIZE));
    Operand<TInt32> counted = tf.placeholderWithDefault(tf.constant(0), Shape.scalar());
    return new Objective(
        key.loss(),
        targets,
        sampleWeights,
        counted,
        means(
            tf,
            key.loss(),
            training,
            targets,
            sampleWeights,
            counted,
            penalties(weights, key.loss())),
        means(tf, key.loss(), inference, targets, sampleWeights, counted, List.of()));
  }

  /** The same loss, in training, of another pass. */
  Means means(Weights weights, Pass pass) {
    return means(
        weights.tf(), loss, pass, targets, sampleWeights, counted, penalties(weights, loss));
  }

  private static List<Operand<TNumber>> penalties(Weights weights, Loss loss) {
    List<Operand<TNumber>> penalties = new ArrayList<>(weights.penalties().values());
    for (Regularizer regularizer : loss.regularizers()) {
      penalties.add(regularizer.penalty(weights.tf(), weights.trainable()));
    }
    return penalties;
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

  /** Targets, of which steps without one, −1 or NaN, are masked; zeros stand in their place. */
  private static Signal target(Ops tf, Pass.Port port) {
    if (port.lengths() == null) {
      return Signal.of(port.value());
    }
    if (port.value().type() == TInt32.class) {
      Operand<TInt32> labels = tf.dtypes.cast(port.value(), TInt32.class);
      Operand<TInt32> zero = tf.constant(0);
      return new Signal(tf.math.maximum(labels, zero), port.lengths())
          .masked(tf.math.greaterEqual(labels, zero));
    }
    Operand<TFloat32> numbers = tf.dtypes.cast(port.value(), TFloat32.class);
    Operand<TBool> none = tf.math.isNan(numbers);
    return new Signal(tf.select(none, tf.zerosLike(numbers), numbers), port.lengths())
        .masked(tf.math.logicalNot(tf.any(none, tf.constant(-1))));
  }

  private static Means means(
      Ops tf,
      Loss loss,
      Pass pass,
      Map<String, Pass.Port> targets,
      Operand<TFloat32> sampleWeights,
      Operand<TInt32> counted,
      List<Operand<TNumber>> penalties) {
    List<Mean> losses = new ArrayList<>();
    for (Map.Entry<String, Loss.Weighted> part : losses(loss).entrySet()) {
      Pass.Port port = targets.get(part.getKey());
      Signal target = target(tf, port);
      Measure measure = part.getValue().loss().measure();
      Signal output = pass.output(part.getKey());
      losses.add(
          mean(tf, measure, output, target, sampleWeights, counted, part.getValue().weight()));
    }
    Operand<TFloat32> total = null;
    for (Mean mean : losses) {
      total = total == null ? mean.value(tf) : tf.math.add(total, mean.value(tf));
    }
    Operand<TFloat32> count = losses.get(0).count;
    for (Operand<TNumber> penalty : penalties) {
      total = tf.math.add(total, float32(penalty));
      losses.add(new Mean(tf.math.mul(float32(penalty), count), count, 1, false));
    }
    Signal target = target(tf, targets.get(""));
    Mean metric = mean(tf, loss.metric(), pass.output(), target, null, counted, 1);
    List<Operand<TFloat32>> sums = new ArrayList<>();
    losses.forEach(mean -> sums.addAll(List.of(mean.sum, mean.count)));
    sums.addAll(List.of(metric.sum, metric.count));
    return new Means(total, losses, metric, tf.stack(sums));
  }

  /** The mean of a measure over rows, or over the steps that output and target have. */
  private static Mean mean(
      Ops tf,
      Measure measure,
      Signal output,
      Signal target,
      Operand<TFloat32> sampleWeights,
      Operand<TInt32> first,
      double weight) {
    Operand<TFloat32> each = measure.each(tf, output, target);
    boolean steps = each.asOutput().shape().numDimensions() == 2;
    Operand<TBool> valid = steps ? from(tf, first, each, valid(tf, output, target)) : null;
    Operand<TFloat32> ones =
        valid == null
            ? tf.fill(tf.shape(each), tf.constant(1f))
            : tf.dtypes.cast(valid, TFloat32.class);
    Operand<TInt32> axes = steps ? tf.array(0, 1) : tf.array(0);
    Operand<TFloat32> counted = valid == null ? each : tf.select(valid, each, tf.zerosLike(each));
    if (sampleWeights != null) {
      Operand<TFloat32> own = steps ? tf.expandDims(sampleWeights, tf.constant(-1)) : sampleWeights;
      counted = tf.math.mul(counted, own);
    }
    return new Mean(tf.reduceSum(counted, axes), tf.reduceSum(ones, axes), weight, steps);
  }

  /** Of the valid steps those from the first one that counts. */
  private static Operand<TBool> from(
      Ops tf, Operand<TInt32> first, Operand<TFloat32> each, Operand<TBool> valid) {
    if (valid == null) {
      return null;
    }
    Operand<TInt32> steps =
        tf.reshape(tf.slice(tf.shape(each), tf.array(1), tf.array(1)), tf.constant(new int[0]));
    Operand<TInt32> time = tf.range(tf.constant(0), steps, tf.constant(1));
    return tf.math.logicalAnd(valid, tf.math.greaterEqual(time, first));
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

  /** Refuses steps without a target where rows count as a whole. */
  void check(Sequences data) {
    int index = 0;
    for (Map.Entry<String, Loss.Weighted> part : losses(loss).entrySet()) {
      if (!training.losses().get(index++).ofSteps()) {
        data.requireTargets(part.getKey()).requireAll(part.getValue().loss());
      }
    }
  }

  void feed(Session.Runner runner, Batch batch) {
    if (batch.counted() != null) {
      runner.feed(counted, batch.counted());
    }
    targets.forEach((output, port) -> port.feed(runner, batch.targets().get(output)));
    if (batch.sampleWeights() != null) {
      runner.feed(sampleWeights, batch.sampleWeights());
    }
  }
}
