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
 * Residual LSTM: a shortcut leads from the input to the output, under the output gate, so that deep
 * stacks can be trained.
 *
 * <pre>
 * i  = σ(x·W_i + h·U_i + b_i + p_i⊙c)         input gate              [H]
 * f  = σ(x·W_f + h·U_f + b_f + p_f⊙c)         forget gate             [H]
 * g  = act(x·W_g + h·U_g + b_g)               candidate               [H]
 * c' = f⊙c + i⊙g                              memory                  [H]
 * o  = σ(x·W_o + h·U_o + b_o + p_o⊙c')        output gate             [H]
 * h' = o⊙(act(c')·P + x·S)                    output                  [H]
 * </pre>
 *
 * <p>W {@code [I,4H]}, P {@code [H,H]} and S {@code [I,H]} start glorot-uniform, U {@code [H,4H]}
 * orthogonal, b {@code [4H]} as zeros, p_i, p_f and p_o {@code [H]} normal with variance 1. Blocks
 * are i, f, g, o.
 *
 * <p>Source: J. Kim, M. El-Khamy, J. Lee, "Residual LSTM: Design of a Deep Recurrent Architecture
 * for Distant Speech Recognition", INTERSPEECH 2017, <a
 * href="https://arxiv.org/abs/1701.03360">arXiv:1701.03360</a>. torchrecurrent computes the same;
 * the first values of the peepholes are its.
 *
 * @param inputSize I, at least 1; H with {@code identityShortcut}
 * @param hiddenSize H, at least 1
 * @param identityShortcut whether the shortcut is x itself and there is no S; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "shortcut from input to output", source = "Kim, El-Khamy, Lee 2017")
public record ResLSTMCell(
    int inputSize, int hiddenSize, boolean identityShortcut, boolean useBias, Activation activation)
    implements Cell {

  public ResLSTMCell {
    Checks.sizes("ResLSTMCell", inputSize, hiddenSize);
    Checks.require(
        !identityShortcut || inputSize == hiddenSize,
        "ResLSTMCell",
        "identityShortcut needs an inputSize of hiddenSize " + hiddenSize,
        inputSize);
    Checks.given("ResLSTMCell", "activation", activation);
  }

  /**
   * The cell with a shortcut of its own weights, S.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public ResLSTMCell(int inputSize, int hiddenSize) {
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
    Initializer normal = Initializer.normal(1);
    Expr W = w.input("W", inputSize, 4 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 4 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 4 * hiddenSize);
    Expr P = w.input("P", hiddenSize, hiddenSize);
    Expr c = s.get("c");
    Expr h = s.get("h");

    Parts gates = x.dot(W).plus(h.dot(U)).plus(b).split("_i", "_f", "_g", "_o");
    Expr i = gates.get("_i").plus(w.get("p_i", normal, hiddenSize).times(c)).sigmoid().as("i");
    Expr f = gates.get("_f").plus(w.get("p_f", normal, hiddenSize).times(c)).sigmoid().as("f");
    Expr g = activation.apply(gates.get("_g")).as("g");

    Expr cNext = f.times(c).plus(i.times(g));
    Expr o = gates.get("_o").plus(w.get("p_o", normal, hiddenSize).times(cNext)).sigmoid().as("o");
    Expr shortcut = identityShortcut ? x : x.dot(w.input("S", inputSize, hiddenSize));
    Expr hNext = o.times(activation.apply(cNext).dot(P).plus(shortcut));
    return new Step(hNext, State.of("c", cNext).with("h", hNext));
  }
}
