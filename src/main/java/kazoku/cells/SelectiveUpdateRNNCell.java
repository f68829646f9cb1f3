package kazoku.cells;

import java.util.Arrays;
import java.util.List;
import kazoku.Activation;
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
 * Selective updates: each unit has a clock of its own, a sum of sinusoids of time, and keeps its
 * value exactly where the sum is not positive.
 *
 * <pre>
 * a  = β + Σ(A⊙sin(t·ω + Φ))                  clock                   [H]
 * g  = relu(sign(a))                          1 where a > 0, else 0   [H]
 * h̃  = act(x·W + h·U + b)                     candidate               [H]
 * h' = h + g⊙(h̃ − h)                          output                  [H]
 * t' = t + 1                                  number of the step      []
 * </pre>
 *
 * <p>In the graph β, Φ and ω are spelled beta, Phi and omega. The gate has no slope, so that β, A,
 * Φ and ω do not learn. With {@code straightThrough} the gradient takes ∂g/∂a = 1, and they do;
 * this is a choice of this library.
 *
 * <p>W {@code [I,H]} and U {@code [H,H]} start glorot-uniform, b and β {@code [H]} zeros, A {@code
 * [H,K]} ones, Φ {@code [H,K]} zeros, ω {@code [K]} as {@code π·k/K} for k = 1..K. With one
 * harmonic these first values are of no use: a is {@code sin(π·t)}, which is 0 at every step but
 * for rounding. Take more harmonics, or give Φ other values.
 *
 * <p>Source: B. Yin, S. Wang, H. Tan, S. Bohte, F. Corradi, G. Li, "Efficient Sparse
 * Selective-Update RNNs for Long-Range Sequence Modeling", 2026, <a
 * href="https://arxiv.org/abs/2603.02226">arXiv:2603.02226</a>. The step and its first values are
 * those of torchrecurrent, the only implementation that was read; there the loop over time does not
 * pass t to the cell.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param harmonics K, sinusoids of each clock, at least 1; 1 by default
 * @param straightThrough whether clocks get a gradient; false by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "each unit on own clock", source = "Yin et al. 2026")
public record SelectiveUpdateRNNCell(
    int inputSize,
    int hiddenSize,
    int harmonics,
    boolean straightThrough,
    boolean useBias,
    Activation activation)
    implements Cell {

  public SelectiveUpdateRNNCell {
    Checks.sizes("SelectiveUpdateRNNCell", inputSize, hiddenSize);
    Checks.atLeastOne("SelectiveUpdateRNNCell", "harmonics", harmonics);
    Checks.given("SelectiveUpdateRNNCell", "activation", activation);
  }

  /**
   * The cell with clocks of one harmonic, which do not learn.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public SelectiveUpdateRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, false, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("h", hiddenSize), Slot.of("t"));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr U = w.input("U", hiddenSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr beta = w.bias("beta", hiddenSize);
    Expr A = w.gain("A", hiddenSize, harmonics);
    Expr Phi = w.bias("Phi", hiddenSize, harmonics);
    Expr omega = w.get("omega", Initializer.computed(this::frequencies), harmonics);
    Expr h = s.get("h");
    Expr t = s.get("t").stopGradient();

    Expr waves = A.times(t.reshape(1, 1).times(omega).plus(Phi).sin());
    Expr a = beta.plus(waves.sum().reshape(hiddenSize)).as("a");
    // A comparison would cut the clock off: where loops are unrolled, its gradient would not be 0
    // but missing.
    Expr g = a.sign().relu().as("g");
    if (straightThrough) {
      g = g.plus(a.minus(a.stopGradient())).as("g");
    }
    Expr candidate = activation.apply(x.dot(W).plus(h.dot(U)).plus(b)).as("h̃");
    Expr hNext = h.plus(g.times(candidate.minus(h)));
    return new Step(hNext, State.of("h", hNext).with("t", t.plus(1)));
  }

  private double[] frequencies(Shape shape) {
    double[] omega = new double[harmonics];
    Arrays.setAll(omega, k -> Math.PI * (k + 1) / harmonics);
    return omega;
  }
}
