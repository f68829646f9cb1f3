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
 * Strongly typed recurrent network: the gate and the linear candidate see the input only, and the
 * state is their moving average; no coordinate of the state meets another.
 *
 * <pre>
 * [z,f] = split_2(x·W + b)                    candidate and gate      [2H]
 * f  = σ(f)                                   forget gate             [H]
 * h' = f⊙h + (1−f)⊙z                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,2H]} starts glorot-uniform, b {@code [2H]} zeros.
 *
 * <p>Source: D. Balduzzi, M. Ghifary, "Strongly-Typed Recurrent Neural Networks", ICML 2016, <a
 * href="https://arxiv.org/abs/1602.02218">arXiv:1602.02218</a>. The forget gate of
 * RecurrentLayers.jl is a tanh; torchrecurrent has σ as the paper does.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there is b; true by default
 */
@About(idea = "typed: gate sees input only", source = "Balduzzi, Ghifary 2016")
public record TRNNCell(int inputSize, int hiddenSize, boolean useBias) implements Cell {

  public TRNNCell {
    Checks.sizes("TRNNCell", inputSize, hiddenSize);
  }

  /**
   * The cell as in the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public TRNNCell(int inputSize, int hiddenSize) {
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
    Expr W = w.input("W", inputSize, 2 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 2 * hiddenSize);
    Expr h = s.get("h");

    Parts terms = x.dot(W).plus(b).split("z", "f");
    Expr z = terms.get("z");
    Expr f = terms.get("f").sigmoid().as("f");

    Expr hNext = f.times(h).plus(f.oneMinus().times(z));
    return new Step(hNext, State.of("h", hNext));
  }
}
