package kazoku.wrap;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;

/**
 * Learns a distribution for every weight of a cell in the place of a number.
 *
 * <pre>
 * σ  = softplus(ρ)                            standard deviation of each weight
 * w  = μ + σ⊙ε                                what the cell sees, ε normal
 * kl = Σ ln(s/σ) + (σ² + μ²)/2s² − ½          GAUSSIAN, prior N(0, s²)
 * kl = Σ ln N(w; μ, σ²)
 *      − ln(π·N(w; 0, s_1²) + (1−π)·N(w; 0, s_2²))   MIXTURE, at the w that is drawn
 * y, s' = cell(x, s)                          the cell's own step
 * </pre>
 *
 * <p>In training ε is drawn once for all rows and steps of a run, and {@code klWeight}·kl is added
 * to the loss under the name {@code kl}. What the theory asks for is a weight of one by the number
 * of rows of the training set, where the loss is a mean over rows; or of batches, where it is a sum
 * over the rows of a batch. In evaluation w is μ.
 *
 * <p>In the place of each weight W of the cell there are {@code cell/W/mu}, which starts as W does,
 * and {@code cell/W/rho}, which starts uniform between the values for which σ is half the {@code
 * posteriorStdDev} and all of it. Weights that are not trained are as they are.
 *
 * <p>Source: M. Fortunato, C. Blundell, O. Vinyals, "Bayesian Recurrent Neural Networks", 2017, <a
 * href="https://arxiv.org/abs/1704.02798">arXiv:1704.02798</a>, without the posterior sharpening
 * that is proposed there; read in the example of Sonnet 1, {@code brnn_ptb}, which adds 1e-5 to σ
 * and mixes the prior over whole rows of a matrix. Here it is mixed for each weight, as in C.
 * Blundell et al., "Weight Uncertainty in Neural Networks", ICML 2015, <a
 * href="https://arxiv.org/abs/1505.05424">arXiv:1505.05424</a>.
 *
 * @param cell the cell inside
 * @param prior what the weights are thought to be before training; NONE by default
 * @param priorStdDev s, more than 0; used with GAUSSIAN; 1 by default
 * @param priorMix π, in (0, 1); used with MIXTURE; 0.25 by default
 * @param priorStdDevs s_1 and s_2, more than 0; used with MIXTURE; e^−1 and e^−7 by default
 * @param posteriorStdDev the largest σ at first, more than 0; 0.1 by default
 * @param klWeight what kl is multiplied with, at least 0; 1 by default
 */
