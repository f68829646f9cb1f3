package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Gated unit with delayed feedback (τ-GRU): the candidate is an instantaneous term and a gated term
 * of the state d steps ago.
 *
 * <pre>
 * [hd;queue'] = split([queue;h]; 1,d)   the oldest state, the others  [d+1,H]
 * u  = act(x·W_u + h·U_u + b_u)         instantaneous term            [H]
 * z  = act(x·W_z + hd·U_z + b_z)        delayed term                  [H]
 * g  = σ(x·W_g + h·U_g + b_g)           update gate                   [H]
 * a  = σ(x·W_a + h·U_a + b_a)           weight of the delayed term    [H]
 * h' = (1−g)⊙h + g⊙(u + a⊙z)            output                        [H]
 * </pre>
 *
 * <p>W {@code [I,4H]} starts glorot-uniform, U {@code [H,4H]} orthogonal, b {@code [4H]} as zeros.
 * Blocks are u, z, g, a.
 *
 * <p>The states before a sequence count as zeros, even where an initial h is given; who knows them
 * gives an initial {@code queue}, too.
 *
 * <p>Source: N. B. Erichson, S. H. Lim, M. W. Mahoney, "Gated Recurrent Neural Networks with
 * Weighted Time-Delay Feedback", 2022, <a
 * href="https://arxiv.org/abs/2212.00228">arXiv:2212.00228</a>; the equations are those of
 * torchrecurrent.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param delay d, in steps, at least 1; 1 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "gated feedback from d steps ago", source = "Erichson, Lim, Mahoney 2022")
public record TauGRUCell(
    int inputSize, int hiddenSize, int delay, boolean useBias, Activation activation)
    implements Cell {

  public TauGRUCell {
    Checks.sizes("TauGRUCell", inputSize, hiddenSize);
    Checks.atLeastOne("TauGRUCell", "delay", delay);
    Checks.given("TauGRUCell", "activation", activation);
  }

  /**
   * The cell with a delay of one step.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public TauGRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("h", hiddenSize), Slot.of("queue", delay, hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 4 * hiddenSize);
    Parts U = w.recurrent("U", hiddenSize, 4 * hiddenSize).split("_u", "_z", "_g", "_a");
    Expr U_uga = Expr.concat(U.get("_u"), U.get("_g"), U.get("_a"));
    Expr b = w.biasIf(useBias, "b", 4 * hiddenSize);
    Expr h = s.get("h");

    Expr states = Expr.concat(-2, s.get("queue"), h.reshape(1, hiddenSize));
    Parts parts = states.split(-2, 1, delay).as("hd", "queue'");
    Expr hd = parts.get("hd").reshape(hiddenSize);
    Parts terms = x.dot(W).plus(b).split("_u", "_z", "_g", "_a");
    Parts products = h.dot(U_uga).split("_u", "_g", "_a");
    Expr u = activation.apply(terms.get("_u").plus(products.get("_u"))).as("u");
    Expr z = activation.apply(terms.get("_z").plus(hd.dot(U.get("_z")))).as("z");
    Expr g = terms.get("_g").plus(products.get("_g")).sigmoid().as("g");
    Expr a = terms.get("_a").plus(products.get("_a")).sigmoid().as("a");

    Expr hNext = UpdateConvention.WRITE.update(g, h, u.plus(a.times(z)));
    return new Step(hNext, State.of("h", hNext).with("queue", parts.get("queue'")));
  }
}
