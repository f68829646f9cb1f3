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
 * Antisymmetric recurrent network: an Euler step of a system whose Jacobian has almost no real
 * part, so that the state neither grows nor fades.
 *
 * <pre>
 * A  = U − Uᵀ − γ·I                           without real part       [H,H]
 * a  = x·W + h·A + b                          velocity before act     [H]
 * h' = h + ε·act(a)                           output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]} starts glorot-uniform, U {@code [H,H]} normal with variance 1/H, b {@code [H]}
 * zeros.
 *
 * <p>Source: B. Chang, M. Chen, E. Haber, E. H. Chi, "AntisymmetricRNN: A Dynamical System View on
 * Recurrent Neural Networks", ICLR 2019, <a
 * href="https://arxiv.org/abs/1902.09689">arXiv:1902.09689</a>. The paper tunes ε and γ, near 0.01,
 * and the variance of U. RecurrentLayers.jl and torchrecurrent have ε = 1 and γ = 0, which are
 * placeholders, and start U glorot-uniform and normal with variance 1.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param epsilon ε, the length of a step, more than 0; 0.1 by default
 * @param gamma γ, the diffusion, at least 0; 0.01 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "a step of a stable differential equation", source = "Chang et al. 2019")
public record AntisymmetricRNNCell(
    int inputSize,
    int hiddenSize,
    double epsilon,
    double gamma,
    boolean useBias,
    Activation activation)
    implements Cell {

  public AntisymmetricRNNCell {
    Checks.sizes("AntisymmetricRNNCell", inputSize, hiddenSize);
    Checks.require(
        epsilon > 0 && epsilon < Double.POSITIVE_INFINITY,
        "AntisymmetricRNNCell",
        "epsilon must be more than 0",
        epsilon);
    Checks.notNegative("AntisymmetricRNNCell", "gamma", gamma);
    Checks.given("AntisymmetricRNNCell", "activation", activation);
  }

  /**
   * The cell with steps of 0.1 and a diffusion of 0.01.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public AntisymmetricRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0.1, 0.01, true, Activation.TANH);
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
    Initializer start = Initializer.normal(1 / Math.sqrt(hiddenSize));
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr U = w.get("U", start, hiddenSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr A = U.minus(U.transpose()).minus(Expr.identity(hiddenSize).times(gamma)).as("A");
    Expr a = x.dot(W).plus(h.dot(A)).plus(b).as("a");
    Expr hNext = h.plus(activation.apply(a).times(epsilon));
    return new Step(hNext, State.of("h", hNext));
  }
}
