package kazoku.train;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/** One number for each row, or each step, that says how an output compares with its target. */
@FunctionalInterface
public interface Measure {

  /**
   * Builds the measure. What stands in padded steps does not count, but must be finite.
   *
   * @param tf operations of the graph
   * @param output the model's output, {@code [B, O]} or {@code [B, T, O]}
   * @param target labels {@code [B]} or {@code [B, T]}, or numbers of the output's shape
   * @return {@code [B]} or {@code [B, T]}
   */
  Operand<TFloat32> each(Ops tf, Operand<TFloat32> output, Operand<? extends TNumber> target);
}
