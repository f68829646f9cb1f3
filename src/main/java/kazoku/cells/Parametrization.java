package kazoku.cells;

import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * How a skew-symmetric matrix S becomes an orthogonal one. S is made of the strict upper triangle
 * of a square weight A: {@code S = triu(A,1) − triu(A,1)ᵀ}. Whatever A is, the result is
 * orthogonal, to rounding.
 */
public enum Parametrization {

  /**
   * The matrix exponential {@code exp(S)}, which reaches every rotation: M. Lezcano-Casado, D.
   * Martínez-Rubio, "Cheap Orthogonal Constraints in Neural Networks", ICML 2019, <a
   * href="https://arxiv.org/abs/1901.08428">arXiv:1901.08428</a>. Computed by a Taylor polynomial
   * of S/256 and eight squarings, good to rounding for a norm of S of up to some 200.
   */
  EXP {
    @Override
    Expr of(Expr S, int size) {
      Expr identity = Expr.identity(size);
      Expr small = S.times(1.0 / (1 << SQUARINGS));
      Expr result = identity.plus(small.times(1.0 / DEGREE));
      for (int k = DEGREE - 1; k >= 1; k--) {
        result = identity.plus(small.dot(result).times(1.0 / k));
      }
      for (int k = 0; k < SQUARINGS; k++) {
        result = result.dot(result);
      }
      return result;
    }
  },

  /**
   * The Cayley transform {@code (I+S)⁻¹(I−S)}, which reaches all rotations but those by π: K.
   * Helfrich, D. Willmott, Q. Ye, "Orthogonal Recurrent Neural Networks with Scaled Cayley
   * Transform", ICML 2018, <a href="https://arxiv.org/abs/1707.09520">arXiv:1707.09520</a>. Its
   * gradient is written in Java, which TensorFlow-Java does not support on Windows.
   */
  CAYLEY {
    @Override
    Expr of(Expr S, int size) {
      Expr identity = Expr.identity(size);
      return identity.plus(S).inverse().dot(identity.minus(S));
    }
  };

  private static final int SQUARINGS = 8;
  private static final int DEGREE = 14;

  abstract Expr of(Expr S, int size);

  /**
   * The orthogonal matrix of a weight A, which starts with rotations by angles uniform in ±π of
   * neighbouring pairs of units.
   *
   * @param w where A is asked for
   * @param size the number of rows and columns
   * @return the matrix, {@code [size, size]}
   */
  Expr orthogonal(Weights w, int size) {
    Expr A = w.get("A", Parametrization::angles, size, size);
    double[] upper = new double[size * size];
    java.util.Arrays.setAll(upper, i -> i / size < i % size ? 1 : 0);
    Expr triangle = A.times(Expr.constant(upper, size, size));
    return of(triangle.minus(triangle.transpose()), size);
  }

  /** An angle at each place (0, 1), (2, 3), … and zeros elsewhere. */
  private static Operand<TNumber> angles(
      Ops tf, Shape shape, Class<? extends TNumber> type, long seed) {
    int size = Math.toIntExact(shape.get(0));
    double[] places = new double[size * size];
    for (int k = 0; k + 1 < size; k += 2) {
      places[k * size + k + 1] = 1;
    }
    return tf.math.mul(
        Initializer.uniform(-Math.PI, Math.PI).value(tf, shape, type, seed),
        Initializer.computed(s -> places).value(tf, shape, type, seed));
  }

  /** {@code sign(a)⊙relu(|a| + b)}: a rectifier that keeps the sign. */
  static Expr modrelu(Expr a, Expr b) {
    return a.sign().times(a.abs().plus(b).relu());
  }
}
