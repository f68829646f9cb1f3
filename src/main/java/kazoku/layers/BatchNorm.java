package kazoku.layers;

import kazoku.BatchStatistics;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Level;
import kazoku.RowLayer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Each feature is brought to mean 0 and variance 1 over the batch.
 *
 * <pre>
 * y = (x − mean)/√(variance + ε)⊙γ + β        x, mean, variance, γ, β, y [I]
 * </pre>
 *
 * <p>In training, mean and variance are those of all valid rows and steps of the batch, and the
 * running ones move towards them: {@code running ← running + rate·(batch − running)}, by {@link
 * Weights#updates}. In evaluation the running ones are read. Padding is never seen.
 *
 * <p>γ starts as ones, β as zeros; not trained: mean, zeros, and variance, ones. In the graph γ and
 * β are spelled.
 *
 * <p>Source: S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, <a
 * href="https://arxiv.org/abs/1502.03167">arXiv:1502.03167</a>. The defaults are PyTorch's: its
 * momentum of 0.1 is the rate, and its running variance moves towards the unbiased one, the sum of
 * squared deviations over one less than their count. Keras' momentum of 0.99 is a rate of 0.01, its
 * running variance moves towards the one that it normalises by, and its ε is 1e-3: {@code new
 * BatchNorm(inputSize, 0.01, 1e-3, false)}.
 *
 * @param inputSize I, at least 1
 * @param rate how far the running statistics move in a step of training, more than 0 and at most 1;
 *     0.1 by default
 * @param epsilon ε, more than 0; 1e-5 by default
 * @param unbiased whether the running variance moves towards the unbiased one; true by default
 */
public record BatchNorm(int inputSize, double rate, double epsilon, boolean unbiased)
    implements RowLayer {

  public BatchNorm {
    Checks.atLeastOne("BatchNorm", "inputSize", inputSize);
    Checks.require(rate > 0 && rate <= 1, "BatchNorm", "rate must be in (0, 1]", rate);
    Checks.require(epsilon > 0, "BatchNorm", "epsilon must be more than 0", epsilon);
  }

  /**
   * A batch norm with PyTorch's settings.
   *
   * @param inputSize I
   */
  public BatchNorm(int inputSize) {
    this(inputSize, 0.1, 1e-5, true);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    // A large number in the padding would overflow when it is squared.
    return RowLayer.super.apply(w, w.training() ? x.zeroPadded(w.tf()) : x);
  }

  @Override
  public Expr equation(Weights w, Expr x) {
    Expr gamma = w.gain("gamma", inputSize);
    Expr beta = w.bias("beta", inputSize);
    if (!w.training()) {
      Expr mean = w.fixed("mean", Initializer.ZEROS, inputSize);
      Expr variance = w.fixed("variance", Initializer.ONES, inputSize);
      return BatchStatistics.normalise(x, mean, variance, gamma, beta, epsilon);
    }
    BatchStatistics batch = BatchStatistics.ofSequence(x, w.valid());
    Expr variance = unbiased ? batch.unbiased() : batch.variance();
    move(w, "mean", Initializer.ZEROS, batch.mean(), batch.any());
    move(w, "variance", Initializer.ONES, variance, batch.any());
    return batch.normalise(x, gamma, beta, epsilon);
  }

  private void move(Weights w, String symbol, Initializer initializer, Expr to, Expr any) {
    Expr share = any.times(rate);
    w.move(
        symbol,
        initializer,
        Level.WEIGHT,
        before -> before.plus(share.times(to.minus(before))),
        inputSize);
  }
}
