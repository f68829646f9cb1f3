package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Minion recurrent unit without gates: a leaky Elman cell that sees a scaled state.
 *
 * <pre>
 * n  = act(x·W + (θ·h)·U + b)                 candidate               [H]
 * h' = λ·h + (1−λ)·n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]} starts glorot-uniform, U {@code [H,H]} orthogonal, b {@code [H]} as zeros.
 *
 * <p>Source: A. M. Zyarah, D. Kudithipudi, "Minion gated recurrent unit for continual learning",
 * Neurocomputing, 2026, <a
 * href="https://doi.org/10.1016/j.neucom.2026.132847">doi:10.1016/j.neucom.2026.132847</a>; the
 * equations are those of torchrecurrent and RecurrentLayers.jl. It is {@link MiRU1Cell} with θ in
 * the place of the reset gate.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param lambda λ, the share of the old state, at least 0 and less than 1; 0.5 by default
 * @param theta θ, how much of the old state the candidate sees, at least 0 and at most 1; 0.5 by
 *     default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "leaky Elman cell, scaled state", source = "Zyarah, Kudithipudi 2026")
public record MiRU2Cell(
    int inputSize,
    int hiddenSize,
    double lambda,
    double theta,
    boolean useBias,
    Activation activation)
    implements Cell {

  public MiRU2Cell {
    Checks.sizes("MiRU2Cell", inputSize, hiddenSize);
    Checks.require(lambda >= 0 && lambda < 1, "MiRU2Cell", "lambda must be in [0, 1)", lambda);
    Checks.require(theta >= 0 && theta <= 1, "MiRU2Cell", "theta must be in [0, 1]", theta);
    Checks.given("MiRU2Cell", "activation", activation);
  }

  /**
   * The cell with λ = θ = 0.5.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MiRU2Cell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0.5, 0.5, true, Activation.TANH);
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
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr n = activation.apply(x.dot(W).plus(h.times(theta).dot(U)).plus(b)).as("n");

    Expr hNext = h.times(lambda).plus(n.times(1 - lambda));
    return new Step(hNext, State.of("h", hNext));
  }
}
