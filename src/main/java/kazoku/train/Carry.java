package kazoku.train;

import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Carried;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TNumber;

/**
 * The states of a pass that are fed and fetched. A row that is fresh begins with its cells' own
 * first states, the others with what is fed, through which no gradient flows. All are fresh where
 * nothing is fed.
 */
final class Carry implements Carried {
  private final Ops tf;
  private final Operand<TBool> fresh;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private String refusal;

  /**
   * A state of the pass.
   *
   * @param row its shape for one row
   * @param begin where it is fed, {@code [B, …]}
   * @param end what it ends with
   */
  record Slot(Shape row, Operand<TNumber> begin, Operand<TNumber> end) {}

  Carry(Ops tf) {
    this.tf = tf;
    this.fresh = tf.placeholderWithDefault(tf.array(true), Shape.of(Shape.UNKNOWN_SIZE));
  }

  @Override
  public Operand<TNumber> begin(String state, Shape row, Operand<TNumber> first) {
    if (slots.containsKey(state)) {
      keep(
          state
              + ": is the state of a layer that is applied twice, and cannot be carried for both;"
              + " give each a path of its own, or give the model whole sequences");
    }
    Operand<TNumber> none = tf.zeros(tf.constant(row.prepend(1).asArray()), first.type());
    Operand<TNumber> fed = tf.placeholderWithDefault(none, row.prepend(Shape.UNKNOWN_SIZE));
    slots.put(state, new Slot(row, fed, null));
    Operand<TBool> rows = fresh;
    for (int axis = 0; axis < row.numDimensions(); axis++) {
      rows = tf.expandDims(rows, tf.constant(-1));
    }
    return tf.select(rows, first, fed);
  }

  @Override
  public void end(String state, Operand<TNumber> last) {
    slots.computeIfPresent(state, (s, slot) -> new Slot(slot.row, slot.begin, last));
  }

  /** Only a pass that is given sequences in parts raises it. */
  @Override
  public void refuse(String who) {
    keep(Carried.refusal(who));
  }

  private void keep(String sentence) {
    refusal = refusal == null ? sentence : refusal;
  }

  /** Raises what keeps the pass from sequences in parts. */
  void require() {
    if (refusal != null) {
      throw new IllegalArgumentException(refusal);
    }
  }

  /** Which rows begin anew, {@code [B]}. */
  Operand<TBool> fresh() {
    return fresh;
  }

  /** The states by name. */
  Map<String, Slot> slots() {
    return slots;
  }
}
