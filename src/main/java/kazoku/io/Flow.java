package kazoku.io;

import java.util.ArrayList;
import java.util.List;

/**
 * What is known of a tensor of a Keras model before it is built.
 *
 * @param sizes its axes after that of the batch; −1 where they may vary
 * @param masked whether some of its steps may be masked
 */
record Flow(List<Integer> sizes, boolean masked) {
  Flow {
    sizes = List.copyOf(sizes);
  }

  int rank() {
    return sizes.size();
  }

  /** The last axis; −1 where it may vary, or there is none. */
  int last() {
    return sizes.isEmpty() ? -1 : sizes.get(rank() - 1);
  }

  boolean isSequence() {
    return rank() >= 2;
  }

  /** The same with another last axis. */
  Flow to(int size) {
    List<Integer> other = new ArrayList<>(sizes);
    other.set(rank() - 1, size);
    return new Flow(other, masked);
  }

  Flow masked(boolean other) {
    return new Flow(sizes, other);
  }

  /** One row of it: a step. */
  Flow step() {
    return new Flow(sizes.subList(1, rank()), false);
  }

  /** A sequence of such rows, or one. */
  static Flow of(int steps, List<Integer> row, boolean masked) {
    List<Integer> sizes = new ArrayList<>(List.of(steps));
    sizes.addAll(row);
    return new Flow(sizes, masked);
  }

  @Override
  public String toString() {
    return sizes.toString().replace("-1", "?");
  }
}
