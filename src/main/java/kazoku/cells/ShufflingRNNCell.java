package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Shuffling network: the state is only permuted; all that is learnt is a small network of the
 * input.
 *
 * <pre>
 * z  = relu(x·W_1 + b_1)                      inner layer             [K]
 * d  = (z·W_2 + b_2)⊙σ(x·W_g + b_g)           gated, from x only      [H]
 * h' = act(roll(h,1) + d)                     output                  [H]
 * </pre>
 *
 * <p>roll(h,1) is a cyclic shift: element i is element i−1 of h.
 *
 * <p>W_1 {@code [I,K]}, W_2 {@code [K,H]} and W_g {@code [I,H]} start glorot-uniform, b_1 {@code
 * [K]}, b_2 and b_g {@code [H]} zeros.
 *
 * <p>Source: M. Rotman, L. Wolf, "Shuffling Recurrent Neural Networks", AAAI 2021, <a
 * href="https://arxiv.org/abs/2007.07324">arXiv:2007.07324</a>; the authors' code, with one layer,
 * and torchrecurrent agree.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param hyperSize K, width of the inner layer, at least 1; 64 by default
 * @param useBias whether there are b_1, b_2 and b_g; true by default
 * @param activation act; the rectifier by default
 */
@About(idea = "state is only permuted", source = "Rotman, Wolf 2021")
public record ShufflingRNNCell(
    int inputSize, int hiddenSize, int hyperSize, boolean useBias, Activation activation)
    implements Cell {

  public ShufflingRNNCell {
    Checks.sizes("ShufflingRNNCell", inputSize, hiddenSize);
    Checks.atLeastOne("ShufflingRNNCell", "hyperSize", hyperSize);
    Checks.given("ShufflingRNNCell", "activation", activation);
  }

  /**
   * The cell with an inner layer of 64 units.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public ShufflingRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 64, true, Activation.RELU);
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
    Expr W_1 = w.input("W_1", inputSize, hyperSize);
    Expr W_2 = w.input("W_2", hyperSize, hiddenSize);
    Expr W_g = w.input("W_g", inputSize, hiddenSize);
    Expr b_1 = w.biasIf(useBias, "b_1", hyperSize);
    Expr b_2 = w.biasIf(useBias, "b_2", hiddenSize);
    Expr b_g = w.biasIf(useBias, "b_g", hiddenSize);
    Expr h = s.get("h");

    Expr z = x.dot(W_1).plus(b_1).relu().as("z");
    Expr d = z.dot(W_2).plus(b_2).times(x.dot(W_g).plus(b_g).sigmoid()).as("d");
    Expr hNext = activation.apply(h.roll(1).plus(d));
    return new Step(hNext, State.of("h", hNext));
  }
}
