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
import kazoku.Window;
import org.tensorflow.ndarray.Shape;

/**
 * A GRU whose products are convolutions, so that the state is an image; in one, two or three
 * dimensions.
 *
 * <pre>
 * [xz,xr,xn] = split_3(x∗K_x + b)             input terms             [S.., 3C]
 * [hz,hr,hn] = split_3(h∗K_h + b_r)           recurrent terms         [S.., 3C]
 * z  = σ(xz + hz)                             update gate             [S.., C]
 * r  = σ(xr + hr)                             reset gate              [S.., C]
 * n  = act(xn + r⊙hn)                         candidate               [S.., C]
 * h' = z⊙h + (1−z)⊙n                          output                  [S.., C]
 * </pre>
 *
 * <p>Without {@code resetAfter} the reset comes before the convolution, {@code n = act(xn +
 * (r⊙h)∗K_n)}, where K_n is the last third of K_h, and there is no b_r.
 *
 * <p>Images are channels last, ∗ is cross-correlation. K_x {@code [k.., I, 3C]} starts
 * glorot-uniform, K_h {@code [k.., C, 3C]} orthogonal, b and b_r {@code [3C]} zeros. Blocks are z,
 * r, n. The convolution of x has stride, dilation and padding; where it shrinks the image, the
 * state has the shrunken size. The convolution of h always keeps the size.
 *
 * <p>Source: N. Ballas, L. Yao, C. Pal, A. Courville, "Delving Deeper into Convolutional Networks
 * for Learning Video Representations", ICLR 2016, <a
 * href="https://arxiv.org/abs/1511.06432">arXiv:1511.06432</a>, which resets before the
 * convolution. MXNet resets after it, with the blocks in the order r, z, n; its padding is VALID by
 * default. Weights do not move between the two forms.
 *
 * @param inputSize I, channels of the input, at least 1
 * @param hiddenSize C, channels of the state, at least 1
 * @param spatialShape sizes of the input image, one to three
 * @param kernelShape sizes of both kernels, as many
 * @param stride stride of the input convolution; 1 by default
 * @param dilation dilation of the input convolution; 1 by default
 * @param padding padding of the input convolution; SAME by default
 * @param resetAfter whether r resets the convolution of h and not h; true by default
 * @param useBias whether there are b and b_r; true by default
 * @param activation act; tanh by default
 */
@About(idea = "a GRU whose state is an image", source = "Ballas et al. 2016")
public record ConvGRUCell(
    int inputSize,
    int hiddenSize,
    List<Integer> spatialShape,
    List<Integer> kernelShape,
    int stride,
    int dilation,
    Window.Padding padding,
    boolean resetAfter,
    boolean useBias,
    Activation activation)
    implements Cell {

  public ConvGRUCell {
    Checks.sizes("ConvGRUCell", inputSize, hiddenSize);
    Images images =
        Images.checked("ConvGRUCell", spatialShape, kernelShape, stride, dilation, padding);
    spatialShape = images.spatialShape();
    kernelShape = images.kernelShape();
    Checks.given("ConvGRUCell", "activation", activation);
  }

  /**
   * The cell with the reset after the convolution, on images that keep their size.
   *
   * @param inputSize I
   * @param hiddenSize C
   * @param spatialShape sizes of the image
   * @param kernelShape sizes of the kernels
   */
  public ConvGRUCell(
      int inputSize, int hiddenSize, List<Integer> spatialShape, List<Integer> kernelShape) {
    this(
        inputSize,
        hiddenSize,
        spatialShape,
        kernelShape,
        1,
        1,
        Window.Padding.SAME,
        true,
        true,
        Activation.TANH);
  }

  private Images images() {
    return new Images(spatialShape, kernelShape, new Window(stride, dilation, padding));
  }

  @Override
  public Shape input() {
    return Shape.of(images().input(inputSize));
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("h", images().state(hiddenSize)));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr K_x = w.input("K_x", images().kernel(inputSize, 3 * hiddenSize));
    Expr K_h = w.recurrent("K_h", images().kernel(hiddenSize, 3 * hiddenSize));
    Expr b = w.biasIf(useBias, "b", 3 * hiddenSize);
    Expr b_r = w.biasIf(useBias && resetAfter, "b_r", 3 * hiddenSize);
    Expr h = s.get("h");

    Parts X = x.conv(K_x, images().window()).plus(b).split("xz", "xr", "xn");
    Parts K = K_h.split(-1, 2 * hiddenSize, hiddenSize);
    Parts R =
        resetAfter
            ? h.conv(K_h, Window.SAME).plus(b_r).split("hz", "hr", "hn")
            : h.conv(K.get(0), Window.SAME).split("hz", "hr");
    Expr z = X.get("xz").plus(R.get("hz")).sigmoid().as("z");
    Expr r = X.get("xr").plus(R.get("hr")).sigmoid().as("r");
    Expr hn = resetAfter ? r.times(R.get("hn")) : r.times(h).conv(K.get(1), Window.SAME);
    Expr n = activation.apply(X.get("xn").plus(hn)).as("n");

    Expr hNext = UpdateConvention.KEEP.update(z, h, n);
    return new Step(hNext, State.of("h", hNext));
  }
}
