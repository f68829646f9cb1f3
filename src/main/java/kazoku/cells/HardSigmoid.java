package kazoku.cells;

import kazoku.Activation;
import kazoku.Expr;

/** The two meanings of a hard sigmoid, by their slope. */
public enum HardSigmoid {
  /** {@code a/6 + 1/2}, cut off at 0 and 1; PyTorch, Keras 3. */
  SIXTH(Activation.HARD_SIGMOID_SIXTH),

  /** {@code a/5 + 1/2}, cut off at 0 and 1; older Keras, TensorFlow 1. */
  FIFTH(Activation.HARD_SIGMOID_FIFTH);

  private final Activation activation;

  HardSigmoid(Activation activation) {
    this.activation = activation;
  }

  Expr apply(Expr a) {
    return activation.apply(a);
  }
}
