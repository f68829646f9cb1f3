package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Minion recurrent unit: a GRU whose update gate is a constant.
 *
 * <pre>
 * r  = σ(x·W_r + h·U_r + b_r)                 reset gate              [H]
 * n  = act(x·W_n + (r⊙h)·U_n + b_n)           candidate               [H]
 * h' = λ·h + (1−λ)·n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,2H]} starts glorot-uniform, U {@code [H,2H]} orthogonal, b {@code [2H]} as zeros.
 * Blocks are r, n.
 *
 * <p>Source: A. M. Zyarah, D. Kudithipudi, "Minion gated recurrent unit for continual learning",
 * Neurocomputing, 2026, <a
 * href="https://doi.org/10.1016/j.neucom.2026.132847">doi:10.1016/j.neucom.2026.132847</a>; the
 * equations are those of torchrecurrent. RecurrentLayers.jl applies the cell's activation, by
 * default tanh, to the reset gate, which is not what its text says. {@link MiRU2Cell} has a
 * constant reset gate, too.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param lambda λ, the share of the old state, at least 0 and less than 1; 0.5 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "GRU with a constant update gate", source = "Zyarah, Kudithipudi 2026")
public record MiRU1Cell(
    int inputSize, int hiddenSize, double lambda, boolean useBias, Activation activation)
    implements Cell {

  public MiRU1Cell {
    Checks.sizes("MiRU1Cell", inputSize, hiddenSize);
    Checks.require(lambda >= 0 && lambda < 1, "MiRU1Cell", "lambda must be in [0, 1)", lambda);
    Checks.given("MiRU1Cell", "activation", activation);
  }

  /**
   * The cell with λ = 0.5.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MiRU1Cell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0.5, true, Activation.TANH);
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
    Expr W = w.input("W", inputSize, 2 * hiddenSize);
    Parts U = w.recurrent("U", hiddenSize, 2 * hiddenSize).split("_r", "_n");
    Expr b = w.biasIf(useBias, "b", 2 * hiddenSize);
    Expr h = s.get("h");

    Parts terms = x.dot(W).plus(b).split("_r", "_n");
    Expr r = terms.get("_r").plus(h.dot(U.get("_r"))).sigmoid().as("r");
    Expr n = activation.apply(terms.get("_n").plus(r.times(h).dot(U.get("_n")))).as("n");

    Expr hNext = h.times(lambda).plus(n.times(1 - lambda));
    return new Step(hNext, State.of("h", hNext));
  }
}
