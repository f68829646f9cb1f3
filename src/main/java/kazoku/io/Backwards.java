package kazoku.io;

import java.util.Map;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReverseSequence;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A reversed recurrence whose outputs stand in the order in which they were made, the one of the
 * last step first, as Keras' {@code go_backwards} gives them. The mask is that of the input, which
 * is not turned round: Keras' is not.
 *
 * @param rnn the reversed layer, giving all steps
 */
record Backwards(RNN rnn) implements RecurrentLayer {
  @Override
  public Result run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState) {
    Result result = rnn.run(w, x, initialState);
    return new Result(turned(w.tf(), result.outputs(), x.lengths()), result.finalState());
  }

  private static Operand<TNumber> turned(Ops tf, Operand<TNumber> steps, Operand<TInt32> lengths) {
    return lengths == null
        ? tf.reverse(steps, tf.constant(new int[] {1}))
        : tf.reverseSequence(steps, lengths, 1L, ReverseSequence.batchDim(0L));
  }

  @Override
  public Shape input() {
    return rnn.input();
  }

  @Override
  public boolean lastOnly() {
    return false;
  }
}
