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
 * Long short-term memory with elementwise recurrence: forget gate and candidate hear the old memory
 * unit by unit, so that exact gradients in real time are affordable; only the output gate sees the
 * whole memory, the new one.
 *
 * <pre>
 * [f,z,o] = split_3(x·W + b)                  gates and candidate     [3H]
 * f  = σ(f + w_f⊙c)                           forget gate             [H]
 * z  = act(z + w_z⊙c)                         candidate               [H]
 * c' = f⊙c + (1−f)⊙z                          memory                  [H]
 * h  = σ(o + c'·U_o)⊙c'                       output                  [H]
 * </pre>
 *
 * <p>W {@code [I,3H]} and U_o {@code [H,H]} start glorot-uniform, w_f and w_z {@code [H]} uniform
 * between −0.1 and 0.1, b {@code [3H]} zeros. h is not carried.
 *
 * <p>Source: K. Irie, A. Gopalakrishnan, J. Schmidhuber, "Exploring the Promise and Limits of
 * Real-Time Recurrent Learning", 2023, <a
 * href="https://arxiv.org/abs/2305.19044">arXiv:2305.19044</a>. The authors' code and
 * torchrecurrent have a second bias on the output gate, which is in b here: their sum.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there is b; true by default
 * @param activation act, on the candidate; tanh by default
 */
@About(
    idea = "elementwise recurrence, output sees memory",
    source = "Irie, Gopalakrishnan, Schmidhuber 2023")
public record ELSTMCell(int inputSize, int hiddenSize, boolean useBias, Activation activation)
    implements Cell {

  public ELSTMCell {
    Checks.sizes("ELSTMCell", inputSize, hiddenSize);
    Checks.given("ELSTMCell", "activation", activation);
  }

  /**
   * The cell as in the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public ELSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Expr w_f = w.get("w_f", Initializer.uniform(-0.1, 0.1), hiddenSize);
    Expr w_z = w.get("w_z", Initializer.uniform(-0.1, 0.1), hiddenSize);
    Expr U_o = w.input("U_o", hiddenSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr c = s.get("c");

    Parts terms = x.dot(W).plus(b).split("f", "z", "o");
    Expr f = terms.get("f").plus(w_f.times(c)).sigmoid().as("f");
    Expr z = activation.apply(terms.get("z").plus(w_z.times(c))).as("z");

    Expr cNext = f.times(c).plus(f.oneMinus().times(z));
    Expr h = terms.get("o").plus(cNext.dot(U_o)).sigmoid().times(cNext).as("h");
    return new Step(h, State.of("c", cNext));
  }
}