public record BayesByBackpropWrapper(
    Cell cell,
    Prior prior,
    double priorStdDev,
    double priorMix,
    List<Double> priorStdDevs,
    double posteriorStdDev,
    double klWeight)
    implements Wrapper {

  /** What weights are thought to be before training. */
  public enum Prior {
    /** Anything: nothing is added to the loss. */
    NONE,
    /** Normally distributed. */
    GAUSSIAN,
    /** One of two normal distributions, a wide one and a narrow one. */
    MIXTURE
  }

  public BayesByBackpropWrapper {
    Checks.given("BayesByBackpropWrapper", "cell", cell);
    Checks.given("BayesByBackpropWrapper", "prior", prior);
    Checks.given("BayesByBackpropWrapper", "priorStdDevs", priorStdDevs);
    priorStdDevs = List.copyOf(priorStdDevs);
    Checks.require(
        priorStdDevs.size() == 2,
        "BayesByBackpropWrapper",
        "there must be two priorStdDevs",
        priorStdDevs);
    positive("priorStdDev", priorStdDev);
    positive("priorStdDevs", priorStdDevs.get(0));
    positive("priorStdDevs", priorStdDevs.get(1));
    positive("posteriorStdDev", posteriorStdDev);
    Checks.require(
        priorMix > 0 && priorMix < 1,
        "BayesByBackpropWrapper",
        "priorMix must be in (0, 1)",
        priorMix);
    Checks.notNegative("BayesByBackpropWrapper", "klWeight", klWeight);
  }

  private static void positive(String what, double value) {
    Checks.require(
        value > 0 && value < Double.POSITIVE_INFINITY,
        "BayesByBackpropWrapper",
        what + " must be more than 0",
        value);
  }

  /**
   * The wrapper without a prior.
   *
   * @param cell the cell inside
   */
  public BayesByBackpropWrapper(Cell cell) {
    this(cell, Prior.NONE, 1);
  }

  /**
   * The wrapper with the prior of the paper's language model, or a normal one of deviation 1.
   *
   * @param cell the cell inside
   * @param prior what the weights are thought to be before training
   * @param klWeight what kl is multiplied with
   */
  public BayesByBackpropWrapper(Cell cell, Prior prior, double klWeight) {
    this(cell, prior, 1, 0.25, List.of(Math.exp(-1), Math.exp(-7)), 0.1, klWeight);
  }

  @Override
  public State initial(Weights w) {
    return Inner.state("cell", cell.initial(new Drawn(w).weights()));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Drawn drawn = new Drawn(w);
    Step inner = drawn.weights().step(cell, x, s.in("cell"));
    if (w.training() && prior != Prior.NONE) {
      // A state to begin with may have weights of its own.
      cell.initial(drawn.weights());
      w.penalty("kl", drawn.kl().times(klWeight));
    }
    return new Step(inner.output(), Inner.state("cell", inner.next()));
  }

  /** The weights of one step, each drawn once however often it is asked for. */
  private final class Drawn {
    private final Weights w;
    private final Map<String, Expr> values = new LinkedHashMap<>();
    private final Map<String, Expr> divergences = new LinkedHashMap<>();

    Drawn(Weights w) {
      this.w = w;
    }

    Weights weights() {
      return w.in("cell").through(this::get);
    }

    private Expr get(Weights plain, String symbol, Initializer initializer, long... shape) {
      Expr known = values.get(symbol);
      if (known != null) {
        return known;
      }
      Expr mu = plain.get(symbol + "/mu", initializer, shape);
      Initializer spread =
          Initializer.uniform(
              inverseSoftplus(posteriorStdDev / 2), inverseSoftplus(posteriorStdDev));
      Expr rho = plain.get(symbol + "/rho", spread, shape);
      Expr value = mu;
      if (w.training()) {
        Expr sigma = rho.softplus();
        Expr epsilon = plain.noise(symbol, Weights.Draw.ONCE, shape);
        value = mu.plus(sigma.times(epsilon));
        switch (prior) {
          case NONE -> {}
          case GAUSSIAN -> divergences.put(symbol, gaussian(mu, sigma));
          case MIXTURE -> divergences.put(symbol, mixture(sigma, epsilon, value));
        }
      }
      values.put(symbol, value);
      return value;
    }

    Expr kl() {
      return divergences.values().stream()
          .map(d -> d.reshape(d.shape().size()).sum().reshape())
          .reduce(Expr::plus)
          .orElse(Expr.constant(0));
    }
  }

  private Expr gaussian(Expr mu, Expr sigma) {
    Expr squares = sigma.square().plus(mu.square()).times(0.5 / (priorStdDev * priorStdDev));
    return squares.minus(sigma.log()).plus(Math.log(priorStdDev) - 0.5);
  }

  /** What all densities have in common, 1/√2π, is left out. */
  private Expr mixture(Expr sigma, Expr epsilon, Expr value) {
    Expr posterior = epsilon.square().times(-0.5).minus(sigma.log());
    Expr one = part(value, priorMix, priorStdDevs.get(0));
    Expr other = part(value, 1 - priorMix, priorStdDevs.get(1));
    return posterior.minus(other.plus(one.minus(other).softplus()));
  }

  private static Expr part(Expr value, double share, double deviation) {
    return value.square().times(-0.5 / (deviation * deviation)).plus(Math.log(share / deviation));
  }

  private static double inverseSoftplus(double value) {
    return Math.log(Math.expm1(value));
  }
}
