package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import kazoku.Checks;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * An update that several workers make together, in a graph: what each computes of its own rows, and
 * what all do with the means over all rows.
 *
 * @param gradients by the weights that are trained
 * @param moved the next values of weights that move
 * @param count where is fed how many rows or steps the gradients are means of
 * @param op what to run when means are fed
 * @param culprit knows why own rows cannot be learnt from
 */
record JointUpdate(
    List<Shared> gradients,
    List<Shared> moved,
    Placeholder<TFloat32> count,
    Op op,
    Culprit culprit) {

  /**
   * What workers share.
   *
   * @param own what is computed here
   * @param mean where the mean of all workers is fed
   */
  record Shared(Operand<TFloat32> own, Placeholder<TFloat32> mean) {
    static Shared of(Ops tf, Operand<TFloat32> own, Shape shape) {
      return new Shared(own, tf.placeholder(TFloat32.class, Placeholder.shape(shape)));
    }

    Shape shape() {
      return mean.asOutput().shape();
    }

    int size() {
      return (int) shape().size();
    }
  }

  static JointUpdate build(
      Weights weights, Pass training, Objective objective, Optimizer optimizer, Slots slots) {
    Ops tf = weights.tf();
    Gradients own = Update.gradients(weights, training, objective, optimizer);
    List<Shared> gradients = new ArrayList<>();
    Placeholder<TFloat32> count = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    Gradients means =
        own.with(
            gradient -> {
              Shared shared = Shared.of(tf, gradient.value(), gradient.shape());
              gradients.add(shared);
              return tf.identity(shared.mean);
            });
    List<Shared> moved = new ArrayList<>();
    List<Op> updates = new ArrayList<>();
    weights
        .moved()
        .forEach(
            (weight, next) -> {
              Shared shared = Shared.of(tf, tf.identity(float32(next)), weight.asOutput().shape());
              moved.add(shared);
              updates.add(tf.assign(float32(weight), shared.mean));
            });
    updates.add(slots.update(new Gradients(means.each(), tf.identity(count))));
    JointUpdate update =
        new JointUpdate(
            gradients,
            moved,
            count,
            tf.withControlDependencies(updates).noOp(),
            new Culprit(weights, training, objective.training(), own));
    long largest = (Integer.MAX_VALUE - (1 << 16)) / Float.BYTES;
    long numbers = update.all().stream().mapToLong(shared -> shared.shape().size()).sum();
    Checks.require(
        numbers <= largest,
        "Workers",
        "at most " + largest + " trained weights fit in a message; train fewer, optimizer.only",
        numbers);
    return update;
  }

  @SuppressWarnings("unchecked") // A model's weights are float32.
  private static Operand<TFloat32> float32(Operand<TNumber> value) {
    return (Operand<TFloat32>) (Operand<?>) value;
  }

  /** All that is shared, in the order in which it is sent. */
  List<Shared> all() {
    List<Shared> all = new ArrayList<>(gradients);
    all.addAll(moved);
    return all;
  }
}
