package kazoku.cells;

import java.util.List;
import kazoku.Activation;
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
 * Strongly typed GRU: gates and candidate read the input of this step and of the one before, and
 * never the state.
 *
 * <pre>
 * [z,f,o] = split_3(x·W + p·V + b)            factor, gate, candidate [3H]
 * f  = σ(f)                                   forget gate             [H]
 * o  = act(o)                                 candidate               [H]
 * h' = f⊙h + z⊙o                              output                  [H]
 * p' = x                                      previous input          [I]
 * </pre>
 *
 * <p>W and V {@code [I,3H]} start glorot-uniform, b {@code [3H]} zeros.
 *
 * <p>Source: D. Balduzzi, M. Ghifary, "Strongly-Typed Recurrent Neural Networks", ICML 2016, <a
 * href="https://arxiv.org/abs/1602.02218">arXiv:1602.02218</a>; RecurrentLayers.jl and
 * torchrecurrent have the same.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there is b; true by default
 * @param activation act, on the candidate; tanh by default
 */
@About(idea = "gates see present and last input", source = "Balduzzi, Ghifary 2016")
public record TGRUCell(int inputSize, int hiddenSize, boolean useBias, Activation activation)
    implements Cell {

  public TGRUCell {
    Checks.sizes("TGRUCell", inputSize, hiddenSize);
    Checks.given("TGRUCell", "activation", activation);
  }

  /**
   * The cell as in the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public TGRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("h", hiddenSize), Slot.of("p", inputSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Expr V = w.input("V", inputSize, 3 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr h = s.get("h");
    Expr p = s.get("p");

    Parts terms = x.dot(W).plus(p.dot(V)).plus(b).split("z", "f", "o");
    Expr z = terms.get("z");
    Expr f = terms.get("f").sigmoid().as("f");
    Expr o = activation.apply(terms.get("o")).as("o");

    Expr hNext = f.times(h).plus(z.times(o));
    return new Step(hNext, State.of("h", hNext).with("p", x));
  }
}
