package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Chaos-free network: gates scale a squashed state and a squashed input; without input the state
 * fades to zero, whatever the weights are.
 *
 * <pre>
 * [θ,η] = σ(split_2(x·W_g + h·U + b))         forget and input gate   [2H]
 * n  = act(x·W_n)                             candidate               [H]
 * h' = θ⊙act(h) + η⊙n                         output, PAPER           [H]
 * h' = θ⊙act(h) + (1−η)⊙n                     output, CONTRIB         [H]
 * </pre>
 *
 * <p>In PAPER W {@code [I,3H]} starts glorot-uniform, U {@code [H,2H]} orthogonal, b {@code [2H]}
 * zeros; in CONTRIB W and U start glorot-uniform and b as ones. Blocks are θ, η, n; W_g is the
 * first two of W.
 *
 * <p>Source: T. Laurent, J. von Brecht, "A recurrent neural network without chaos", ICLR 2017, <a
 * href="https://arxiv.org/abs/1612.06212">arXiv:1612.06212</a>. CONTRIB is the form of tf.contrib,
 * which says itself that it departs from the paper. RecurrentLayers.jl and torchrecurrent add a
 * bias to the candidate, with which the state no longer fades without input.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param mode which of the two outputs; PAPER by default
 * @param useBias whether there is b; true by default
 * @param activation act, at both places; tanh by default
 */
@About(idea = "without input, decays to zero", source = "Laurent, von Brecht 2017")
public record CFNCell(
    int inputSize, int hiddenSize, Mode mode, boolean useBias, Activation activation)
    implements Cell {

  /** The two forms of the cell. */
  public enum Mode {
    /** That of the paper: η lets the candidate in. */
    PAPER,

    /** That of tf.contrib: η keeps the candidate out. */
    CONTRIB
  }

  public CFNCell {
    Checks.sizes("CFNCell", inputSize, hiddenSize);
    Checks.given("CFNCell", "mode", mode);
    Checks.given("CFNCell", "activation", activation);
  }

  /**
   * The cell of the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public CFNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Mode.PAPER, true, Activation.TANH);
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
    boolean paper = mode == Mode.PAPER;
    Initializer recurrent = paper ? Initializer.ORTHOGONAL : Initializer.GLOROT_UNIFORM;
    Initializer bias = paper ? Initializer.ZEROS : Initializer.ONES;
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Expr U = w.get("U", recurrent, hiddenSize, 2 * hiddenSize);
    Expr b = useBias ? w.get("b", bias, 2 * hiddenSize) : Expr.constant(0);
    Expr h = s.get("h");

    Parts xW = x.dot(W).split(-1, 2 * hiddenSize, hiddenSize).as("_g", "_n");
    Parts gates = xW.get("_g").plus(h.dot(U)).plus(b).sigmoid().split("theta", "eta");
    Expr theta = gates.get("theta");
    Expr eta = gates.get("eta");
    Expr n = activation.apply(xW.get("_n")).as("n");

    Expr write = paper ? eta : eta.oneMinus();
    Expr hNext = theta.times(activation.apply(h)).plus(write.times(n));
    return new Step(hNext, State.of("h", hNext));
  }
}
