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
 * Multiplicative network: the input chooses the matrix by which the state is multiplied, in the
 * factored form {@code U_m·diag(x·W_m)·U}.
 *
 * <pre>
 * m  = (x·W_m)⊙(h·U_m)                        factors                 [F]
 * h' = act(x·W + m·U + b)                     output                  [H]
 * </pre>
 *
 * <p>W_m {@code [I,F]}, U_m {@code [H,F]} and W {@code [I,H]} start glorot-uniform, U {@code [F,H]}
 * orthogonal if F = H and glorot-uniform otherwise, b {@code [H]} zeros.
 *
 * <p>Source: I. Sutskever, J. Martens, G. Hinton, "Generating Text with Recurrent Neural Networks",
 * ICML 2011. RecurrentLayers.jl does the same around any cell, which then sees m in place of its
 * state.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param factorSize F, number of factors; 0, the default, for H
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "input chooses the transition matrix", source = "Sutskever, Martens, Hinton 2011")
public record MultiplicativeRNNCell(
    int inputSize, int hiddenSize, int factorSize, boolean useBias, Activation activation)
    implements Cell {

  public MultiplicativeRNNCell {
    Checks.sizes("MultiplicativeRNNCell", inputSize, hiddenSize);
    Checks.notNegative("MultiplicativeRNNCell", "factorSize", factorSize);
    Checks.given("MultiplicativeRNNCell", "activation", activation);
  }

  /**
   * The cell with tanh and H factors.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public MultiplicativeRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("h", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    int F = factorSize == 0 ? hiddenSize : factorSize;
    Initializer start = F == hiddenSize ? Initializer.ORTHOGONAL : Initializer.GLOROT_UNIFORM;
    Expr W_m = w.input("W_m", inputSize, F);
    Expr U_m = w.input("U_m", hiddenSize, F);
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr U = w.get("U", start, F, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr m = x.dot(W_m).times(h.dot(U_m)).as("m");
    Expr hNext = activation.apply(x.dot(W).plus(m.dot(U)).plus(b));
    return new Step(hNext, State.of("h", hNext));
  }
}
