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
 * Multiplicative long short-term memory: the LSTM's recurrent input is a product of the input and
 * the state, so that each input has its own transition.
 *
 * <pre>
 * m  = (x·W_m)⊙(h·U_m)                        state, seen through x   [H]
 * i  = σ(x·W_i + m·U_i + b_i)                 input gate              [H]
 * f  = σ(x·W_f + m·U_f + b_f)                 forget gate             [H]
 * o  = σ(x·W_o + m·U_o + b_o)                 output gate             [H]
 * g  = act(x·W_g + m·U_g + b_g)               candidate               [H]
 * c' = f⊙c + i⊙g                              memory                  [H]
 * h' = o⊙act(c')                              output                  [H]
 * </pre>
 *
 * <p>With {@code weightNorm} the columns of all four matrices have learnt lengths: {@code
 * W/‖W‖⊙q_W} in the place of W, and so on. ‖·‖ is the length of each column, at least 1e-6.
 *
 * <p>W_m {@code [I,H]} and W {@code [I,4H]} start glorot-uniform, U_m {@code [H,H]} and U {@code
 * [H,4H]} orthogonal, b {@code [4H]} as zeros. Blocks are i, f, o, g. q_W_m and q_U_m {@code [H]},
 * q_W and q_U {@code [4H]} start as the lengths of the columns, so that normalisation changes
 * nothing at first.
 *
 * <p>Source: B. Krause, L. Lu, I. Murray, S. Renals, "Multiplicative LSTM for sequence modelling",
 * 2016, <a href="https://arxiv.org/abs/1609.07959">arXiv:1609.07959</a>. Equations, order of blocks
 * and weight normalisation are those of the code of OpenAI's sentiment neuron. RecurrentLayers.jl
 * has biases in m as well, and other orders of blocks; torchrecurrent 0.2.5 has the order i, f, g,
 * o, and before it was corrected it had σ for the candidate and showed the candidate in the place
 * of the memory. MLSTMCell, the matrix memory of xLSTM, is another cell.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param weightNorm whether the columns of the matrices have learnt lengths; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "each input its own transition", source = "Krause et al. 2016")
public record MultiplicativeLSTMCell(
    int inputSize, int hiddenSize, boolean weightNorm, boolean useBias, Activation activation)
    implements Cell {

  public MultiplicativeLSTMCell {
    Checks.sizes("MultiplicativeLSTMCell", inputSize, hiddenSize);
    Checks.given("MultiplicativeLSTMCell", "activation", activation);
  }

  /**
   * The cell of the paper, without weight normalisation.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MultiplicativeLSTMCell(int inputSize, int hiddenSize) {
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
    Expr W_m = matrix(w, "W_m", Initializer.GLOROT_UNIFORM, inputSize, hiddenSize);
    Expr U_m = matrix(w, "U_m", Initializer.ORTHOGONAL, hiddenSize, hiddenSize);
    Expr W = matrix(w, "W", Initializer.GLOROT_UNIFORM, inputSize, 4 * hiddenSize);
    Expr U = matrix(w, "U", Initializer.ORTHOGONAL, hiddenSize, 4 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 4 * hiddenSize);
    Expr c = s.get("c");
    Expr h = s.get("h");

    Expr m = x.dot(W_m).times(h.dot(U_m)).as("m");
    Parts gates = x.dot(W).plus(m.dot(U)).plus(b).split("_i", "_f", "_o", "_g");
    Expr i = gates.get("_i").sigmoid().as("i");
    Expr f = gates.get("_f").sigmoid().as("f");
    Expr o = gates.get("_o").sigmoid().as("o");
    Expr g = activation.apply(gates.get("_g")).as("g");

    Expr cNext = f.times(c).plus(i.times(g));
    Expr hNext = o.times(activation.apply(cNext));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }

  private Expr matrix(Weights w, String symbol, Initializer start, int rows, int columns) {
    return weightNorm
        ? ColumnNorm.matrix(w, symbol, "q_" + symbol, start, rows, columns)
        : w.get(symbol, start, rows, columns);
  }
}
