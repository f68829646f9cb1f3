package kazoku.layers;

import kazoku.Checks;
import kazoku.Expr;
import kazoku.RowLayer;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Each row and step is brought to mean 0 and variance 1, by itself.
 *
 * <pre>
 * y = (x − mean(x))/√(variance(x) + ε)⊙γ + β        x, γ, β, y [I]
 * </pre>
 *
 * <p>Mean and variance are those of the row's I numbers; the variance is the mean of squared
 * deviations. γ starts as ones, β as zeros; in the graph they are spelled.
 *
 * <p>Source: J. Ba, J. Kiros, G. Hinton, "Layer Normalization", 2016, <a
 * href="https://arxiv.org/abs/1607.06450">arXiv:1607.06450</a>. PyTorch's ε is 1e-5, Keras' 1e-3.
 *
 * @param inputSize I, at least 1
 * @param epsilon ε, more than 0; 1e-5 by default
 */
public record LayerNorm(int inputSize, double epsilon) implements RowLayer {

  public LayerNorm {
    Checks.atLeastOne("LayerNorm", "inputSize", inputSize);
    Checks.require(epsilon > 0, "LayerNorm", "epsilon must be more than 0", epsilon);
  }

  /**
   * A layer norm with PyTorch's ε.
   *
   * @param inputSize I
   */
  public LayerNorm(int inputSize) {
    this(inputSize, 1e-5);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    return x.layerNorm(w.gain("gamma", inputSize), w.bias("beta", inputSize), epsilon);
  }
}
