package kazoku.cells;

import java.util.ArrayList;
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
 * Nested LSTM: the memory of a long short-term memory is itself a long short-term memory, and so on
 * for a few levels.
 *
 * <pre>
 * [i_1,g_1,f_1,o_1] = split_4(x·W_1 + h·U_1 + b_1)      outer gates               [4H]
 * i_1 = σ(i_1)                                          outer input gate          [H]
 * g_1 = act_1(g_1)                                      outer candidate           [H]
 * f_1 = σ(f_1)                                          outer forget gate         [H]
 * o_1 = σ(o_1)                                          outer output gate         [H]
 * x_2 = i_1⊙g_1                                         input of the inner LSTM   [H]
 * h_2 = f_1⊙c_1                                         its old output            [H]
 * [i_2,g_2,f_2,o_2] = split_4(x_2·W_2 + h_2·U_2 + b_2)  inner gates               [4H]
 * i_2 = σ(i_2)                                          inner input gate          [H]
 * g_2 = act(g_2)                                        inner candidate           [H]
 * f_2 = σ(f_2)                                          inner forget gate         [H]
 * o_2 = σ(o_2)                                          inner output gate         [H]
 * c_2' = i_2⊙g_2 + f_2⊙c_2                              inner memory              [H]
 * c_1' = o_2⊙act(c_2')                                  memory: the inner output  [H]
 * h' = o_1⊙act(c_1')                                    output                    [H]
 * </pre>
 *
 * <p>That is the cell of depth 2. At depth d, c_2' is the output of a third LSTM in the same way,
 * and so on; only the memory of the last is a sum.
 *
 * <p>W_1 {@code [I,4H]} and W_d {@code [H,4H]} start glorot-uniform, U_d {@code [H,4H]} orthogonal,
 * b_d {@code [4H]} as zeros.
 *
 * <p>Source: J. R. A. Moniz, D. Krueger, "Nested LSTMs", ACML 2017, <a
 * href="https://arxiv.org/abs/1801.10308">arXiv:1801.10308</a>. hannw/nlstm multiplies σ(i) by
 * act(g) as the paper does, and adds 1 to the forget gates; titu1994/Nested-LSTM adds the two. Both
 * leave g as it is at level 1, which is {@code outerActivation} IDENTITY here, and say that the
 * paper does so; the paper's text was not checked for it. The states that both store, h' and then
 * those of the inner cells, are h', c_1', c_2', … of this one.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, the width of every level, at least 1
 * @param depth how many levels there are, at least 1, where the cell is an LSTM; 2 by default
 * @param useBias whether there are b_d; true by default
 * @param outerActivation act_1, what is applied to g_1; tanh by default
 * @param activation act; tanh by default
 */
@About(idea = "memory is itself an LSTM", source = "Moniz, Krueger 2017")
public record NestedLSTMCell(
    int inputSize,
    int hiddenSize,
    int depth,
    boolean useBias,
    Activation outerActivation,
    Activation activation)
    implements Cell {

  public NestedLSTMCell {
    Checks.sizes("NestedLSTMCell", inputSize, hiddenSize);
    Checks.atLeastOne("NestedLSTMCell", "depth", depth);
    Checks.given("NestedLSTMCell", "outerActivation", outerActivation);
    Checks.given("NestedLSTMCell", "activation", activation);
  }

  /**
   * The cell with two levels and tanh in both.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public NestedLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 2, true, Activation.TANH, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    List<Slot> slots = new ArrayList<>();
    slots.add(Slot.of("h", hiddenSize));
    for (int d = 1; d <= depth; d++) {
      slots.add(Slot.of("c_" + d, hiddenSize));
    }
    return slots;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    State next = level(1, w, x, s.get("h"), s);
    return new Step(next.get("h"), next);
  }

  /** The memories of this level and of those below it, and as h what this level shows. */
  private State level(int d, Weights w, Expr x, Expr h, State s) {
    Expr W = w.input("W_" + d, x.size(), 4 * hiddenSize);
    Expr U = w.recurrent("U_" + d, hiddenSize, 4 * hiddenSize);
    Expr b = w.biasIf(useBias, "b_" + d, 4 * hiddenSize);
    Expr c = s.get("c_" + d);

    Parts gates = x.dot(W).plus(h.dot(U)).plus(b).split("i_" + d, "g_" + d, "f_" + d, "o_" + d);
    Expr i = gates.get("i_" + d).sigmoid().as("i_" + d);
    Expr g = (d == 1 ? outerActivation : activation).apply(gates.get("g_" + d)).as("g_" + d);
    Expr f = gates.get("f_" + d).sigmoid().as("f_" + d);
    Expr o = gates.get("o_" + d).sigmoid().as("o_" + d);

    Expr written = i.times(g);
    Expr kept = f.times(c);
    State below =
        d == depth
            ? State.of("h", written.plus(kept))
            : level(d + 1, w, written.as("x_" + (d + 1)), kept.as("h_" + (d + 1)), s);
    Expr cNext = below.get("h");
    Expr hNext = o.times(activation.apply(cNext));
    return below.with("c_" + d, cNext).with("h", hNext);
  }
}
