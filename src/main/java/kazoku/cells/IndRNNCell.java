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
 * Independently recurrent network: each unit hears the input and itself, and no other unit; mixing
 * is left to the next layer.
 *
 * <pre>
 * u  = sign(u)⊙min(max(|u|, lo), hi)          weight on oneself       [H]
 * h' = act(x·W + u⊙h + b)                     output                  [H]
 * </pre>
 *
 * <p>lo is {@code recurrentMinAbs} and hi {@code recurrentMaxAbs}; without them u is what it is.
 * They hold where u is read: the weight itself may lie outside, and gets no gradient while it does.
 * The authors cut the weight off after each update instead. A u of exactly 0 stays 0.
 *
 * <p>W {@code [I,H]} starts glorot-uniform, b {@code [H]} zeros, u {@code [H]} as {@code
 * recurrentStart} says.
 *
 * <p>Source: S. Li, W. Li, C. Cook, C. Zhu, Y. Gao, "Independently Recurrent Neural Network
 * (IndRNN): Building A Longer and Deeper RNN", CVPR 2018, <a
 * href="https://arxiv.org/abs/1803.04831">arXiv:1803.04831</a>. tf.contrib has {@code activation}
 * TANH, {@code recurrentStart} SYMMETRIC and no bounds. RecurrentLayers.jl has relu and starts u
 * glorot-uniform, torchrecurrent tanh and normal.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param recurrentMaxAbs the largest |u|; 0, the default, for any; the authors have γ^(1/T) for
 *     sequences of T steps, with γ from 2 to 10
 * @param recurrentMinAbs the smallest |u|, not above {@code recurrentMaxAbs} if there is one; 0 by
 *     default
 * @param recurrentStart the first value of u; POSITIVE by default
 * @param useBias whether there is b; true by default
 * @param activation act; relu by default; with IDENTITY the cell is linear
 */
@About(idea = "each unit hears only itself", source = "Li et al. 2018")
public record IndRNNCell(
    int inputSize,
    int hiddenSize,
    double recurrentMaxAbs,
    double recurrentMinAbs,
    RecurrentStart recurrentStart,
    boolean useBias,
    Activation activation)
    implements Cell {

  /** The first value of u. */
  public enum RecurrentStart {
    /** Uniform between 0 and 1, the authors'. */
    POSITIVE(0),

    /** Uniform between −1 and 1, tf.contrib's. */
    SYMMETRIC(-1);

    private final double low;

    RecurrentStart(double low) {
      this.low = low;
    }
  }

  public IndRNNCell {
    Checks.sizes("IndRNNCell", inputSize, hiddenSize);
    Checks.notNegative("IndRNNCell", "recurrentMaxAbs", recurrentMaxAbs);
    Checks.notNegative("IndRNNCell", "recurrentMinAbs", recurrentMinAbs);
    Checks.require(
        recurrentMaxAbs == 0 || recurrentMinAbs <= recurrentMaxAbs,
        "IndRNNCell",
        "recurrentMinAbs must not exceed recurrentMaxAbs " + recurrentMaxAbs,
        recurrentMinAbs);
    Checks.given("IndRNNCell", "recurrentStart", recurrentStart);
    Checks.given("IndRNNCell", "activation", activation);
  }

  /**
   * The cell as in the paper: rectified, without bounds on u.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public IndRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, 0, RecurrentStart.POSITIVE, true, Activation.RELU);
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
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr u = bounded(w.get("u", Initializer.uniform(recurrentStart.low, 1), hiddenSize));
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr hNext = activation.apply(x.dot(W).plus(u.times(h)).plus(b));
    return new Step(hNext, State.of("h", hNext));
  }

  private Expr bounded(Expr u) {
    Expr large =
        recurrentMinAbs == 0 ? u : u.sign().times(u.abs().maximum(Expr.constant(recurrentMinAbs)));
    return large.clipAt(recurrentMaxAbs);
  }
}
