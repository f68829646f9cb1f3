package kazoku.cells;

import java.util.Arrays;
import java.util.List;
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
 * Closed-form continuous-time cell: an approximate solution of a liquid cell's equation, in which a
 * gate that depends on the elapsed time blends two candidates.
 *
 * <pre>
 * q  = [x,h]                                   seen                    [I+H]
 * q  = 1.7159·tanh(0.666·(q·W_k + b_k))        backbone, k = 1..L      [K]
 * f1 = tanh(q·F1 + b_F1)                       candidate               [H]
 * f2 = tanh(q·F2 + b_F2)                       candidate               [H]
 * s  = σ(q·Ta + b_Ta + q·Tb + b_Tb)            time gate               [H]
 * s  = σ((q·Ta + b_Ta)⊙elapsed + q·Tb + b_Tb)  if elapsedTime          [H]
 * h' = f1⊙(1−s) + s⊙f2                         output, DEFAULT         [H]
 * h' = f1 + s⊙f2                               output, NO_GATE         [H]
 *
 * PURE
 * f1 = q·F1 + b_F1                             candidate               [H]
 * h' = A − A⊙exp(−(|w_τ| + |f1|))⊙f1           output                  [H]
 * h' = A − A⊙exp(−(|w_τ| + |f1|)⊙elapsed)⊙f1   if elapsedTime          [H]
 * </pre>
 *
 * <p>The time τ since the previous step is 1; with {@code elapsedTime} it is read beside the input:
 * {@code Signal.of(x).beside("elapsed", tau)}, {@code [B,T,1]}.
 *
 * <p>W_1 {@code [I+H,K]}, the further W_k {@code [K,K]} and the heads F1, F2, Ta, Tb {@code [K,H]}
 * ({@code [I+H,H]} without a backbone) start glorot-uniform, all biases as zeros. PURE has F1 only,
 * A {@code [H]}, starting as ones, and w_τ {@code [H]} (the weight {@code w_tau}), starting as
 * zeros: there |w_τ| has no slope, so that w_τ stays at zero unless it is given another start.
 *
 * <p>Source: R. Hasani et al., "Closed-form continuous-time neural networks", Nature Machine
 * Intelligence 4, 2022, <a href="https://arxiv.org/abs/2106.13898">arXiv:2106.13898</a>; the
 * equations are those of the authors' library ncps, without its drop-out.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param mode how the new state is made; DEFAULT by default
 * @param backboneLayers L, at least 0; 1 by default
 * @param backboneUnits K, at least 1; 128 by default; not used without backbone layers
 * @param elapsedTime whether τ is read beside the input; false by default
 * @param useBias whether there are biases; true by default
 */
@About(idea = "closed form of liquid cell", source = "Hasani et al. 2022")
public record CfCCell(
    int inputSize,
    int hiddenSize,
    Mode mode,
    int backboneLayers,
    int backboneUnits,
    boolean elapsedTime,
    boolean useBias)
    implements Cell {

  /** How the new state is made. */
  public enum Mode {
    /** A blend of two candidates. */
    DEFAULT,
    /** The second candidate is added to the first. */
    NO_GATE,
    /** The solution of the equation itself, with one head. */
    PURE
  }

  public CfCCell {
    Checks.sizes("CfCCell", inputSize, hiddenSize);
    Checks.given("CfCCell", "mode", mode);
    Checks.notNegative("CfCCell", "backboneLayers", backboneLayers);
    Checks.atLeastOne("CfCCell", "backboneUnits", backboneUnits);
  }

  /**
   * The cell with one backbone layer of 128 units and steps of time 1.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public CfCCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Mode.DEFAULT, 1, 128, false, true);
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
    Expr tau = elapsedTime ? w.beside("elapsed", 1) : Expr.constant(1);
    Expr q = Expr.concat(x, s.get("h")).as("q");
    for (int k = 1; k <= backboneLayers; k++) {
      Expr W = w.input("W_" + k, q.size(), backboneUnits);
      Expr b = w.biasIf(useBias, "b_" + k, backboneUnits);
      q = q.dot(W).plus(b).times(0.666).tanh().times(1.7159).as("q");
    }
    Expr hNext = mode == Mode.PURE ? pure(w, q, tau) : blended(w, q, tau);
    return new Step(hNext, State.of("h", hNext));
  }

  private Expr blended(Weights w, Expr q, Expr tau) {
    Parts heads = heads(w, q, "F1", "F2", "Ta", "Tb");
    Expr f1 = heads.get("_F1").tanh().as("f1");
    Expr f2 = heads.get("_F2").tanh().as("f2");
    Expr s = heads.get("_Ta").times(tau).plus(heads.get("_Tb")).sigmoid().as("s");
    return mode == Mode.NO_GATE ? f1.plus(s.times(f2)) : f1.times(s.oneMinus()).plus(s.times(f2));
  }

  private Expr pure(Weights w, Expr q, Expr tau) {
    Expr f1 = heads(w, q, "F1").get("_F1").as("f1");
    Expr w_tau = w.bias("w_tau", hiddenSize);
    Expr A = w.gain("A", hiddenSize);
    Expr decay = w_tau.abs().plus(f1.abs()).times(tau).negate().exp();
    return A.minus(A.times(decay).times(f1));
  }

  private Parts heads(Weights w, Expr q, String... names) {
    Expr[] W = Arrays.stream(names).map(n -> w.input(n, q.size(), hiddenSize)).toArray(Expr[]::new);
    Expr all = q.dot(Expr.concat(W));
    if (useBias) {
      Expr[] b = Arrays.stream(names).map(n -> w.bias("b_" + n, hiddenSize)).toArray(Expr[]::new);
      all = all.plus(Expr.concat(b));
    }
    return all.split(Arrays.stream(names).map(n -> "_" + n).toArray(String[]::new));
  }
}
