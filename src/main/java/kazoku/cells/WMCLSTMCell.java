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
 * Long short-term memory with working-memory connections: the gates look at the whole memory,
 * through a matrix and a tanh, so that it informs them and does not swamp them.
 *
 * <pre>
 * i  = σ(x·W_i + h·U_i + b_i + tanh(c·M_i + b_Mi))   input gate              [H]
 * f  = σ(x·W_f + h·U_f + b_f + tanh(c·M_f + b_Mf))   forget gate             [H]
 * g  = act(x·W_g + h·U_g + b_g)                      candidate               [H]
 * c' = f⊙c + i⊙g                                     memory                  [H]
 * o  = σ(x·W_o + h·U_o + b_o + tanh(c'·M_o + b_Mo))  output gate             [H]
 * h' = o⊙act(c')                                     output                  [H]
 * </pre>
 *
 * <p>W {@code [I,4H]} and M_i, M_f and M_o {@code [H,H]} start glorot-uniform, U {@code [H,4H]}
 * orthogonal, b {@code [4H]} and b_M {@code [3H]}, whose blocks are b_Mi, b_Mf and b_Mo, as zeros.
 * Blocks of the others are i, f, g, o.
 *
 * <p>Source: F. Landi, L. Baraldi, M. Cornia, R. Cucchiara, "Working Memory Connections for LSTM",
 * Neural Networks 144, 2021, <a href="https://arxiv.org/abs/2109.00020">arXiv:2109.00020</a>. The
 * paper has no b_M; torchrecurrent and RecurrentLayers.jl have it. The latter's printed formula
 * leaves h out of the candidate, its code does not; its order of blocks is i, f, o, g.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param memoryBias whether there is b_M; true by default, false is the form of the paper
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "gates see the whole memory", source = "Landi et al. 2021")
public record WMCLSTMCell(
    int inputSize, int hiddenSize, boolean memoryBias, boolean useBias, Activation activation)
    implements Cell {

  public WMCLSTMCell {
    Checks.sizes("WMCLSTMCell", inputSize, hiddenSize);
    Checks.given("WMCLSTMCell", "activation", activation);
  }

  /**
   * The cell with all its biases.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public WMCLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, true, Activation.TANH);
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
    Expr b = w.biasIf(useBias, "b", 4 * hiddenSize);
    Expr M_if =
        Expr.concat(w.input("M_i", hiddenSize, hiddenSize), w.input("M_f", hiddenSize, hiddenSize));
    Expr M_o = w.input("M_o", hiddenSize, hiddenSize);
    Expr b_Mif = Expr.constant(0);
    Expr b_Mo = Expr.constant(0);
    if (memoryBias) {
      Parts b_M =
          w.bias("b_M", 3 * hiddenSize).split(-1, 2 * hiddenSize, hiddenSize).as("_if", "_o");
      b_Mif = b_M.get("_if");
      b_Mo = b_M.get("_o");
    }
    Expr c = s.get("c");
    Expr h = s.get("h");

    Parts blocks = x.dot(W).plus(h.dot(U)).plus(b).split("_i", "_f", "_g", "_o");
    Parts seen = c.dot(M_if).plus(b_Mif).tanh().split("_i", "_f");
    Expr i = blocks.get("_i").plus(seen.get("_i")).sigmoid().as("i");
    Expr f = blocks.get("_f").plus(seen.get("_f")).sigmoid().as("f");
    Expr g = activation.apply(blocks.get("_g")).as("g");

    Expr cNext = f.times(c).plus(i.times(g));
    Expr o = blocks.get("_o").plus(cNext.dot(M_o).plus(b_Mo).tanh()).sigmoid().as("o");
    Expr hNext = o.times(activation.apply(cNext));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }
}
