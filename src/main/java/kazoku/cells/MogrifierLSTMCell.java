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
 * Mogrifier LSTM: before the step of a long short-term memory, input and state gate each other for
 * a few rounds.
 *
 * <pre>
 * x  = 2·σ(h·Q_k + q_k)⊙x                     k = 1,3..r              [I]
 * h  = 2·σ(x·R_k + r_k)⊙h                     k = 2,4..r, in turn     [H]
 * f  = σ(x·W_f + h·U_f + b_f + fb)            forget gate             [H]
 * i  = σ(x·W_i + h·U_i + b_i)                 input gate              [H]
 * i  = min(1−f, i)                            if capped               [H]
 * g  = act(x·W_g + h·U_g + b_g)               candidate               [H]
 * o  = σ(x·W_o + h·U_o + b_o)                 output gate             [H]
 * c' = f⊙c + i⊙g                              memory                  [H]
 * h' = o⊙act(c')                              output                  [H]
 * </pre>
 *
 * <p>The rounds change what this step sees, not what is stored. q_k and r_k are there with {@code
 * mogrifierBias}. With {@code rank}, Q_k is the product of Q_k_a {@code [H,rank]} and Q_k_b {@code
 * [rank,I]}, and R_k that of R_k_a {@code [I,rank]} and R_k_b {@code [rank,H]}.
 *
 * <p>W {@code [I,4H]}, Q_k {@code [H,I]}, R_k {@code [I,H]} and the factors of the two start
 * glorot-uniform, U {@code [H,4H]} orthogonal, q_k {@code [I]} and r_k {@code [H]} as zeros, b
 * {@code [4H]} zeros with the forget block at 1 (at 0 where {@code forgetBias} is not 0). Blocks
 * are i, f, g, o.
 *
 * <p>Source: G. Melis, T. Kočiský, P. Blunsom, "Mogrifier LSTM", ICLR 2020, <a
 * href="https://arxiv.org/abs/1909.01792">arXiv:1909.01792</a>. The paper's rounds have no biases;
 * the authors' own code, lamb, has them, and mogrifier-lstm-pytorch too. lamb caps the input gate
 * unless told otherwise, has the blocks in the order g, o, f, i, and can normalise the memory where
 * it is shown, which this cell does not.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param rounds r, at least 0, where the cell is an LSTM; 5 by default
 * @param rank columns of the first factor of each Q_k and R_k; 0, the default, for whole matrices
 * @param mogrifierBias whether there are q_k and r_k; false by default
 * @param forgetBias fb, added to the forget gate; 0 by default
 * @param capInputGate whether the input gate writes no more than was forgotten; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "input and state gate each other first", source = "Melis, Kočiský, Blunsom 2020")
public record MogrifierLSTMCell(
    int inputSize,
    int hiddenSize,
    int rounds,
    int rank,
    boolean mogrifierBias,
    double forgetBias,
    boolean capInputGate,
    boolean useBias,
    Activation activation)
    implements Cell {

  public MogrifierLSTMCell {
    Checks.sizes("MogrifierLSTMCell", inputSize, hiddenSize);
    Checks.notNegative("MogrifierLSTMCell", "rounds", rounds);
    Checks.notNegative("MogrifierLSTMCell", "rank", rank);
    Checks.given("MogrifierLSTMCell", "activation", activation);
  }

  /**
   * The cell as in the paper, with five rounds of whole matrices.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MogrifierLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 5, 0, false, 0, false, true, Activation.TANH);
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

    for (int k = 1; k <= rounds; k++) {
      if (k % 2 == 1) {
        x = gate(w, h, "Q_" + k, "q_" + k, inputSize).times(x).as("x");
      } else {
        h = gate(w, x, "R_" + k, "r_" + k, hiddenSize).times(h).as("h");
      }
    }

    Parts gates = x.dot(W).plus(h.dot(U)).plus(b).split("_i", "_f", "_g", "_o");
    Expr f = gates.get("_f").plus(forgetBias).sigmoid().as("f");
    Expr i = gates.get("_i").sigmoid().as("i");
    if (capInputGate) {
      i = f.oneMinus().minimum(i).as("i");
    }
    Expr g = activation.apply(gates.get("_g")).as("g");
    Expr o = gates.get("_o").sigmoid().as("o");

    Expr cNext = f.times(c).plus(i.times(g));
    Expr hNext = o.times(activation.apply(cNext));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }

  private Expr gate(Weights w, Expr by, String matrix, String bias, int size) {
    Expr product =
        rank == 0
            ? by.dot(w.input(matrix, by.size(), size))
            : by.dot(w.input(matrix + "_a", by.size(), rank))
                .dot(w.input(matrix + "_b", rank, size));
    return product.plus(w.biasIf(mogrifierBias, bias, size)).sigmoid().times(2);
  }
}
