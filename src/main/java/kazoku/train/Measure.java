package kazoku.train;

import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** One number for each row, or each step, that says how an output compares with its target. */
@FunctionalInterface
public interface Measure {

  /**
   * Builds the measure. What stands in padded steps does not count, but must be finite.
   *
   * @param tf operations of the graph
   * @param output the model's output, {@code [B, O]} or {@code [B, T, O]}, with what stands beside
   *     it
   * @param target labels {@code [B]} or {@code [B, T]}, or numbers of the output's shape; where
   *     they are given for steps, with their own lengths
   * @return {@code [B]}, or {@code [B, T]} for a measure of each step
   */
  Operand<TFloat32> each(Ops tf, Signal output, Signal target);
}
