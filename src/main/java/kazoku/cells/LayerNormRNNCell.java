package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * The simple recurrent network with layer normalisation: at every step the sum of input and
 * recurrent term is normalised over the units, scaled, and shifted by the bias.
 *
 * <pre>
 * a  = LN(x·W + h·U; γ)                       normalised, times γ     [H]
 * h' = act(a + b)                             output                  [H]
 * </pre>
 *
 * <p>LN is {@code (a−mean)/√(var+ε)⊙γ} with biased variance. In the graph γ is spelled gamma.
 *
 * <p>W {@code [I,H]} starts glorot-uniform, U {@code [H,H]} orthogonal, γ {@code [H]} ones, b
 * {@code [H]} zeros.
 *
 * <p>Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization", 2016, <a
 * href="https://arxiv.org/abs/1607.06450">arXiv:1607.06450</a>; LayerNormSimpleRNNCell of
 * tf-addons, from which ε is. There is no shift inside of LN: b, which is added after it, plays its
 * part.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param epsilon ε, added to the variance, more than 0; 1e-5 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "Elman cell, sums normalised", source = "Ba, Kiros, Hinton 2016")
public record LayerNormRNNCell(
    int inputSize, int hiddenSize, double epsilon, boolean useBias, Activation activation)
    implements Cell {

  public LayerNormRNNCell {
    Checks.sizes("LayerNormRNNCell", inputSize, hiddenSize);
    Checks.require(
        epsilon > 0 && epsilon < Double.POSITIVE_INFINITY,
        "LayerNormRNNCell",
        "epsilon must be more than 0",
        epsilon);
    Checks.given("LayerNormRNNCell", "activation", activation);
  }

  /**
   * The cell with tanh and tf-addons' ε.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LayerNormRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1e-5, true, Activation.TANH);
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
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, hiddenSize);
    Expr gamma = w.gain("gamma", hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr a = x.dot(W).plus(h.dot(U)).layerNorm(gamma, Expr.constant(0), epsilon).as("a");
    Expr hNext = activation.apply(a.plus(b));
    return new Step(hNext, State.of("h", hNext));
  }
}
