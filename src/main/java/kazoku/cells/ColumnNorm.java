package kazoku.cells;

import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TNumber;

/** Weight normalisation: each column of a matrix is a direction times a learnt length. */
final class ColumnNorm {
  private ColumnNorm() {}

  /** A matrix, and the lengths of its columns, which start as they are drawn. */
  static Expr matrix(
      Weights w, String symbol, String gain, Initializer initializer, int rows, int columns) {
    Drawn start = new Drawn(initializer);
    Expr V = w.get(symbol, start, rows, columns);
    return scaled(V, w.get(gain, lengths(start, 0, rows), columns));
  }

  /** {@code V/‖V‖⊙q}: the directions of V's columns, with the lengths q. */
  static Expr scaled(Expr V, Expr q) {
    // The two vectors are multiplied first, as the graph optimiser would: the digits stay the same.
    Expr squares = V.square().transpose().sum().transpose();
    return V.times(squares.maximum(Expr.constant(1e-12)).rsqrt().times(q));
  }

  /** The lengths of the columns of some rows, as they are drawn. */
  static Initializer lengths(Drawn matrix, int from, int rows) {
    return (tf, shape, type, seed) -> {
      Operand<TNumber> part =
          tf.slice(
              matrix.value(), tf.constant(new int[] {from, 0}), tf.constant(new int[] {rows, -1}));
      return tf.math.sqrt(tf.reduceSum(tf.math.square(part), tf.constant(0)));
    };
  }
}
