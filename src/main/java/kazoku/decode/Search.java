package kazoku.decode;

import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** How a decoder that is left to itself chooses its tokens. */
interface Search {

  /**
   * Builds the search.
   *
   * @param w the decoder's weights
   * @param first the token that each row begins with, {@code [B, 1]}
   * @param state the state of the decoder's cell to begin with, {@code [B, …]}
   * @param beside what the cell asks for beside its input
   * @return tokens {@code [B, maxSteps]} with lengths, and what stands beside them
   */
  Signal search(
      Weights w,
      Operand<TNumber> first,
      Map<String, ? extends Operand<?>> state,
      Map<String, Signal> beside);

  /** Lays a cell around a decoder over its steps; the input is the number of the step. */
  static RecurrentLayer.Result run(
      Cell cell,
      int maxSteps,
      int shards,
      Weights w,
      Map<String, ? extends Operand<?>> state,
      Operand<TInt32> rows,
      Map<String, Signal> beside) {
    Ops tf = w.tf();
    Operand<TNumber> numbers =
        Vocabulary.number(
            tf.dtypes.cast(
                tf.range(tf.constant(0), tf.constant(maxSteps), tf.constant(1)), w.type()));
    Operand<TInt32> shape = tf.concat(List.of(rows, tf.array(maxSteps)), tf.constant(0));
    Operand<TNumber> steps = tf.reshape(tf.broadcastTo(numbers, shape), tf.array(-1, maxSteps, 1));
    return new RNN(cell)
        .with(new Loop(Loop.Form.WHILE, shards))
        .runAt(w.forInference(), new Signal(steps, null, null, beside), state);
  }

  /** Whole numbers that stand in the working type. */
  static Operand<TInt32> whole(Ops tf, Operand<TNumber> numbers, long... shape) {
    return tf.reshape(tf.dtypes.cast(numbers, TInt32.class), tf.constant(shape));
  }
}
