package kazoku.draw;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import kazoku.Expr;
import kazoku.internal.Axes;

/**
 * A block of an axis, counted from the end.
 *
 * @param axis −1 is the last
 * @param start its first element
 * @param size its number of elements
 * @param name what it is called; its number among others, from 1, if it has no name
 * @param named whether it has a name
 * @param among the names of all blocks, one after the other
 */
record Cut(int axis, long start, long size, String name, boolean named, String among) {

  /** What a recorded part cuts out. */
  static Cut of(Axes.Part part, Optional<String> name, String among) {
    List<Integer> sizes = part.sizes();
    long start = sizes.subList(0, part.index()).stream().mapToInt(Integer::intValue).sum();
    String shown = name.orElse(String.valueOf(part.index() + 1));
    return new Cut(part.axis(), start, sizes.get(part.index()), shown, name.isPresent(), among);
  }

  /** A block of this block, on the same axis, by its own name if it has one. */
  Cut inner(Cut inner) {
    boolean own = inner.named || !named;
    Cut said = own ? inner : this;
    return new Cut(
        axis, start + inner.start, inner.size, said.name, named || inner.named, said.among);
  }

  /** The same block of other elements. */
  Cut at(int newAxis, long newStart, long newSize) {
    return new Cut(newAxis, newStart, newSize, name, named, among);
  }

  /** The block before the last two axes were exchanged. */
  Cut transposed() {
    return at(axis == -1 ? -2 : axis == -2 ? -1 : axis, start, size);
  }

  /** Its name, or else its place: {@code 2:5}. */
  Lettering label() {
    String place = size == 1 ? String.valueOf(start) : start + ":" + (start + size);
    return named ? Lettering.symbol(name) : Lettering.plain(place);
  }

  /**
   * The block of what was reshaped.
   *
   * @param reshaped the value in its new form, of which this is a block
   * @return the block in the old form; null if it is no block there
   */
  Cut through(Expr reshaped) {
    long[] to = reshaped.shape().asArray();
    long[] from = reshaped.inputs().get(0).shape().asArray();
    int at = to.length + axis;
    if (at < 0 || product(to, 0, at) != 1) {
      return null;
    }
    long after = product(to, at + 1, to.length);
    long first = start * after;
    long count = size * after;
    for (int k = 0; k < from.length; k++) {
      long inside = product(from, k + 1, from.length);
      if (product(from, 0, k) == 1 && first % inside == 0 && count % inside == 0) {
        return at(k - from.length, first / inside, count / inside);
      }
    }
    return null;
  }

  private static long product(long[] sizes, int from, int to) {
    return Arrays.stream(sizes, from, to).reduce(1, (a, b) -> a * b);
  }

  /** Whether a value is nothing but this block, or repeated along the axis. */
  boolean leavesWhole(Expr value) {
    int rank = value.shape().numDimensions();
    if (rank < -axis) {
      return true;
    }
    long all = value.shape().get(rank + axis);
    return all == 1 || start == 0 && all == size;
  }
}
