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
 * A recurrent network whose recurrent matrix is orthogonal by construction, so that the state is
 * rotated and neither grows nor fades.
 *
 * <pre>
 * S  = triu(A,1) − triu(A,1)ᵀ                 skew-symmetric          [H,H]
 * Q  = exp(S)                                 orthogonal              [H,H]
 * h' = modrelu(x·W + h·Q; b)                  output                  [H]
 * </pre>
 *
 * <p>{@code modrelu(a;b) = sign(a)⊙relu(|a| + b)}. With {@code parametrization} CAYLEY, {@code Q =
 * (I+S)⁻¹(I−S)}.
 *
 * <p>A {@code [H,H]} starts with angles uniform in ±π that rotate neighbouring pairs of units, W
 * {@code [I,H]} normal with variance 2/I, b {@code [H]} uniform in ±0.01.
 *
 * <p>Source: M. Lezcano-Casado, D. Martínez-Rubio, "Cheap Orthogonal Constraints in Neural
 * Networks", ICML 2019, <a href="https://arxiv.org/abs/1901.08428">arXiv:1901.08428</a> (expRNN);
 * K. Helfrich, D. Willmott, Q. Ye, "Orthogonal Recurrent Neural Networks with Scaled Cayley
 * Transform", ICML 2018, <a href="https://arxiv.org/abs/1707.09520">arXiv:1707.09520</a> (scoRNN).
 * Q is formed once for a sequence.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param parametrization how S becomes orthogonal; EXP by default
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
    Expr Q = parametrization.orthogonal(w, hiddenSize);
    Expr W = w.get("W", Initializer.normal(Math.sqrt(2.0 / inputSize)), inputSize, hiddenSize);
    Expr b = w.get("b", Initializer.uniform(-0.01, 0.01), hiddenSize);
    Expr h = s.get("h");

    Expr hNext = Parametrization.modrelu(x.dot(W).plus(h.dot(Q)), b);
    return new Step(hNext, State.of("h", hNext));
  }
}
