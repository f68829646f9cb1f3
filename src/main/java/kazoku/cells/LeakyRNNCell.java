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
 * Leaky integrators, an Euler step of a continuous-time network: units that go only a part of the
 * way to their new value, and so low-pass filter behind or before the nonlinearity.
 *
 * <p>There are two forms. They are different functions of the same weights.
 *
 * <pre>
 * POST (the default)
 * h̃  = act(x·W + h·U + b)                     candidate               [H]
 * h' = (1−α)⊙h + α⊙h̃                          output                  [H]
 *
 * PRE
 * h̃  = x·W + act(h)·U + b                     candidate               [H]
 * h' = (1−α)⊙h + α⊙h̃                          state                   [H]
 * y  = act(h')                                output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]} starts glorot-uniform, U {@code [H,H]} orthogonal, b {@code [H]} zeros. With
 * {@code trainableAlpha} α is a weight {@code [H]} that starts as {@code alpha} everywhere; it is
 * used as it is, and nothing keeps it in (0, 1] while it is trained.
 *
 * <p>Source: POST is from H. Jaeger et al., "Optimization and applications of echo state networks
 * with leaky-integrator neurons", Neural Networks 20(3), 2007, <a
 * href="https://doi.org/10.1016/j.neunet.2007.04.016">doi:10.1016/j.neunet.2007.04.016</a>, and is
 * the step of tf-addons' ESNCell. PRE is the continuous-time network of K. Funahashi, Y. Nakamura,
 * "Approximation of dynamical systems by continuous time recurrent neural networks", Neural
 * Networks 6(6), 1993, <a
 * href="https://doi.org/10.1016/S0893-6080(05)80125-X">doi:10.1016/S0893-6080(05)80125-X</a>, as in
 * PsychRNN, where α is the step of time over the time constant.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param form where the nonlinearity is; POST by default
 * @param alpha α, or its first value, more than 0 and at most 1; 0.1 by default
 * @param trainableAlpha whether each unit learns its own α; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(
    idea = "units leak towards their input",
    source = "Funahashi, Nakamura 1993; Jaeger et al. 2007")
public record LeakyRNNCell(
    int inputSize,
    int hiddenSize,
    Form form,
    double alpha,
    boolean trainableAlpha,
    boolean useBias,
    Activation activation)
    implements Cell {

  /** Where the nonlinearity is. */
  public enum Form {
    /** Before the filter: the state is an average of activations. */
    POST,

    /** Behind the filter: the state is an average of potentials, and its activation is shown. */
    PRE
  }

  public LeakyRNNCell {
    Checks.sizes("LeakyRNNCell", inputSize, hiddenSize);
    Checks.given("LeakyRNNCell", "form", form);
    Checks.require(
        alpha > 0 && alpha <= 1, "LeakyRNNCell", "alpha must be more than 0 and at most 1", alpha);
    Checks.given("LeakyRNNCell", "activation", activation);
  }

  /**
   * The cell with tanh before the filter and α = 0.1.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LeakyRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Form.POST, 0.1, false, true, Activation.TANH);
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
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr alpha =
        trainableAlpha
            ? w.get("alpha", Initializer.constant(this.alpha), hiddenSize)
            : Expr.constant(this.alpha);
    Expr h = s.get("h");

    if (form == Form.POST) {
      Expr candidate = activation.apply(x.dot(W).plus(h.dot(U)).plus(b)).as("h̃");
      Expr hNext = UpdateConvention.WRITE.update(alpha, h, candidate);
      return new Step(hNext, State.of("h", hNext));
    }
    Expr candidate = x.dot(W).plus(activation.apply(h).dot(U)).plus(b).as("h̃");
    Expr hNext = UpdateConvention.WRITE.update(alpha, h, candidate);
    return new Step(activation.apply(hNext), State.of("h", hNext));
  }
}
