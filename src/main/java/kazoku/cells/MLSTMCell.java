package kazoku.cells;

import java.util.Arrays;
import java.util.List;
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
 * Matrix LSTM of xLSTM: a memory of outer products of keys and values, written under exponential
 * gates and read by queries.
 *
 * <pre>
 * q  = x·W_q + b_q                                      query                  [H]
 * k  = x·W_k + b_k                                      key                    [H]
 * v  = x·W_v + b_v                                      value                  [H]
 * k̄  = k/√(H/NH)                                        of length about 1      [H]
 * i  = [q,k,v]·W_i + b_i                                log of the input gate  [NH]
 * f  = [q,k,v]·W_f + b_f                                forget gate before σ   [NH]
 * m' = max(ln σ(f) + m, i)                              running maximum        [NH]
 * F  = exp(ln σ(f) + m − m')                            forget gate            [NH]
 * I  = exp(i − m')                                      input gate             [NH]
 * C' = F[:,None,None]⊙C + I[:,None,None]⊙(k̄ᵀ·v)         memory, head by head   [NH,d,d]
 * n' = F[:,None]⊙n + I[:,None]⊙k̄                        normaliser             [NH,d]
 * h  = (q·C')/(max(|Σ(q⊙n')|, (e^−m')[:,None]) + 1e-6)  what is read           [NH,d]
 * y  = γ⊙LN(h)                                          output                 [H]
 * </pre>
 *
 * <p>The biases of q, k and v are there with {@code qkvBias} only. With {@code gateInput} X the
 * gates are {@code x·W_i + b_i} and {@code x·W_f + b_f}. With {@code outputGate} the output is
 * {@code y⊙σ(x·W_o + b_o)}.
 *
 * <p>W_q, W_k, W_v, W_o {@code [I,H]} start glorot-uniform, their biases {@code [H]} zeros; W_i and
 * W_f {@code [3H,NH]}, or {@code [I,NH]}, zeros, b_i {@code [NH]} normal with standard deviation
 * 0.1, b_f {@code [NH]} evenly spread from 3 to 6 over the heads, γ {@code [H]} ones. In the graph
 * γ is spelled gamma.
 *
 * <p>Source: M. Beck et al., "xLSTM: Extended Long Short-Term Memory", NeurIPS 2024, <a
 * href="https://arxiv.org/abs/2405.04517">arXiv:2405.04517</a>. The paper makes the gates of x; the
 * authors' xlstm makes them of q, k and v. C has the keys in its rows, so that q·C reads it; the
 * paper's is the transpose. The lower bound of the denominator is the paper's 1, at the scale of
 * m'. The paper's output gate has no norm before it; here it comes after the norm, as in xlstm's
 * large model, which scales q by 1/√d in the place of k (the same output, C and n larger by √d) and
 * soft-caps the gates at 15. The step starts from m = 0, the parallel form of xlstm from m = −∞: by
 * the 1e-6, h differs by about 1e-6. The gain that xlstm stores is γ − 1.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param heads NH, divides H; each has the width d = H/NH; 1 by default
 * @param gateInput what the gates see; QKV by default
 * @param outputGate whether the output is gated; false by default
 * @param qkvBias whether q, k and v have biases; false by default
 */
@About(idea = "matrix memory, exponential gates", source = "Beck et al. 2024")
public record MLSTMCell(
    int inputSize,
    int hiddenSize,
    int heads,
    GateInput gateInput,
    boolean outputGate,
    boolean qkvBias)
    implements Cell {

  /** What the input and forget gates see. */
  public enum GateInput {
    /** Query, key and value, as in the authors' code. */
    QKV,

    /** The input, as in the paper. */
    X
  }

  public MLSTMCell {
    Checks.sizes("MLSTMCell", inputSize, hiddenSize);
    Heads.check("MLSTMCell", hiddenSize, heads);
    Checks.given("MLSTMCell", "gateInput", gateInput);
  }

  /**
   * The cell with one head, gates made of query, key and value, and an open output.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, GateInput.QKV, false, false);
  }

  private int width() {
    return hiddenSize / heads;
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(
        Slot.of("C", heads, width(), width()), Slot.of("n", heads, width()), Slot.of("m", heads));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr gamma = w.gain("gamma", hiddenSize);
    Expr C = s.get("C");
    Expr n = s.get("n");
    Expr m = s.get("m");

    Expr q = projected(w, x, "q").as("q");
    Expr k = projected(w, x, "k").as("k");
    Expr v = projected(w, x, "v").as("v");
    Expr seen = gateInput == GateInput.QKV ? Expr.concat(q, k, v) : x;
    Expr W_i = w.get("W_i", Initializer.ZEROS, seen.size(), heads);
    Expr W_f = w.get("W_f", Initializer.ZEROS, seen.size(), heads);
    Expr i = seen.dot(W_i).plus(w.get("b_i", Initializer.normal(0.1), heads)).as("i");
    Expr b_f = w.get("b_f", Initializer.computed(this::evenly), heads);
    Expr f = seen.dot(W_f).plus(b_f).as("f");

    Expr log_f = f.negate().softplus().negate();
    Expr mNext = log_f.plus(m).maximum(i);
    Expr F = log_f.plus(m).minus(mNext).exp().as("F");
    Expr I = i.minus(mNext).exp().as("I");
    Expr kBar = k.times(1 / Math.sqrt(width())).as("k̄");
    Expr kv = Heads.columns(kBar, heads).matmul(Heads.rows(v, heads));
    Expr CNext = F.reshape(heads, 1, 1).times(C).plus(I.reshape(heads, 1, 1).times(kv));
    Expr kPerHead = kBar.reshape(heads, width());
    Expr nNext = F.reshape(heads, 1).times(n).plus(I.reshape(heads, 1).times(kPerHead));

    Expr along = q.reshape(heads, width()).times(nNext).sum();
    Expr bound = mNext.negate().exp().reshape(heads, 1);
    Expr read = Heads.rows(q, heads).matmul(CNext).reshape(heads, width());
    Expr h = read.dividedBy(along.abs().maximum(bound).plus(1e-6)).as("h");
    Expr normed = h.layerNorm(Expr.constant(1), Expr.constant(0), 1e-5);
    Expr y = gamma.times(normed.reshape(hiddenSize));
    if (outputGate) {
      Expr W_o = w.input("W_o", inputSize, hiddenSize);
      y = y.times(x.dot(W_o).plus(w.bias("b_o", hiddenSize)).sigmoid());
    }
    return new Step(y, State.of("C", CNext).with("n", nNext).with("m", mNext));
  }

  private Expr projected(Weights w, Expr x, String name) {
    Expr W = w.input("W_" + name, inputSize, hiddenSize);
    return x.dot(W).plus(w.biasIf(qkvBias, "b_" + name, hiddenSize));
  }

  /** From 3 for the first head to 6 for the last. */
  private double[] evenly(Shape shape) {
    double[] biases = new double[heads];
    Arrays.setAll(biases, j -> 3 + 3.0 * j / Math.max(1, heads - 1));
    return biases;
  }
}
