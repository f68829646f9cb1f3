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
 * FastRNN: a simple recurrent network with a weighted residual connection, two learnt numbers, for
 * models of kilobytes.
 *
 * <pre>
 * h̃  = act(x·W + h·U + b)                     candidate               [H]
 * h' = σ(α)·h̃ + σ(β)·h                        output                  [H]
 * </pre>
 *
 * <p>With {@code wRank} W is the product of W_1 {@code [I,r]} and W_2 {@code [r,H]}, with {@code
 * uRank} U that of U_1 {@code [H,r]} and U_2 {@code [r,H]}.
 *
 * <p>W {@code [I,H]} and U {@code [H,H]}, or their factors, start normal with standard deviation
 * 0.1, b {@code [H]} ones, α {@code []} at −3, β {@code []} at 3, so that the state is nearly kept.
 * In the graph α is spelled alpha, and β beta.
 *
 * <p>Source: A. Kusupati, M. Singh, K. Bhatia, A. Kumar, P. Jain, M. Varma, "FastGRNN: A Fast,
 * Accurate, Stable and Tiny Kilobyte Sized Gated Recurrent Neural Network", NeurIPS 2018, <a
 * href="https://arxiv.org/abs/1901.02358">arXiv:1901.02358</a>; first values are those of the
 * authors' EdgeML. RecurrentLayers.jl starts α at 3 and β at −3, by which it begins with
 * forgetting. Older versions of torchrecurrent do not squash α and β; 0.2.5 does.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param wRank r of W; 0, the default, for a full matrix
 * @param uRank r of U; 0, the default, for a full matrix
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "Elman cell with weighted residual", source = "Kusupati et al. 2018")
public record FastRNNCell(
    int inputSize, int hiddenSize, int wRank, int uRank, boolean useBias, Activation activation)
    implements Cell {

  public FastRNNCell {
    Checks.sizes("FastRNNCell", inputSize, hiddenSize);
    Checks.notNegative("FastRNNCell", "wRank", wRank);
    Checks.notNegative("FastRNNCell", "uRank", uRank);
    Checks.given("FastRNNCell", "activation", activation);
  }

  /**
   * The cell with full matrices and tanh.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public FastRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, 0, true, Activation.TANH);
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
    Initializer start = Initializer.normal(0.1);
    Expr W = LowRank.matrix(w, "W", start, wRank, inputSize, hiddenSize);
    Expr U = LowRank.matrix(w, "U", start, uRank, hiddenSize, hiddenSize);
    Expr b = useBias ? w.get("b", Initializer.ONES, hiddenSize) : Expr.constant(0);
    Expr alpha = w.get("alpha", Initializer.constant(-3));
    Expr beta = w.get("beta", Initializer.constant(3));
    Expr h = s.get("h");

    Expr candidate = activation.apply(x.dot(W).plus(h.dot(U)).plus(b)).as("h̃");
    Expr hNext = alpha.sigmoid().times(candidate).plus(beta.sigmoid().times(h));
    return new Step(hNext, State.of("h", hNext));
  }
}
