package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.BatchStatistics;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Level;
import kazoku.Parts;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Light GRU: no reset gate, a rectifier for the candidate, and a batch norm on the input side only.
 *
 * <pre>
 * [xz,xn] = split_2(BN(x·W; γ, β))            input terms             [2H]
 * [hz,hn] = split_2(h·U)                      recurrent terms         [2H]
 * z  = σ(xz + hz)                             update gate             [H]
 * n  = act(xn + hn)                           candidate               [H]
 * h' = z⊙h + (1−z)⊙n                          output                  [H]
 * </pre>
 *
 * <p>{@code BN(a) = (a − mean)/√(variance + ε)⊙γ + β}. In training, mean and variance are those of
 * all valid rows and steps of the batch; they move the running ones by a twentieth, the variance as
 * PyTorch's, by its unbiased value; and n is multiplied by one drop-out mask a sequence. In
 * evaluation the running ones are read. With {@code norm} LAYER the norm is over the 2H columns of
 * each step; with NONE it is {@code x·W + b}, and a state behind a rectifier can grow without
 * bound. With {@code stabilised}, h·U is normalised over its 2H columns, without gain and shift.
 *
 * <p>W {@code [I,2H]} starts glorot-normal, U {@code [H,2H]} orthogonal, γ {@code [2H]} ones, β and
 * b {@code [2H]} zeros; not trained: mean {@code [2H]} zeros and variance {@code [2H]} ones. Blocks
 * are z, n. In the graph γ and β are spelled.
 *
 * <p>Source: M. Ravanelli, P. Brakel, M. Omologo, Y. Bengio, "Light Gated Recurrent Units for
 * Speech Recognition", IEEE Transactions on Emerging Topics in Computational Intelligence 2(2),
 * 2018, <a href="https://arxiv.org/abs/1803.10225">arXiv:1803.10225</a>. The stabilised form is
 * speechbrain's SLi-GRU, which has the blocks n, z and normalises x·W even if asked not to.
 * RecurrentLayers.jl has tanh for the candidate and no batch norm, torchrecurrent biases and no
 * batch norm.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param norm what normalises x·W; BATCH by default
 * @param stabilised whether h·U is normalised; false by default
 * @param epsilon ε of all norms, more than 0; 1e-5 by default
 * @param dropout the part of the candidate's units that is dropped in training, at least 0 and less
 *     than 1; 0 by default
 * @param activation act; the rectifier by default
 */
@About(idea = "one gate, rectifier, batch norm", source = "Ravanelli et al. 2018")
public record LiGRUCell(
    int inputSize,
    int hiddenSize,
    Norm norm,
    boolean stabilised,
    double epsilon,
    double dropout,
    Activation activation)
    implements Cell {
  private static final double MOMENTUM = 0.05;

  /** What normalises the input term. */
  public enum Norm {
    /** Over all rows and steps of the batch. */
    BATCH,
    /** Over the columns of each step. */
    LAYER,
    /** Nothing; there is b. */
    NONE
  }

  public LiGRUCell {
    Checks.sizes("LiGRUCell", inputSize, hiddenSize);
    Checks.given("LiGRUCell", "norm", norm);
    Checks.require(epsilon > 0, "LiGRUCell", "epsilon must be more than 0", epsilon);
    Checks.rate("LiGRUCell", "dropout", dropout);
    Checks.given("LiGRUCell", "activation", activation);
  }

  /**
   * The cell as in the paper, without drop-out.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public LiGRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Norm.BATCH, false, 1e-5, 0, Activation.RELU);
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
    Expr W = w.get("W", Initializer.GLOROT_NORMAL, inputSize, 2 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 2 * hiddenSize);
    Expr h = s.get("h");

    Parts input = normed(w, x.dot(W)).split("xz", "xn");
    Expr hU = h.dot(U);
    Parts recurrent = (stabilised ? columnsNormed(hU) : hU).split("hz", "hn");
    Expr z = input.get("xz").plus(recurrent.get("hz")).sigmoid().as("z");
    Expr n = activation.apply(input.get("xn").plus(recurrent.get("hn")));
    n = w.dropOut("n", 1 - dropout, Weights.Draw.EACH_ROW, n).as("n");
    Expr hNext = UpdateConvention.KEEP.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }

  private Expr normed(Weights w, Expr xW) {
    int size = 2 * hiddenSize;
    if (norm == Norm.NONE) {
      return xW.plus(w.bias("b", size));
    }
    Expr gamma = w.gain("gamma", size);
    Expr beta = w.bias("beta", size);
    if (norm == Norm.LAYER) {
      return xW.layerNorm(gamma, beta, epsilon);
    }
    if (w.training()) {
      BatchStatistics batch = BatchStatistics.ofSequence(xW, w.valid());
      Expr share = batch.any().times(MOMENTUM);
      w.move(
          "mean",
          Initializer.ZEROS,
          Level.WEIGHT,
          before -> before.plus(share.times(batch.mean().minus(before))),
          size);
      w.move(
          "variance",
          Initializer.ONES,
          Level.WEIGHT,
          before -> before.plus(share.times(batch.unbiased().minus(before))),
          size);
      return batch.normalise(xW, gamma, beta, epsilon);
    }
    Expr mean = w.fixed("mean", Initializer.ZEROS, size);
    Expr variance = w.fixed("variance", Initializer.ONES, size);
    return BatchStatistics.normalise(xW, mean, variance, gamma, beta, epsilon);
  }

  private Expr columnsNormed(Expr a) {
    return a.layerNorm(Expr.constant(1), Expr.constant(0), epsilon);
  }
}
