package kazoku.cells;

import java.util.Arrays;
import java.util.List;
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
 * An LSTM with batch norms: the input term, the recurrent term and the memory are normalised each
 * with statistics of its own, and of its own step.
 *
 * <pre>
 * [f,i,o,g] = split_4(BN(h·U; γ_h, β_h) + BN(x·W; γ_x, β_x) + b)  gates, candidate  [4H]
 * f  = σ(f)                                                       forget gate       [H]
 * i  = σ(i)                                                       input gate        [H]
 * o  = σ(o)                                                       output gate       [H]
 * g  = tanh(g)                                                    candidate         [H]
 * c' = f⊙c + i⊙g                                                  memory            [H]
 * h' = o⊙tanh(BN(c'; γ_c, β_c))                                   output            [H]
 * t' = t + 1                                                      steps done
 * </pre>
 *
 * <p>{@code BN_q(a) = (a − mean)/√(variance + ε)⊙γ_q + β_q}. In training, mean and variance are
 * those of the batch at this step, over the rows that have not ended; they move the running ones of
 * step min(t, maxLength − 1) by a tenth, the variance as PyTorch's, by its unbiased value. In
 * evaluation the running ones are read. The rows of a batch see each other in training, so the
 * batch is not split in shards then.
 *
 * <p>W {@code [I,4H]} starts orthogonal, U {@code [H,4H]} as four identities side by side, b {@code
 * [4H]} zeros; γ_h, γ_x {@code [4H]} and γ_c {@code [H]} 0.1, β_h, β_x and β_c zeros. Not trained:
 * mean_h, mean_x {@code [maxLength,4H]} and mean_c {@code [maxLength,H]}, zeros; variance_h,
 * variance_x and variance_c, ones. In the graph γ and β are spelled.
 *
 * <p>Source: T. Cooijmans et al., "Recurrent Batch Normalization", ICLR 2017, <a
 * href="https://arxiv.org/abs/1603.09025">arXiv:1603.09025</a>. The first two shifts are redundant
 * with b; the common PyTorch code trains them all the same, and starts U as the identity for every
 * task, where the paper does so for some.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param maxLength the number of steps with running statistics of their own, at least 1; later
 *     steps share those of the last; 100 by default
 * @param epsilon ε, more than 0; 1e-5 by default
 */
@About(idea = "batch norms of every step", source = "Cooijmans et al. 2017")
public record BatchNormLSTMCell(int inputSize, int hiddenSize, int maxLength, double epsilon)
    implements Cell {
  private static final double MOMENTUM = 0.1;

  public BatchNormLSTMCell {
    Checks.sizes("BatchNormLSTMCell", inputSize, hiddenSize);
    Checks.atLeastOne("BatchNormLSTMCell", "maxLength", maxLength);
    Checks.require(epsilon > 0, "BatchNormLSTMCell", "epsilon must be more than 0", epsilon);
  }

  /**
   * The cell with statistics for 100 steps.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public BatchNormLSTMCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 100, 1e-5);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize), Slot.of("h", hiddenSize), Slot.of("t"));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.get("W", Initializer.ORTHOGONAL, inputSize, 4 * hiddenSize);
    Expr U = w.get("U", Initializer.computed(this::identities), hiddenSize, 4 * hiddenSize);
    Expr b = w.bias("b", 4 * hiddenSize);
    Expr c = s.get("c");
    Expr h = s.get("h");
    Expr t = s.get("t");

    Expr now = now(t);
    Expr normed = norm(w, "h", h.dot(U), now).plus(norm(w, "x", x.dot(W), now)).plus(b);
    Parts gates = normed.split("f", "i", "o", "g");
    Expr f = gates.get("f").sigmoid().as("f");
    Expr i = gates.get("i").sigmoid().as("i");
    Expr o = gates.get("o").sigmoid().as("o");
    Expr g = gates.get("g").tanh().as("g");

    Expr cNext = f.times(c).plus(i.times(g));
    Expr hNext = o.times(norm(w, "c", cNext, now).tanh());
    State next = State.of("c", cNext).with("h", hNext).with("t", t.plus(1));
    return new Step(hNext, next);
  }

  private Expr norm(Weights w, String q, Expr a, Expr now) {
    int size = a.size();
    Expr gamma = w.get("gamma_" + q, Initializer.constant(0.1), size);
    Expr beta = w.bias("beta_" + q, size);
    if (w.training()) {
      BatchStatistics batch = BatchStatistics.ofStep(a, w.valid());
      Expr share = now.reshape(maxLength, 1).times(batch.any().times(MOMENTUM).reshape(1, 1));
      Expr mean = batch.mean().reshape(1, size);
      Expr variance = batch.unbiased().reshape(1, size);
      w.move(
          "mean_" + q,
          Initializer.ZEROS,
          Level.STEP,
          before -> before.plus(share.times(mean.minus(before))),
          maxLength,
          size);
      w.move(
          "variance_" + q,
          Initializer.ONES,
          Level.STEP,
          before -> before.plus(share.times(variance.minus(before))),
          maxLength,
          size);
      return batch.normalise(a, gamma, beta, epsilon);
    }
    Expr mean = now.dot(w.fixed("mean_" + q, Initializer.ZEROS, maxLength, size));
    Expr variance = now.dot(w.fixed("variance_" + q, Initializer.ONES, maxLength, size));
    return BatchStatistics.normalise(a, mean, variance, gamma, beta, epsilon);
  }

  /** One at the place of step min(t, maxLength − 1), zeros elsewhere; {@code [maxLength]}. */
  private Expr now(Expr t) {
    double[] places = new double[maxLength];
    Arrays.setAll(places, k -> k);
    Expr last = t.reshape(1).minimum(Expr.constant(maxLength - 1));
    Expr distance = Expr.constant(places, maxLength).minus(last);
    return distance.equalTo(0).where(Expr.constant(1), Expr.constant(0));
  }

  private double[] identities(Shape shape) {
    double[] values = new double[(int) shape.size()];
    int columns = 4 * hiddenSize;
    Arrays.setAll(values, k -> k / columns == k % columns % hiddenSize ? 1 : 0);
    return values;
  }
}
