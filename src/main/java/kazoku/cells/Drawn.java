package kazoku.cells;

import kazoku.Initializer;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * An initialiser that remembers its value, for first values of other weights that depend on it.
 * Those are to be asked for later, in the same step.
 */
final class Drawn implements Initializer {
  private final Initializer initializer;
  private Operand<TNumber> value;

  Drawn(Initializer initializer) {
    this.initializer = initializer;
  }

  @Override
  public Operand<TNumber> value(Ops tf, Shape shape, Class<? extends TNumber> type, long seed) {
    value = initializer.value(tf, shape, type, seed);
    return value;
  }

  /** The value that the weight starts with. */
  Operand<TNumber> value() {
    return value;
  }
}
