package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * An Euler step of a differential equation with a linear and a nonlinear part, whose matrices are
 * bounded in their symmetric parts, so that the step's Lipschitz constant is under control.
 *
 * <pre>
 * A  = S(M_A)                                 of the linear part      [H,H]
 * V  = S(M_W)                                 of the nonlinear part   [H,H]
 * q  = h·V                                    recurrent term          [H]
 * n  = act(q + x·W + b)                       nonlinear part          [H]
 * h' = h + ε·(α·h·A + n)                      output                  [H]
 * </pre>
 *
 * <p>{@code S(M) = β(M − Mᵀ) + (1−β)(M + Mᵀ) − γ·I}. With {@code gated}, {@code h' = h + ε·(α·h·A +
 * n)⊙σ(q + x·W_g + b_g)}.
 *
 * <p>M_A and M_W {@code [H,H]} start normal with standard deviation 1/H, W and W_g {@code [I,H]}
 * glorot-uniform, b and b_g {@code [H]} zeros.
 *
 * <p>Source: N. B. Erichson, O. Azencot, A. Queiruga, L. Hodgkinson, M. W. Mahoney, "Lipschitz
 * Recurrent Neural Networks", ICLR 2021, <a
 * href="https://arxiv.org/abs/2006.12070">arXiv:2006.12070</a>. The defaults are the authors';
 * torchrecurrent has ε = 0.1, β = 0.7 and γ = 0.001, and starts all matrices glorot-uniform.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param gated whether a gate scales the step; false by default
 * @param epsilon ε, the length of a step, more than 0; 0.01 by default
 * @param beta β, the weight of the antisymmetric parts, from 0 to 1; 0.8 by default
 * @param gamma γ, the diffusion, at least 0; 0.01 by default
 * @param alpha α, the weight of the linear part; 1 by default
 * @param useBias whether there are b and b_g; true by default
 * @param activation act; tanh by default
 */
@About(idea = "bounded linear and nonlinear parts", source = "Erichson et al. 2021")
public record LipschitzRNNCell(
    int inputSize,
    int hiddenSize,
    boolean gated,
    double epsilon,
    double beta,
    double gamma,
    double alpha,
    boolean useBias,
    Activation activation)
    implements Cell {

  public LipschitzRNNCell {
    Checks.sizes("LipschitzRNNCell", inputSize, hiddenSize);
    Checks.require(
        epsilon > 0 && epsilon < Double.POSITIVE_INFINITY,
        "LipschitzRNNCell",
        "epsilon must be more than 0",
        epsilon);
    Checks.require(
        beta >= 0 && beta <= 1, "LipschitzRNNCell", "beta must be between 0 and 1", beta);
    Checks.notNegative("LipschitzRNNCell", "gamma", gamma);
    Checks.require(Double.isFinite(alpha), "LipschitzRNNCell", "alpha must be finite", alpha);
    Checks.given("LipschitzRNNCell", "activation", activation);
  }

  /**
   * The cell with the authors' settings, without the gate.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LipschitzRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, false, 0.01, 0.8, 0.01, 1, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("h", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Initializer start = Initializer.normal(1.0 / hiddenSize);
    Expr M_A = w.get("M_A", start, hiddenSize, hiddenSize);
    Expr M_W = w.get("M_W", start, hiddenSize, hiddenSize);
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr A = bounded(M_A);
    Expr V = bounded(M_W);
    Expr q = h.dot(V);
    Expr n = activation.apply(q.plus(x.dot(W)).plus(b));
    Expr velocity = h.dot(A).times(alpha).plus(n);
    if (gated) {
      Expr W_g = w.input("W_g", inputSize, hiddenSize);
      Expr b_g = w.biasIf(useBias, "b_g", hiddenSize);
      velocity = velocity.times(q.plus(x.dot(W_g)).plus(b_g).sigmoid());
    }
    Expr hNext = h.plus(velocity.times(epsilon));
    return new Step(hNext, State.of("h", hNext));
  }

  /** S(M). */
  private Expr bounded(Expr M) {
    Expr antisymmetric = M.minus(M.transpose()).times(beta);
    Expr symmetric = M.plus(M.transpose()).times(1 - beta);
    return antisymmetric.plus(symmetric).minus(Expr.identity(hiddenSize).times(gamma));
  }
}
