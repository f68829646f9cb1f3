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
 * Intersection network, +RNN: one gate along time for the state, another along depth for the
 * output, which is not the state.
 *
 * <pre>
 * p  = x·W_p + b_p                            input, if projected     [H]
 * gh = σ(p·W_gh + h·U_gh + b_gh + fb)         gate along time         [H]
 * n  = act(p·W_n + h·U_n + b_n)               candidate along time    [H]
 * gy = σ(p·W_gy + h·U_gy + b_gy + fb)         gate along depth        [H]
 * y  = act_y(p·W_y + h·U_y + b_y)             candidate along depth   [H]
 * h' = gh⊙h + (1−gh)⊙n                        state                   [H]
 * out = gy⊙p + (1−gy)⊙y                       output                  [H]
 * </pre>
 *
 * <p>Without {@code inputProjection} p is x itself, and I must equal H.
 *
 * <p>W {@code [H,4H]} and W_p {@code [I,H]} start glorot-uniform, U {@code [H,4H]} orthogonal, b
 * {@code [4H]} and b_p {@code [H]} zeros. Blocks are gh, n, gy, y.
 *
 * <p>Source: J. Collins, J. Sohl-Dickstein, D. Sussillo, "Capacity and Trainability in Recurrent
 * Neural Networks", ICLR 2017, <a href="https://arxiv.org/abs/1611.09913">arXiv:1611.09913</a>; fb
 * and the order of blocks are those of tf.contrib. torchrecurrent has the blocks y, n, gy, gh, and
 * no fb. RecurrentLayers.jl mixes the output with 1−gh in the place of 1−gy.
 *
 * @param inputSize I, at least 1; equal to {@code hiddenSize} without {@code inputProjection}
 * @param hiddenSize H, at least 1
 * @param forgetBias fb, added to both gates; 1 by default
 * @param inputProjection whether there are W_p and b_p; by default where I is not H
 * @param useBias whether there are b and b_p; true by default
 * @param activation act, of the state's candidate; tanh by default
 * @param outputActivation act_y, of the output's candidate; relu by default
 */
@About(idea = "gates along time and depth", source = "Collins, Sohl-Dickstein, Sussillo 2017")
public record IntersectionRNNCell(
    int inputSize,
    int hiddenSize,
    double forgetBias,
    boolean inputProjection,
    boolean useBias,
    Activation activation,
    Activation outputActivation)
    implements Cell {

  public IntersectionRNNCell {
    Checks.sizes("IntersectionRNNCell", inputSize, hiddenSize);
    Checks.require(
        inputProjection || inputSize == hiddenSize,
        "IntersectionRNNCell",
        "inputSize must equal hiddenSize " + hiddenSize + " without inputProjection",
        inputSize);
    Checks.given("IntersectionRNNCell", "activation", activation);
    Checks.given("IntersectionRNNCell", "outputActivation", outputActivation);
  }

  /**
   * The cell of tf.contrib, with 1 added to both gates and the input projected if its size needs
   * it.
   *
   * @param inputSize I
   * @param hiddenSize H
   */
  public IntersectionRNNCell(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, 1, inputSize != hiddenSize, true, Activation.TANH, Activation.RELU);
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
    Expr W = w.input("W", hiddenSize, 4 * hiddenSize);
    Expr U = w.recurrent("U", hiddenSize, 4 * hiddenSize);
    Expr b = w.biasIf(useBias, "b", 4 * hiddenSize);
    Expr h = s.get("h");

    Expr p = inputProjection ? project(w, x).as("p") : x;
    Parts blocks = p.dot(W).plus(h.dot(U)).plus(b).split("_gh", "_n", "_gy", "_y");
    Expr gh = blocks.get("_gh").plus(forgetBias).sigmoid().as("gh");
    Expr n = activation.apply(blocks.get("_n")).as("n");
    Expr gy = blocks.get("_gy").plus(forgetBias).sigmoid().as("gy");
    Expr y = outputActivation.apply(blocks.get("_y")).as("y");

    Expr hNext = UpdateConvention.KEEP.update(gh, h, n);
    Expr out = UpdateConvention.KEEP.update(gy, p, y).as("out");
    return new Step(out, State.of("h", hNext));
  }

  private Expr project(Weights w, Expr x) {
    Expr W_p = w.input("W_p", inputSize, hiddenSize);
    return x.dot(W_p).plus(w.biasIf(useBias, "b_p", hiddenSize));
  }
}
