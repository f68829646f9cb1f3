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
 * Long short-term memory with peepholes: the gates also look at the memory, by one weight a unit.
 *
 * <pre>
 * i  = σ(x·W_i + h·U_i + b_i + p_i⊙c)         input gate              [H]
 * f  = σ(x·W_f + h·U_f + b_f + fb + p_f⊙c)    forget gate             [H]
 * g  = act(x·W_g + h·U_g + b_g)               candidate               [H]
 * c' = f⊙c + i⊙g                              memory                  [H]
 * o  = σ(x·W_o + h·U_o + b_o + p_o⊙c')        output gate             [H]
 * h' = o⊙act(c')                              output                  [H]
 * </pre>
 *
 * <p>W {@code [I,4H]} starts glorot-uniform, U {@code [H,4H]} orthogonal, p_i, p_f and p_o {@code
 * [H]} glorot-uniform (in ±√(3/H)), b {@code [4H]} zeros with the forget block at 1 (at 0 where
 * {@code forgetBias} is not 0). Blocks are i, f, g, o.
 *
 * <p>Source: F. Gers, N. Schraudolph, J. Schmidhuber, "Learning Precise Timing with LSTM Recurrent
 * Networks", <a href="https://www.jmlr.org/papers/v3/gers02a.html">JMLR 3</a>, 2002. The output
 * gate looks at the new memory, after the clip, as in the paper and in TensorFlow;
 * RecurrentLayers.jl gives it the old one, cuts its peephole vector in the order f, i, o, and adds
 * a third bias. The order of blocks is that of tf-addons; tf.contrib has i, g, f, o. DL4J's
 * GravesLSTM stores the peepholes as three more columns of the recurrent matrix.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param forgetBias fb, added to the forget gate; 0 by default, tf.contrib has 1
 * @param cellClip c' is cut off at ±cellClip; 0, the default, for never
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "gates also see the memory", source = "Gers, Schraudolph, Schmidhuber 2002")
public record PeepholeLSTMCell(
    int inputSize,
    int hiddenSize,
    double forgetBias,
    double cellClip,
    boolean useBias,
    Activation activation)
    implements Cell {

  public PeepholeLSTMCell {
    Checks.sizes("PeepholeLSTMCell", inputSize, hiddenSize);
    Checks.notNegative("PeepholeLSTMCell", "cellClip", cellClip);
    Checks.given("PeepholeLSTMCell", "activation", activation);
  }

  /**
   * The cell as in the paper, with the forget block of b at 1.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public PeepholeLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, 0, true, Activation.TANH);
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

    Parts blocks = x.dot(W).plus(h.dot(U)).plus(b).split("_i", "_f", "_g", "_o");
    Expr i = blocks.get("_i").plus(w.input("p_i", hiddenSize).times(c)).sigmoid().as("i");
    Expr f =
        blocks
            .get("_f")
            .plus(forgetBias)
            .plus(w.input("p_f", hiddenSize).times(c))
            .sigmoid()
            .as("f");
    Expr g = activation.apply(blocks.get("_g")).as("g");

    Expr cNext = f.times(c).plus(i.times(g)).clipAt(cellClip);
    Expr o = blocks.get("_o").plus(w.input("p_o", hiddenSize).times(cNext)).sigmoid().as("o");
    Expr hNext = o.times(activation.apply(cNext));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }

  @Override
  public Optional<Kernel> kernel() {
    return activation.equals(Activation.TANH)
        ? Optional.of(new BlockLstm(hiddenSize, forgetBias, cellClip))
        : Optional.empty();
  }
}
