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
 * Minimal GRU: no reset gate, and the update gate and the candidate see the input only, so that the
 * state is linear in its past.
 *
 * <pre>
 * [n,z] = split_2(x·W + b)                    candidate and gate      [2H]
 * n  = σ(n) where n &lt; 0, else n + 0.5         candidate               [H]
 * z  = σ(z)                                   update gate             [H]
 * h' = (1−z)⊙h + z⊙n                          output                  [H]
 * </pre>
 *
 * <p>With {@code logSpace} the candidate is never negative: the authors compute all steps at once
 * in logarithms. An initial state should then be positive, or absent. Without it, the candidate is
 * the block n itself.
 *
 * <p>W {@code [I,2H]} starts glorot-uniform, b {@code [2H]} zeros.
 *
 * <p>Source: L. Feng, F. Tung, M. O. Ahmed, Y. Bengio, H. Hajimirsadeghi, "Were RNNs All We
 * Needed?", 2024, <a href="https://arxiv.org/abs/2410.01201">arXiv:2410.01201</a>. The expansion
 * and the output projection that lucidrains/minGRU-pytorch adds are layers around the cell here.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param logSpace whether the candidate keeps the state positive; true by default
 * @param useBias whether there is b; false by default
 */
@About(idea = "GRU gates without the state", source = "Feng et al. 2024")
public record MinGRUCell(int inputSize, int hiddenSize, boolean logSpace, boolean useBias)
    implements Cell {

  public MinGRUCell {
    Checks.sizes("MinGRUCell", inputSize, hiddenSize);
  }

  /**
   * The cell with a positive state and without a bias.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MinGRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, false);
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
    Expr W = w.input("W", inputSize, 2 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 2 * hiddenSize);
    Expr h = s.get("h");

    Parts terms = x.dot(W).plus(b).split("n", "z");
    Expr n = g(logSpace, terms.get("n")).as("n");
    Expr z = terms.get("z").sigmoid().as("z");

    Expr hNext = z.oneMinus().times(h).plus(z.times(n));
    return new Step(hNext, State.of("h", hNext));
  }

  /** What is made of the block n, which {@link MinLSTMCell} has too. */
  static Expr g(boolean logSpace, Expr a) {
    return logSpace ? Expr.constant(0).greaterThan(a).where(a.sigmoid(), a.plus(0.5)) : a;
  }
}
