package kazoku.cells;

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
 * The delta rule on a memory that also fades, at a rate that the input sets.
 *
 * <pre>
 * g  = −e^A_log⊙softplus(x·W_a + b_a)         log of the decay        [NH]
 * S̃  = (e^g)[:,None,None]⊙S                   faded memory            [NH,d_k,d_v]
 * q  = unit(rows(silu(x·W_q); NH))[:,None,:]  query, of length 1      [NH,1,d_k]
 * k  = unit(rows(silu(x·W_k); NH))[:,None,:]  key, of length 1        [NH,1,d_k]
 * v  = silu(x·W_v)                            value                   [NH,1,d_v]
 * β  = σ(x·W_β)[:,None,None]                  strength of the write   [NH,1,1]
 * u  = β⊙(v − k·S̃)                            what the key lacks      [NH,1,d_v]
 * S' = S̃ + kᵀ·u                               memory                  [NH,d_k,d_v]
 * o  = (q/√d_k)·S'                            output, side by side    [H]
 * </pre>
 *
 * <p>W_a {@code [I,NH]} starts glorot-uniform, b_a {@code [NH]} so that softplus(b_a) is
 * log-uniform between 0.001 and 0.1, A_log {@code [NH]} as ln(u), u uniform between 0 and 16. The
 * other weights are those of {@link DeltaNetCell}.
 *
 * <p>Source: S. Yang, J. Kautz, A. Hatamizadeh, "Gated Delta Networks: Improving Mamba2 with Delta
 * Rule", ICLR 2025, <a href="https://arxiv.org/abs/2412.06464">arXiv:2412.06464</a>: the layer of
 * flash-linear-attention without its short convolution. The norm and the gate of the output belong
 * to the layer around the cell.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, the values of all heads, at least 1
 * @param heads NH, divides H; 1 by default
 * @param keySize d_k, the width of a head's keys, at least 1; as wide as its values by default
 * @param qkvActivation what is applied to q, k and v; SILU by default
 * @param allowNegEigval whether β goes up to 2 and not only to 1; false by default
 */
@About(idea = "delta rule with forgetting", source = "Yang, Kautz, Hatamizadeh 2025")
public record GatedDeltaNetCell(
    int inputSize,
    int hiddenSize,
    int heads,
    int keySize,
    DeltaNetCell.QkvActivation qkvActivation,
    boolean allowNegEigval)
    implements Cell {

  /** ln(u) for u uniform in (0, 16]: drawn from 16 down, as 0 has no logarithm. */
  private static final Initializer LOG_RATES =
      (tf, shape, type, seed) ->
          tf.math.log(Initializer.uniform(16, 0).value(tf, shape, type, seed));

  public GatedDeltaNetCell {
    Checks.sizes("GatedDeltaNetCell", inputSize, hiddenSize);
    Heads.check("GatedDeltaNetCell", hiddenSize, heads);
    Checks.atLeastOne("GatedDeltaNetCell", "keySize", keySize);
    Checks.given("GatedDeltaNetCell", "qkvActivation", qkvActivation);
  }

  /**
   * The cell with one head.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public GatedDeltaNetCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, hiddenSize, DeltaNetCell.QkvActivation.SILU, false);
  }

  private DeltaNetCell delta() {
    return new DeltaNetCell(inputSize, hiddenSize, heads, keySize, qkvActivation, allowNegEigval);
  }

  @Override
  public Shape input() {
    return delta().input();
  }

  @Override
  public List<Slot> state() {
    return delta().state();
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W_a = w.input("W_a", inputSize, heads);
    Expr b_a = w.get("b_a", StepSizes.LOG_UNIFORM, heads);
    Expr A_log = w.get("A_log", LOG_RATES, heads);

    Expr g = A_log.exp().negate().times(x.dot(W_a).plus(b_a).softplus()).as("g");
    Expr faded = Heads.rows(g.exp(), heads).times(s.get("S")).as("S̃");
    return delta().step(w, x, State.of("S", faded));
  }
}
