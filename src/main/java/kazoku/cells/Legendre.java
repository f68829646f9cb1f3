package kazoku.cells;

import java.util.Arrays;
import kazoku.Expr;

/**
 * The linear system whose state is the last θ of its input, as coefficients of Legendre
 * polynomials; for rows: {@code m' = m·a + u·b}, a {@code [Q,Q]}, b {@code [Q]}.
 */
final class Legendre {
  private static final int TERMS = 24;

  private final int order;
  private final double[][] a;
  private final double[] b;

  private Legendre(double[][] a, double[] b) {
    this.order = b.length;
    this.a = a;
    this.b = b;
  }

  /** The continuous system, in units of the window's length. */
  Legendre(int order) {
    this(new double[order][order], new double[order]);
    for (int i = 0; i < order; i++) {
      for (int j = 0; j < order; j++) {
        a[j][i] = (2 * i + 1) * (i < j || (i - j) % 2 == 0 ? -1 : 1);
      }
      b[i] = (2 * i + 1) * (i % 2 == 0 ? 1 : -1);
    }
  }

  /** Steps of an Euler method, θ to a window. */
  Legendre euler(double theta) {
    double[][] next = new double[order][order];
    double[] written = new double[order];
    for (int i = 0; i < order; i++) {
      for (int j = 0; j < order; j++) {
        next[i][j] = (i == j ? 1 : 0) + a[i][j] / theta;
      }
      written[i] = b[i] / theta;
    }
    return new Legendre(next, written);
  }

  /**
   * Steps over which the input is held, θ to a window: blocks of {@code exp([[a, 0], [b, 0]]/θ)}.
   */
  Legendre held(double theta) {
    double[][] block = new double[order + 1][order + 1];
    for (int i = 0; i < order; i++) {
      for (int j = 0; j < order; j++) {
        block[i][j] = a[i][j] / theta;
      }
      block[order][i] = b[i] / theta;
    }
    double[][] exponential = exp(block);
    double[][] next = new double[order][];
    Arrays.setAll(next, i -> Arrays.copyOf(exponential[i], order));
    return new Legendre(next, Arrays.copyOf(exponential[order], order));
  }

  Expr a() {
    return Expr.constant(Arrays.stream(a).flatMapToDouble(Arrays::stream).toArray(), order, order);
  }

  Expr b() {
    return Expr.constant(b, order);
  }

  /** By a Taylor polynomial of a matrix made small, and squarings. */
  private static double[][] exp(double[][] matrix) {
    double norm =
        Arrays.stream(matrix)
            .mapToDouble(r -> Arrays.stream(r).map(Math::abs).sum())
            .max()
            .orElse(0);
    int squarings = Math.max(0, Math.getExponent(norm) + 2);
    double[][] small = plus(matrix, Math.scalb(1.0, -squarings), 0);
    double[][] result = plus(small, 1.0 / TERMS, 1);
    for (int k = TERMS - 1; k >= 1; k--) {
      result = plus(product(small, result), 1.0 / k, 1);
    }
    for (int k = 0; k < squarings; k++) {
      result = product(result, result);
    }
    return result;
  }

  /** {@code factor·matrix + diagonal·I}. */
  private static double[][] plus(double[][] matrix, double factor, double diagonal) {
    double[][] sum = new double[matrix.length][matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      for (int j = 0; j < matrix.length; j++) {
        sum[i][j] = factor * matrix[i][j] + (i == j ? diagonal : 0);
      }
    }
    return sum;
  }

  private static double[][] product(double[][] a, double[][] b) {
    double[][] product = new double[a.length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < a.length; k++) {
        for (int j = 0; j < a.length; j++) {
          product[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return product;
  }
}
