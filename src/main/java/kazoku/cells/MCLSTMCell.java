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
 * [f,i,o,m,n] = split_5(x·W + v·U + b)        gates and candidate     [5H]
 * c' = σ(f)⊙c + σ(i)⊙act(n)                   memory                  [H]
 * h  = σ(o)⊙act(c')                           output                  [H]
 * v' = σ(m)⊙act(c')                           control, fed back       [H]
 * </pre>
 *
 * <p>W {@code [I,5H]} starts glorot-uniform, U {@code [H,5H]} orthogonal, b {@code [5H]} zeros.
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

    Parts gates = x.dot(W).plus(v.dot(U)).plus(b).split("f", "i", "o", "m", "n");
    Expr f = gates.get("f").sigmoid();
    Expr i = gates.get("i").sigmoid();
    Expr o = gates.get("o").sigmoid();
    Expr m = gates.get("m").sigmoid();
    Expr n = activation.apply(gates.get("n"));

    Expr cNext = f.times(c).plus(i.times(n));
    Expr shown = activation.apply(cNext);
    Expr h = o.times(shown).as("h");
    Expr vNext = m.times(shown);
    return new Step(h, State.of("v", vNext).with("c", cNext));
  }
}
