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
 * Minimal recurrent network: the input is encoded first, and the state is a gated average of
 * encodings, so that it lives in their space.
 *
 * <pre>
 * z  = act(x·W + b_z)                         encoding                [H]
 * u  = σ(z·U_z + h·U_h + b)                   gate                    [H]
 * h' = u⊙h + (1−u)⊙z                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]}, U_z and U_h {@code [H,H]} start as one glorot-uniform matrix {@code
 * [I+2H,H]}, b {@code [H]} as ones and, with {@code encoderBias}, b_z {@code [H]} as zeros.
 *
 * <p>Source: M. Chen, "MinimalRNN: Toward More Interpretable and Trainable Recurrent Neural
 * Networks", 2017, <a href="https://arxiv.org/abs/1711.06788">arXiv:1711.06788</a>; M. Chen, J.
 * Pennington, S. S. Schoenholz, "Dynamical Isometry and a Mean Field Theory of RNNs", ICML 2018, <a
 * href="https://arxiv.org/abs/1806.05394">arXiv:1806.05394</a>. tf.contrib has one kernel, with the
 * rows of W, U_z and U_h one below the other; the first values are from there. torchrecurrent adds
 * the bias on the encoder. In RecurrentLayers.jl the gate sees the encoding of the previous step,
 * which is another cell.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param encoderBias whether there is b_z, only with {@code useBias}; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "gated average of encoded inputs", source = "Chen 2017")
public record MinimalRNNCell(
    int inputSize, int hiddenSize, boolean encoderBias, boolean useBias, Activation activation)
    implements Cell {

  public MinimalRNNCell {
    Checks.sizes("MinimalRNNCell", inputSize, hiddenSize);
    Checks.require(
        useBias || !encoderBias,
        "MinimalRNNCell",
        "encoderBias needs useBias",
        "useBias " + useBias);
    Checks.given("MinimalRNNCell", "activation", activation);
  }

  /**
   * The cell of the paper, whose encoder has no bias.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MinimalRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, false, true, Activation.TANH);
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
    double limit = Math.sqrt(6 / (inputSize + 3.0 * hiddenSize));
    Initializer start = Initializer.uniform(-limit, limit);
    Expr W = w.get("W", start, inputSize, hiddenSize);
    Expr U_z = w.get("U_z", start, hiddenSize, hiddenSize);
    Expr U_h = w.get("U_h", start, hiddenSize, hiddenSize);
    Expr b_z = w.biasIf(encoderBias, "b_z", hiddenSize);
    Expr b = useBias ? w.get("b", Initializer.ONES, hiddenSize) : Expr.constant(0);
    Expr h = s.get("h");

    Expr z = activation.apply(x.dot(W).plus(b_z)).as("z");
    Expr u = z.dot(U_z).plus(h.dot(U_h)).plus(b).sigmoid().as("u");

    Expr hNext = UpdateConvention.KEEP.update(u, h, z);
    return new Step(hNext, State.of("h", hNext));
  }
}
