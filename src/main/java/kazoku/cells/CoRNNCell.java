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
 * Coupled oscillatory recurrent network: damped oscillators that drive each other, one
 * semi-implicit step in time.
 *
 * <pre>
 * f  = act(x·W + y·U_y + z·U_z + b)           force                   [H]
 * z' = z + dt·(f − γ·y − ε·z)                 velocity                [H]
 * y' = y + dt·z'                              position, the output    [H]
 * </pre>
 *
 * <p>W {@code [I,H]}, U_y and U_z {@code [H,H]} and b {@code [H]} start uniform in ±1/√(I+2H).
 *
 * <p>Source: T. K. Rusch, S. Mishra, "Coupled Oscillatory Recurrent Neural Network (coRNN)", ICLR
 * 2021, <a href="https://arxiv.org/abs/2010.00951">arXiv:2010.00951</a>. The damping sees the old
 * velocity, as in the authors' code; the paper also gives an implicit form. The authors have one
 * matrix over {@code [x,z,y]}: its rows are W, U_z, U_y. The defaults of dt, γ and ε are those of
 * their adding task, to be tuned; RecurrentLayers.jl and torchrecurrent have 1, 0 and 0, which are
 * placeholders. An early torchrecurrent left one of the matrices without a first value.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param dt the length of a step, more than 0; 0.06 by default
 * @param gamma γ, the stiffness, at least 0; 66 by default
 * @param epsilon ε, the damping, at least 0; 15 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "coupled, damped, driven oscillators", source = "Rusch, Mishra 2021")
public record CoRNNCell(
    int inputSize,
    int hiddenSize,
    double dt,
    double gamma,
    double epsilon,
    boolean useBias,
    Activation activation)
    implements Cell {

  public CoRNNCell {
    Checks.sizes("CoRNNCell", inputSize, hiddenSize);
    Checks.require(
        dt > 0 && dt < Double.POSITIVE_INFINITY, "CoRNNCell", "dt must be more than 0", dt);
    Checks.notNegative("CoRNNCell", "gamma", gamma);
    Checks.notNegative("CoRNNCell", "epsilon", epsilon);
    Checks.given("CoRNNCell", "activation", activation);
  }

  /**
   * The cell with the settings of the authors' adding task.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public CoRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0.06, 66, 15, true, Activation.TANH);
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
  public Step step(Weights w, Expr x, State s) {
    double limit = 1 / Math.sqrt(inputSize + 2.0 * hiddenSize);
    Initializer start = Initializer.uniform(-limit, limit);
    Expr W = w.get("W", start, inputSize, hiddenSize);
    Expr U_y = w.get("U_y", start, hiddenSize, hiddenSize);
    Expr U_z = w.get("U_z", start, hiddenSize, hiddenSize);
    Expr b = useBias ? w.get("b", start, hiddenSize) : Expr.constant(0);
    Expr y = s.get("y");
    Expr z = s.get("z");

    Expr f = activation.apply(x.dot(W).plus(y.dot(U_y)).plus(z.dot(U_z)).plus(b)).as("f");
    Expr zNext = z.plus(f.minus(y.times(gamma)).minus(z.times(epsilon)).times(dt));
    Expr yNext = y.plus(zNext.times(dt));
    return new Step(yNext, State.of("y", yNext).with("z", zNext));
  }
}
