package kazoku.cells;

import java.util.ArrayList;
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
 * Minimal gated unit: a GRU in which one gate serves as reset and as update.
 *
 * <pre>
 * f  = σ(x·W_f + h·U_f + b_f)                 gate                    [H]
 * n  = act(x·W_n + (f⊙h)·U_n + b_n)           candidate               [H]
 * h' = (1−f)⊙h + f⊙n                          output                  [H]
 * </pre>
 *
 * <p>With {@code resetAfter}, {@code n = act(x·W_n + f⊙(h·U_n + b_r) + b_n)}; without {@code
 * resetGate}, {@code n = act(x·W_n + h·U_n + b_n)}. With {@code updateConvention} KEEP, {@code h' =
 * f⊙h + (1−f)⊙n}: as f also resets, this is another function and not a renaming.
 *
 * <p>W {@code [I,2H]} starts glorot-uniform, U {@code [H,2H]} orthogonal, b {@code [2H]} and b_r
 * {@code [H]} zeros. Blocks are f, n; a term that {@code gateInputs} takes from the gate has no
 * block f.
 *
 * <p>Source: G.-B. Zhou, J. Wu, C.-L. Zhang, Z.-H. Zhou, "Minimal Gated Unit for Recurrent Neural
 * Networks", International Journal of Automation and Computing 13(3), 2016, <a
 * href="https://arxiv.org/abs/1603.09420">arXiv:1603.09420</a>. RecurrentLayers.jl, Flax and
 * pytorch-kaldi have KEEP; Flax also resets after the product and starts the block f of b at 1. The
 * slim gates are those of J. Heck, F. Salem, "Simplified Minimal Gated Unit Variations for
 * Recurrent Neural Networks", 2017, <a
 * href="https://arxiv.org/abs/1701.03452">arXiv:1701.03452</a>.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param updateConvention what f multiplies; WRITE, the candidate, by default
 * @param resetAfter whether f resets the recurrent product and not the state; false by default
 * @param resetGate whether f resets at all; true by default
 * @param gateInputs what the gate is made of; ALL by default
 * @param useBias whether there are b and b_r; true by default
 * @param activation act; tanh by default
 */
@About(idea = "one gate for both purposes", source = "Zhou et al. 2016")
public record MGUCell(
    int inputSize,
    int hiddenSize,
    UpdateConvention updateConvention,
    boolean resetAfter,
    boolean resetGate,
    GateInputs gateInputs,
    boolean useBias,
    Activation activation)
    implements Cell {

  /** What the gate is made of. */
  public enum GateInputs {
    /** {@code x·W_f + h·U_f + b_f}. */
    ALL(true, true, true),

    /** {@code h·U_f + b_f}, MGU1; W is {@code [I,H]}. */
    STATE_BIAS(false, true, true),

    /** {@code h·U_f}, MGU2; W is {@code [I,H]} and b {@code [H]}. */
    STATE(false, true, false),

    /** {@code b_f}, MGU3; W is {@code [I,H]} and U {@code [H,H]}. */
    BIAS(false, false, true);

    private final boolean x;
    private final boolean h;
    private final boolean b;

    GateInputs(boolean x, boolean h, boolean b) {
      this.x = x;
      this.h = h;
      this.b = b;
    }
  }

  public MGUCell {
    Checks.sizes("MGUCell", inputSize, hiddenSize);
    Checks.given("MGUCell", "updateConvention", updateConvention);
    Checks.given("MGUCell", "gateInputs", gateInputs);
    Checks.given("MGUCell", "activation", activation);
    Checks.require(
        resetGate || !resetAfter,
        "MGUCell",
        "resetAfter needs resetGate",
        "resetGate " + resetGate);
    Checks.require(
        useBias || gateInputs != GateInputs.BIAS,
        "MGUCell",
        "gateInputs BIAS needs useBias",
        "useBias " + useBias);
  }

  /**
   * The cell as in the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MGUCell(int inputSize, int hiddenSize) {
    this(
        inputSize,
        hiddenSize,
        UpdateConvention.WRITE,
        false,
        true,
        GateInputs.ALL,
        true,
        Activation.TANH);
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
    Expr W = w.input("W", inputSize, width(gateInputs.x));
    Expr U = w.recurrent("U", hiddenSize, width(gateInputs.h));
    Expr h = s.get("h");

    List<Expr> gate = new ArrayList<>();
    Expr xn = cut(x.dot(W), gate);
    if (useBias) {
      xn = xn.plus(cut(w.bias("b", width(gateInputs.b)), gate));
    }
    Expr f;
    Expr hn;
    if (resetGate && !resetAfter) {
      List<Expr> U_f = new ArrayList<>();
      Expr U_n = cut(U, U_f);
      U_f.forEach(u -> gate.add(h.dot(u)));
      f = sum(gate).sigmoid().as("f");
      hn = f.times(h).dot(U_n);
    } else {
      hn = cut(h.dot(U), gate);
      f = sum(gate).sigmoid().as("f");
      if (resetAfter) {
        hn = f.times(hn.plus(w.biasIf(useBias, "b_r", hiddenSize)));
      }
    }
    Expr n = activation.apply(xn.plus(hn)).as("n");

    Expr hNext = updateConvention.update(f, h, n);
    return new Step(hNext, State.of("h", hNext));
  }

  private int width(boolean inGate) {
    return inGate ? 2 * hiddenSize : hiddenSize;
  }

  /** Gives the block n, and puts the block f, if there is one, among the terms of the gate. */
  private Expr cut(Expr blocks, List<Expr> gate) {
    if (blocks.size() == hiddenSize) {
      return blocks;
    }
    Parts parts = blocks.split("_f", "_n");
    gate.add(parts.get("_f"));
    return parts.get("_n");
  }

  private static Expr sum(List<Expr> terms) {
    return terms.stream().reduce(Expr::plus).orElseThrow();
  }
}
