package kazoku.cells;

import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Weights;

/** Matrices that may be stored as a product of two narrow ones. */
final class LowRank {
  private LowRank() {}

  /**
   * A matrix of weights: the weight {@code symbol}, or, with a rank, the product of {@code
   * symbol_1} {@code [rows,rank]} and {@code symbol_2} {@code [rank,columns]}, which start alike.
   */
  static Expr matrix(Weights w, String symbol, Initializer start, int rank, int rows, int columns) {
    return rank == 0
        ? w.get(symbol, start, rows, columns)
        : w.get(symbol + "_1", start, rows, rank).dot(w.get(symbol + "_2", start, rank, columns));
  }
}
