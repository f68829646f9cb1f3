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
 * Structurally constrained recurrent network: a slow, linear layer of context beside a fast,
 * ordinary hidden layer.
 *
 * <pre>
 * s' = (1−α)·(x·Bc) + α·s                     slow layer              [S]
 * h' = σ(x·A + s'·P + h·R + b)                fast layer, output      [H]
 * y  = [h',s']                                output, BOTH            [H+S]
 * </pre>
 *
 * <p>With {@code output} READOUT the output is
 *
 * <pre>
 * y  = f(h'·V_h + s'·V_s + b_y)               output                  [O]
 * </pre>
 *
 * <p>With {@code trainableAlpha}, {@code α = σ(β)}, one for each slow unit; in the graph β is
 * spelled beta.
 *
 * <p>A {@code [I,H]}, Bc {@code [I,S]}, P {@code [S,H]}, V_h {@code [H,O]} and V_s {@code [S,O]}
 * start glorot-uniform, R {@code [H,H]} orthogonal, b {@code [H]} and b_y {@code [O]} zeros, β
 * {@code [S]} so that {@code σ(β) = alpha}.
 *
 * <p>Source: T. Mikolov, A. Joulin, S. Chopra, M. Mathieu, M. Ranzato, "Learning Longer Memory in
 * Recurrent Neural Networks", 2014, <a href="https://arxiv.org/abs/1412.7753">arXiv:1412.7753</a>.
 * Three cells go by this name; this is the paper's. In the authors' code the fast layer sees the
 * slow layer of the step before, although its comment says otherwise, and the slow layer has a
 * dense matrix that is learnt. RecurrentLayers.jl and torchrecurrent have the read-out inside: what
 * recurs is {@code tanh(σ(…)·U_2 + s'·V)} and not the fast layer, both widths are H, and α starts
 * at 0, which is no memory, in the one, and at 0.5 and trainable in the other.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, width of the fast layer, at least 1
 * @param slowSize S, width of the slow layer, at least 1; H by default
 * @param outputSize O, width of the read-out, at least 1; 0, the default, if there is none
 * @param output what is shown; FAST by default
 * @param alpha α, or its first value, at least 0 (more if trained) and less than 1; 0.95 by default
 * @param trainableAlpha whether each slow unit learns its own α; false by default
 * @param useBias whether there are b and b_y; true by default
 * @param readoutActivation f; the identity by default
 */
@About(idea = "slow context beside fast layer", source = "Mikolov et al. 2014")
public record SCRNCell(
    int inputSize,
    int hiddenSize,
    int slowSize,
    int outputSize,
    Output output,
    double alpha,
    boolean trainableAlpha,
    boolean useBias,
    Activation readoutActivation)
    implements Cell {

  /** What is shown. */
  public enum Output {
    /** The fast layer, {@code h'}. */
    FAST,

    /** Both layers, {@code [h',s']}. */
    BOTH,

    /** {@code f(h'·V_h + s'·V_s + b_y)}. */
    READOUT
  }

  public SCRNCell {
    Checks.sizes("SCRNCell", inputSize, hiddenSize);
    Checks.atLeastOne("SCRNCell", "slowSize", slowSize);
    Checks.given("SCRNCell", "output", output);
    Checks.given("SCRNCell", "readoutActivation", readoutActivation);
    if (output == Output.READOUT) {
      Checks.atLeastOne("SCRNCell", "outputSize", outputSize);
    } else {
      Checks.require(
          outputSize == 0, "SCRNCell", "outputSize must be 0 without a read-out", outputSize);
    }
    Checks.require(
        alpha >= 0 && alpha < 1, "SCRNCell", "alpha must be at least 0 and less than 1", alpha);
    Checks.require(
        alpha > 0 || !trainableAlpha, "SCRNCell", "alpha must be more than 0 to be trained", alpha);
  }

  /**
   * The cell of the paper, with as many slow units as fast ones.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public SCRNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, hiddenSize);
  }

  /**
   * The cell of the paper.
   *
   * @param inputSize I
   * @param hiddenSize H
   * @param slowSize S
   */
  public SCRNCell(int inputSize, int hiddenSize, int slowSize) {
    this(inputSize, hiddenSize, slowSize, 0, Output.FAST, 0.95, false, true, Activation.IDENTITY);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("s", slowSize), Slot.of("h", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State state) {
    Expr A = w.input("A", inputSize, hiddenSize);
    Expr Bc = w.input("Bc", inputSize, slowSize);
    Expr P = w.input("P", slowSize, hiddenSize);
    Expr R = w.recurrent("R", hiddenSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Initializer start = Initializer.constant(Math.log(this.alpha / (1 - this.alpha)));
    Expr alpha =
        trainableAlpha ? w.get("beta", start, slowSize).sigmoid() : Expr.constant(this.alpha);
    Expr s = state.get("s");
    Expr h = state.get("h");

    Expr sNext = alpha.oneMinus().times(x.dot(Bc)).plus(alpha.times(s));
    Expr hNext = x.dot(A).plus(sNext.dot(P)).plus(h.dot(R)).plus(b).sigmoid();
    return new Step(shown(w, hNext, sNext), State.of("s", sNext).with("h", hNext));
  }

  private Expr shown(Weights w, Expr h, Expr s) {
    return switch (output) {
      case FAST -> h;
      case BOTH -> Expr.concat(h, s);
      case READOUT -> {
        Expr V_h = w.input("V_h", hiddenSize, outputSize);
        Expr V_s = w.input("V_s", slowSize, outputSize);
        Expr b_y = w.biasIf(useBias, "b_y", outputSize);
        yield readoutActivation.apply(h.dot(V_h).plus(s.dot(V_s)).plus(b_y));
      }
    };
  }
}
