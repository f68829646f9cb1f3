package kazoku.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/** One update of a weight and its slots by equations, where TensorFlow has no operation for it. */
final class Moves {
  private final Ops tf;
  private final List<Op> all = new ArrayList<>();

  /**
   * An update without moves yet.
   *
   * @param tf operations that wait for all gradients
   */
  Moves(Ops tf) {
    this.tf = tf;
  }

  /** {@code 1 − β^k}: what the weights of a fading mean that starts at 0 sum to. */
  static Value<TFloat64> bias(Slots slots, double beta) {
    return new Value<>(slots.tf(), slots.k()).exponentOf(beta).from(1);
  }

  Value<TFloat32> value(Operand<TFloat32> operand) {
    return new Value<>(tf, operand);
  }

  /** Moves a slot to a value that depends on the one before, and gives it. */
  Value<TFloat32> to(Operand<TFloat32> slot, UnaryOperator<Value<TFloat32>> next) {
    Value<TFloat32> value = next.apply(value(slot));
    all.add(tf.assign(slot, value.operand()));
    return value;
  }

  /** Moves a fading mean on: {@code β·m + (1 − β)·x}. */
  Value<TFloat32> mean(Operand<TFloat32> slot, double beta, Value<TFloat32> x) {
    return to(slot, m -> m.times(beta).plus(x.times(1 - beta)));
  }

  /** Moves a weight: {@code θ − step}. */
  Op step(Gradient g, Value<TFloat32> step) {
    all.add(tf.assignSub(g.weight(), step.operand()));
    return tf.withControlDependencies(all).noOp();
  }
}
