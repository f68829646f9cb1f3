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
 * Gated recurrent unit, reset after the product: the two gates of {@link GRUCell}, but the reset
 * acts on the recurrent product, so that one matrix product a step suffices.
 *
 * <pre>
 * [xz,xr,xn] = split_3(x·W + b)               input terms             [3H]
 * [hz,hr,hn] = split_3(h·U + b_r)             recurrent terms         [3H]
 * z  = σ(xz + hz)                             update gate             [H]
 * r  = σ(xr + hr)                             reset gate              [H]
 * n  = act(xn + r⊙hn)                         candidate               [H]
 * h' = z⊙h + (1−z)⊙n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, U {@code [H,3H]} orthogonal, b and b_r {@code [3H]}
 * zeros. Only the last third of b_r, inside the reset, is not redundant.
 *
 * <p>In training x and h are dropped out by {@code dropout} and {@code recurrentDropout}, with one
 * mask a row for all steps, and z keeps h as it is, as in Keras.
 *
 * <p>Source: K. Cho et al., <a href="https://arxiv.org/abs/1406.1078">arXiv:1406.1078</a>, 2014,
 * version 1; the form of cuDNN. Keras ({@code reset_after=True}, its default) has this order of
 * blocks and stores the biases as {@code [2,3H]}; PyTorch, cuDNN and Flax have r, z, n. Flax has
 * only the last third of b_r, Flux's GRUCell none. The published version of the paper is {@link
 * GRUCell}; weights do not move between the two.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param dropout the part of x that is dropped in training, in [0, 1); 0 by default
 * @param recurrentDropout the part of h that is dropped in training, in [0, 1); 0 by default
 * @param useBias whether there are b and b_r; true by default
 * @param activation act; tanh by default
 * @param gateActivation the σ of the two gates
 */
@About(idea = "two gates, reset after the product", source = "Cho et al. 2014, v1")
public record GRUResetAfterCell(
    int inputSize,
    int hiddenSize,
    double dropout,
    double recurrentDropout,
    boolean useBias,
    Activation activation,
    Activation gateActivation)
    implements Cell {

  public GRUResetAfterCell {
    Checks.sizes("GRUResetAfterCell", inputSize, hiddenSize);
    Checks.rate("GRUResetAfterCell", "dropout", dropout);
    Checks.rate("GRUResetAfterCell", "recurrentDropout", recurrentDropout);
    Checks.given("GRUResetAfterCell", "activation", activation);
    Checks.given("GRUResetAfterCell", "gateActivation", gateActivation);
  }

  /**
   * The cell with biases and a tanh candidate.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public GRUResetAfterCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, 0, true, Activation.TANH, Activation.SIGMOID);
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
    Expr U = w.recurrent("U", hiddenSize, 3 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr b_r = w.biasIf(useBias, "b_r", 3 * hiddenSize);
    Expr h = s.get("h");

    Expr seen = w.dropOut("x", 1 - dropout, Weights.Draw.EACH_ROW, x);
    Expr heard = w.dropOut("h", 1 - recurrentDropout, Weights.Draw.EACH_ROW, h);
    Parts X = seen.dot(W).plus(b).split("xz", "xr", "xn");
    Parts R = heard.dot(U).plus(b_r).split("hz", "hr", "hn");
    Expr z = gateActivation.apply(X.get("xz").plus(R.get("hz"))).as("z");
    Expr r = gateActivation.apply(X.get("xr").plus(R.get("hr"))).as("r");
    Expr n = activation.apply(X.get("xn").plus(r.times(R.get("hn")))).as("n");

    Expr hNext = UpdateConvention.KEEP.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
