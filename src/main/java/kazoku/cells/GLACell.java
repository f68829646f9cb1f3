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
 * Gated linear attention: each channel of the keys has a decay of its own, which the input sets.
 *
 * <pre>
 * q  = x·W_q                                  query, head by head     [NH,1,d_k]
 * k  = x·W_k                                  key                     [NH,1,d_k]
 * v  = x·W_v                                  value                   [NH,1,d_v]
 * a  = x·W_g·W_g2 + b_g                       decay before σ          [NH·d_k]
 * g  = −softplus(−a)/ν                        log of the decay        [NH·d_k]
 * S' = (e^g)ᵀ⊙S + kᵀ·v                        memory                  [NH,d_k,d_v]
 * o  = (q/√d_k)·S'                            output, side by side    [H]
 * </pre>
 *
 * <p>W_q and W_k {@code [I,NH·d_k]}, W_v {@code [I,H]}, W_g {@code [I,r]} and W_g2 {@code
 * [r,NH·d_k]} start glorot-uniform, b_g {@code [NH·d_k]} zeros; H = NH·d_v.
 *
 * <p>Source: S. Yang, B. Wang, Y. Shen, R. Panda, Y. Kim, "Gated Linear Attention Transformers with
 * Hardware-Efficient Training", ICML 2024, <a
 * href="https://arxiv.org/abs/2312.06635">arXiv:2312.06635</a>. The norm and the gate of the output
 * belong to the layer around the cell.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, the values of all heads, at least 1
 * @param heads NH, divides H; 1 by default
 * @param keySize d_k, the width of a head's keys, at least 1; as wide as its values by default
 * @param gateRank r, the rank of the gate's matrix, at least 1; 16 by default
 * @param gateNormalizer ν, brings the decays nearer to 1, more than 0; 16 by default
 */
@About(idea = "linear attention, gated decay", source = "Yang et al. 2024")
public record GLACell(
    int inputSize, int hiddenSize, int heads, int keySize, int gateRank, double gateNormalizer)
    implements Cell {

  public GLACell {
    Checks.sizes("GLACell", inputSize, hiddenSize);
    Heads.check("GLACell", hiddenSize, heads);
    Checks.atLeastOne("GLACell", "keySize", keySize);
    Checks.atLeastOne("GLACell", "gateRank", gateRank);
    Checks.require(
        gateNormalizer > 0 && gateNormalizer < Double.POSITIVE_INFINITY,
        "GLACell",
        "gateNormalizer must be more than 0",
        gateNormalizer);
  }

  /**
   * The cell with one head.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public GLACell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, hiddenSize, 16, 16);
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
    Expr W_g = w.input("W_g", inputSize, gateRank);
    Expr W_g2 = w.input("W_g2", gateRank, heads * keySize);
    Expr b_g = w.bias("b_g", heads * keySize);
    Expr S = s.get("S");

    Expr q = Heads.rows(x.dot(W_q), heads).as("q");
    Expr k = Heads.rows(x.dot(W_k), heads).as("k");
    Expr v = Heads.rows(x.dot(W_v), heads).as("v");
    Expr a = x.dot(W_g).dot(W_g2).plus(b_g).as("a");
    Expr g = a.negate().softplus().times(-1 / gateNormalizer).as("g");
    Expr SNext = Heads.columns(g.exp(), heads).times(S).plus(k.transpose().matmul(v));
    return new Step(Heads.read(q, SNext).as("o"), State.of("S", SNext));
  }
}
