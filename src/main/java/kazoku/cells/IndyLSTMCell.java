package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Independently recurrent LSTM: an {@link LSTMCell} whose recurrent matrix is a vector, so that
 * each unit hears the input and itself.
 *
 * <pre>
 * i  = σ(x·W_i + h⊙u_i + b_i)                 input gate              [H]
 * g  = act(x·W_g + h⊙u_g + b_g)               candidate               [H]
 * f  = σ(x·W_f + h⊙u_f + b_f + fb)            forget gate             [H]
 * o  = σ(x·W_o + h⊙u_o + b_o)                 output gate             [H]
 * c' = f⊙c + i⊙g                              memory                  [H]
 * h' = o⊙act(c')                              output                  [H]
 * </pre>
 *
 * <p>W {@code [I,4H]} starts glorot-uniform, u {@code [4H]} uniform between −1 and 1, b {@code
 * [4H]} zeros. Blocks are i, g, f, o as in tf.contrib, those of an {@link LSTMCell} i, f, g, o.
 *
 * <p>Source: P. Gonnet, T. Deselaers, "IndyLSTMs: Independently Recurrent LSTMs", 2019, <a
 * href="https://arxiv.org/abs/1903.08023">arXiv:1903.08023</a>; tf.contrib's IndyLSTMCell, which
 * has no {@code cellClip}.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param forgetBias fb, added to the forget gate; 1 by default
 * @param cellClip c' is cut off at ±cellClip; 0, the default, for never
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "LSTM with recurrent vectors", source = "Gonnet, Deselaers 2019")
public record IndyLSTMCell(
    int inputSize,
    int hiddenSize,
    double forgetBias,
    double cellClip,
    boolean useBias,
    Activation activation)
    implements Cell {

  public IndyLSTMCell {
    Checks.sizes("IndyLSTMCell", inputSize, hiddenSize);
    Checks.notNegative("IndyLSTMCell", "cellClip", cellClip);
    Checks.given("IndyLSTMCell", "activation", activation);
  }

  /**
   * The cell as in tf.contrib, with a forget bias of 1.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public IndyLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, 0, true, Activation.TANH);
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
    Expr u = w.get("u", Initializer.uniform(-1, 1), 4 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 4 * hiddenSize);
    Expr c = s.get("c");
    Expr h = s.get("h");

    Expr hu = Expr.concat(h, h, h, h).times(u);
    Parts gates = x.dot(W).plus(hu).plus(b).split("_i", "_g", "_f", "_o");
    Expr i = gates.get("_i").sigmoid().as("i");
    Expr g = activation.apply(gates.get("_g")).as("g");
    Expr f = gates.get("_f").plus(forgetBias).sigmoid().as("f");
    Expr o = gates.get("_o").sigmoid().as("o");

    Expr cNext = f.times(c).plus(i.times(g)).clipAt(cellClip);
    Expr hNext = o.times(activation.apply(cNext));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }
}
