package kazoku.layers;

import java.util.ArrayList;
import java.util.List;
import kazoku.Activation;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Layer;
import kazoku.RowLayer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.StridedSlice;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * A convolution over time: each output step is made of some neighbouring steps of the input.
 *
 * <pre>
 * y_t = f(Σ_k x_{s·t + d·k − p}·W_k + b)        x [I], W [K,I,F], b [F], y [F]
 * </pre>
 *
 * <p>s is the stride, d the dilation, k runs from 0 to K−1. With p = d·(K−1) the layer is causal: a
 * step sees itself and what was before it. With p = 0 the window begins at the step and must fit
 * into the sequence. Where it stands around the step, p is half (rounded down) of the zeros that n
 * steps need for ⌈n/s⌉ windows, max(0, s·(⌈n/s⌉−1) + d·(K−1) + 1 − n): with a stride of 1 half of
 * d·(K−1). The sequence has zeros before its first and after its last step, and in all steps that
 * are not valid. Output steps are ⌈n/s⌉, n the steps of the input; without padding n is d·(K−1)
 * less. Lengths and masks are carried on in the same way, so a row has the same outputs in every
 * batch: n is its own number of steps, up to its last valid one.
 *
 * <p>W starts glorot-uniform, b as zeros. Weights have the shapes of Keras', and the three paddings
 * are TensorFlow's and Keras' (which know no lengths, and so no n but that of the whole batch).
 *
 * @param inputSize I, at least 1
 * @param filters F, the size of the output, at least 1
 * @param kernel K, at least 1
 * @param stride s, at least 1; 1 by default
 * @param dilation d, at least 1; 1 by default
 * @param padding how the window stands to its step; SAME by default
 * @param activation f; {@link Activation#IDENTITY} by default
 * @param useBias whether there is b; true by default
 */
public record Conv1D(
    int inputSize,
    int filters,
    int kernel,
    int stride,
    int dilation,
    Padding padding,
    Activation activation,
    boolean useBias)
    implements Layer {

  /** How the window of a convolution stands to the step that it makes. */
  public enum Padding {
    /** It ends there: nothing is seen of what comes later. */
    CAUSAL,
    /**
     * It stands around it; where the zeros are odd in number, one more comes after the last step.
     */
    SAME,
    /** It begins there, and must fit into the sequence. */
    VALID
  }

  public Conv1D {
    Checks.atLeastOne("Conv1D", "inputSize", inputSize);
    Checks.atLeastOne("Conv1D", "filters", filters);
    Checks.atLeastOne("Conv1D", "kernel", kernel);
    Checks.atLeastOne("Conv1D", "stride", stride);
    Checks.atLeastOne("Conv1D", "dilation", dilation);
    Checks.given("Conv1D", "padding", padding);
    Checks.given("Conv1D", "activation", activation);
  }

  /**
   * A convolution that keeps the number of steps.
   *
   * @param inputSize I
   * @param filters F
   * @param kernel K
   * @param padding how the window stands to its step
   * @param activation f
   */
  public Conv1D(int inputSize, int filters, int kernel, Padding padding, Activation activation) {
    this(inputSize, filters, kernel, 1, 1, padding, activation, true);
  }

  /**
   * A linear convolution around each step.
   *
   * @param inputSize I
   * @param filters F
   * @param kernel K
   */
  public Conv1D(int inputSize, int filters, int kernel) {
    this(inputSize, filters, kernel, Padding.SAME, Activation.IDENTITY);
  }

  @Override
  public Shape input() {
    return Shape.of(inputSize);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Ops tf = w.tf();
    if (kernel > 1 || stride > 1) {
      w.acrossSteps("Conv1D");
    }
    Shape shape = x.value().asOutput().shape();
    Checks.require(
        shape.numDimensions() == 3 && shape.takeLast(1).isCompatibleWith(input()),
        "Conv1D",
        "input must be [B, T, " + inputSize + "]",
        shape);
    Operand<TNumber> value = Walk.numbers("Conv1D", w, x.value());
    Operand<TNumber> padded = padded(tf, x.with(value));
    Operand<TInt32> starts = starts(tf, Steps.size(tf, value, 1));
    List<Operand<TNumber>> windows = windows(tf, padded, starts);
    Operand<TNumber> window = kernel == 1 ? windows.get(0) : tf.concat(windows, tf.constant(2));
    Operand<TInt32> lengths = x.lengths() == null ? null : outputs(tf, starts(tf, x.lengths()));
    Operand<TBool> mask = x.mask() == null ? null : mask(tf, x.mask(), starts);
    return new Windows(this).apply(w, new Signal(window, lengths, mask, x.beside()));
  }

  private Operand<TNumber> padded(Ops tf, Signal x) {
    Operand<TNumber> steps = Vocabulary.number(x.zeroPadded(tf).value());
    return switch (padding) {
      case CAUSAL -> padded(tf, steps, reach());
      case SAME -> around(tf, x, steps);
      case VALID -> steps;
    };
  }

  /** With zeros before the first step, and as many after the last that there are d·(K−1). */
  private Operand<TNumber> padded(Ops tf, Operand<TNumber> steps, int before) {
    return tf.pad(
        steps,
        tf.constant(new int[][] {{0, 0}, {before, reach() - before}, {0, 0}}),
        Vocabulary.number(tf.dtypes.cast(tf.constant(0), steps.type())));
  }

  /** With zeros before the first step of each row that depend on how many steps it has. */
  private Operand<TNumber> around(Ops tf, Signal x, Operand<TNumber> steps) {
    Operand<TNumber> padded = padded(tf, steps, before(1));
    Operand<TInt32> rest = null;
    for (int over = 2; over <= stride; over++) {
      if (before(over) == before(1)) {
        continue;
      }
      rest = rest == null ? lastStride(tf, x) : rest;
      padded =
          tf.select(
              tf.math.equal(rest, tf.constant(over)), padded(tf, steps, before(over)), padded);
    }
    return padded;
  }

  /** The zeros before a row whose last stride is some steps long. */
  private int before(int lastStride) {
    return Math.max(0, reach() + 1 - lastStride) / 2;
  }

  /** How many steps of each row are within its last stride, 1 to s, {@code [B, 1, 1]}. */
  private Operand<TInt32> lastStride(Ops tf, Signal x) {
    Operand<TInt32> steps = Steps.size(tf, x.value(), 1);
    Operand<TBool> valid = x.valid(tf);
    if (valid != null) {
      Operand<TInt32> one = tf.constant(1);
      Operand<TInt32> numbers = tf.range(one, tf.math.add(steps, one), one);
      Operand<TInt32> reached = tf.select(valid, numbers, tf.constant(0));
      steps = tf.math.maximum(tf.reduceMax(reached, one), tf.constant(0));
    }
    Operand<TInt32> last = tf.math.sub(steps, tf.constant(1));
    return tf.reshape(
        tf.math.add(tf.math.floorMod(last, tf.constant(stride)), tf.constant(1)),
        tf.array(-1, 1, 1));
  }

  /** How far the last step of a window is from the first. */
  private int reach() {
    return (kernel - 1) * dilation;
  }

  /** How many steps fewer than there are can begin a window. */
  private int lost() {
    return padding == Padding.VALID ? reach() : 0;
  }

  /** How many windows a sequence has at stride 1. */
  private Operand<TInt32> starts(Ops tf, Operand<TInt32> steps) {
    return tf.math.maximum(tf.math.sub(steps, tf.constant(lost())), tf.constant(0));
  }

  /** How many there are with the stride. */
  private Operand<TInt32> outputs(Ops tf, Operand<TInt32> starts) {
    return tf.math.div(tf.math.add(starts, tf.constant(stride - 1)), tf.constant(stride));
  }

  /** The steps that each element of the kernel sees. */
  private <T extends TType> List<Operand<T>> windows(
      Ops tf, Operand<T> steps, Operand<TInt32> starts) {
    List<Operand<T>> windows = new ArrayList<>();
    for (int k = 0; k < kernel; k++) {
      windows.add(strided(tf, steps, k * dilation, starts));
    }
    return windows;
  }

  private <T extends TType> Operand<T> strided(
      Ops tf, Operand<T> steps, int from, Operand<TInt32> count) {
    return tf.stridedSlice(
        steps,
        tf.constant(new int[] {0, from}),
        tf.stack(List.of(tf.constant(0), tf.math.add(tf.constant(from), count))),
        tf.constant(new int[] {1, stride}),
        StridedSlice.beginMask(1L),
        StridedSlice.endMask(1L));
  }

  /** Where padding adds nothing, a step is valid if all that it sees is. */
  private Operand<TBool> mask(Ops tf, Operand<TBool> steps, Operand<TInt32> starts) {
    return padding == Padding.VALID
        ? windows(tf, steps, starts).stream().reduce(tf.math::logicalAnd).orElseThrow()
        : strided(tf, steps, 0, starts);
  }

  /** What is made of the steps that a window sees, side by side. */
  private record Windows(Conv1D conv) implements RowLayer {
    @Override
    public Shape input() {
      return Shape.of((long) conv.kernel * conv.inputSize);
    }

    @Override
    public Expr equation(Weights w, Expr x) {
      Expr W = w.input("W", conv.kernel, conv.inputSize, conv.filters);
      Expr b = w.biasIf(conv.useBias, "b", conv.filters);
      return conv.activation.apply(x.dot(W.reshape(x.size(), conv.filters)).plus(b));
    }
  }
}
