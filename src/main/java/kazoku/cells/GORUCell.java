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
 * Gated orthogonal recurrent unit: a GRU whose candidate rotates the state by an orthogonal matrix
 * instead of mixing it freely.
 *
 * <pre>
 * [xc,xr,xg] = split_3(x·W)                   input terms             [3H]
 * r  = σ(xr + h·U_r + b_r)                    reset gate              [H]
 * g  = σ(xg + h·U_g + b_g)                    update gate             [H]
 * n  = modrelu(r⊙(h·Q) + xc; b_c)             candidate               [H]
 * h' = g⊙h + (1−g)⊙n                          output                  [H]
 * </pre>
 *
 * <p>{@code modrelu(a;b) = sign(a)⊙relu(|a| + b)}; Q {@code [H,H]} is orthogonal, made of A {@code
 * [H,H]} as in {@link OrthogonalRNNCell}.
 *
 * <p>W {@code [I,3H]}, U_r and U_g {@code [H,H]} start uniform in ±0.01, b_r {@code [H]} at 2, b_g
 * {@code [H]} glorot-uniform, b_c {@code [H]} at 0.01, A with angles uniform in ±π. Blocks are c,
 * r, g.
 *
 * <p>Source: L. Jing et al., "Gated Orthogonal Recurrent Units: On Learning to Forget", Neural
 * Computation 31(4), 2019, <a href="https://arxiv.org/abs/1706.02761">arXiv:1706.02761</a>. The
 * authors build Q of rotations of pairs of units in the order of a Fourier transform, and have |a|
 * + 0.001 within modrelu; here Q is any rotation.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param parametrization how Q is made orthogonal; EXP by default
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
    Expr W = w.get("W", small, inputSize, 3 * hiddenSize);
    Expr U_r = w.get("U_r", small, hiddenSize, hiddenSize);
    Expr U_g = w.get("U_g", small, hiddenSize, hiddenSize);
    Expr b_r = w.get("b_r", Initializer.constant(2), hiddenSize);
    Expr b_g = w.get("b_g", Initializer.GLOROT_UNIFORM, hiddenSize);
    Expr b_c = w.get("b_c", Initializer.constant(0.01), hiddenSize);
    Expr Q = parametrization.orthogonal(w, hiddenSize);
    Expr h = s.get("h");

    Parts input = x.dot(W).split("c", "r", "g");
    Expr r = input.get("r").plus(h.dot(U_r)).plus(b_r).sigmoid();
    Expr g = input.get("g").plus(h.dot(U_g)).plus(b_g).sigmoid();
    Expr n = Parametrization.modrelu(r.times(h.dot(Q)).plus(input.get("c")), b_c);
    Expr hNext = UpdateConvention.KEEP.update(g, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
