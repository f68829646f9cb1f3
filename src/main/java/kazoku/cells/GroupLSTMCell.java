package kazoku.cells;

import java.util.List;
import java.util.stream.IntStream;
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
 * Long short-term memory in groups: independent LSTMs on slices of the input and of the state, with
 * a fraction of the weights.
 *
 * <pre>
 * [x_1..x_k] = split_k(x)                     slices of the input       [I]
 * [m_1..m_k] = split_k(m)                     slices of the state       [R]
 * [i_j,g_j,f_j,o_j] = split_4([x_j,m_j]·K_j)  for each group, j = 1..k  [4H/k]
 * i  = σ([i_1..i_k] + b_i)                    input gate                [H]
 * g  = tanh([g_1..g_k] + b_g)                 candidate                 [H]
 * f  = σ([f_1..f_k] + b_f + fb)               forget gate               [H]
 * o  = σ([o_1..o_k] + b_o)                    output gate               [H]
 * c' = f⊙c + i⊙g                              memory                    [H]
 * m' = o⊙act(c')                              output                    [H]
 * m' = m'·P                                   if projected              [R]
 * </pre>
 *
 * <p>K_1, K_2, … {@code [(I+R)/k,4H/k]} and P {@code [H,R]} start glorot-uniform, b_i, b_g, b_f and
 * b_o {@code [H]} as zeros, b_f at 1 where {@code forgetBias} is 0.
 *
 * <p>Source: O. Kuchaiev, B. Ginsburg, "Factorization tricks for LSTM networks", 2017, <a
 * href="https://arxiv.org/abs/1703.10722">arXiv:1703.10722</a>; the equations are those of
 * tf.contrib's GLSTMCell, where the activation, as here, is that of the output only.
 *
 * @param inputSize I, a multiple of k
 * @param hiddenSize H, a multiple of k
 * @param groups k, at least 1
 * @param numProj R, the width of m, a multiple of k; 0, the default, for H without a projection
 * @param forgetBias fb, added to the forget gate; 1 by default
 * @param useBias whether there are b_i, b_g, b_f and b_o; true by default
 * @param activation act; tanh by default
 */
@About(idea = "independent LSTMs on slices", source = "Kuchaiev, Ginsburg 2017")
public record GroupLSTMCell(
    int inputSize,
    int hiddenSize,
    int groups,
    int numProj,
    double forgetBias,
    boolean useBias,
    Activation activation)
    implements Cell {

  public GroupLSTMCell {
    Checks.sizes("GroupLSTMCell", inputSize, hiddenSize);
    Checks.atLeastOne("GroupLSTMCell", "groups", groups);
    Checks.notNegative("GroupLSTMCell", "numProj", numProj);
    Checks.require(
        inputSize % groups == 0 && hiddenSize % groups == 0 && numProj % groups == 0,
        "GroupLSTMCell",
        "groups must divide inputSize "
            + inputSize
            + ", hiddenSize "
            + hiddenSize
            + " and numProj "
            + numProj,
        groups);
    Checks.given("GroupLSTMCell", "activation", activation);
  }

  /**
   * The cell of the paper, without a projection.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param groups k
   */
  public GroupLSTMCell(int inputSize, int hiddenSize, int groups) {
    this(inputSize, hiddenSize, groups, 0, 1, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize), Slot.of("m", outputSize()));
  }

  private int outputSize() {
    return numProj == 0 ? hiddenSize : numProj;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr c = s.get("c");
    Expr m = s.get("m");

    Parts xs = x.split(numbered("x"));
    Parts ms = m.split(numbered("m"));
    Parts[] gates = new Parts[groups];
    for (int j = 1; j <= groups; j++) {
      int xSize = inputSize / groups;
      int mSize = outputSize() / groups;
      Expr K = w.input("K_" + j, xSize + mSize, 4 * hiddenSize / groups);
      Parts rows = K.split(-2, xSize, mSize);
      Expr a = xs.get("x_" + j).dot(rows.get(0)).plus(ms.get("m_" + j).dot(rows.get(1)));
      gates[j - 1] = a.split("i_" + j, "g_" + j, "f_" + j, "o_" + j);
    }
    Expr i = joined(gates, "i").plus(w.biasIf(useBias, "b_i", hiddenSize)).sigmoid().as("i");
    Expr g = joined(gates, "g").plus(w.biasIf(useBias, "b_g", hiddenSize)).tanh().as("g");
    Expr f = joined(gates, "f").plus(forgetBlock(w)).plus(forgetBias).sigmoid().as("f");
    Expr o = joined(gates, "o").plus(w.biasIf(useBias, "b_o", hiddenSize)).sigmoid().as("o");

    Expr cNext = f.times(c).plus(i.times(g));
    Expr mNext = o.times(activation.apply(cNext));
    if (numProj > 0) {
      mNext = mNext.dot(w.input("P", hiddenSize, numProj));
    }
    return new Step(mNext, State.of("c", cNext).with("m", mNext));
  }

  private Expr forgetBlock(Weights w) {
    Initializer start = Initializer.constant(forgetBias == 0 ? 1 : 0);
    return useBias ? w.get("b_f", start, hiddenSize) : Expr.constant(0);
  }

  private Expr joined(Parts[] gates, String name) {
    return Expr.concat(
        IntStream.range(0, groups)
            .mapToObj(j -> gates[j].get(name + "_" + (j + 1)))
            .toArray(Expr[]::new));
  }

  private String[] numbered(String name) {
    return IntStream.rangeClosed(1, groups).mapToObj(j -> name + "_" + j).toArray(String[]::new);
  }
}
