package kazoku.cells;

import java.util.Arrays;
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
 * Retention: linear attention whose memory fades at a fixed rate, another one for each head.
 *
 * <pre>
 * q  = x·W_q                                  query, head by head        [NH,1,d_k]
 * k  = x·W_k                                  key                        [NH,1,d_k]
 * v  = x·W_v                                  value                      [NH,1,d_v]
 * γ_j = 1 − 2^(−5−j)                          constant, decay of head j  [NH,1,1]
 * S' = γ⊙S + kᵀ·v                             memory                     [NH,d_k,d_v]
 * o  = (q/√d_k)·S'                            output, side by side       [H]
 * </pre>
 *
 * <p>W_q and W_k {@code [I,NH·d_k]} and W_v {@code [I,H]} start glorot-uniform; H = NH·d_v.
 *
 * <p>Source: Y. Sun et al., "Retentive Network: A Successor to Transformer for Large Language
 * Models", 2023, <a href="https://arxiv.org/abs/2307.08621">arXiv:2307.08621</a>. The rotation of q
 * and k by the position, the norm and the gate of the output belong to the layer around the cell.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, the values of all heads, at least 1
 * @param heads NH, divides H; 1 by default
 * @param keySize d_k, the width of a head's keys, at least 1; as wide as its values by default
 */
@About(idea = "linear attention, fixed decay", source = "Sun et al. 2023")
public record RetNetCell(int inputSize, int hiddenSize, int heads, int keySize) implements Cell {

  public RetNetCell {
    Checks.sizes("RetNetCell", inputSize, hiddenSize);
    Heads.check("RetNetCell", hiddenSize, heads);
    Checks.atLeastOne("RetNetCell", "keySize", keySize);
  }

  /**
   * The cell with one head.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public RetNetCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, hiddenSize);
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
    Expr S = s.get("S");

    Expr q = Heads.rows(x.dot(W_q), heads).as("q");
    Expr k = Heads.rows(x.dot(W_k), heads).as("k");
    Expr v = Heads.rows(x.dot(W_v), heads).as("v");
    Expr SNext = decays().times(S).plus(k.transpose().matmul(v));
    return new Step(Heads.read(q, SNext).as("o"), State.of("S", SNext));
  }

  private Expr decays() {
    double[] gamma = new double[heads];
    Arrays.setAll(gamma, j -> 1 - Math.pow(2, -5 - j));
    return Expr.constant(gamma, heads, 1, 1).as("gamma");
  }
}
