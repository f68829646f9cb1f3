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
 * Undamped independent controlled oscillatory recurrent network: oscillators that do not see each
 * other, each with a learnt length of its steps.
 *
 * <pre>
 * s  = dt·σ(c)                                length of a step        [H]
 * f  = act(w⊙y + x·W + b)                     force                   [H]
 * z' = z − s⊙(f + α·y)                        velocity                [H]
 * y' = y + s⊙z'                               position, the output    [H]
 * </pre>
 *
 * <p>W {@code [I,H]} starts glorot-uniform, b {@code [H]} as zeros, w {@code [H]} uniform in (0,1),
 * c {@code [H]} uniform in ±0.1.
 *
 * <p>Source: T. K. Rusch, S. Mishra, "UnICORNN: A recurrent model for learning very long time
 * dependencies", ICML 2021, <a href="https://arxiv.org/abs/2103.05487">arXiv:2103.05487</a>; the
 * defaults of dt and α are those of the authors' task on permuted digits. RecurrentLayers.jl and an
 * early torchrecurrent have a matrix in the place of w, so that the units are not independent.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param dt the longest step, more than 0; 0.19 by default
 * @param alpha α, the stiffness, at least 0; 30.65 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "independent undamped oscillators", source = "Rusch, Mishra 2021")
public record UnICORNNCell(
    int inputSize, int hiddenSize, double dt, double alpha, boolean useBias, Activation activation)
    implements Cell {

  public UnICORNNCell {
    Checks.sizes("UnICORNNCell", inputSize, hiddenSize);
    Checks.require(
        dt > 0 && dt < Double.POSITIVE_INFINITY, "UnICORNNCell", "dt must be more than 0", dt);
    Checks.notNegative("UnICORNNCell", "alpha", alpha);
    Checks.given("UnICORNNCell", "activation", activation);
  }

  /**
   * The cell with the settings of the authors' task on permuted digits.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public UnICORNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0.19, 30.65, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("y", hiddenSize), Slot.of("z", hiddenSize));
  }

  @Override
  public Step step(Weights weights, Expr x, State state) {
    Expr W = weights.input("W", inputSize, hiddenSize);
    Expr b = weights.biasIf(useBias, "b", hiddenSize);
    Expr w = weights.get("w", Initializer.uniform(0, 1), hiddenSize);
    Expr c = weights.get("c", Initializer.uniform(-0.1, 0.1), hiddenSize);
    Expr y = state.get("y");
    Expr z = state.get("z");

    Expr s = c.sigmoid().times(dt).as("s");
    Expr f = activation.apply(w.times(y).plus(x.dot(W)).plus(b)).as("f");
    Expr zNext = z.minus(s.times(f.plus(y.times(alpha))));
    Expr yNext = y.plus(s.times(zNext));
    return new Step(yNext, State.of("y", yNext).with("z", zNext));
  }
}
