package kazoku.cells;

import java.util.List;
import kazoku.Activation;
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
 * Second-order network: input and state meet in products only, so that the input selects the
 * transition, as a symbol does in a finite automaton.
 *
 * <pre>
 * p  = x[:,None]⊙h                            products x_i·h_j        [I,H]
 * a  = p·Q + b                                sums over i and j       [H]
 * h' = act(a)                                 output                  [H]
 * </pre>
 *
 * <p>Q {@code [I,H,H]} starts glorot-uniform as a matrix {@code [I·H,H]}, b {@code [H]} zeros. From
 * a state of zeros the first step does not see the input.
 *
 * <p>Source: C. L. Giles, C. B. Miller, D. Chen, H. H. Chen, G. Z. Sun, Y. C. Lee, "Learning and
 * Extracting Finite State Automata with Second-Order Recurrent Neural Networks", Neural Computation
 * 4(3), 1992, <a
 * href="https://doi.org/10.1162/neco.1992.4.3.393">doi:10.1162/neco.1992.4.3.393</a>. The sums of
 * products are those of PyTorch's Bilinear; the rest is the paper's form and was not compared with
 * other code. {@link MultiplicativeRNNCell} is a relative of low rank.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there is b; true by default
 * @param activation act; the sigmoid by default
 */
@About(idea = "input and state meet in products", source = "Giles et al. 1992")
public record SecondOrderRNNCell(
    int inputSize, int hiddenSize, boolean useBias, Activation activation) implements Cell {

  public SecondOrderRNNCell {
    Checks.sizes("SecondOrderRNNCell", inputSize, hiddenSize);
    Checks.given("SecondOrderRNNCell", "activation", activation);
  }

  /**
   * The cell of the paper, with the sigmoid.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public SecondOrderRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, Activation.SIGMOID);
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
    long pairs = (long) inputSize * hiddenSize;
    double limit = Math.sqrt(6.0 / (pairs + hiddenSize));
    Initializer start = Initializer.uniform(-limit, limit);
    Expr Q = w.get("Q", start, inputSize, hiddenSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr p = x.reshape(inputSize, 1).times(h.reshape(1, hiddenSize)).as("p");
    Expr a = p.reshape(pairs).dot(Q.reshape(pairs, hiddenSize)).plus(b).as("a");
    Expr hNext = activation.apply(a);
    return new Step(hNext, State.of("h", hNext));
  }
}
