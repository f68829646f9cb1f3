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
 * Just another network: a long short-term memory of which only the forget gate is left; a constant
 * lets more into the memory than is dropped.
 *
 * <pre>
 * [g,s] = split_2(x·W + c·U + b)              candidate, and what gates see  [2H]
 * g  = act(g)                                 candidate                      [H]
 * f  = σ(s)                                   forget gate                    [H]
 * i  = 1 − σ(s − β)                           input gate                     [H]
 * c' = f⊙c + i⊙g                              memory, the output             [H]
 * </pre>
 *
 * <p>W {@code [I,2H]} starts glorot-uniform, U {@code [H,2H]} orthogonal, b {@code [2H]} zeros with
 * the block s at 1; with {@code maxTime}, the block s starts at ln(u), u uniform between 1 and
 * {@code maxTime} − 1 ({@link Initializer#chrono}).
 *
 * <p>Source: J. van der Westhuizen, J. Lasenby, "The unreasonable effectiveness of the forget
 * gate", 2018, <a href="https://arxiv.org/abs/1804.04849">arXiv:1804.04849</a>, and the authors'
 * code. That code draws u between 1 and {@code maxTime}, the paper as here. RecurrentLayers.jl and
 * torchrecurrent have the blocks in the order s, g, a second state equal to the first, and train β:
 * a number in torchrecurrent, a vector in RecurrentLayers.jl.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H, at least 1
 * @param beta β, the constant, finite; 1 by default
 * @param maxTime the longest time that is to be remembered, in steps, more than 2; 0, the default,
 *     for a block s at 1
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "only the forget gate left", source = "van der Westhuizen, Lasenby 2018")
public record JANETCell(
    int inputSize,
    int hiddenSize,
    double beta,
    double maxTime,
    boolean useBias,
    Activation activation)
    implements Cell {

  public JANETCell {
    Checks.sizes("JANETCell", inputSize, hiddenSize);
    Checks.require(Double.isFinite(beta), "JANETCell", "beta must be finite", beta);
    Checks.require(
        maxTime == 0 || maxTime > 2 && maxTime < Double.POSITIVE_INFINITY,
        "JANETCell",
        "maxTime must be more than 2, or 0",
        maxTime);
    Checks.require(
        maxTime == 0 || useBias, "JANETCell", "maxTime needs useBias", "useBias " + useBias);
    Checks.given("JANETCell", "activation", activation);
  }

  /**
   * The cell with β = 1 and the block s of b at 1.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public JANETCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, 0, true, Activation.TANH);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", hiddenSize));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr W = w.input("W", inputSize, 2 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 2 * hiddenSize);
    Expr c = s.get("c");

    Parts blocks = x.dot(W).plus(c.dot(U)).plus(bias(w)).split("g", "s");
    Expr g = activation.apply(blocks.get("g")).as("g");
    Expr f = blocks.get("s").sigmoid().as("f");
    Expr i = blocks.get("s").plus(-beta).sigmoid().oneMinus().as("i");

    Expr cNext = f.times(c).plus(i.times(g));
    return new Step(cNext, State.of("c", cNext));
  }

  private Expr bias(Weights w) {
    Initializer forget = maxTime == 0 ? Initializer.ONES : Initializer.chrono(maxTime);
    Initializer start = Initializer.columns(Initializer.ZEROS, forget);
    return useBias ? w.get("b", start, 2 * hiddenSize) : Expr.constant(0);
  }
}
