package kazoku.io;

import kazoku.Layer;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReverseSequence;

/**
 * A reversed recurrence whose outputs stand in the order in which they were made, the one of the
 * last step first, as Keras' {@code go_backwards} gives them. The mask is that of the input, which
 * is not turned round: Keras' is not.
 *
 * @param rnn the reversed layer, giving all steps
 */
record Backwards(RNN rnn) implements Layer {
  @Override
  public Signal apply(Weights w, Signal x) {
    Ops tf = w.tf();
    Signal y = rnn.apply(w, x);
    var value = Vocabulary.number(y.value());
    return y.with(
        y.lengths() == null
            ? tf.reverse(value, tf.constant(new int[] {1}))
            : tf.reverseSequence(value, y.lengths(), 1L, ReverseSequence.batchDim(0L)));
  }

  @Override
  public Shape input() {
    return rnn.input();
  }
}
