package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Linear attention by the delta rule: a write first removes what its key already retrieves.
 *
 * <pre>
 * q  = unit(rows(silu(x·W_q); NH))[:,None,:]  query, of length 1      [NH,1,d_k]
 * k  = unit(rows(silu(x·W_k); NH))[:,None,:]  key, of length 1        [NH,1,d_k]
 * v  = silu(x·W_v)                            value                   [NH,1,d_v]
 * β  = σ(x·W_β)[:,None,None]                  strength of the write   [NH,1,1]
 * u  = β⊙(v − k·S)                            what the key lacks      [NH,1,d_v]
 * S' = S + kᵀ·u                               memory                  [NH,d_k,d_v]
 * o  = (q/√d_k)·S'                            output, side by side    [H]
 * </pre>
 *
 * <p>With {@code allowNegEigval}, {@code β = 2·σ(x·W_β)}: the memory along a key can change its
 * sign.
 *
 * <p>W_q and W_k {@code [I,NH·d_k]}, W_v {@code [I,H]} and W_β {@code [I,NH]} start glorot-uniform;
 * H = NH·d_v. In the graph β is spelled beta.
 *
 * <p>Source: I. Schlag, K. Irie, J. Schmidhuber, "Linear Transformers Are Secretly Fast Weight
 * Programmers", ICML 2021, <a href="https://arxiv.org/abs/2102.11174">arXiv:2102.11174</a>; S. Yang
 * et al., "Parallelizing Linear Transformers with the Delta Rule over Sequence Length", NeurIPS
 * 2024, <a href="https://arxiv.org/abs/2406.06484">arXiv:2406.06484</a>, whose form this is: the
 * layer of flash-linear-attention without its short convolution. The norm and the gate of the
 * output belong to the layer around the cell.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, the values of all heads, at least 1
 * @param heads NH, divides H; 1 by default
 * @param keySize d_k, the width of a head's keys, at least 1; as wide as its values by default
 * @param qkvActivation what is applied to q, k and v; SILU by default
 * @param allowNegEigval whether β goes up to 2 and not only to 1; false by default
 */
@About(idea = "writes what the key lacks", source = "Schlag, Irie, Schmidhuber 2021")
public record DeltaNetCell(
    int inputSize,
    int hiddenSize,
    int heads,
    int keySize,
    QkvActivation qkvActivation,
    boolean allowNegEigval)
    implements Cell {

  /** What is applied to queries, keys and values. */
  public enum QkvActivation {
    /** {@code silu}. */
    SILU(Activation.SILU),

    /** Nothing. */
    NONE(Activation.IDENTITY);

    private final Activation activation;

    QkvActivation(Activation activation) {
      this.activation = activation;
    }
  }

  public DeltaNetCell {
    Checks.sizes("DeltaNetCell", inputSize, hiddenSize);
    Heads.check("DeltaNetCell", hiddenSize, heads);
    Checks.atLeastOne("DeltaNetCell", "keySize", keySize);
    Checks.given("DeltaNetCell", "qkvActivation", qkvActivation);
  }

  /**
   * The cell with one head.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public DeltaNetCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, hiddenSize, QkvActivation.SILU, false);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("S", heads, keySize, hiddenSize / heads));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W_q = w.input("W_q", inputSize, heads * keySize);
    Expr W_k = w.input("W_k", inputSize, heads * keySize);
    Expr W_v = w.input("W_v", inputSize, hiddenSize);
    Expr W_beta = w.input("W_beta", inputSize, heads);
    Expr S = s.get("S");

    Activation act = qkvActivation.activation;
    Expr q = Heads.rows(unit(act.apply(x.dot(W_q))), heads).as("q");
    Expr k = Heads.rows(unit(act.apply(x.dot(W_k))), heads).as("k");
    Expr v = Heads.rows(act.apply(x.dot(W_v)), heads).as("v");
    Expr beta = Heads.rows(x.dot(W_beta).sigmoid(), heads).times(allowNegEigval ? 2 : 1).as("beta");
    Expr u = beta.times(v.minus(k.matmul(S))).as("u");
    Expr SNext = S.plus(k.transpose().matmul(u));
    return new Step(Heads.read(q, SNext).as("o"), State.of("S", SNext));
  }

  /** Each head's part, of length 1. */
  private Expr unit(Expr a) {
    Expr parts = a.reshape(heads, keySize);
    return parts.times(parts.square().sum().plus(1e-6).rsqrt());
  }
}
