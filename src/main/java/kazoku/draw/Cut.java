package kazoku.draw;

import java.util.List;
import kazoku.Expr;
import kazoku.internal.Axes;

/**
 * A block of an axis, counted from the end.
 *
 * @param axis −1 is the last
 * @param start its first element
 * @param size its number of elements
 * @param name what it is called
 */
record Cut(int axis, long start, long size, String name) {

  /** What a recorded part cuts out. */
  static Cut of(Axes.Part part, String name) {
    List<Integer> sizes = part.sizes();
    long start = sizes.subList(0, part.index()).stream().mapToInt(Integer::intValue).sum();
    return new Cut(part.axis(), start, sizes.get(part.index()), name);
  }

  /** A block of this block, on the same axis. */
  Cut inner(Cut inner) {
    return new Cut(axis, start + inner.start, inner.size, inner.name);
  }

  /** The same elements on another axis. */
  Cut on(int other) {
    return new Cut(other, start, size, name);
  }

  /** Whether a value is repeated along the axis, so that any block of it is the value itself. */
  boolean leavesWhole(Expr value) {
    int rank = value.shape().numDimensions();
    return rank < -axis || value.shape().get(rank + axis) == 1 && size == 1 && start == 0;
  }

  /** Whether a value that is an operand of this block is repeated along the axis. */
  boolean repeated(Expr operand) {
    int rank = operand.shape().numDimensions();
    return rank < -axis || operand.shape().get(rank + axis) == 1;
  }
}
