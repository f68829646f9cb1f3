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
 * GRU for series with missing values (GRU-D): a missing input decays from its last value towards
 * the mean, and the state decays with the time since each input was seen.
 *
 * <pre>
 * sLast = sLast where sLast > −1e29, else time             never seen: now     [I]
 * δ   = time − sLast                                       since last seen     [I]
 * γ_x = exp(−relu(δ⊙w_x + b_x))                            decay of the input  [I]
 * γ_h = exp(−relu(δ·W_h + b_h))                            decay of the state  [H]
 * xLast' = (1−mask)⊙xLast + mask⊙x                         last values         [I]
 * x̃   = (1−mask)⊙(γ_x⊙xLast' + (1−γ_x)⊙xMean) + mask⊙x     input without gaps  [I]
 * hd  = γ_h⊙h                                              decayed state       [H]
 * [z,r] = σ(split_2(x̃·W_zr + hd·U_zr + mask·V_zr + b_zr))  update, reset gate  [2H]
 * n   = act(x̃·W_n + (r⊙hd)·U_n + mask·V_n + b_n)           candidate           [H]
 * h'  = (1−z)⊙hd + z⊙n                                     output              [H]
 * sLast' = (1−mask)⊙sLast + mask⊙time                      when last seen      [I]
 * </pre>
 *
 * <p>The mask m {@code [I]}, 1 for observed and 0 for missing, and the time stamp s {@code [1]}
 * stand beside the input: {@code Signal.of(x).beside("mask", m).beside("time", s)}. A missing x may
 * be any number, but not NaN. Stamps grow along the sequence.
 *
 * <p>The slots x̂ and ŝ are {@code xLast} and {@code sLast}. Without an initial state h and x̂
 * begin as zeros, and ŝ as the first time stamp, so that δ = 0 at the first step: there {@code
 * sLast} begins at −10³⁰, and what lies below −10²⁹ stands for the stamp of the step.
 *
 * <p>W, V {@code [I,3H]}, W_h {@code [I,H]} and w_x {@code [I]} start glorot-uniform, U {@code
 * [H,3H]} orthogonal, b {@code [3H]}, b_x {@code [I]} and b_h {@code [H]} as zeros. Blocks are z,
 * r, n. x̄ {@code [I]} is the weight {@code xMean}; it is not trained, starts as zeros, for centred
 * inputs, and is to be assigned the means of the training data where they are not.
 *
 * <p>Source: Z. Che, S. Purushotham, K. Cho, D. Sontag, Y. Liu, "Recurrent Neural Networks for
 * Multivariate Time Series with Missing Values", Scientific Reports 8, 2018, <a
 * href="https://arxiv.org/abs/1606.01865">arXiv:1606.01865</a>. The author's code differs in four
 * points, which {@link Mode#REFERENCE} has. It also has a hard sigmoid for the gates of its cell,
 * and a sigmoid candidate in its layer; REFERENCE keeps σ and act.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param mode whose equations; PAPER by default
 * @param updateConvention what z multiplies; WRITE, the candidate, by default; KEEP in REFERENCE
 * @param useBias whether there are b, b_x and b_h; true by default
 * @param activation act; tanh by default
 */
@About(idea = "missing inputs and state decay", source = "Che et al. 2018")
public record GRUDCell(
    int inputSize,
    int hiddenSize,
    Mode mode,
    UpdateConvention updateConvention,
    boolean useBias,
    Activation activation)
    implements Cell {

  private static final double NEVER = -1e30;

  /** Whose equations. */
  public enum Mode {
    /** The paper's. */
    PAPER,

    /**
     * Those of the author's code: {@code h' = z⊙h + (1−z)⊙n} with h not decayed, 1−m in the place
     * of m before V, and a mean of zeros, so that there is no {@code xMean}.
     */
    REFERENCE
  }

  public GRUDCell {
    Checks.sizes("GRUDCell", inputSize, hiddenSize);
    Checks.given("GRUDCell", "mode", mode);
    Checks.given("GRUDCell", "updateConvention", updateConvention);
    Checks.require(
        mode == Mode.PAPER || updateConvention == UpdateConvention.KEEP,
        "GRUDCell",
        "mode REFERENCE needs updateConvention KEEP",
        updateConvention);
    Checks.given("GRUDCell", "activation", activation);
  }

  /**
   * The cell as in the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public GRUDCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Mode.PAPER, UpdateConvention.WRITE, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(
        Slot.of("h", hiddenSize),
        Slot.of("xLast", inputSize),
        Slot.of("sLast", inputSize).startingAt(NEVER));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr m = w.beside("mask", inputSize);
    Expr time = w.beside("time", 1);
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Parts U =
        w.recurrent("U", hiddenSize, 3 * hiddenSize)
            .split(-1, 2 * hiddenSize, hiddenSize)
            .as("_zr", "_n");
    Expr V = w.input("V", inputSize, 3 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr w_x = w.input("w_x", inputSize);
    Expr W_h = w.input("W_h", inputSize, hiddenSize);
    Expr b_x = w.biasIf(useBias, "b_x", inputSize);
    Expr b_h = w.biasIf(useBias, "b_h", hiddenSize);
    Expr h = s.get("h");
    Expr sLast = s.get("sLast").greaterThan(NEVER / 10).where(s.get("sLast"), time).as("sLast");
    boolean paper = mode == Mode.PAPER;

    Expr delta = time.minus(sLast).as("delta");
    Expr gamma_x = delta.times(w_x).plus(b_x).relu().negate().exp().as("gamma_x");
    Expr gamma_h = delta.dot(W_h).plus(b_h).relu().negate().exp().as("gamma_h");
    Expr xLastNext = UpdateConvention.WRITE.update(m, s.get("xLast"), x);
    Expr decayed = gamma_x.times(xLastNext);
    if (paper) {
      Expr xMean = w.fixed("xMean", Initializer.ZEROS, inputSize);
      decayed = decayed.plus(gamma_x.oneMinus().times(xMean));
    }
    Expr filled = UpdateConvention.WRITE.update(m, decayed, x).as("x̃");
    Expr hd = gamma_h.times(h).as("hd");

    Expr seen = paper ? m : m.oneMinus();
    Expr sum = filled.dot(W).plus(seen.dot(V)).plus(b);
    Parts terms = sum.split(-1, 2 * hiddenSize, hiddenSize).as("_zr", "_n");
    Parts gates = terms.get("_zr").plus(hd.dot(U.get("_zr"))).sigmoid().split("z", "r");
    Expr z = gates.get("z");
    Expr r = gates.get("r");
    Expr n = activation.apply(terms.get("_n").plus(r.times(hd).dot(U.get("_n")))).as("n");

    Expr hNext = updateConvention.update(z, paper ? hd : h, n);
    Expr sLastNext = UpdateConvention.WRITE.update(m, sLast, time);
    return new Step(hNext, State.of("h", hNext).with("xLast", xLastNext).with("sLast", sLastNext));
  }
}
