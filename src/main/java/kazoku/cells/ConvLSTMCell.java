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
 * An LSTM whose products are convolutions, so that the state is an image; in one, two or three
 * dimensions.
 *
 * <pre>
 * [i,f,g,o] = split_4(x∗K_x + h∗K_h + b)                gates and candidate  [S.., 4C]
 * i  = σ(i)                                             input gate           [S.., C]
 * f  = σ(f + fb)                                        forget gate          [S.., C]
 * g  = act(g)                                           candidate            [S.., C]
 * o  = σ(o)                                             output gate          [S.., C]
 * c' = f⊙c + i⊙g                                        memory               [S.., C]
 * h' = o⊙act(c')                                        output               [S.., C]
 * </pre>
 *
 * <p>With peepholes {@code P_i⊙c}, {@code P_f⊙c} and {@code P_o⊙c'} are added in the three gates.
 * With the skip connection the output is {@code [h', x]} on the channels; the state stays {@code
 * h'}.
 *
 * <p>Images are channels last, ∗ is cross-correlation. K_x {@code [k.., I, 4C]} starts
 * glorot-uniform, K_h {@code [k.., C, 4C]} orthogonal, b {@code [4C]} zeros with the forget block
 * at 1 (at 0 where {@code forgetBias} is not 0), P {@code [S.., C]} glorot-uniform. The convolution
 * of x has stride, dilation and padding; where it shrinks the image, the state has the shrunken
 * size. The convolution of h always keeps the size.
 *
 * <p>In training x and h are dropped out by {@code dropout} and {@code recurrentDropout}, with one
 * mask a row for all steps and gates.
 *
 * <p>Source: X. Shi et al., "Convolutional LSTM Network", NIPS 2015, <a
 * href="https://arxiv.org/abs/1506.04214">arXiv:1506.04214</a>. Orders of blocks: Keras and Sonnet
 * i,f,g,o as here; tf.contrib i,g,f,o; Haiku and Flax i,g,f,o with 1 added to f. tf.contrib's skip
 * connection puts the concatenated tensor into the state, which cannot be stepped; here it is in
 * the output only. Flax and MXNet have two biases: their sum is b.
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
 * @param dropout the part of x that is dropped in training, in [0, 1); 0 by default
 * @param recurrentDropout the part of h that is dropped in training, in [0, 1); 0 by default
 * @param activation act; tanh by default
 * @param gateActivation the σ of the three gates
 */
@About(idea = "an LSTM whose state is an image", source = "Shi et al. 2015")
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
    double dropout,
    double recurrentDropout,
    Activation activation,
    Activation gateActivation)
    implements Cell {

  public ConvLSTMCell {
    Checks.sizes("ConvLSTMCell", inputSize, hiddenSize);
    Images images =
        Images.checked("ConvLSTMCell", spatialShape, kernelShape, stride, dilation, padding);
    spatialShape = images.spatialShape();
    kernelShape = images.kernelShape();
    Checks.rate("ConvLSTMCell", "dropout", dropout);
    Checks.rate("ConvLSTMCell", "recurrentDropout", recurrentDropout);
    Checks.given("ConvLSTMCell", "activation", activation);
    Checks.given("ConvLSTMCell", "gateActivation", gateActivation);
    Checks.require(
        !skipConnection || images.convolved().equals(spatialShape),
        "ConvLSTMCell",
        "skipConnection needs a state of the input's size " + spatialShape,
        images.convolved());
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
        0,
        0,
        Activation.TANH,
        Activation.SIGMOID);
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
    long[] shape = images().state(hiddenSize);
    return List.of(Slot.of("c", shape), Slot.of("h", shape));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr K_x = w.input("K_x", images().kernel(inputSize, 4 * hiddenSize));
    Expr K_h = w.recurrent("K_h", images().kernel(hiddenSize, 4 * hiddenSize));
    Expr b = Biases.lstm(w, true, forgetBias, hiddenSize);
    Expr c = s.get("c");
    Expr h = s.get("h");

    Expr seen = w.dropOut("x", 1 - dropout, Weights.Draw.EACH_ROW, x);
    Expr heard = w.dropOut("h", 1 - recurrentDropout, Weights.Draw.EACH_ROW, h);
    Expr z = seen.conv(K_x, images().window()).plus(heard.conv(K_h, Window.SAME));
    Parts gates = z.plus(b).split("i", "f", "g", "o");
    Expr i = gateActivation.apply(seeing(w, gates.get("i"), "P_i", c)).as("i");
    Expr f = gateActivation.apply(seeing(w, gates.get("f").plus(forgetBias), "P_f", c)).as("f");
    Expr g = activation.apply(gates.get("g")).as("g");

    Expr cNext = f.times(c).plus(i.times(g));
    Expr o = gateActivation.apply(seeing(w, gates.get("o"), "P_o", cNext)).as("o");
    Expr hNext = o.times(activation.apply(cNext));
    Expr output = skipConnection ? Expr.concat(hNext, x) : hNext;
    return new Step(output, State.of("c", cNext).with("h", hNext));
  }

  private Expr seeing(Weights w, Expr a, String symbol, Expr c) {
    return peephole ? a.plus(w.input(symbol, images().state(hiddenSize)).times(c)) : a;
  }
}
