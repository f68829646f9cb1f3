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
 * Fast gated recurrent network: gate and candidate share their matrices and differ in their biases
 * only, and the matrices may be of low rank.
 *
 * <pre>
 * p  = x·W + h·U                              shared                  [H]
 * z  = gate(p + b_g)                          update gate             [H]
 * n  = act(p + b_n)                           candidate               [H]
 * h' = (σ(ζ)·(1−z) + σ(ν))⊙n + z⊙h            output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]} and U {@code [H,H]} start normal with standard deviation 0.1, b_g and b_n
 * {@code [H]} at ones, the scalars ζ at 1 and ν at −4, spelled zeta and nu. With {@code wRank} r,
 * {@code W = W_1·W_2} with W_1 {@code [I,r]} and W_2 {@code [r,H]}; with {@code uRank} r, {@code U
 * = U_1·U_2} with U_1 {@code [H,r]} and U_2 {@code [r,H]}. The factors start as the whole.
 *
 * <p>Source: A. Kusupati et al., "FastGRNN: A Fast, Accurate, Stable and Tiny Kilobyte Sized Gated
 * Recurrent Neural Network", NeurIPS 2018, <a
 * href="https://arxiv.org/abs/1901.02358">arXiv:1901.02358</a>; this is the authors' EdgeML.
 * RecurrentLayers.jl and torchrecurrent put the cell's activation, by default tanh, where the
 * gate's σ belongs. An older torchrecurrent takes ζ and ν as they are, from 3 and −3; 0.2.5
 * squashes them, and its candidate is always tanh, so that it computes this cell with {@code
 * nonlinearity="sigmoid"}.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param wRank rank of W; 0, the default, for a full matrix
 * @param uRank rank of U; 0, the default, for a full matrix
 * @param useBias whether there are b_g and b_n; true by default
 * @param activation act; tanh by default
 * @param gateActivation gate; σ by default
 */
@About(idea = "gate and candidate share low-rank matrices", source = "Kusupati et al. 2018")
public record FastGRNNCell(
    int inputSize,
    int hiddenSize,
    int wRank,
    int uRank,
    boolean useBias,
    Activation activation,
    Activation gateActivation)
    implements Cell {

  public FastGRNNCell {
    Checks.sizes("FastGRNNCell", inputSize, hiddenSize);
    Checks.notNegative("FastGRNNCell", "wRank", wRank);
    Checks.notNegative("FastGRNNCell", "uRank", uRank);
    Checks.given("FastGRNNCell", "activation", activation);
    Checks.given("FastGRNNCell", "gateActivation", gateActivation);
  }

  /**
   * The cell as in the paper, with full matrices.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public FastGRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, 0, true, Activation.TANH, Activation.SIGMOID);
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
    Expr b_g = useBias ? w.get("b_g", Initializer.ONES, hiddenSize) : Expr.constant(0);
    Expr b_n = useBias ? w.get("b_n", Initializer.ONES, hiddenSize) : Expr.constant(0);
    Expr zeta = w.get("zeta", Initializer.ONES);
    Expr nu = w.get("nu", Initializer.constant(-4));
    Expr h = s.get("h");

    Expr p = x.dot(W).plus(h.dot(U)).as("p");
    Expr z = gateActivation.apply(p.plus(b_g)).as("z");
    Expr n = activation.apply(p.plus(b_n)).as("n");

    Expr hNext = zeta.sigmoid().times(z.oneMinus()).plus(nu.sigmoid()).times(n).plus(z.times(h));
    return new Step(hNext, State.of("h", hNext));
  }
}
