package kazoku.train;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import kazoku.Checks;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * An optimizer that gets the mean gradients of several batches. For the batches between, the
 * gradients that it gets are dead ends of a switch, and so is all that waits for them.
 *
 * @param optimizer what they go to
 * @param batches how many
 */
record Accumulated(Optimizer optimizer, int batches) implements Optimizer {

  Accumulated {
    Checks.atLeastOne("Optimizer", "the number of batches for an update", batches);
  }

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
    Ops tf = slots.tf();
    Ops after = gradients.after(tf);
    Operand<TFloat32> count = slots.slot("every/count", 0);
    Operand<TFloat32> seen = slots.slot("every/batches", 0);
    List<Operand<TFloat32>> emptied = new ArrayList<>(List.of(count, seen));

    Operand<TFloat32> counted = after.assignAdd(count, gradients.count());
    Operand<TBool> full =
        tf.math.greaterEqual(after.assignAdd(seen, tf.constant(1f)), tf.constant((float) batches));
    Gradients means =
        gradients.with(
            g -> {
              Operand<TFloat32> sum = slots.like("every/sum", g);
              emptied.add(sum);
              Operand<TFloat32> weighed = tf.math.mul(g.value(), gradients.count());
              return when(tf, full, tf.math.divNoNan(after.assignAdd(sum, weighed), counted));
            });
    Op update = optimizer.update(slots, new Gradients(means.each(), when(tf, full, counted)));
    Ops last = tf.withControlDependencies(update);
    return tf.withControlDependencies(
            emptied.stream().<Op>map(s -> last.assign(s, last.zerosLike(s))).toList())
        .noOp();
  }

  /** What waits must wait for a value behind the switch: the switch itself is never dead. */
  private static Operand<TFloat32> when(Ops tf, Operand<TBool> condition, Operand<TFloat32> value) {
    return tf.identity(tf.switchCond(value, condition).outputTrue());
  }

  @Override
  public Optimizer only(String pattern) {
    return new Accumulated(optimizer.only(pattern), batches);
  }

  @Override
  public Optimizer clip(double norm) {
    return new Accumulated(optimizer.clip(norm), batches);
  }

  @Override
  public Optimizer clipEach(double norm) {
    return new Accumulated(optimizer.clipEach(norm), batches);
  }

  @Override
  public Optimizer clipValue(double value) {
    return new Accumulated(optimizer.clipValue(value), batches);
  }

  @Override
  public Optimizer weightDecay(double rate, String pattern) {
    return new Accumulated(optimizer.weightDecay(rate, pattern), batches);
  }

  @Override
  public Optimizer l2(double rate, String pattern) {
    return new Accumulated(optimizer.l2(rate, pattern), batches);
  }

  @Override
  public Optimizer average(double decay) {
    return new Accumulated(optimizer.average(decay), batches);
  }

  @Override
  public Optimizer averageFrom(long update) {
    return new Accumulated(optimizer.averageFrom(update), batches);
  }
}
