package kazoku.cells;

import java.util.Arrays;
import kazoku.Expr;
import kazoku.Initializer;

/**
 * How an orthogonal matrix Q is made from a weight A that may take any value. Only what is above
 * the diagonal of A counts; it is the upper half of a skew-symmetric S.
 *
 * <pre>
 * S  = triu(A, 1) − triu(A, 1)ᵀ                 skew-symmetric          [H,H]
 * Q  = expm(S)                                EXP                     [H,H]
 * Q  = (I + S)⁻¹·(I − S)                      CAYLEY                  [H,H]
 * </pre>
 *
 * <p>Both are made once for a sequence. EXP scales S by 2⁻⁶, takes the Taylor polynomial of degree
 * 18 and squares six times: Q is orthogonal to about 1e-14 in float64 and 1e-5 in float32 as long
 * as the spectral norm of S, the largest angle by which Q turns a plane, is at most 64, and quickly
 * ceases to be beyond. CAYLEY is orthogonal for every S, but never turns a plane by exactly π.
 */
public enum Parametrization {

  /**
   * The matrix exponential, which reaches every rotation. M. Lezcano-Casado, D. Martínez-Rubio,
   * "Cheap Orthogonal Constraints in Neural Networks", ICML 2019, <a
   * href="https://arxiv.org/abs/1901.08428">arXiv:1901.08428</a>.
   */
  EXP {
    @Override
    Expr ofSkew(Expr S) {
      return MatrixExponential.of(S);
    }
  },

  /**
   * The Cayley transform. K. Helfrich, D. Willmott, Q. Ye, "Orthogonal Recurrent Neural Networks
   * with Scaled Cayley Transform", ICML 2018, <a
   * href="https://arxiv.org/abs/1707.09520">arXiv:1707.09520</a>, here without the scaling.
   */
  CAYLEY {
    @Override
    Expr ofSkew(Expr S) {
      Expr identity = Expr.identity(S.size());
      return identity.plus(S).inverse().dot(identity.minus(S));
    }
  };

  /** The first value of A: 2×2 blocks on the diagonal, each with an angle uniform in ±π. */
  static final Initializer START =
      (tf, shape, type, seed) -> {
        int size = Math.toIntExact(shape.get(-1));
        double[] places = new double[size * size];
        for (int i = 0; i + 1 < size; i += 2) {
          places[i * size + i + 1] = 1;
        }
        return tf.math.mul(
            Initializer.uniform(-Math.PI, Math.PI).value(tf, shape, type, seed),
            Initializer.computed(s -> places).value(tf, shape, type, seed));
      };

  abstract Expr ofSkew(Expr S);

  /**
   * Makes the orthogonal matrix.
   *
   * @param A the weight, {@code [H,H]}
   * @return Q, {@code [H,H]}
   */
  public Expr orthogonal(Expr A) {
    int size = A.size();
    double[] upper = new double[size * size];
    Arrays.setAll(upper, i -> i / size < i % size ? 1 : 0);
    Expr half = A.times(Expr.constant(upper, size, size));
    return ofSkew(half.minus(half.transpose()).as("S"));
  }
}
