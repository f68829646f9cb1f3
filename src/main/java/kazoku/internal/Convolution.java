package kazoku.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Loop;
import kazoku.Primitive;
import kazoku.Site;
import kazoku.Window;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceProd;
import org.tensorflow.op.nn.Conv2dBackpropFilter;
import org.tensorflow.op.nn.Conv2dBackpropInput;
import org.tensorflow.op.nn.Conv3dBackpropFilter;
import org.tensorflow.op.nn.Conv3dBackpropInput;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Convolution of {@code [S.., C]} with a kernel {@code [k.., C, K]} in one, two or three
 * dimensions. One dimension is computed as two, the first of them of size one.
 */
public final class Convolution extends Primitive.Product {
  private final Window window;

  /**
   * A convolution.
   *
   * @param window stride and padding; its dilation is 1
   */
  public Convolution(Window window) {
    super("∗");
    this.window = window;
  }

  @Override
  public Shape shape(List<Expr> inputs) {
    Expr image = inputs.get(0);
    Expr kernel = inputs.get(1);
    int dimensions = image.shape().numDimensions() - 1;
    if (dimensions < 1
        || dimensions > 3
        || kernel.level() != Level.WEIGHT
        || kernel.shape().numDimensions() != dimensions + 2
        || kernel.shape().get(-2) != image.size()) {
      throw new IllegalArgumentException(
          "conv: needs [S.., C] with one to three S and weights [k.., C, K], got "
              + image
              + " ∗ "
              + kernel);
    }
    long[] sizes = new long[dimensions + 1];
    for (int d = 0; d < dimensions; d++) {
      sizes[d] = window.outputSize(image.shape().get(d), kernel.shape().get(d));
      if (sizes[d] < 1) {
        throw new IllegalArgumentException(
            "conv: the kernel does not fit into the image, got " + image + " ∗ " + kernel);
      }
    }
    sizes[dimensions] = kernel.size();
    return Shape.of(sizes);
  }

