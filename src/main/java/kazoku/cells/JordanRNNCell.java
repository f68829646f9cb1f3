package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * The Jordan network: what is fed back is the network's output, held in context units, and not its
 * hidden layer.
 *
 * <pre>
 * h  = act(x·W + s·U + b)                     hidden layer            [H]
 * y  = out(h·V + b_y)                         output                  [O]
 * s' = μ·s + y                                context                 [O]
 * </pre>
 *
 * <p>With {@code hiddenFeedback} the hidden layer is a second state, and the previous {@code h·R}
 * is added inside act: Elman's and Jordan's networks in one. With {@code teacherForcing} the
 * context takes what the output should have been, {@code s' = μ·s + target}; the output is still y.
 * The targets {@code [O]} of all steps stand beside the input: {@code Signal.of(x).beside("target",
 * targets)}. A cell without the flag and with the same weights then runs on its own outputs.
 *
 * <p>W {@code [I,H]} and V {@code [H,O]} start glorot-uniform, U {@code [O,H]} orthogonal if O = H
 * and glorot-uniform otherwise, R {@code [H,H]} orthogonal, b {@code [H]} and b_y {@code [O]}
 * zeros.
 *
 * <p>Source: M. I. Jordan, "Serial order: a parallel distributed processing approach", ICS Report
 * 8604, University of California, San Diego, 1986; reprinted in Advances in Psychology 121, 1997,
 * <a href="https://doi.org/10.1016/S0166-4115(97)80111-2">doi:10.1016/S0166-4115(97)80111-2</a>.
 * Sources disagree on whether the context holds the output before or after its activation; here it
 * is after. The self-connection μ is Jordan's, most textbooks have none. μ other than 0 and {@code
 * hiddenFeedback} are written from textbooks and were not compared with other code.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param outputSize O, width of output and context, at least 1; H by default
 * @param mu μ, what the context keeps of itself, at least 0 and less than 1; 0 by default
 * @param hiddenFeedback whether the hidden layer sees itself as well; false by default
 * @param teacherForcing whether the context takes the targets; false by default
 * @param useBias whether there are b and b_y; true by default
 * @param activation act; tanh by default
 * @param outputActivation out; the identity by default
 */
@About(idea = "feeds back its output", source = "Jordan 1986")
public record JordanRNNCell(
    int inputSize,
    int hiddenSize,
    int outputSize,
    double mu,
    boolean hiddenFeedback,
    boolean teacherForcing,
    boolean useBias,
    Activation activation,
    Activation outputActivation)
    implements Cell {

  public JordanRNNCell {
    Checks.sizes("JordanRNNCell", inputSize, hiddenSize);
    Checks.atLeastOne("JordanRNNCell", "outputSize", outputSize);
    Checks.require(mu >= 0 && mu < 1, "JordanRNNCell", "mu must be at least 0 and less than 1", mu);
    Checks.given("JordanRNNCell", "activation", activation);
    Checks.given("JordanRNNCell", "outputActivation", outputActivation);
  }

  /**
   * The cell of the textbooks, with tanh, and with as many outputs as hidden units.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public JordanRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, hiddenSize);
  }

  /**
   * The cell of the textbooks, with tanh.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param outputSize O
   */
  public JordanRNNCell(int inputSize, int hiddenSize, int outputSize) {
    this(
        inputSize,
        hiddenSize,
        outputSize,
        0,
        false,
        false,
        true,
        Activation.TANH,
        Activation.IDENTITY);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    Slot s = Slot.of("s", outputSize);
    return hiddenFeedback ? List.of(s, Slot.of("h", hiddenSize)) : List.of(s);
  }

  @Override
  public Step step(Weights w, Expr x, State state) {
    Initializer start =
        outputSize == hiddenSize ? Initializer.ORTHOGONAL : Initializer.GLOROT_UNIFORM;
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr U = w.get("U", start, outputSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr V = w.input("V", hiddenSize, outputSize);
    Expr b_y = w.biasIf(useBias, "b_y", outputSize);
    Expr s = state.get("s");

    Expr a = x.dot(W).plus(s.dot(U)).plus(b);
    if (hiddenFeedback) {
      a = a.plus(state.get("h").dot(w.recurrent("R", hiddenSize, hiddenSize)));
    }
    Expr h = activation.apply(a).as("h");
    Expr y = outputActivation.apply(h.dot(V).plus(b_y)).as("y");
    Expr fedBack = teacherForcing ? w.beside("target", outputSize) : y;
    State next = State.of("s", mu == 0 ? fedBack : s.times(mu).plus(fedBack));
    return new Step(y, hiddenFeedback ? next.with("h", h) : next);
  }
}
