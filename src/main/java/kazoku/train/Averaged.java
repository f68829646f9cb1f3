package kazoku.train;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * An optimizer with averages of the weights beside it.
 *
 * @param optimizer what moves the weights
 * @param decay what the average keeps of itself; 1 for the mean of all values
 * @param from the first update that counts
 */
record Averaged(Optimizer optimizer, double decay, long from) implements Optimizer {

  @Override
  public Schedule learningRate() {
    return optimizer.learningRate();
  }

  @Override
  public Collection<String> trained(Collection<String> names) {
    return optimizer.trained(names);
  }

  @Override
  public Op update(Slots slots, Gradients gradients) {
    Op update = optimizer.update(slots, gradients);
    Ops tf = slots.tf().withControlDependencies(update);
    Operand<TBool> counts = tf.math.greaterEqual(slots.k(), tf.constant((double) from));
    Operand<TFloat32> one = tf.dtypes.cast(counts, TFloat32.class);
    List<Op> moves = new ArrayList<>();
    for (Gradient g : gradients.each()) {
      Operand<TFloat32> average = slots.like("average", g);
      Operand<TFloat32> count = slots.slot("averaged/" + g.name(), 0);
      slots.average(g.weight(), new Slots.Average(average, count));
      Value<TFloat64> kept = kept(tf, count);
      Value<TFloat32> next =
          new Value<>(tf, average)
              .times(kept.float32())
              .plus(new Value<>(tf, g.weight()).times(kept.from(1).float32()));
      Op moved = tf.assign(average, next.operand());
      moves.add(tf.withControlDependencies(moved).assignAdd(count, one));
    }
    return tf.withControlDependencies(moves).noOp();
  }

  /** The part of the average in the next one, 0 in the first. */
  private Value<TFloat64> kept(Ops tf, Operand<TFloat32> count) {
    Value<TFloat64> n = new Value<>(tf, tf.dtypes.cast(count, TFloat64.class));
    if (decay == 1) {
      return n.over(n.plus(1));
    }
    return new Value<>(tf, tf.constant(decay)).orIf(n.atMost(0), 0);
  }
}
