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
 * Update-gate network, the smallest gated cell: one gate between the old state and the candidate of
 * a simple recurrent network.
 *
 * <pre>
 * g  = σ(x·W_g + h·U_g + b_g + fb)            gate                    [H]
 * n  = act(x·W_n + h·U_n + b_n)               candidate               [H]
 * h' = g⊙h + (1−g)⊙n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,2H]} starts glorot-uniform, U {@code [H,2H]} orthogonal, b {@code [2H]} zeros.
 * Blocks are g, n.
 *
 * <p>Source: J. Collins, J. Sohl-Dickstein, D. Sussillo, "Capacity and Trainability in Recurrent
 * Neural Networks", ICLR 2017, <a href="https://arxiv.org/abs/1611.09913">arXiv:1611.09913</a>; fb
 * and the order of blocks are those of tf.contrib. RecurrentLayers.jl and torchrecurrent have the
 * blocks n, g, and no fb.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param forgetBias fb, added to the gate; 1 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "one update gate, Elman candidate", source = "Collins, Sohl-Dickstein, Sussillo 2017")
public record UGRNNCell(
    int inputSize, int hiddenSize, double forgetBias, boolean useBias, Activation activation)
    implements Cell {

  public UGRNNCell {
    Checks.sizes("UGRNNCell", inputSize, hiddenSize);
    Checks.given("UGRNNCell", "activation", activation);
  }

  /**
   * The cell of tf.contrib, with 1 added to the gate.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public UGRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, true, Activation.TANH);
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
    Expr U = w.recurrent("U", hiddenSize, 2 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 2 * hiddenSize);
    Expr h = s.get("h");

    Parts blocks = x.dot(W).plus(h.dot(U)).plus(b).split("_g", "_n");
    Expr g = blocks.get("_g").plus(forgetBias).sigmoid().as("g");
    Expr n = activation.apply(blocks.get("_n")).as("n");

    Expr hNext = UpdateConvention.KEEP.update(g, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
