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
 * Simple gated recurrent network: one projection of the input is content and gate input at once,
 * and the input gate is the complement of the forget gate.
 *
 * <pre>
 * p  = x·W + b_x                              projection              [H]
 * f  = σ(p + h·U + b_h)                       forget gate             [H]
 * h' = act((1−f)⊙p + f⊙h)                     output                  [H]
 * </pre>
 *
 * <p>W {@code [I,H]} starts glorot-uniform, U {@code [H,H]} orthogonal, b_x and b_h {@code [H]} as
 * zeros.
 *
 * <p>Source: X. Zu, K. Wei, IET Generation, Transmission &amp; Distribution, 2020, <a
 * href="https://doi.org/10.1049/gtd2.12056">doi:10.1049/gtd2.12056</a>. The printed formula of
 * RecurrentLayers.jl and torchrecurrent mixes x·W where both compute p, with b_x, as here; the two
 * biases are therefore not one.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param useBias whether there are b_x and b_h; true by default
 * @param activation act; tanh by default
 */
@About(idea = "one projection, complementary gates", source = "Zu, Wei 2020")
public record SGRNCell(int inputSize, int hiddenSize, boolean useBias, Activation activation)
    implements Cell {

  public SGRNCell {
    Checks.sizes("SGRNCell", inputSize, hiddenSize);
    Checks.given("SGRNCell", "activation", activation);
  }

  /**
   * The cell with biases and tanh.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public SGRNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, true, Activation.TANH);
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
    Expr W = w.input("W", inputSize, hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, hiddenSize);
    Expr b_x = w.biasIf(useBias, "b_x", hiddenSize);
    Expr b_h = w.biasIf(useBias, "b_h", hiddenSize);
    Expr h = s.get("h");

    Expr p = x.dot(W).plus(b_x).as("p");
    Expr f = p.plus(h.dot(U)).plus(b_h).sigmoid().as("f");

    Expr hNext = activation.apply(UpdateConvention.KEEP.update(f, h, p));
    return new Step(hNext, State.of("h", hNext));
  }
}
