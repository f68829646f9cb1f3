package kazoku.cells;

import java.util.Arrays;
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
 * Linear recurrent unit: a stable, complex, diagonal linear recurrence that starts with its
 * eigenvalues on a ring.
 *
 * <pre>
 * r  = exp(−e^ν)                              length                  [N]
 * φ  = e^θ                                    angle                   [N]
 * λ_re = r⊙cos(φ)                             eigenvalues, real part  [N]
 * λ_im = r⊙sin(φ)                             imaginary part          [N]
 * re' = λ_re⊙re − λ_im⊙im + e^γ⊙(x·B_re)      state, real part        [N]
 * im' = λ_im⊙re + λ_re⊙im + e^γ⊙(x·B_im)      state, imaginary part   [N]
 * y = re'·C_re − im'·C_im + D⊙x               output                  [I]
 * </pre>
 *
 * <p>ν {@code [N]} starts so that |λ|² is evenly spread between r_min² and r_max²; θ {@code [N]} as
 * ln(u), u uniform between 0 and the largest angle; γ {@code [N]} as ½·ln(1 − |λ|²). B_re and B_im
 * {@code [I,N]} start normal with variance 1/(2I), C_re and C_im {@code [N,I]} with variance 1/N, D
 * {@code [I]} with variance 1. In the graph ν, θ, γ are spelled nu, theta, gamma.
 *
 * <p>Source: A. Orvieto et al., "Resurrecting Recurrent Neural Networks for Long Sequences", ICML
 * 2023, <a href="https://arxiv.org/abs/2303.06349">arXiv:2303.06349</a>. The paper and its code
 * draw |λ|² at random, uniformly between the same bounds; here it is the middle of one of N equal
 * parts for each unit, so that γ knows it.
 *
 * @param inputSize I, at least 1; also the width of the output
 * @param hiddenSize N, complex numbers in the state, at least 1
 * @param rMin r_min, the ring's inner radius at the start, at least 0; 0 by default
 * @param rMax r_max, the ring's outer radius at the start, more than r_min, at most 1; 1 by default
 * @param maxPhase the largest angle at the start, in radians, more than 0; 6.28 by default
 */
@About(idea = "complex diagonal linear recurrence", source = "Orvieto et al. 2023")
public record LRUCell(int inputSize, int hiddenSize, double rMin, double rMax, double maxPhase)
    implements Cell {

  public LRUCell {
    Checks.sizes("LRUCell", inputSize, hiddenSize);
    Checks.notNegative("LRUCell", "rMin", rMin);
    Checks.require(
        rMin < rMax && rMax <= 1,
        "LRUCell",
        "rMax must be more than rMin " + rMin + " and at most 1",
        rMax);
    Checks.require(
        maxPhase > 0 && maxPhase < Double.POSITIVE_INFINITY,
        "LRUCell",
        "maxPhase must be more than 0",
        maxPhase);
  }

  /**
   * The cell with eigenvalues anywhere in the unit disc.
   *
   * @param inputSize I
   * @param hiddenSize N
   */
  public LRUCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0, 1, 6.28);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("re", hiddenSize), Slot.of("im", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Initializer inward = Initializer.normal(1 / Math.sqrt(2.0 * inputSize));
    Initializer outward = Initializer.normal(1 / Math.sqrt(hiddenSize));
    Expr nu = w.get("nu", Initializer.computed(this::logLogLengths), hiddenSize);
    Expr theta = w.get("theta", logAngles(), hiddenSize);
    Expr gamma = w.get("gamma", Initializer.computed(this::logNorms), hiddenSize);
    Expr B_re = w.get("B_re", inward, inputSize, hiddenSize);
    Expr B_im = w.get("B_im", inward, inputSize, hiddenSize);
    Expr C_re = w.get("C_re", outward, hiddenSize, inputSize);
    Expr C_im = w.get("C_im", outward, hiddenSize, inputSize);
    Expr D = w.get("D", Initializer.normal(1), inputSize);
    Expr re = s.get("re");
    Expr im = s.get("im");

    Expr r = nu.exp().negate().exp().as("r");
    Expr phi = theta.exp().as("phi");
    Expr lambda_re = r.times(phi.cos()).as("lambda_re");
    Expr lambda_im = r.times(phi.sin()).as("lambda_im");
    Expr scale = gamma.exp();
    Expr reNext = lambda_re.times(re).minus(lambda_im.times(im)).plus(scale.times(x.dot(B_re)));
    Expr imNext = lambda_im.times(re).plus(lambda_re.times(im)).plus(scale.times(x.dot(B_im)));
    Expr y = reNext.dot(C_re).minus(imNext.dot(C_im)).plus(D.times(x));
    return new Step(y, State.of("re", reNext).with("im", imNext));
  }

  /** The squared length of each eigenvalue at the start. */
  private double[] squares() {
    double[] squares = new double[hiddenSize];
    double inner = rMin * rMin;
    Arrays.setAll(squares, k -> inner + (rMax * rMax - inner) * (k + 0.5) / hiddenSize);
    return squares;
  }

  private double[] logLogLengths(Shape shape) {
    return Arrays.stream(squares()).map(a -> Math.log(-0.5 * Math.log(a))).toArray();
  }

  private double[] logNorms(Shape shape) {
    return Arrays.stream(squares()).map(a -> 0.5 * Math.log(1 - a)).toArray();
  }

  /** Drawn from the largest angle down, as 0 has no logarithm. */
  private Initializer logAngles() {
    return (tf, shape, type, seed) ->
        tf.math.log(Initializer.uniform(maxPhase, 0).value(tf, shape, type, seed));
  }
}
