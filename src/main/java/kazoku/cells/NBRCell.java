package kazoku.cells;

import java.util.List;
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
 * Recurrently neuromodulated bistable cell: a {@link BRCell} whose feedback gain and update gate
 * are driven by the whole layer.
 *
 * <pre>
 * a  = 1 + tanh(x·W_a + h·U_a + b_a)          feedback gain           [H]
 * z  = σ(x·W_z + h·U_z + b_z)                 update gate             [H]
 * n  = tanh(x·W_n + a⊙h)                      candidate               [H]
 * h' = z⊙h + (1−z)⊙n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,3H]}, U_a and U_z {@code [H,H]} start glorot-uniform, b_a and b_z {@code [H]} as
 * zeros. Blocks are a, z, n.
 *
 * <p>Source: N. Vecoven, D. Ernst, G. Drion, "A bio-inspired bistable recurrent cell allows for
 * long-lasting memory", PLoS ONE 16(6), 2021, <a
 * href="https://arxiv.org/abs/2006.05252">arXiv:2006.05252</a>; this is the authors' code.
 * RecurrentLayers.jl puts the input where h·U_a and h·U_z stand, so that the state never reaches
 * the gates. An older torchrecurrent has a recurrent bias that it never uses; 0.2.5 uses it.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there are b_a and b_z; true by default
 */
@About(idea = "bistable units driven by the layer", source = "Vecoven, Ernst, Drion 2021")
public record NBRCell(int inputSize, int hiddenSize, boolean useBias) implements Cell {

  public NBRCell {
    Checks.sizes("NBRCell", inputSize, hiddenSize);
  }

  /**
   * The cell as in the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public NBRCell(int inputSize, int hiddenSize) {
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
    Expr U_a = w.get("U_a", Initializer.GLOROT_UNIFORM, hiddenSize, hiddenSize);
    Expr U_z = w.get("U_z", Initializer.GLOROT_UNIFORM, hiddenSize, hiddenSize);
    Expr b_a = w.biasIf(useBias, "b_a", hiddenSize);
    Expr b_z = w.biasIf(useBias, "b_z", hiddenSize);
    Expr h = s.get("h");

    Parts terms = x.dot(W).split("_a", "_z", "_n");
    Expr a = terms.get("_a").plus(h.dot(U_a)).plus(b_a).tanh().plus(1).as("a");
    Expr z = terms.get("_z").plus(h.dot(U_z)).plus(b_z).sigmoid().as("z");
    Expr n = terms.get("_n").plus(a.times(h)).tanh().as("n");

    Expr hNext = UpdateConvention.KEEP.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
