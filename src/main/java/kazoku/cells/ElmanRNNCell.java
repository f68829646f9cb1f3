package kazoku.cells;

import java.util.List;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * The simple recurrent network: the hidden layer sees the new input and a copy of itself.
 *
 * <pre>
 * h' = act(x·W + h·U + b)                     output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]} starts glorot-uniform, U {@code [H,H]} orthogonal, b {@code [H]} zeros.
 *
 * <p>In training x and h are dropped out by {@code dropout} and {@code recurrentDropout}, with one
 * mask a row for all steps, as in Keras.
 *
 * <p>Source: J. L. Elman, "Finding Structure in Time", Cognitive Science 14(2), 1990, <a
 * href="https://doi.org/10.1207/s15516709cog1402_1">doi:10.1207/s15516709cog1402_1</a>. PyTorch's
 * two biases are one here: their sum. Haiku's VanillaRNN has two biases as well, and always a
 * rectifier.
 *
 * <p>Flags change the argument of act. {@code residual} (Flax) adds h to it. {@code
 * independentRecurrence} (RecurrentLayers.jl) has {@code h⊙u} for {@code h·U}, with u {@code [H]}
 * glorot-uniform. {@code integration} has another rule for the sum: MULTIPLY, with b_x and b_h
 * {@code [H]} for b, or MULTIPLY_GENERAL, with alpha, beta_1 and beta_2 {@code [H]} besides b.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param independentRecurrence whether a unit sees only itself; false by default
 * @param integration how input and state are brought together; ADD by default
 * @param residual whether h is added inside the activation; false by default
 * @param dropout the part of x that is dropped in training, in [0, 1); 0 by default
 * @param recurrentDropout the part of h that is dropped in training, in [0, 1); 0 by default
 * @param useBias whether there are biases; true by default
 * @param activation act; tanh by default
 */
@About(idea = "hidden layer sees its own copy", source = "Elman 1990")
public record ElmanRNNCell(
    int inputSize,
    int hiddenSize,
    boolean independentRecurrence,
    Integration integration,
    boolean residual,
    double dropout,
    double recurrentDropout,
    boolean useBias,
    Activation activation)
    implements Cell {

  public ElmanRNNCell {
    Checks.sizes("ElmanRNNCell", inputSize, hiddenSize);
    Checks.given("ElmanRNNCell", "integration", integration);
    Checks.rate("ElmanRNNCell", "dropout", dropout);
    Checks.rate("ElmanRNNCell", "recurrentDropout", recurrentDropout);
    Checks.given("ElmanRNNCell", "activation", activation);
  }

  /**
   * The plain cell, with tanh.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public ElmanRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, false, Integration.ADD, false, 0, 0, true, Activation.TANH);
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
    Expr h = s.get("h");
    Expr seen = w.dropOut("x", 1 - dropout, Weights.Draw.EACH_ROW, x);
    Expr heard = w.dropOut("h", 1 - recurrentDropout, Weights.Draw.EACH_ROW, h);
    Expr xW = seen.dot(w.input("W", inputSize, hiddenSize));
    Expr hU =
        independentRecurrence
            ? heard.times(w.input("u", hiddenSize))
            : heard.dot(w.recurrent("U", hiddenSize, hiddenSize));

    Expr a = integration.of(w, useBias, xW, hU);
    Expr hNext = activation.apply(residual ? a.plus(h) : a);
    return new Step(hNext, State.of("h", hNext));
  }
}
