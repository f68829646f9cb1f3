package kazoku.internal;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
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
   * @param sequences values of all steps, {@code [T, B, …]}
   * @param valid which steps are valid, {@code [T, B]}, or null
   * @param begin the states to begin with, {@code [B, …]}
   * @param length T, {@code [1]}
   * @param own how many steps are run, {@code [1]}: T, and 0 where there are no rows
   * @param rows B, {@code [1]}
   */
  record Given(
      Map<Expr, Operand<TNumber>> shared,
      Map<Expr, Operand<TNumber>> perRow,
      Map<Expr, Operand<TNumber>> sequences,
      Operand<TBool> valid,
      List<Operand<TNumber>> begin,
      Operand<TInt32> length,
      Operand<TInt32> own,
      Operand<TInt32> rows) {}

  /** What it gives: time-major outputs, and the states after the last step. */
  record Results(Operand<TNumber> outputs, List<Operand<TNumber>> states) {}

  /** The values that the steps read and that are the same at all of them. */
  Collection<Expr> invariants();

  /** Builds the steps of a part of the batch. */
  Results build(Ops tf, Given given);
}
