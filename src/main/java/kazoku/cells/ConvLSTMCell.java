package kazoku.cells;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import kazoku.Window;
import org.tensorflow.ndarray.Shape;

/**
 * An LSTM whose products are convolutions, so that the state is an image; in one, two or three
 * dimensions.
 *
 * <pre>
 * [i,f,g,o] = split_4(x∗K_x + h∗K_h + b)                gates and candidate  [S.., 4C]
 * c' = σ(f + fb)⊙c + σ(i)⊙act(g)                        memory               [S.., C]
 * h' = σ(o)⊙act(c')                                     output               [S.., C]
 * </pre>
 *
 * <p>With peepholes {@code P_i⊙c} and {@code P_f⊙c} are added to i and f, and {@code P_o⊙c'} to o.
 * With the skip connection the output is {@code [h', x]} on the channels; the state stays {@code
 * h'}.
 *
 * <p>Images are channels last, ∗ is cross-correlation. K_x {@code [k.., I, 4C]} starts
 * glorot-uniform, K_h {@code [k.., C, 4C]} orthogonal, b {@code [4C]} zeros with the forget block
 * at 1 (at 0 where {@code forgetBias} is not 0), P {@code [S.., C]} glorot-uniform. The convolution
 * of x has stride, dilation and padding; where it shrinks the image, the state has the shrunken
 * size. The convolution of h always keeps the size.
 *
 * <p>Source: X. Shi et al., "Convolutional LSTM Network", NIPS 2015, arXiv:1506.04214. Orders of
 * blocks: Keras and Sonnet i,f,g,o as here; tf.contrib i,g,f,o; Haiku and Flax i,g,f,o with 1 added
 * to f. tf.contrib's skip connection puts the concatenated tensor into the state, which cannot be
 * stepped; here it is in the output only. Flax and MXNet have two biases: their sum is b.
 *
 * @param inputSize I, channels of the input, at least 1
 * @param hiddenSize C, channels of the state, at least 1
 * @param spatialShape sizes of the input image, one to three
 * @param kernelShape sizes of both kernels, as many
 * @param stride stride of the input convolution; 1 by default
 * @param dilation dilation of the input convolution; 1 by default
 * @param padding padding of the input convolution; SAME by default (Keras: VALID)
 * @param forgetBias fb; 0 by default
 * @param peephole whether the gates see the memory, as in the paper; false by default
 * @param skipConnection whether the output carries the input; false by default
 * @param activation act; tanh by default
 */
public record ConvLSTMCell(
    int inputSize,
    int hiddenSize,
    List<Integer> spatialShape,
    List<Integer> kernelShape,
    int stride,
    int dilation,
    Window.Padding padding,
    double forgetBias,
    boolean peephole,
    boolean skipConnection,
    Activation activation)
    implements Cell {

  public ConvLSTMCell {
    Checks.atLeastOne("ConvLSTMCell", "inputSize", inputSize);
    Checks.atLeastOne("ConvLSTMCell", "hiddenSize", hiddenSize);
    spatialShape = List.copyOf(spatialShape);
    kernelShape = List.copyOf(kernelShape);
    Checks.require(
        spatialShape.size() >= 1 && spatialShape.size() <= 3,
        "ConvLSTMCell",
        "spatialShape must have one to three sizes",
        spatialShape);
    Checks.require(
        kernelShape.size() == spatialShape.size(),
        "ConvLSTMCell",
        "kernelShape must have as many sizes as spatialShape " + spatialShape,
        kernelShape);
    spatialShape.forEach(size -> Checks.atLeastOne("ConvLSTMCell", "each of spatialShape", size));
    kernelShape.forEach(size -> Checks.atLeastOne("ConvLSTMCell", "each of kernelShape", size));
    Checks.given("ConvLSTMCell", "activation", activation);
    Window window = new Window(stride, dilation, padding);
    List<Integer> shrunken = shrunken(spatialShape, kernelShape, window);
    shrunken.forEach(size -> Checks.atLeastOne("ConvLSTMCell", "each size of the state", size));
    Checks.require(
        !skipConnection || shrunken.equals(spatialShape),
        "ConvLSTMCell",
        "skipConnection needs a state of the input's size " + spatialShape,
        shrunken);
  }

  /**
   * The cell without peepholes, on images that keep their size.
   *
   * @param inputSize I
   * @param hiddenSize C
   * @param spatialShape sizes of the image
   * @param kernelShape sizes of the kernels
   */
  public ConvLSTMCell(
      int inputSize, int hiddenSize, List<Integer> spatialShape, List<Integer> kernelShape) {
    this(
        inputSize,
        hiddenSize,
        spatialShape,
        kernelShape,
        1,
        1,
        Window.Padding.SAME,
        0,
        false,
        false,
        Activation.TANH);
  }

  private static List<Integer> shrunken(List<Integer> sizes, List<Integer> kernel, Window window) {
    return IntStream.range(0, sizes.size())
        .mapToObj(d -> (int) window.outputSize(sizes.get(d), kernel.get(d)))
        .toList();
  }

  private static long[] shape(List<Integer> sizes, long... more) {
    return LongStream.concat(sizes.stream().mapToLong(i -> i), LongStream.of(more)).toArray();
  }

  private long[] stateShape() {
    Window window = new Window(stride, dilation, padding);
    return shape(shrunken(spatialShape, kernelShape, window), hiddenSize);
  }

  @Override
  public Shape input() {
    return Shape.of(shape(spatialShape, inputSize));
  }

  @Override
  public List<Slot> state() {
    return List.of(Slot.of("c", stateShape()), Slot.of("h", stateShape()));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr K_x = w.input("K_x", shape(kernelShape, inputSize, 4 * hiddenSize));
    Expr K_h = w.recurrent("K_h", shape(kernelShape, hiddenSize, 4 * hiddenSize));
    Initializer start = Initializer.blocks(0, forgetBias == 0 ? 1 : 0, 0, 0);
    Expr b = w.get("b", start, 4 * hiddenSize);
    Expr c = s.get("c");
    Expr h = s.get("h");

    Expr z = x.conv(K_x, new Window(stride, dilation, padding)).plus(h.conv(K_h, Window.SAME));
    List<Expr> gates = z.plus(b).split("i", "f", "g", "o");
    Expr i = gates.get(0);
    Expr f = gates.get(1).plus(forgetBias);
    Expr g = gates.get(2);
    Expr o = gates.get(3);
    if (peephole) {
      i = i.plus(w.input("P_i", stateShape()).times(c));
      f = f.plus(w.input("P_f", stateShape()).times(c));
    }
    Expr cNext = f.sigmoid().times(c).plus(i.sigmoid().times(activation.apply(g)));
    if (peephole) {
      o = o.plus(w.input("P_o", stateShape()).times(cNext));
    }
    Expr hNext = o.sigmoid().times(activation.apply(cNext));
    Expr output = skipConnection ? Expr.concat(hNext, x) : hNext;
    return new Step(output, State.of("c", cNext).with("h", hNext));
  }
}
