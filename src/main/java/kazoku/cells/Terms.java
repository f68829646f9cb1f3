package kazoku.cells;

import kazoku.Expr;
import kazoku.Weights;

/** Terms that many equations have. */
final class Terms {
  private Terms() {}

  /** {@code a + b}, or only {@code a} for cells without bias; b starts as zeros. */
  static Expr biased(boolean useBias, Expr a, Weights w, String symbol) {
    return useBias ? a.plus(w.bias(symbol, a.size())) : a;
  }
}
