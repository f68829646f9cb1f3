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
 * Lipschitz recurrent network: an Euler step of a linear and a nonlinear part, both with matrices
 * whose symmetric part is held small.
 *
 * <pre>
 * S_A = β·(M_A − M_Aᵀ) + (1−β)·(M_A + M_Aᵀ) − γ·I  nearly skew-symmetric  [H,H]
 * S_W = β·(M_W − M_Wᵀ) + (1−β)·(M_W + M_Wᵀ) − γ·I  nearly skew-symmetric  [H,H]
 * q  = h·S_W                                       recurrent term         [H]
 * v  = α·h·S_A + act(q + x·W + b)                  velocity               [H]
 * v  = v⊙σ(q + x·W_g + b_g)                        if gated               [H]
 * h' = h + ε·v                                     output                 [H]
 * </pre>
 *
 * <p>M_A and M_W {@code [H,H]} start normal with standard deviation 1/H, W and W_g {@code [I,H]}
 * glorot-uniform, b and b_g {@code [H]} zeros.
 *
 * <p>Source: N. B. Erichson, O. Azencot, A. Queiruga, L. Hodgkinson, M. W. Mahoney, "Lipschitz
 * Recurrent Neural Networks", ICLR 2021, <a
 * href="https://arxiv.org/abs/2006.12070">arXiv:2006.12070</a>; equations, first values and
 * defaults are those of the authors' code. torchrecurrent has ε = 0.1, β = 0.7, γ = 0.001 and
 * starts M_A and M_W glorot.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param epsilon ε, the length of a step, more than 0; 0.01 by default
 * @param beta β, from 0, only symmetric, to 1, only skew-symmetric; 0.8 by default
 * @param gamma γ, the diffusion, at least 0; 0.01 by default
 * @param alpha α, the weight of the linear part, at least 0; 1 by default
 * @param gated whether a gate scales the velocity; false by default
 * @param useBias whether there are b and b_g; true by default
 * @param activation act; tanh by default
 */
@About(idea = "bounded linear and nonlinear parts", source = "Erichson et al. 2021")
public record LipschitzRNNCell(
    int inputSize,
    int hiddenSize,
    double epsilon,
    double beta,
    double gamma,
    double alpha,
    boolean gated,
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
    Checks.require(beta >= 0 && beta <= 1, "LipschitzRNNCell", "beta must be from 0 to 1", beta);
    Checks.notNegative("LipschitzRNNCell", "gamma", gamma);
    Checks.notNegative("LipschitzRNNCell", "alpha", alpha);
    Checks.given("LipschitzRNNCell", "activation", activation);
  }

  /**
   * The cell with the authors' defaults, without gate.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LipschitzRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0.01, 0.8, 0.01, 1, false, true, Activation.TANH);
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

    Expr S_A = S(M_A).as("S_A");
    Expr S_W = S(M_W).as("S_W");
    Expr q = h.dot(S_W).as("q");
    Expr v = h.dot(S_A).times(alpha).plus(activation.apply(q.plus(x.dot(W)).plus(b))).as("v");
    if (gated) {
      Expr W_g = w.input("W_g", inputSize, hiddenSize);
      Expr b_g = w.biasIf(useBias, "b_g", hiddenSize);
      v = v.times(q.plus(x.dot(W_g)).plus(b_g).sigmoid()).as("v");
    }
    Expr hNext = h.plus(v.times(epsilon));
    return new Step(hNext, State.of("h", hNext));
  }

  private Expr S(Expr M) {
    Expr skew = M.minus(M.transpose()).times(beta);
    Expr symmetric = M.plus(M.transpose()).times(1 - beta);
    return skew.plus(symmetric).minus(Expr.identity(hiddenSize).times(gamma));
  }
}
