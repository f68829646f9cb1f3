package kazoku.internal;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** How the steps of a part of the batch are built: {@link AtOnce} or in {@link Segments}. */
interface Steps {
  /**
   * What a part of the batch is given.
   *
   * @param shared values of weights
   * @param perRow values of the rows, {@code [B, …]}
   * @param sequences values of all steps
   * @param valid which steps are valid, {@code [T, B]}, or null
   * @param begin the states to begin with, {@code [B, …]}
   * @param length T, {@code [1]}
   * @param own how many steps are run, {@code [1]}: T, and 0 where there are no rows
   * @param rows B, {@code [1]}
   */
  record Given(
      Map<Expr, Operand<TNumber>> shared,
      Map<Expr, Operand<TNumber>> perRow,
      Map<Expr, Sequence> sequences,
      Operand<TBool> valid,
      List<Operand<TNumber>> begin,
      Operand<TInt32> length,
      Operand<TInt32> own,
      Operand<TInt32> rows) {

    /** How many steps each row has, {@code [B]}, where rows are valid up to their lengths. */
    Operand<TInt32> counts(Ops tf) {
      return valid == null
          ? tf.broadcastTo(length, rows)
          : tf.reduceSum(tf.dtypes.cast(valid, TInt32.class), tf.constant(0));
    }

    /**
     * Of a history that begins with the first state what it is after each row's last step.
     *
     * @param entries {@code [T+1, B, …]}
     * @return {@code [B, …]}
     */
    <T extends TNumber> Operand<T> last(Ops tf, Operand<T> entries) {
      Operand<TInt32> end = tf.reshape(rows, tf.constant(new int[0]));
      Operand<TInt32> each = tf.range(tf.constant(0), end, tf.constant(1));
      return tf.gatherNd(entries, tf.stack(List.of(counts(tf), each), Stack.axis(1L)));
    }
  }

  /** What it gives: outputs, and the states after the last step. */
  record Results(Sequence outputs, List<Operand<TNumber>> states) {}

  /** The values that the steps read and that are the same at all of them. */
  Collection<Expr> invariants();

  /** Builds the steps of a part of the batch. */
  Results build(Ops tf, Given given);
}
