package kazoku.cells;

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
 * Bistable recurrent cell: a feedback gain between 0 and 2 lets each unit switch between forgetting
 * and latching one of two values; a unit sees no state but its own.
 *
 * <pre>
 * a  = 1 + tanh(x·W_a + w_a⊙h + b_a)          feedback gain           [H]
 * z  = σ(x·W_z + w_z⊙h + b_z)                 update gate             [H]
 * n  = tanh(x·W_n + a⊙h)                      candidate               [H]
 * h' = z⊙h + (1−z)⊙n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, w_a and w_z {@code [H]} at ones, b_a and b_z {@code
 * [H]} at zeros. Blocks are a, z, n.
 *
 * <p>Source: N. Vecoven, D. Ernst, G. Drion, "A bio-inspired bistable recurrent cell allows for
 * long-lasting memory", PLoS ONE 16(6), 2021, <a
 * href="https://arxiv.org/abs/2006.05252">arXiv:2006.05252</a>. As in the authors' code the
 * candidate has no bias; RecurrentLayers.jl gives it one, and starts w_a and w_z glorot-uniform.
 * The tanh of the candidate is fixed: its slope of 1 at zero is what a gain above 1 makes bistable.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there are b_a and b_z; true by default
 */
@About(idea = "units switch between forgetting and latching", source = "Vecoven, Ernst, Drion 2021")
public record BRCell(int inputSize, int hiddenSize, boolean useBias) implements Cell {

  public BRCell {
    Checks.sizes("BRCell", inputSize, hiddenSize);
  }

  /**
   * The cell as in the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public BRCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true);
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
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Expr w_a = w.gain("w_a", hiddenSize);
    Expr w_z = w.gain("w_z", hiddenSize);
    Expr b_a = w.biasIf(useBias, "b_a", hiddenSize);
    Expr b_z = w.biasIf(useBias, "b_z", hiddenSize);
    Expr h = s.get("h");

    Parts terms = x.dot(W).split("_a", "_z", "_n");
    Expr a = terms.get("_a").plus(w_a.times(h)).plus(b_a).tanh().plus(1).as("a");
    Expr z = terms.get("_z").plus(w_z.times(h)).plus(b_z).sigmoid().as("z");
    Expr n = terms.get("_n").plus(a.times(h)).tanh().as("n");

    Expr hNext = UpdateConvention.KEEP.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
