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
 * Long expressive memory: two coupled states, each with time steps of its own that are learnt and
 * depend on input and state.
 *
 * <pre>
 * [a1,a2,a3,a4] = split_4(x·W + b)            input terms             [4H]
 * [r1,r2,r3] = split_3(y·U)                   recurrent terms         [3H]
 * Δ̄  = dt·σ(a1 + r1)                          time step of y          [H]
 * Δ  = dt·σ(a2 + r2)                          time step of z          [H]
 * z' = (1−Δ)⊙z + Δ⊙act(a3 + r3)               memory                  [H]
 * y' = (1−Δ̄)⊙y + Δ̄⊙act(a4 + z'·V)             output                  [H]
 * </pre>
 *
 * <p>W {@code [I,4H]}, U {@code [H,3H]}, V {@code [H,H]} and b {@code [4H]} start uniform in ±1/√H.
 *
 * <p>Source: T. K. Rusch, S. Mishra, N. B. Erichson, M. W. Mahoney, "Long Expressive Memory for
 * Sequence Modeling", ICLR 2022, <a href="https://arxiv.org/abs/2110.04744">arXiv:2110.04744</a>.
 * The last line sees the new z, as in the authors' code; RecurrentLayers.jl and torchrecurrent have
 * the old one there. The authors' blocks of W are 1, 2, 4, 3, and each of their three linear maps
 * has a bias: b takes the sums.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param dt the longest time step, more than 0; 1 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "two states, learnt time steps", source = "Rusch et al. 2022")
public record LEMCell(
    int inputSize, int hiddenSize, double dt, boolean useBias, Activation activation)
    implements Cell {

  public LEMCell {
    Checks.sizes("LEMCell", inputSize, hiddenSize);
    Checks.require(
        dt > 0 && dt < Double.POSITIVE_INFINITY, "LEMCell", "dt must be more than 0", dt);
    Checks.given("LEMCell", "activation", activation);
  }

  /**
   * The cell with time steps of up to 1.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LEMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, true, Activation.TANH);
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
    double limit = 1 / Math.sqrt(hiddenSize);
    Initializer start = Initializer.uniform(-limit, limit);
    Expr W = w.get("W", start, inputSize, 4 * hiddenSize);
    Expr U = w.get("U", start, hiddenSize, 3 * hiddenSize);
    Expr V = w.get("V", start, hiddenSize, hiddenSize);
    Expr b = useBias ? w.get("b", start, 4 * hiddenSize) : Expr.constant(0);
    Expr y = s.get("y");
    Expr z = s.get("z");

    Parts a = x.dot(W).plus(b).split("a1", "a2", "a3", "a4");
    Parts r = y.dot(U).split("r1", "r2", "r3");
    Expr DeltaBar = a.get("a1").plus(r.get("r1")).sigmoid().times(dt).as("Δ̄");
    Expr Delta = a.get("a2").plus(r.get("r2")).sigmoid().times(dt).as("Delta");
    Expr driveOfZ = activation.apply(a.get("a3").plus(r.get("r3")));
    Expr zNext = UpdateConvention.WRITE.update(Delta, z, driveOfZ);
    Expr driveOfY = activation.apply(a.get("a4").plus(zNext.dot(V)));
    Expr yNext = UpdateConvention.WRITE.update(DeltaBar, y, driveOfY);
    return new Step(yNext, State.of("y", yNext).with("z", zNext));
  }
}
