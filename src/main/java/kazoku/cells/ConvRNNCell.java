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
import kazoku.Window;
import org.tensorflow.ndarray.Shape;

/**
 * An Elman network whose products are convolutions, so that the state is an image; in one, two or
 * three dimensions.
 *
 * <pre>
 * h' = act(x∗K_x + h∗K_h + b)                 output                  [S.., C]
 * </pre>
 *
 * <p>Images are channels last, ∗ is cross-correlation. K_x {@code [k.., I, C]} starts
 * glorot-uniform, K_h {@code [k.., C, C]} orthogonal, b {@code [C]} zeros. The convolution of x has
 * stride, dilation and padding; where it shrinks the image, the state has the shrunken size. The
 * convolution of h always keeps the size.
 *
 * <p>Source: Apache MXNet's gluon. Its two biases are one here: their sum. There the padding is
 * VALID by default, and the convolution of h can have a dilation, too.
 *
 * @param inputSize I, channels of the input, at least 1
 * @param hiddenSize C, channels of the state, at least 1
 * @param spatialShape sizes of the input image, one to three
 * @param kernelShape sizes of both kernels, as many
 * @param stride stride of the input convolution; 1 by default
 * @param dilation dilation of the input convolution; 1 by default
 * @param padding padding of the input convolution; SAME by default
 * @param useBias whether there is b; true by default
 * @param activation act; tanh by default
 */
@About(idea = "Elman cell on images", source = "Elman 1990, by convolution")
public record ConvRNNCell(
    int inputSize,
    int hiddenSize,
    List<Integer> spatialShape,
    List<Integer> kernelShape,
    int stride,
    int dilation,
    Window.Padding padding,
    boolean useBias,
    Activation activation)
    implements Cell {

  public ConvRNNCell {
    Checks.sizes("ConvRNNCell", inputSize, hiddenSize);
    Images images =
        Images.checked("ConvRNNCell", spatialShape, kernelShape, stride, dilation, padding);
    spatialShape = images.spatialShape();
    kernelShape = images.kernelShape();
    Checks.given("ConvRNNCell", "activation", activation);
  }

  /**
   * The cell with a bias and tanh, on images that keep their size.
   *
   * @param inputSize I
   * @param hiddenSize C
   * @param spatialShape sizes of the image
   * @param kernelShape sizes of the kernels
   */
  public ConvRNNCell(
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
    Expr K_x = w.input("K_x", images().kernel(inputSize, hiddenSize));
    Expr K_h = w.recurrent("K_h", images().kernel(hiddenSize, hiddenSize));
    Expr b = w.biasIf(useBias, "b", hiddenSize);
    Expr h = s.get("h");

    Expr a = x.conv(K_x, images().window()).plus(h.conv(K_h, Window.SAME)).plus(b);
    Expr hNext = activation.apply(a);
    return new Step(hNext, State.of("h", hNext));
  }
}
