package kazoku;

/**
 * How a convolution moves over its input. One number holds for every axis.
 *
 * @param stride steps between neighbouring outputs, at least 1
 * @param dilation steps between neighbouring elements of the kernel, at least 1
 * @param padding whether the input is padded with zeros
 */
public record Window(int stride, int dilation, Padding padding) {

  /** Stride 1, dilation 1, padded so that output and input have the same size. */
  public static final Window SAME = new Window(1, 1, Padding.SAME);

  /** What is done at the border. */
  public enum Padding {
    /** Zeros are added so that with stride 1 the size stays; the odd one is added at the end. */
    SAME,
    /** Nothing is added; the output shrinks by the kernel's extent less one. */
    VALID
  }

  public Window {
    if (stride < 1 || dilation < 1) {
      throw new IllegalArgumentException(
          "Window: stride and dilation must be at least 1, got " + stride + " and " + dilation);
    }
    if (stride > 1 && dilation > 1) {
      throw new IllegalArgumentException(
          "Window: stride and dilation cannot both exceed 1, got " + stride + " and " + dilation);
    }
  }

  /**
   * The output's size on one axis.
   *
   * @param size the input's size
   * @param kernel the kernel's size
   * @return the output's size; not positive if the kernel does not fit
   */
  public long outputSize(long size, long kernel) {
    long extent = (kernel - 1) * dilation + 1;
    return padding == Padding.SAME
        ? (size + stride - 1) / stride
        : Math.floorDiv(size - extent, stride) + 1;
  }
}