  @Override
  public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
    Expr image = node.inputs().get(0);
    Expr kernel = node.inputs().get(1);
    if (spatial(node) == 3 && Loop.supportsJavaGradients()) {
      JavaGradients.register("Conv3D", Convolution::gradient3d);
    }
    Operand<TNumber> result = forward(site, node, inputs.get(0), inputs.get(1), image, kernel);
    return site.tf().reshape(result, site.fullShape(node.shape()));
  }

  private Operand<TNumber> forward(
      Site site, Expr node, Operand<TNumber> x, Operand<TNumber> k, Expr image, Expr kernel) {
    Ops tf = site.tf();
    Operand<TNumber> images = images(tf, x, image.shape());
    Operand<TNumber> kernels = kernels(tf, k, kernel.shape());
    return spatial(node) == 3
        ? tf.nn.conv3d(images, kernels, strides(node), padding())
        : tf.nn.conv2d(images, kernels, strides(node), padding());
  }

  @Override
  public List<Expr> gradient(Expr node, Expr g) {
    return Arrays.asList(Expr.of(new ByImage(node), List.of(g, node.inputs().get(1))), null);
  }

  /** The gradient by the image: needs the kernel, and the image's shape. */
  private final class ByImage extends Primitive {
    private final Expr forward;

    ByImage(Expr forward) {
      super("∗'");
      this.forward = forward;
    }

    @Override
    public Shape shape(List<Expr> inputs) {
      return forward.inputs().get(0).shape();
    }

    @Override
    public Operand<TNumber> build(Site site, Expr node, List<Operand<TNumber>> inputs) {
      Ops tf = site.tf();
      Shape image = shape(List.of());
      Operand<TNumber> g = images(tf, inputs.get(0), forward.shape());
      Operand<TNumber> kernels = kernels(tf, inputs.get(1), forward.inputs().get(1).shape());
      Operand<TInt32> rows =
          tf.reduceProd(site.leadingShape(), tf.constant(new int[] {0}), ReduceProd.keepDims(true));
      Operand<TInt32> sizes =
          tf.concat(List.of(rows, tf.constant(ints(padded(image)))), tf.constant(0));
      Operand<TNumber> result =
          spatial(forward) == 3
              ? Conv3dBackpropInput.create(
                  tf.scope(), sizes, kernels, g, strides(forward), padding())
              : Conv2dBackpropInput.create(
                  tf.scope(), sizes, kernels, g, strides(forward), padding());
      return tf.reshape(result, site.fullShape(image));
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
      throw new UnsupportedOperationException("conv: has no second gradient");
    }
  }

  @Override
  public Operand<TNumber> weightGradient(
      Site site, Expr node, Operand<TNumber> lhs, Operand<TNumber> g) {
    Ops tf = site.tf();
    Shape kernel = node.inputs().get(1).shape();
    Operand<TNumber> images = images(tf, lhs, node.inputs().get(0).shape());
    Operand<TNumber> gs = images(tf, g, node.shape());
    Operand<TInt32> sizes = tf.constant(ints(paddedKernel(kernel)));
    Operand<TNumber> result =
        spatial(node) == 3
            ? Conv3dBackpropFilter.create(tf.scope(), images, sizes, gs, strides(node), padding())
            : Conv2dBackpropFilter.create(tf.scope(), images, sizes, gs, strides(node), padding());
    return tf.reshape(result, tf.constant(ints(kernel)));
  }

  /** The gradient of {@code Conv3D}, which TensorFlow has none for outside of Python. */
  private static List<Operand<?>> gradient3d(
      Ops tf, GraphOperation convolution, List<Output<?>> gradients) {
    Operand<TNumber> images = Vocabulary.number(convolution.input(0));
    Operand<TNumber> kernels = Vocabulary.number(convolution.input(1));
    Operand<TNumber> g = Vocabulary.number(gradients.get(0));
    List<Long> strides = new ArrayList<>();
    for (long stride : convolution.attributes().getAttrIntList("strides")) {
      strides.add(stride);
    }
    String padding = convolution.attributes().getAttrString("padding");
    return List.of(
        Conv3dBackpropInput.create(tf.scope(), tf.shape(images), kernels, g, strides, padding),
        Conv3dBackpropFilter.create(tf.scope(), images, tf.shape(kernels), g, strides, padding));
  }

  private String padding() {
    return window.padding().name();
  }

  private static int spatial(Expr node) {
    return Math.max(2, node.shape().numDimensions() - 1);
  }

  /** Batch 1, the stride on every spatial axis (but the one that was put in), channels 1. */
  private List<Long> strides(Expr node) {
    List<Long> all = new ArrayList<>(Collections.nCopies(spatial(node) + 2, 1L));
    for (int d = 1; d < node.shape().numDimensions(); d++) {
      all.set(all.size() - 1 - d, (long) window.stride());
    }
    return all;
  }

  private static Operand<TNumber> images(Ops tf, Operand<TNumber> x, Shape image) {
    return tf.reshape(x, tf.constant(ints(padded(image), -1)));
  }

  private static Operand<TNumber> kernels(Ops tf, Operand<TNumber> k, Shape kernel) {
    return kernel.numDimensions() == 3 ? tf.reshape(k, tf.constant(ints(paddedKernel(kernel)))) : k;
  }

  private static Shape padded(Shape image) {
    return image.numDimensions() == 2 ? image.prepend(1) : image;
  }

  private static Shape paddedKernel(Shape kernel) {
    return kernel.numDimensions() == 3 ? kernel.prepend(1) : kernel;
  }

  private static int[] ints(Shape shape, long... first) {
    return LongStream.concat(Arrays.stream(first), Arrays.stream(shape.asArray()))
        .mapToInt(Math::toIntExact)
        .toArray();
  }
}
