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
 * Gated recurrent unit, reset before the product: one gate interpolates between the old state and a
 * candidate, a second decides how much of the old state the candidate sees.
 *
 * <pre>
 * [z,r] = σ(split_2(x·W_zr + h·U_zr + b_zr))  update and reset gate   [2H]
 * n  = act(x·W_n + (r⊙h)·U_n + b_n)           candidate               [H]
 * h' = z⊙h + (1−z)⊙n                          output                  [H]
 * </pre>
 *
 * <p>W {@code [I,3H]} starts glorot-uniform, U {@code [H,3H]} orthogonal, b {@code [3H]} zeros as
 * in Keras; tf.contrib starts the gate blocks of b at 1. Blocks are z, r, n.
 *
 * <p>In training x and h are dropped out by {@code dropout} and {@code recurrentDropout}, with one
 * mask a row for all steps, and z keeps h as it is, as in Keras.
 *
 * <p>Source: K. Cho et al., "Learning Phrase Representations using RNN Encoder–Decoder for
 * Statistical Machine Translation", EMNLP 2014, <a
 * href="https://arxiv.org/abs/1406.1078">arXiv:1406.1078</a> (version 3). With {@code
 * updateConvention} WRITE, {@code h' = (1−z)⊙h + z⊙n}, the form of J. Chung et al., 2014, Sonnet
 * and Haiku; TensorFlow, Keras, PyTorch and Flax have KEEP. The two are the same family with z
 * replaced by 1−z. tf.contrib has two kernels over {@code [x,h]}: the gates, in the order r, z, and
 * the candidate. {@link GRUResetAfterCell} is the form of cuDNN; weights do not move between the
 * two.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param updateConvention what z multiplies; KEEP, the old state, by default
 * @param dropout the part of x that is dropped in training, in [0, 1); 0 by default
 * @param recurrentDropout the part of h that is dropped in training, in [0, 1); 0 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 * @param gateActivation the σ of the two gates
 */
@About(idea = "two gates, reset before the product", source = "Cho et al. 2014")
public record GRUCell(
    int inputSize,
    int hiddenSize,
    UpdateConvention updateConvention,
    double dropout,
    double recurrentDropout,
    boolean useBias,
    Activation activation,
    Activation gateActivation)
    implements Cell {

  public GRUCell {
    Checks.sizes("GRUCell", inputSize, hiddenSize);
    Checks.given("GRUCell", "updateConvention", updateConvention);
    Checks.rate("GRUCell", "dropout", dropout);
    Checks.rate("GRUCell", "recurrentDropout", recurrentDropout);
    Checks.given("GRUCell", "activation", activation);
    Checks.given("GRUCell", "gateActivation", gateActivation);
  }

  /**
   * The cell as in the paper: z keeps the old state, tanh candidate.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public GRUCell(int inputSize, int hiddenSize) {
    this(
        inputSize,
        hiddenSize,
        UpdateConvention.KEEP,
        0,
        0,
        true,
        Activation.TANH,
        Activation.SIGMOID);
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
    Parts blocks = U.split(-1, 2 * hiddenSize, hiddenSize).as("_zr", "_n");
    Expr U_zr = blocks.get("_zr");
    Expr U_n = blocks.get("_n");
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr h = s.get("h");

    Expr seen = w.dropOut("x", 1 - dropout, Weights.Draw.EACH_ROW, x);
    Expr heard = w.dropOut("h", 1 - recurrentDropout, Weights.Draw.EACH_ROW, h);
    Parts terms = seen.dot(W).plus(b).split(-1, 2 * hiddenSize, hiddenSize).as("_zr", "_n");
    Parts gates = gateActivation.apply(terms.get("_zr").plus(heard.dot(U_zr))).split("z", "r");
    Expr z = gates.get("z");
    Expr r = gates.get("r");
    Expr n = activation.apply(terms.get("_n").plus(r.times(heard).dot(U_n))).as("n");

    Expr hNext = updateConvention.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
