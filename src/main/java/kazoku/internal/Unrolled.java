package kazoku.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/** Every step written out: ordinary operations, with TensorFlow's own gradients. */
final class Unrolled {
  private Unrolled() {}

  /**
   * Builds the steps.
   *
   * @param tf operations of the graph
   * @param plan what a step computes
   * @param type the working type
   * @param in what it takes
   * @param steps the number of steps
   * @return what it gives
   */
  static Steps.Results build(
      Ops tf, Plan plan, Class<? extends TNumber> type, TimeLoop.Inputs in, int steps) {
    Map<Expr, List<? extends Operand<TNumber>>> entries = new HashMap<>();
    for (Expr sequence : plan.sequences) {
      entries.put(
          sequence,
          steps == 0 ? List.of() : tf.unstack(in.sequences().get(sequence), (long) steps).output());
    }
    List<Operand<TNumber>> states = in.states();
    List<Operand<TNumber>> outputs = new ArrayList<>();
    for (int t = 0; t < steps; t++) {
      Walk walk = new Walk(tf, type, 1, in::rows);
      for (int k = 0; k < states.size(); k++) {
        walk.bind(plan.states.get(k), states.get(k));
      }
      in.weights().forEach(walk::bind);
      for (Expr sequence : plan.sequences) {
        walk.bind(sequence, entries.get(sequence).get(t));
      }
      states = plan.next.stream().map(walk::at).toList();
      outputs.add(walk.at(plan.output));
    }
    if (steps > 0) {
      return new Steps.Results(Sequence.byStep(tf.stack(outputs)), states);
    }
    Walk none =
        new Walk(tf, type, 2, () -> tf.concat(List.of(in.length(), in.rows()), tf.constant(0)));
    Operand<TNumber> empty =
        tf.fill(none.site().fullShape(plan.output.shape()), none.site().scalar(0));
    return new Steps.Results(Sequence.byStep(empty), states);
  }
}
