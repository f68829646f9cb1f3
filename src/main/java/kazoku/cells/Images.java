package kazoku.cells;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import kazoku.Checks;
import kazoku.Window;

/** The shapes of convolutional cells: images of one to three dimensions, channels last. */
record Images(List<Integer> spatialShape, List<Integer> kernelShape, Window window) {

  /** The shapes of a cell, if they fit together. */
  static Images checked(
      String who,
      List<Integer> spatialShape,
      List<Integer> kernelShape,
      int stride,
      int dilation,
      Window.Padding padding) {
    Images images =
        new Images(
            List.copyOf(spatialShape),
            List.copyOf(kernelShape),
            new Window(stride, dilation, padding));
    Checks.require(
        spatialShape.size() >= 1 && spatialShape.size() <= 3,
        who,
        "spatialShape must have one to three sizes",
        spatialShape);
    Checks.require(
        kernelShape.size() == spatialShape.size(),
        who,
        "kernelShape must have as many sizes as spatialShape " + spatialShape,
        kernelShape);
    Checks.given(who, "padding", padding);
    spatialShape.forEach(size -> Checks.atLeastOne(who, "each of spatialShape", size));
    kernelShape.forEach(size -> Checks.atLeastOne(who, "each of kernelShape", size));
    images.convolved().forEach(size -> Checks.atLeastOne(who, "each size of the state", size));
    return images;
  }

  /** The sizes of the input's convolution, and so of the state. */
  List<Integer> convolved() {
    return IntStream.range(0, spatialShape.size())
        .mapToObj(d -> (int) window.outputSize(spatialShape.get(d), kernelShape.get(d)))
        .toList();
  }

  /** {@code [S.., C]} of the input. */
  long[] input(int channels) {
    return shape(spatialShape, channels);
  }

  /** {@code [S.., C]} of the state. */
  long[] state(int channels) {
    return shape(convolved(), channels);
  }

  /** {@code [k.., C, K]}. */
  long[] kernel(int from, int to) {
    return shape(kernelShape, from, to);
  }

  private static long[] shape(List<Integer> sizes, long... more) {
    return LongStream.concat(sizes.stream().mapToLong(i -> i), LongStream.of(more)).toArray();
  }
}
