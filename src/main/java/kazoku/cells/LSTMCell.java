package kazoku.cells;

import java.util.List;
import java.util.Optional;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Kernel;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Long short-term memory with forget gate: a gated linear memory; input, forget and output gates
 * decide what is written, kept and shown.
 *
 * <pre>
 * i  = σ(x·W_i + h·U_i + b_i)                 input gate              [H]
 * f  = σ(x·W_f + h·U_f + b_f + fb)            forget gate             [H]
 * g  = act(x·W_g + h·U_g + b_g)               candidate               [H]
 * o  = σ(x·W_o + h·U_o + b_o)                 output gate             [H]
 * c' = f⊙c + i⊙g                              memory                  [H]
 * h' = o⊙act(c')                              output                  [H]
 * </pre>
 *
 * <p>W {@code [I,4H]} starts glorot-uniform, U {@code [H,4H]} orthogonal, b {@code [4H]} zeros with
 * the forget block at 1 (at 0 where {@code forgetBias} is not 0). Blocks are i, f, g, o.
 *
 * <p>In training x and h are dropped out by {@code dropout} and {@code recurrentDropout}, with one
 * mask a row for all steps and gates, as in Keras (whose "implementation 1" has a mask for each
 * gate).
 *
 * <p>Source: S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8),
 * 1997, <a href="https://doi.org/10.1162/neco.1997.9.8.1735">doi:10.1162/neco.1997.9.8.1735</a>; F.
 * Gers, J. Schmidhuber, F. Cummins, "Learning to Forget", Neural Computation 12(10), 2000, <a
 * href="https://doi.org/10.1162/089976600300015015">doi:10.1162/089976600300015015</a>. The order
 * of blocks is PyTorch's and Keras's; tf.contrib has i, g, f, o. PyTorch's two biases are one here:
 * their sum.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param forgetBias fb, added to the forget gate; 0 by default
 * @param cellClip c' is cut off at ±cellClip; 0, the default, for never
 * @param dropout the part of x that is dropped in training, in [0, 1); 0 by default
 * @param recurrentDropout the part of h that is dropped in training, in [0, 1); 0 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 * @param gateActivation the σ of the three gates
 */
@About(idea = "a gated linear memory", source = "Hochreiter, Schmidhuber 1997; Gers et al. 2000")
public record LSTMCell(
    int inputSize,
    int hiddenSize,
    double forgetBias,
    double cellClip,
    double dropout,
    double recurrentDropout,
    boolean useBias,
    Activation activation,
    Activation gateActivation)
    implements Cell {

  public LSTMCell {
    Checks.sizes("LSTMCell", inputSize, hiddenSize);
    Checks.notNegative("LSTMCell", "cellClip", cellClip);
    Checks.rate("LSTMCell", "dropout", dropout);
    Checks.rate("LSTMCell", "recurrentDropout", recurrentDropout);
    Checks.given("LSTMCell", "activation", activation);
    Checks.given("LSTMCell", "gateActivation", gateActivation);
  }

  /**
   * The cell as in the papers, with the forget block of b at 1.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, 0, 0, 0, true, Activation.TANH, Activation.SIGMOID);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize), Slot.of("h", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 4 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 4 * hiddenSize);
    Expr b = Biases.lstm(w, useBias, forgetBias, hiddenSize);
    Expr c = s.get("c");
    Expr h = s.get("h");

    Expr seen = w.dropOut("x", 1 - dropout, Weights.Draw.EACH_ROW, x);
    Expr heard = w.dropOut("h", 1 - recurrentDropout, Weights.Draw.EACH_ROW, h);
    Parts gates = seen.dot(W).plus(heard.dot(U)).plus(b).split("_i", "_f", "_g", "_o");
    Expr i = gateActivation.apply(gates.get("_i")).as("i");
    Expr f = gateActivation.apply(gates.get("_f").plus(forgetBias)).as("f");
    Expr g = activation.apply(gates.get("_g")).as("g");
    Expr o = gateActivation.apply(gates.get("_o")).as("o");

    Expr cNext = f.times(c).plus(i.times(g)).clipAt(cellClip);
    Expr hNext = o.times(activation.apply(cNext));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }

  @Override
  public Optional<Kernel> kernel() {
    return activation.equals(Activation.TANH) && gateActivation.equals(Activation.SIGMOID)
        ? Optional.of(new BlockLstm(hiddenSize, forgetBias, cellClip))
        : Optional.empty();
  }
}
