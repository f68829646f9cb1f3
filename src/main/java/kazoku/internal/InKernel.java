package kazoku.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.Kernel;
import kazoku.Trace;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * All steps in one operation of TensorFlow, without a gradient, for rows that are valid up to their
 * lengths.
 *
 * @param trace one step of the cell
 * @param kernel what computes them
 * @param some whether there is at least one
 */
record InKernel(Trace trace, Kernel kernel, boolean some) implements Steps {

  @Override
  public Collection<Expr> invariants() {
    return List.of();
  }

  @Override
  public Results build(Ops tf, Given given) {
    Map<String, Operand<TFloat32>> weights = new HashMap<>();
    trace
        .weights()
        .asked()
        .forEach((symbol, leaf) -> weights.put(symbol, float32(given.shared().get(leaf))));
    List<String> slots = List.copyOf(trace.state().keySet());
    Map<String, Operand<TFloat32>> begin = new HashMap<>();
    for (int k = 0; k < slots.size(); k++) {
      begin.put(slots.get(k), float32(given.begin().get(k)));
    }
    Operand<TFloat32> x = float32(given.sequences().get(trace.input()).byStep(tf));
    Map<String, Operand<TFloat32>> all = kernel.build(tf, weights, x, begin);
    List<Operand<TNumber>> states = new ArrayList<>();
    Operand<TNumber> outputs = null;
    for (String slot : slots) {
      Operand<TFloat32> after = all.get(slot);
      states.add(Vocabulary.number(last(tf, given, begin.get(slot), after)));
      if (trace.next().get(slot) == trace.output()) {
        outputs = Vocabulary.number(after);
      }
    }
    return new Results(Sequence.byStep(outputs), states);
  }

  private Operand<TFloat32> last(
      Ops tf, Given given, Operand<TFloat32> begin, Operand<TFloat32> after) {
    if (some && given.valid() == null) {
      return tf.stridedSlice(after, Indices.at(-1));
    }
    Operand<TFloat32> first = tf.expandDims(begin, tf.constant(0));
    Operand<TFloat32> entries = tf.concat(List.of(first, after), tf.constant(0));
    return given.valid() == null
        ? tf.stridedSlice(entries, Indices.at(-1))
        : given.last(tf, entries);
  }

  @SuppressWarnings("unchecked") // The working type is float32 where there is a kernel.
  private static Operand<TFloat32> float32(Operand<TNumber> value) {
    return (Operand<TFloat32>) (Operand<?>) value;
  }
}
