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
 * Stackable recurrent cell: one gate, a candidate that sees the input only, and a squashed output
 * that keeps gradients level from layer to layer.
 *
 * <pre>
 * z  = act(x·W_z + b_z)                       candidate               [H]
 * k  = σ(x·W_k + h·U + b_k)                   gate                    [H]
 * h' = act((1−k)⊙h + k⊙z)                     output, PAPER           [H]
 *
 * a  = x·W_k + h·U + b_k                      seen by gates, AUTHORS  [H]
 * k  = σ(a)                                   gate, AUTHORS           [H]
 * h' = act(k⊙h + (1−σ(a−β))⊙z)                output, AUTHORS         [H]
 * </pre>
 *
 * <p>In PAPER W {@code [I,2H]} starts glorot-uniform, U {@code [H,H]} orthogonal, b {@code [2H]}
 * zeros. In AUTHORS both blocks of W start orthogonal, each by itself, and the block k of b as
 * ln(u), u uniform between 1 and {@code maxTime}. Blocks are z, k.
 *
 * <p>Source: M. O. Turkoglu, S. D'Aronco, J. D. Wegner, K. Schindler, "Gating Revisited: Deep
 * Multi-layer RNNs That Can Be Trained", IEEE TPAMI, 2021, <a
 * href="https://arxiv.org/abs/1911.11033">arXiv:1911.11033</a>. The authors' TensorFlow code is not
 * their formula: its gate keeps, β shifts it where it lets the candidate in, as in JANET, and the
 * longest time is 784 whatever is asked for. RecurrentLayers.jl and torchrecurrent follow the
 * paper.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param mode the form; PAPER by default
 * @param beta β, AUTHORS only; 1 by default there
 * @param maxTime the longest time that is to be remembered, in steps, at least 2; AUTHORS with
 *     {@code useBias} only; 784 by default there; 0 for a b of zeros
 * @param useBias whether there is b; true by default
 * @param activation act, at both places; tanh by default
 */
@About(idea = "stackable, one gate, final tanh", source = "Turkoglu et al. 2021")
public record STARCell(
    int inputSize,
    int hiddenSize,
    Mode mode,
    double beta,
    int maxTime,
    boolean useBias,
    Activation activation)
    implements Cell {

  /** The two forms of the cell. */
  public enum Mode {
    /** That of the paper: the gate lets the candidate in. */
    PAPER(0, 0),

    /** That of the authors' code: the gate keeps the old state, and β shifts what it lets in. */
    AUTHORS(1, 784);

    private final double beta;
    private final int maxTime;

    Mode(double beta, int maxTime) {
      this.beta = beta;
      this.maxTime = maxTime;
    }
  }

  public STARCell {
    Checks.sizes("STARCell", inputSize, hiddenSize);
    Checks.given("STARCell", "mode", mode);
    Checks.require(
        maxTime == 0 || maxTime >= 2, "STARCell", "maxTime must be 0 or at least 2", maxTime);
    Checks.require(
        mode == Mode.AUTHORS || beta == 0 && maxTime == 0,
        "STARCell",
        "beta and maxTime need mode AUTHORS",
        "mode " + mode);
    Checks.require(
        useBias || maxTime == 0, "STARCell", "maxTime needs useBias", "useBias " + useBias);
    Checks.given("STARCell", "activation", activation);
  }

  /**
   * The cell of a mode, with the defaults of that mode.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param mode the form
   */
  public STARCell(int inputSize, int hiddenSize, Mode mode) {
    this(inputSize, hiddenSize, mode, mode.beta, mode.maxTime, true, Activation.TANH);
  }

  /**
   * The cell of the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public STARCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Mode.PAPER);
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
    Expr W = w.get("W", inputStart(), inputSize, 2 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, hiddenSize);
    Expr b = useBias ? w.get("b", biasStart(), 2 * hiddenSize) : Expr.constant(0);
    Expr h = s.get("h");

    Parts terms = x.dot(W).plus(b).split("_z", "_k");
    Expr z = activation.apply(terms.get("_z")).as("z");
    Expr a = terms.get("_k").plus(h.dot(U));
    Expr k = a.sigmoid().as("k");

    Expr mixed =
        switch (mode) {
          case PAPER -> UpdateConvention.WRITE.update(k, h, z);
          case AUTHORS -> {
            Expr write = a.plus(-beta).sigmoid().oneMinus();
            yield k.times(h).plus(write.times(z));
          }
        };
    Expr hNext = activation.apply(mixed);
    return new Step(hNext, State.of("h", hNext));
  }

  private Initializer inputStart() {
    return mode == Mode.PAPER
        ? Initializer.GLOROT_UNIFORM
        : Initializer.columns(Initializer.ORTHOGONAL, Initializer.ORTHOGONAL);
  }

  private Initializer biasStart() {
    // Initializer.chrono draws up to one step less than it is given.
    return maxTime == 0
        ? Initializer.ZEROS
        : Initializer.columns(Initializer.ZEROS, Initializer.chrono(maxTime + 1));
  }
}
