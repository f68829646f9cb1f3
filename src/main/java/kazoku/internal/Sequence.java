package kazoku.internal;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Values of all steps of rows, in the order of axes in which they are at hand, and in the other one
 * for who asks for it: each transposition is a copy.
 */
final class Sequence {
  private final boolean isByRow;
  private final Operand<TNumber> atHand;
  private Operand<TNumber> exchanged;

  private Sequence(boolean isByRow, Operand<TNumber> atHand) {
    this.isByRow = isByRow;
    this.atHand = atHand;
  }

  /** Of values {@code [T, B, …]}. */
  static Sequence byStep(Operand<TNumber> values) {
    return new Sequence(false, values);
  }

  /** Of values {@code [B, T, …]}. */
  static Sequence byRow(Operand<TNumber> values) {
    return new Sequence(true, values);
  }

  /** Whether they are at hand as {@code [B, T, …]}. */
  boolean isByRow() {
    return isByRow;
  }

  /** {@code [T, B, …]}. */
  Operand<TNumber> byStep(Ops tf) {
    return isByRow ? exchanged(tf) : atHand;
  }

  /** {@code [B, T, …]}. */
  Operand<TNumber> byRow(Ops tf) {
    return isByRow ? atHand : exchanged(tf);
  }

  private Operand<TNumber> exchanged(Ops tf) {
    if (exchanged == null) {
      exchanged = Axes.exchanged(tf, atHand);
    }
    return exchanged;
  }
}
