package kazoku.cells;

import java.util.List;
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
 * Gated orthogonal recurrent unit: a GRU whose candidate turns the state by an orthogonal matrix
 * and does not mix it freely.
 *
 * <pre>
 * S  = triu(A, 1) − triu(A, 1)ᵀ               skew-symmetric          [H,H]
 * Q  = expm(S)                                orthogonal, EXP         [H,H]
 * Q  = (I + S)⁻¹·(I − S)                      orthogonal, CAYLEY      [H,H]
 * [c,r,g] = split_3(x·W)                      input terms             [3H]
 * r  = σ(r + h·U_r + b_r)                     reset gate              [H]
 * g  = σ(g + h·U_g + b_g)                     update gate             [H]
 * a  = r⊙(h·Q) + c                            argument of modrelu     [H]
 * n  = sign(a)⊙relu(|a| + b_c)                candidate               [H]
 * h' = g⊙h + (1−g)⊙n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,3H]}, U_r and U_g {@code [H,H]} start uniform in ±0.01, b_r {@code [H]} at 2, b_g
 * {@code [H]} glorot-uniform, b_c {@code [H]} at 0.01, A {@code [H,H]} with 2×2 blocks on its
 * diagonal, each with one number uniform in ±π, and zeros elsewhere.
 *
 * <p>Source: L. Jing, C. Gulcehre, J. Peurifoy, Y. Shen, M. Tegmark, M. Soljačić, Y. Bengio, "Gated
 * Orthogonal Recurrent Units: On Learning to Forget", Neural Computation 31(4), 2019, <a
 * href="https://arxiv.org/abs/1706.02761">arXiv:1706.02761</a>. The authors' code makes Q of
 * rotations in pairs of units, in the order of a fast Fourier transform, and has |a| + 0.001 in
 * modrelu; here Q is that of {@link OrthogonalRNNCell}. That b_g starts glorot-uniform is what
 * TensorFlow's default makes of the authors' code.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param parametrization how Q is made from A; EXP by default
 */
@About(idea = "GRU whose candidate rotates state", source = "Jing et al. 2019")
public record GORUCell(int inputSize, int hiddenSize, Parametrization parametrization)
    implements Cell {

  public GORUCell {
    Checks.sizes("GORUCell", inputSize, hiddenSize);
    Checks.given("GORUCell", "parametrization", parametrization);
  }

  /**
   * The cell with the matrix exponential.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public GORUCell(int inputSize, int hiddenSize) {
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
    Initializer small = Initializer.uniform(-0.01, 0.01);
    Expr A = w.get("A", Parametrization.START, hiddenSize, hiddenSize);
    Expr W = w.get("W", small, inputSize, 3 * hiddenSize);
    Expr U_r = w.get("U_r", small, hiddenSize, hiddenSize);
    Expr U_g = w.get("U_g", small, hiddenSize, hiddenSize);
    Expr b_r = w.get("b_r", Initializer.constant(2), hiddenSize);
    Expr b_g = w.get("b_g", Initializer.GLOROT_UNIFORM, hiddenSize);
    Expr b_c = w.get("b_c", Initializer.constant(0.01), hiddenSize);
    Expr h = s.get("h");

    Expr Q = parametrization.orthogonal(A).as("Q");
    Parts terms = x.dot(W).split("c", "r", "g");
    Parts recurrent = h.dot(Expr.concat(Q, U_r, U_g)).split("_c", "_r", "_g");
    Expr r = terms.get("r").plus(recurrent.get("_r")).plus(b_r).sigmoid().as("r");
    Expr g = terms.get("g").plus(recurrent.get("_g")).plus(b_g).sigmoid().as("g");
    Expr a = r.times(recurrent.get("_c")).plus(terms.get("c")).as("a");
    Expr n = OrthogonalRNNCell.modrelu(a, b_c).as("n");
    Expr hNext = UpdateConvention.KEEP.update(g, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
