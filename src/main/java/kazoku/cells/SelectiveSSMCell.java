package kazoku.cells;

import java.util.Arrays;
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
 * A diagonal state space whose step size, input map and output map depend on the input: S6, the
 * recurrence of Mamba.
 *
 * <pre>
 * [d,Bt,Ct] = split(x·W_x; r,N,N)             [r], [N], [N]
 * Δ  = softplus(d·W_Δ + b_Δ)                  step size               [H]
 * Ā  = exp(Δ[:,None]⊙(−e^A_log))              decay                   [H,N]
 * s' = Ā⊙s + (Δ⊙x)[:,None]·Bt                 state                   [H,N]
 * y  = s'·Ct[:,None] + D⊙x                    output                  [H]
 * </pre>
 *
 * <p>As a full Mamba block the input of I columns is widened, convolved over the last k steps,
 * gated, and projected back:
 *
 * <pre>
 * [ũ,z] = split_2(x·W_in)                     [H], [H]
 * window = [u;ũ]                              the last inputs          [k,H]
 * u' = window[1:k,:]                          state, if block          [k−1,H]
 * û  = silu(Σ((K⊙window)ᵀ) + b_K)             input of the step above  [H]
 * out = (y⊙silu(z))·W_out                     output                   [I]
 * </pre>
 *
 * <p>W_x {@code [H,r+2N]}, W_in {@code [I,2H]}, K {@code [k,H]} and W_out {@code [H,I]} start
 * glorot-uniform, W_Δ {@code [r,H]} uniform in ±1/√r, A_log {@code [H,N]} ln(1..N) in every row, D
 * {@code [H]} ones, b_K zeros, b_Δ so that softplus(b_Δ) is log-uniform between 0.001 and 0.1. In
 * the graph Δ is spelled Delta.
 *
 * <p>Source: A. Gu, T. Dao, "Mamba", <a
 * href="https://arxiv.org/abs/2312.00752">arXiv:2312.00752</a>, 2023. The input map is discretised
 * as Δ·B and not by the exact zero-order hold, as in the authors' code. There the convolution's
 * weight is Kᵀ {@code [H,1,k]}.
 *
 * @param inputSize I, at least 1; equal to {@code hiddenSize} without the block
 * @param hiddenSize H, at least 1
 * @param stateSize N, at least 1; 16 by default
 * @param rank r, at least 1; I/16, rounded up, by default
 * @param block whether the cell is a full Mamba block; false by default
 * @param kernelSize k, steps that the block's convolution sees, at least 2; 4 by default
 */
@About(idea = "state space steered by input (Mamba)", source = "Gu, Dao 2023")
public record SelectiveSSMCell(
    int inputSize, int hiddenSize, int stateSize, int rank, boolean block, int kernelSize)
    implements Cell {

  public SelectiveSSMCell {
    Checks.sizes("SelectiveSSMCell", inputSize, hiddenSize);
    Checks.atLeastOne("SelectiveSSMCell", "stateSize", stateSize);
    Checks.atLeastOne("SelectiveSSMCell", "rank", rank);
    Checks.require(
        kernelSize >= 2, "SelectiveSSMCell", "kernelSize must be at least 2", kernelSize);
    Checks.require(
        block || inputSize == hiddenSize,
        "SelectiveSSMCell",
        "inputSize must equal hiddenSize " + hiddenSize + " without block",
        inputSize);
  }

  /**
   * The recurrence alone if both sizes are equal, a full block otherwise.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public SelectiveSSMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 16, (inputSize + 15) / 16, inputSize != hiddenSize, 4);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    Slot s = Slot.of("s", hiddenSize, stateSize);
    return block ? List.of(s, Slot.of("u", kernelSize - 1, hiddenSize)) : List.of(s);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    if (!block) {
      Expr sNext = next(w, x, s.get("s"));
      return new Step(read(w, x, sNext), State.of("s", sNext));
    }
    Expr W_in = w.input("W_in", inputSize, 2 * hiddenSize);
    Expr K = w.input("K", kernelSize, hiddenSize);
    Expr b_K = w.bias("b_K", hiddenSize);
    Expr W_out = w.input("W_out", hiddenSize, inputSize);

    Parts parts = x.dot(W_in).split("ũ", "z");
    Expr z = parts.get("z");
    Expr newest = parts.get("ũ").reshape(1, hiddenSize);
    Expr window = Expr.concat(-2, s.get("u"), newest).as("window");
    Expr uNext = window.split(-2, 1, kernelSize - 1).get(1);
    Expr convolved = K.times(window).transpose().sum().reshape(hiddenSize).plus(b_K);
    Expr u = Activation.SILU.apply(convolved).as("û");
    Expr sNext = next(w, u, s.get("s"));
    Expr y = read(w, u, sNext).as("y");
    Expr out = y.times(Activation.SILU.apply(z)).dot(W_out).as("out");
    return new Step(out, State.of("s", sNext).with("u", uNext));
  }

  /** d, Bt and Ct. */
  private Parts projections(Weights w, Expr x) {
    Expr W_x = w.input("W_x", hiddenSize, rank + 2 * stateSize);
    return x.dot(W_x).split(-1, rank, stateSize, stateSize).as("d", "Bt", "Ct");
  }

  private Expr next(Weights w, Expr x, Expr s) {
    double limit = 1 / Math.sqrt(rank);
    Expr W_Delta = w.get("W_Delta", Initializer.uniform(-limit, limit), rank, hiddenSize);
    Expr b_Delta = w.get("b_Delta", StepSizes.LOG_UNIFORM, hiddenSize);
    Expr A_log = w.get("A_log", Initializer.computed(this::logs), hiddenSize, stateSize);

    Parts parts = projections(w, x);
    Expr Bt = parts.get("Bt").reshape(1, stateSize);
    Expr Delta = parts.get("d").dot(W_Delta).plus(b_Delta).softplus().as("Delta");
    Expr A = Delta.reshape(hiddenSize, 1).times(A_log.exp().negate()).exp().as("Ā");
    return A.times(s).plus(Delta.times(x).reshape(hiddenSize, 1).matmul(Bt));
  }

  private Expr read(Weights w, Expr x, Expr sNext) {
    Expr D = w.gain("D", hiddenSize);
    Expr Ct = projections(w, x).get("Ct").reshape(stateSize, 1);
    return sNext.matmul(Ct).reshape(hiddenSize).plus(D.times(x));
  }

  private double[] logs(Shape shape) {
    double[] logs = new double[hiddenSize * stateSize];
    Arrays.setAll(logs, i -> Math.log(1 + i % stateSize));
    return logs;
  }
}
