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
 * Memory-controller long short-term memory: the memory is read out twice, once for the world and
 * once for the gates of the next step.
 *
 * <pre>
 * f  = σ(x·W_f + v·U_f + b_f)                 forget gate             [H]
 * i  = σ(x·W_i + v·U_i + b_i)                 input gate              [H]
 * o  = σ(x·W_o + v·U_o + b_o)                 output gate             [H]
 * m  = σ(x·W_m + v·U_m + b_m)                 control gate            [H]
 * n  = act(x·W_n + v·U_n + b_n)               candidate               [H]
 * c' = f⊙c + i⊙n                              memory                  [H]
 * h  = o⊙act(c')                              output                  [H]
 * v' = m⊙act(c')                              control, fed back       [H]
 * </pre>
 *
 * <p>W {@code [I,5H]} starts glorot-uniform, U {@code [H,5H]} orthogonal, b {@code [5H]} zeros.
 * Blocks are f, i, o, m, n.
 *
 * <p>Source: I. Ben-Ari, R. Shwartz-Ziv, "Sequence modeling using a memory controller extension for
 * LSTM", NIPS 2017 Time Series Workshop. The functions are those of torchrecurrent;
 * RecurrentLayers.jl has all five blocks as they are, without σ and tanh. The mass-conserving LSTM
 * of P.-J. Hoedt et al., 2021, is called MC-LSTM as well and is another cell.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "separate read-out for the gates", source = "Ben-Ari, Shwartz-Ziv 2017")
public record MCLSTMCell(int inputSize, int hiddenSize, boolean useBias, Activation activation)
    implements Cell {

  public MCLSTMCell {
    Checks.sizes("MCLSTMCell", inputSize, hiddenSize);
    Checks.given("MCLSTMCell", "activation", activation);
  }

  /**
   * The cell as in the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MCLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("v", hiddenSize), Slot.of("c", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 5 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 5 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 5 * hiddenSize);
    Expr v = s.get("v");
    Expr c = s.get("c");

    Parts gates = x.dot(W).plus(v.dot(U)).plus(b).split("_f", "_i", "_o", "_m", "_n");
    Expr f = gates.get("_f").sigmoid().as("f");
    Expr i = gates.get("_i").sigmoid().as("i");
    Expr o = gates.get("_o").sigmoid().as("o");
    Expr m = gates.get("_m").sigmoid().as("m");
    Expr n = activation.apply(gates.get("_n")).as("n");

    Expr cNext = f.times(c).plus(i.times(n));
    Expr shown = activation.apply(cNext);
    Expr h = o.times(shown).as("h");
    Expr vNext = m.times(shown);
    return new Step(h, State.of("v", vNext).with("c", cNext));
  }
}
