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
 * GRU-ODE: the gated recurrent unit read as a differential equation, one Euler step of a given or
 * elapsed time.
 *
 * <pre>
 * [z,r] = σ(split_2(x·W_zr + h·U_zr + b_zr))  update and reset gate   [2H]
 * n  = act(x·W_n + (r⊙h)·U_n + b_n)           candidate               [H]
 * h' = h + dt·(1−z)⊙(n − h)                   output                  [H]
 * h' = h + elapsed⊙(1−z)⊙(n − h)              if elapsedTime          [H]
 * </pre>
 *
 * <p>With {@code elapsedTime}, dt is read beside the input: {@code Signal.of(x).beside("elapsed",
 * dt)}, {@code [B,T,1]}.
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, U {@code [H,3H]} orthogonal, b {@code [3H]} zeros.
 * Blocks are z, r, n.
 *
 * <p>Source: E. De Brouwer, J. Simm, A. Arany, Y. Moreau, "GRU-ODE-Bayes: Continuous modeling of
 * sporadically-observed time series", NeurIPS 2019, <a
 * href="https://arxiv.org/abs/1905.12374">arXiv:1905.12374</a>. This is the authors' full cell,
 * whose blocks are r, z, n; their smaller one has no r and uses z in its place. With dt = 1 it is
 * {@link GRUCell}.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param dt the length of a step, more than 0; 0.1 by default; not used with {@code elapsedTime}
 * @param elapsedTime whether dt is read beside the input; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "GRU as a differential equation", source = "De Brouwer et al. 2019")
public record GRUODECell(
    int inputSize,
    int hiddenSize,
    double dt,
    boolean elapsedTime,
    boolean useBias,
    Activation activation)
    implements Cell {

  public GRUODECell {
    Checks.sizes("GRUODECell", inputSize, hiddenSize);
    Checks.require(
        dt > 0 && dt < Double.POSITIVE_INFINITY, "GRUODECell", "dt must be more than 0", dt);
    Checks.given("GRUODECell", "activation", activation);
  }

  /**
   * The cell with steps of 0.1.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public GRUODECell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0.1, false, true, Activation.TANH);
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
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 3 * hiddenSize);
    Parts blocks = U.split(-1, 2 * hiddenSize, hiddenSize).as("_zr", "_n");
    Expr U_zr = blocks.get("_zr");
    Expr U_n = blocks.get("_n");
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr time = elapsedTime ? w.beside("elapsed", 1) : Expr.constant(dt);
    Expr h = s.get("h");

    Parts terms = x.dot(W).plus(b).split(-1, 2 * hiddenSize, hiddenSize).as("_zr", "_n");
    Parts gates = terms.get("_zr").plus(h.dot(U_zr)).sigmoid().split("z", "r");
    Expr z = gates.get("z");
    Expr r = gates.get("r");
    Expr n = activation.apply(terms.get("_n").plus(r.times(h).dot(U_n))).as("n");

    Expr hNext = h.plus(z.oneMinus().times(n.minus(h)).times(time));
    return new Step(hNext, State.of("h", hNext));
  }
}
