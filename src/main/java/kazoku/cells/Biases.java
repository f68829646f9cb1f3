package kazoku.cells;

import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Weights;

/** First values of biases that many cells share. */
final class Biases {
  private Biases() {}

  /**
   * The bias of an LSTM with the blocks i, f, g, o: zeros, but the forget block starts at 1 where
   * the forget gate has no fixed bias; the constant 0 for cells without a bias.
   */
  static Expr lstm(Weights w, boolean useBias, double forgetBias, int hiddenSize) {
    Initializer start = Initializer.blocks(0, forgetBias == 0 ? 1 : 0, 0, 0);
    return useBias ? w.get("b", start, 4 * hiddenSize) : Expr.constant(0);
  }
}
