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
 * Minimal LSTM: forget and input gate see the input only and are scaled to sum to one, so that the
 * state is a moving average of candidates.
 *
 * <pre>
 * [n,f,i] = split_3(x·W + b)                  candidate and gates     [3H]
 * n  = σ(n) where n &lt; 0, else n + 0.5         candidate               [H]
 * d  = softplus(−f) − softplus(−i)            ln(σ(i)/σ(f))           [H]
 * F  = σ(−d)                                  σ(f)/(σ(f)+σ(i))        [H]
 * J  = σ(d)                                   σ(i)/(σ(f)+σ(i))        [H]
 * h' = F⊙h + J⊙n                              output                  [H]
 * </pre>
 *
 * <p>Without {@code normalise}, {@code F = σ(f)} and {@code J = σ(i)}. Without {@code logSpace},
 * the candidate is the block n itself, as in {@link MinGRUCell}.
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, b {@code [3H]} zeros.
 *
 * <p>Source: L. Feng, F. Tung, M. O. Ahmed, Y. Bengio, H. Hajimirsadeghi, "Were RNNs All We
 * Needed?", 2024, <a href="https://arxiv.org/abs/2410.01201">arXiv:2410.01201</a>. Where
 * lucidrains/minGRU-pytorch computes all steps at once it passes a given initial state through g
 * once more; here the state enters as it is.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param logSpace whether the candidate keeps the state positive; true by default
 * @param normalise whether the two gates are scaled to sum to one; true by default
 * @param useBias whether there is b; false by default
 */
@About(idea = "LSTM gates without the state", source = "Feng et al. 2024")
public record MinLSTMCell(
    int inputSize, int hiddenSize, boolean logSpace, boolean normalise, boolean useBias)
    implements Cell {

  public MinLSTMCell {
    Checks.sizes("MinLSTMCell", inputSize, hiddenSize);
  }

  /**
   * The cell with a positive state, scaled gates and without a bias.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MinLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, true, false);
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
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr h = s.get("h");

    Parts terms = x.dot(W).plus(b).split("n", "f", "i");
    Expr n = MinGRUCell.g(logSpace, terms.get("n")).as("n");
    Expr f = terms.get("f");
    Expr i = terms.get("i");
    // Not as quotients: both gates can be 0 in float32.
    Expr d = f.negate().softplus().minus(i.negate().softplus()).as("d");
    Expr F = (normalise ? d.negate() : f).sigmoid().as("F");
    Expr J = (normalise ? d : i).sigmoid().as("J");

    Expr hNext = F.times(h).plus(J.times(n));
    return new Step(hNext, State.of("h", hNext));
  }
}
