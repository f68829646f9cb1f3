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
 * Antisymmetric recurrent network with an input gate: the gate decides how far each unit goes, and
 * shares the antisymmetric matrix with the candidate.
 *
 * <pre>
 * A  = U − Uᵀ − γ·I                           without real part       [H,H]
 * q  = h·A                                    recurrent term          [H]
 * [z,n] = split_2(x·W + b)                    input terms             [2H]
 * h' = h + ε·σ(z + q)⊙act(n + q)              output                  [H]
 * </pre>
 *
 * <p>W {@code [I,2H]} starts glorot-uniform, U {@code [H,H]} normal with variance 1/H, b {@code
 * [2H]} zeros.
 *
 * <p>Source: B. Chang, M. Chen, E. Haber, E. H. Chi, "AntisymmetricRNN: A Dynamical System View on
 * Recurrent Neural Networks", ICLR 2019, <a
 * href="https://arxiv.org/abs/1902.09689">arXiv:1902.09689</a>. RecurrentLayers.jl adds its
 * recurrent bias to both terms, torchrecurrent to the candidate only; the two blocks of b stand for
 * either. Both have ε = 1 and γ = 0, which are placeholders. {@link AntisymmetricRNNCell} is the
 * cell without the gate.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param epsilon ε, the length of a step, more than 0; 0.1 by default
 * @param gamma γ, the diffusion, at least 0; 0.01 by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "antisymmetric step with input gate", source = "Chang et al. 2019")
public record GatedAntisymmetricRNNCell(
    int inputSize,
    int hiddenSize,
    double epsilon,
    double gamma,
    boolean useBias,
    Activation activation)
    implements Cell {

  public GatedAntisymmetricRNNCell {
    Checks.sizes("GatedAntisymmetricRNNCell", inputSize, hiddenSize);
    Checks.require(
        epsilon > 0 && epsilon < Double.POSITIVE_INFINITY,
        "GatedAntisymmetricRNNCell",
        "epsilon must be more than 0",
        epsilon);
    Checks.notNegative("GatedAntisymmetricRNNCell", "gamma", gamma);
    Checks.given("GatedAntisymmetricRNNCell", "activation", activation);
  }

  /**
   * The cell with steps of 0.1 and a diffusion of 0.01.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public GatedAntisymmetricRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 0.1, 0.01, true, Activation.TANH);
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
    Initializer start = Initializer.normal(1 / Math.sqrt(hiddenSize));
    Expr W = w.input("W", inputSize, 2 * hiddenSize);
    Expr U = w.get("U", start, hiddenSize, hiddenSize);
    Expr b = w.biasIf(useBias, "b", 2 * hiddenSize);
    Expr h = s.get("h");

    Expr A = U.minus(U.transpose()).minus(Expr.identity(hiddenSize).times(gamma)).as("A");
    Expr q = h.dot(A).as("q");
    Parts terms = x.dot(W).plus(b).split("z", "n");
    Expr z = terms.get("z").plus(q).sigmoid();
    Expr n = activation.apply(terms.get("n").plus(q));
    Expr hNext = h.plus(z.times(n).times(epsilon));
    return new Step(hNext, State.of("h", hNext));
  }
}
