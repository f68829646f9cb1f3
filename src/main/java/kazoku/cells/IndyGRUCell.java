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
 * Independently recurrent GRU: a {@link GRUCell} whose recurrent matrices are vectors, so that each
 * unit hears the input and itself.
 *
 * <pre>
 * [r,z] = σ(split_2(x·W_rz + [h,h]⊙u_rz + b_rz))  reset, update gate  [2H]
 * n  = act(x·W_n + (r⊙h)⊙u_n + b_n)           candidate               [H]
 * h' = z⊙h + (1−z)⊙n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, u {@code [3H]} uniform between −1 and 1, b {@code
 * [3H]} ones for the gates and zeros for the candidate. Blocks are r, z, n, those of a {@link
 * GRUCell} z, r, n.
 *
 * <p>Source: tf.contrib's IndyGRUCell, 2018, after S. Li et al., "Independently Recurrent Neural
 * Network (IndRNN)", CVPR 2018, <a href="https://arxiv.org/abs/1803.04831">arXiv:1803.04831</a>.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "GRU with recurrent vectors", source = "tf.contrib 2018")
public record IndyGRUCell(int inputSize, int hiddenSize, boolean useBias, Activation activation)
    implements Cell {

  public IndyGRUCell {
    Checks.sizes("IndyGRUCell", inputSize, hiddenSize);
    Checks.given("IndyGRUCell", "activation", activation);
  }

  /**
   * The cell as in tf.contrib.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public IndyGRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, Activation.TANH);
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
    Expr W = w.input("W", inputSize, 3 * hiddenSize);
    Parts u =
        w.get("u", Initializer.uniform(-1, 1), 3 * hiddenSize)
            .split(-1, 2 * hiddenSize, hiddenSize)
            .as("_rz", "_n");
    Expr u_rz = u.get("_rz");
    Expr u_n = u.get("_n");
    Expr b = useBias ? w.get("b", Initializer.blocks(1, 1, 0), 3 * hiddenSize) : Expr.constant(0);
    Expr h = s.get("h");

    Parts terms = x.dot(W).plus(b).split(-1, 2 * hiddenSize, hiddenSize).as("_rz", "_n");
    Parts gates = terms.get("_rz").plus(Expr.concat(h, h).times(u_rz)).sigmoid().split("r", "z");
    Expr r = gates.get("r");
    Expr z = gates.get("z");
    Expr n = activation.apply(terms.get("_n").plus(r.times(h).times(u_n))).as("n");

    Expr hNext = UpdateConvention.KEEP.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
