package kazoku;

/**
 * Mean and variance of the valid rows of a batch: what a batch norm computes with in training.
 *
 * @param mean the mean
 * @param variance the mean of squared deviations
 * @param unbiased the sum of squared deviations over one less than the count, as PyTorch moves its
 *     running variance by
 * @param any 1, or 0 where there is no valid row
 */
public record BatchStatistics(Expr mean, Expr variance, Expr unbiased, Expr any) {

  /**
   * Over the rows of one step.
   *
   * @param a a value of each row
   * @param valid which rows are valid, {@link Weights#valid()}
   * @return the statistics, equal for all rows
   */
  public static BatchStatistics ofStep(Expr a, Expr valid) {
    Expr rows = valid.sumOverRows();
    Expr count = rows.maximum(Expr.constant(1));
    Expr mean = a.times(valid).sumOverRows().dividedBy(count);
    Expr squares = a.minus(mean).square().times(valid).sumOverRows();
    return of(mean, squares, rows, count);
  }

  /**
   * Over all rows and steps.
   *
   * @param a a value of each row and step that does not depend on the state
   * @param valid which rows and steps are valid, {@link Weights#valid()}
   * @return the statistics, equal for all rows and steps
   */
  public static BatchStatistics ofSequence(Expr a, Expr valid) {
    Expr rows = valid.sumOverRowsAndSteps();
    Expr count = rows.maximum(Expr.constant(1));
    Expr mean = a.times(valid).sumOverRowsAndSteps().dividedBy(count);
    Expr squares = a.minus(mean).square().times(valid).sumOverRowsAndSteps();
    return of(mean, squares, rows, count);
  }

  private static BatchStatistics of(Expr mean, Expr squares, Expr rows, Expr count) {
    Expr one = Expr.constant(1);
    Expr less = rows.minus(one).maximum(one);
    Expr any = rows.minimum(one);
    return new BatchStatistics(mean, squares.dividedBy(count), squares.dividedBy(less), any);
  }

  /**
   * Normalises by these statistics.
   *
   * @param a the value
   * @param gain gain
   * @param shift shift
   * @param epsilon added to the variance
   * @return {@code (a − mean)/√(variance + epsilon)⊙gain + shift}
   */
  public Expr normalise(Expr a, Expr gain, Expr shift, double epsilon) {
    return normalise(a, mean, variance, gain, shift, epsilon);
  }

  /**
   * Normalises by running statistics.
   *
   * @param a the value
   * @param mean the mean
   * @param variance the variance
   * @param gain gain
   * @param shift shift
   * @param epsilon added to the variance
   * @return {@code (a − mean)/√(variance + epsilon)⊙gain + shift}
   */
  public static Expr normalise(
      Expr a, Expr mean, Expr variance, Expr gain, Expr shift, double epsilon) {
    return a.minus(mean).times(variance.plus(epsilon).rsqrt()).times(gain).plus(shift);
  }
}
