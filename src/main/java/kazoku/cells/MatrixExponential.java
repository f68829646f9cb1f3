package kazoku.cells;

import java.util.Arrays;
import kazoku.Expr;

/** The exponential of a matrix by scaling and squaring: {@code e^M = (e^(M/2^k))^(2^k)}. */
final class MatrixExponential {
  /** The Taylor polynomial of this degree has an error below 1e-17 for matrices of norm 1. */
  private static final int DEGREE = 18;

  private static final int SQUARINGS = 6;

  private MatrixExponential() {}

  /**
   * The exponential of a matrix of weights. An equation cannot look at numbers, so that the count
   * of squarings is fixed: it is right to rounding for matrices of spectral norm up to 2^6 = 64,
   * and quickly wrong beyond.
   */
  static Expr of(Expr M) {
    Expr identity = Expr.identity(M.size());
    Expr scaled = M.times(Math.scalb(1.0, -SQUARINGS));
    Expr power = identity;
    for (int n = DEGREE; n >= 1; n--) {
      power = scaled.dot(power).times(1.0 / n).plus(identity);
    }
    for (int k = 0; k < SQUARINGS; k++) {
      power = power.dot(power);
    }
    return power;
  }

  /** The exponential of given numbers, with as many squarings as they need. */
  static double[][] of(double[][] M) {
    double norm =
        Arrays.stream(M)
            .mapToDouble(row -> Arrays.stream(row).map(Math::abs).sum())
            .max()
            .orElse(0);
    int squarings = Math.max(0, Math.getExponent(norm) + 1);
    double[][] scaled = new double[M.length][M.length];
    double[][] power = new double[M.length][M.length];
    for (int i = 0; i < M.length; i++) {
      power[i][i] = 1;
      for (int j = 0; j < M.length; j++) {
        scaled[i][j] = Math.scalb(M[i][j], -squarings);
      }
    }
    for (int n = DEGREE; n >= 1; n--) {
      power = product(scaled, power);
      for (int i = 0; i < M.length; i++) {
        for (int j = 0; j < M.length; j++) {
          power[i][j] = power[i][j] / n + (i == j ? 1 : 0);
        }
      }
    }
    for (int k = 0; k < squarings; k++) {
      power = product(power, power);
    }
    return power;
  }

  private static double[][] product(double[][] left, double[][] right) {
    double[][] product = new double[left.length][right[0].length];
    for (int i = 0; i < left.length; i++) {
      for (int k = 0; k < right.length; k++) {
        double factor = left[i][k];
        for (int j = 0; j < right[k].length; j++) {
          product[i][j] += factor * right[k][j];
        }
      }
    }
    return product;
  }
}
