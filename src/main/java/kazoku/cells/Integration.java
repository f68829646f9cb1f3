package kazoku.cells;

import kazoku.Expr;
import kazoku.Weights;

/** How the input term {@code x·W} and the recurrent term {@code h·U} are brought together. */
public enum Integration {

  /** The sum {@code x·W + h·U + b}. */
  ADD {
    @Override
    public Expr of(Weights w, boolean useBias, Expr xW, Expr hU) {
      return xW.plus(hU).plus(w.biasIf(useBias, "b", hU.size()));
    }
  },

  /**
   * The plain product {@code (x·W + b_x)⊙(h·U + b_h)} of RecurrentLayers.jl. With the biases at
   * their zeros a state of zeros stays at zero.
   */
  MULTIPLY {
    @Override
    public Expr of(Weights w, boolean useBias, Expr xW, Expr hU) {
      Expr b_x = w.biasIf(useBias, "b_x", hU.size());
      Expr b_h = w.biasIf(useBias, "b_h", hU.size());
      return xW.plus(b_x).times(hU.plus(b_h));
    }
  },

  /**
   * The paper's form {@code α⊙(x·W)⊙(h·U) + β₁⊙(h·U) + β₂⊙(x·W) + b}. The gains α, β₁, β₂ start as
   * ones. Y. Wu et al., "On Multiplicative Integration with Recurrent Neural Networks", NIPS 2016,
   * <a href="https://arxiv.org/abs/1606.06630">arXiv:1606.06630</a>.
   */
  MULTIPLY_GENERAL {
    @Override
    public Expr of(Weights w, boolean useBias, Expr xW, Expr hU) {
      Expr alpha = w.gain("alpha", hU.size());
      Expr beta1 = w.gain("beta_1", hU.size());
      Expr beta2 = w.gain("beta_2", hU.size());
      // Two terms on hU are one, so that all but one product and one sum leave the loop.
      Expr slope = alpha.times(xW).plus(beta1);
      return slope.times(hU).plus(beta2.times(xW)).plus(w.biasIf(useBias, "b", hU.size()));
    }
  };

  /**
   * Brings the two terms together.
   *
   * @param w where the biases and gains are asked for
   * @param useBias whether there are biases
   * @param xW the input term
   * @param hU the recurrent term
   * @return the argument of the activation
   */
  public abstract Expr of(Weights w, boolean useBias, Expr xW, Expr hU);
}
