package kazoku.cells;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * The closed-form solution of a liquid cell: two candidates blended by a gate that depends on
 * elapsed time.
 *
 * <pre>
 * q  = backbone([x,h])                                          features        [K]
 * f1 = tanh(q·F1 + b_F1)                                        candidate       [H]
 * f2 = tanh(q·F2 + b_F2)                                        candidate       [H]
 * s  = σ((q·Ta + b_Ta)⊙τ + q·Tb + b_Tb)                         time gate       [H]
 * h' = f1⊙(1−s) + s⊙f2                                          output          [H]
 * </pre>
 *
 * <p>The backbone is a chain of dense layers, {@code q ↦ 1.7159·tanh(0.666·(q·W_l + b_l))} for l =
 * 1, 2, …; without layers q is [x,h] itself. In {@code mode} NO_GATE, {@code h' = f1 + s⊙f2}. In
 * PURE, with {@code p = q·F1 + b_F1}, {@code h' = A − A⊙exp(−τ⊙(|w_τ| + |p|))⊙p}.
 *
 * <p>τ is 1, or with {@code elapsedTime} the time since the last step, which stands beside the
 * input: {@code Signal.of(x).beside("elapsed", t)} with t {@code [B,T,1]}.
 *
 * <p>W_1 {@code [I+H,K]}, W_2, … {@code [K,K]} and the heads F1, F2, Ta and Tb {@code [K,H]}
 * ({@code [I+H,H]} without backbone) start glorot-uniform, their biases zeros, A {@code [H]} ones,
 * w_τ {@code [H]} zeros. In the graph τ is spelled tau.
 *
 * <p>Source: R. Hasani et al., "Closed-form continuous-time neural networks", Nature Machine
 * Intelligence 4, 2022, <a href="https://arxiv.org/abs/2106.13898">arXiv:2106.13898</a>; the form
 * is that of the authors' ncps library.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param backboneLayers the backbone's layers, at least 0; 1 by default
 * @param backboneUnits K, at least 1; 128 by default
 * @param mode the form of the output; DEFAULT by default
 * @param elapsedTime whether τ is given beside the input; false by default
 */
@About(idea = "closed form of liquid cell", source = "Hasani et al. 2022")
public record CfCCell(
    int inputSize,
    int hiddenSize,
    int backboneLayers,
    int backboneUnits,
    Mode mode,
    boolean elapsedTime)
    implements Cell {

  /** The form of the output. */
  public enum Mode {
    /** {@code f1⊙(1−s) + s⊙f2}. */
    DEFAULT,
    /** {@code f1 + s⊙f2}. */
    NO_GATE,
    /** The solution itself, of one head. */
    PURE
  }

  public CfCCell {
    Checks.sizes("CfCCell", inputSize, hiddenSize);
    Checks.require(
        backboneLayers >= 0, "CfCCell", "backboneLayers must be at least 0", backboneLayers);
    Checks.atLeastOne("CfCCell", "backboneUnits", backboneUnits);
    Checks.given("CfCCell", "mode", mode);
  }

  /**
   * The cell with one backbone layer of 128 units.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public CfCCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, 128, Mode.DEFAULT, false);
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
    Expr h = s.get("h");
    Expr tau = elapsedTime ? w.beside("elapsed", 1) : Expr.constant(1);

    Expr q = backbone(w, x, h);
    Expr hNext;
    if (mode == Mode.PURE) {
      Expr A = w.gain("A", hiddenSize);
      Expr w_tau = w.bias("w_tau", hiddenSize);
      Expr p = head(w, q, "F1");
      Expr faded = w_tau.abs().plus(p.abs()).times(tau).negate().exp();
      hNext = A.minus(A.times(faded).times(p));
    } else {
      Expr f1 = head(w, q, "F1").tanh();
      Expr f2 = head(w, q, "F2").tanh();
      Expr gate = head(w, q, "Ta").times(tau).plus(head(w, q, "Tb")).sigmoid();
      hNext =
          mode == Mode.NO_GATE
              ? f1.plus(gate.times(f2))
              : f1.times(gate.oneMinus()).plus(gate.times(f2));
    }
    return new Step(hNext, State.of("h", hNext));
  }

  private Expr backbone(Weights w, Expr x, Expr h) {
    Expr q = Expr.concat(x, h);
    for (int layer = 1; layer <= backboneLayers; layer++) {
      Expr W = w.input("W_" + layer, q.size(), backboneUnits);
      Expr b = w.bias("b_" + layer, backboneUnits);
      q = q.dot(W).plus(b).times(0.666).tanh().times(1.7159);
    }
    return q;
  }

  private Expr head(Weights w, Expr q, String name) {
    Expr F = w.input(name, q.size(), hiddenSize);
    return q.dot(F).plus(w.bias("b_" + name, hiddenSize));
  }
}
