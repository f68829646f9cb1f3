package kazoku.train;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * One update of all that moves in training, in a graph.
 *
 * @param gradients the gradients, unchecked
 * @param finite the gradients, which are there only if the loss and all of them are finite
 * @param op what to run
 */
record Update(Gradients gradients, Gradients finite, Op op) {

  static Update build(
      Weights weights, Pass training, Objective objective, Optimizer optimizer, Slots slots) {
    Ops tf = weights.tf();
    Objective.Means means = objective.training();
    Gradients gradients = gradients(weights, training, objective, optimizer);
    List<Op> before = new ArrayList<>(weights.moved().values());
    before.add(means.sums());
    Gradients finite =
        gradients.finite(tf, means.total()).waitingFor(tf, before.toArray(Op[]::new));
    List<Op> updates = new ArrayList<>(weights.updates(finite.after(tf)));
    updates.add(slots.update(finite));
    return new Update(gradients, finite, tf.withControlDependencies(updates).noOp());
  }

  /** The gradients of the mean loss by the weights that an optimizer trains. */
  static Gradients gradients(
      Weights weights, Pass training, Objective objective, Optimizer optimizer) {
    Objective.Means means = objective.training();
    Map<String, Operand<TNumber>> trained = weights.trainable();
    trained.keySet().retainAll(optimizer.trained(List.copyOf(trained.keySet())));
    Set<String> silent = new LinkedHashSet<>(training.outputs().keySet());
    silent.removeAll(Objective.losses(objective.loss()).keySet());
    return Gradients.of(
        weights.tf(), means.total(), trained, means.losses().get(0).count(), silent);
  }
}
