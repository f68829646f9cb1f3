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
 * The first long short-term memory, without a forget gate: an integrator between an input gate and
 * an output gate, which only adds.
 *
 * <pre>
 * i  = σ(x·W_i + h·U_i + b_i)                 input gate              [H]
 * g  = act(x·W_g + h·U_g + b_g)               candidate               [H]
 * o  = σ(x·W_o + h·U_o + b_o)                 output gate             [H]
 * c' = c + i⊙g                                memory                  [H]
 * h' = o⊙act(c')                              output                  [H]
 * </pre>
 *
 * <p>With {@code historicSquash}, {@code g = 4σ(x·W_g + h·U_g + b_g) − 2} and {@code h' = o⊙(2σ(c')
 * − 1)}: what is written lies in (−2, 2), what is shown in (−1, 1).
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, U {@code [H,3H]} orthogonal, b {@code [3H]} zeros.
 * Blocks are i, g, o.
 *
 * <p>Source: S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8),
 * 1997, <a href="https://doi.org/10.1162/neco.1997.9.8.1735">doi:10.1162/neco.1997.9.8.1735</a>.
 * The historic functions are unchecked: they are those that two public implementations quote from
 * the paper's appendix. An early torchrecurrent adds σ(i) and act(g) where this cell,
 * torchrecurrent 0.2.5, RecurrentLayers.jl and the paper multiply.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param historicSquash whether the functions of 1997 stand in the place of act; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default, and nothing else with {@code historicSquash}
 */
@About(idea = "an integrator between two gates", source = "Hochreiter, Schmidhuber 1997")
public record OriginalLSTMCell(
    int inputSize, int hiddenSize, boolean historicSquash, boolean useBias, Activation activation)
    implements Cell {

  public OriginalLSTMCell {
    Checks.sizes("OriginalLSTMCell", inputSize, hiddenSize);
    Checks.given("OriginalLSTMCell", "activation", activation);
    Checks.require(
        !historicSquash || activation == Activation.TANH,
        "OriginalLSTMCell",
        "historicSquash takes the place of activation, which must be left at TANH",
        activation);
  }

  /**
   * The cell with tanh at both places.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public OriginalLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, false, true, Activation.TANH);
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
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 3 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Activation write = historicSquash ? a -> a.sigmoid().times(4).plus(-2) : activation;
    Activation show = historicSquash ? a -> a.sigmoid().times(2).plus(-1) : activation;
    Expr c = s.get("c");
    Expr h = s.get("h");

    Parts gates = x.dot(W).plus(h.dot(U)).plus(b).split("_i", "_g", "_o");
    Expr i = gates.get("_i").sigmoid().as("i");
    Expr g = write.apply(gates.get("_g")).as("g");
    Expr o = gates.get("_o").sigmoid().as("o");

    Expr cNext = c.plus(i.times(g));
    Expr hNext = o.times(show.apply(cNext));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }
}
