package kazoku.cells;

import kazoku.Expr;

/** Statistics of the valid rows of a batch. */
final class BatchNorms {
  private BatchNorms() {}

  /**
   * Mean and variance.
   *
   * @param mean the mean
   * @param variance the mean of squared deviations
   * @param unbiased the sum of squared deviations over one less than the count, as PyTorch moves
   *     its running variance by
   * @param any 1, or 0 where there is no valid row
   */
  record Statistics(Expr mean, Expr variance, Expr unbiased, Expr any) {

    /** {@code (a − mean)/√(variance + epsilon)⊙gain + shift}. */
    Expr normalise(Expr a, Expr gain, Expr shift, double epsilon) {
      return BatchNorms.normalise(a, mean, variance, gain, shift, epsilon);
    }
  }

  static Expr normalise(Expr a, Expr mean, Expr variance, Expr gain, Expr shift, double epsilon) {
    return a.minus(mean).times(variance.plus(epsilon).rsqrt()).times(gain).plus(shift);
  }

  /** Over the rows of one step. */
  static Statistics ofStep(Expr a, Expr valid) {
    Expr rows = valid.sumOverRows();
    Expr count = rows.maximum(Expr.constant(1));
    Expr mean = a.times(valid).sumOverRows().dividedBy(count);
    Expr squares = a.minus(mean).square().times(valid).sumOverRows();
    return statistics(mean, squares, rows, count);
  }

  /** Over all rows and steps. */
  static Statistics ofSequence(Expr a, Expr valid) {
    Expr rows = valid.sumOverRowsAndSteps();
    Expr count = rows.maximum(Expr.constant(1));
    Expr mean = a.times(valid).sumOverRowsAndSteps().dividedBy(count);
    Expr squares = a.minus(mean).square().times(valid).sumOverRowsAndSteps();
    return statistics(mean, squares, rows, count);
  }

  private static Statistics statistics(Expr mean, Expr squares, Expr rows, Expr count) {
    Expr one = Expr.constant(1);
    Expr less = rows.minus(one).maximum(one);
    Expr any = rows.minimum(one);
    return new Statistics(mean, squares.dividedBy(count), squares.dividedBy(less), any);
  }
}
