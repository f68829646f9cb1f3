package kazoku.cells;

import java.util.List;
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
 * Orthogonal recurrent network: the recurrent matrix is made from a skew-symmetric one, and so
 * stays orthogonal however it is trained.
 *
 * <pre>
 * S  = triu(A, 1) − triu(A, 1)ᵀ               skew-symmetric          [H,H]
 * Q  = expm(S)                                orthogonal, EXP         [H,H]
 * Q  = (I + S)⁻¹·(I − S)                      orthogonal, CAYLEY      [H,H]
 * a  = x·W + h·Q                              argument of modrelu     [H]
 * h' = sign(a)⊙relu(|a| + b)                  output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]} starts normal with variance 2/I, b {@code [H]} uniform in ±0.01. A {@code
 * [H,H]} starts with 2×2 blocks on its diagonal, each with one number uniform in ±π, and zeros
 * elsewhere: with EXP these numbers are the angles by which Q turns planes.
 *
 * <p>Source: M. Lezcano-Casado, D. Martínez-Rubio, "Cheap Orthogonal Constraints in Neural
 * Networks", ICML 2019, <a href="https://arxiv.org/abs/1901.08428">arXiv:1901.08428</a> (expRNN);
 * CAYLEY: K. Helfrich, D. Willmott, Q. Ye, "Orthogonal Recurrent Neural Networks with Scaled Cayley
 * Transform", ICML 2018, <a href="https://arxiv.org/abs/1707.09520">arXiv:1707.09520</a> (scoRNN),
 * here without the scaling. expRNN may move its base while it trains; here the base is the
 * identity, as it is at the start there.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param parametrization how Q is made from A; EXP by default
 */
@About(
    idea = "orthogonal recurrent matrix by construction",
    source = "Lezcano-Casado, Martínez-Rubio 2019")
public record OrthogonalRNNCell(int inputSize, int hiddenSize, Parametrization parametrization)
    implements Cell {

  public OrthogonalRNNCell {
    Checks.sizes("OrthogonalRNNCell", inputSize, hiddenSize);
    Checks.given("OrthogonalRNNCell", "parametrization", parametrization);
  }

  /**
   * The cell with the matrix exponential.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public OrthogonalRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Parametrization.EXP);
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
    Expr A = w.get("A", Parametrization.START, hiddenSize, hiddenSize);
    Expr W = w.get("W", Initializer.normal(Math.sqrt(2.0 / inputSize)), inputSize, hiddenSize);
    Expr b = w.get("b", Initializer.uniform(-0.01, 0.01), hiddenSize);
    Expr h = s.get("h");

    Expr Q = parametrization.orthogonal(A).as("Q");
    Expr a = x.dot(W).plus(h.dot(Q)).as("a");
    Expr hNext = modrelu(a, b);
    return new Step(hNext, State.of("h", hNext));
  }

  /** Moves values away from or towards zero, by b. */
  static Expr modrelu(Expr a, Expr b) {
    return a.sign().times(a.abs().plus(b).relu());
  }
}
