package kazoku;

import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * One operation of TensorFlow that computes all steps of a cell, in float32 and without a gradient:
 * what layers use in the place of a loop where none is asked for.
 */
@FunctionalInterface
public interface Kernel {

  /**
   * Builds the operation.
   *
   * @param tf operations of the graph
   * @param weights the cell's weights, by symbol
   * @param x the input, {@code [T, B, I]}
   * @param begin the states before the first step, {@code [B, …]}, by slot
   * @return the states after each step, {@code [T, B, …]}, by slot; the cell's output is one of
   *     them
   */
  Map<String, Operand<TFloat32>> build(
      Ops tf,
      Map<String, Operand<TFloat32>> weights,
      Operand<TFloat32> x,
      Map<String, Operand<TFloat32>> begin);
}
