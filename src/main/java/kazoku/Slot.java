package kazoku;

import org.tensorflow.ndarray.Shape;

/**
 * One named part of a cell's state.
 *
 * @param name its symbol, {@code h}; parts of inner cells carry a path, {@code controller/h}
 * @param shape its shape for one row, {@code [H]}
 * @param start what all its elements are before the first step, where nobody gives a state
 */
public record Slot(String name, Shape shape, double start) {

  /**
   * A slot that starts at zero.
   *
   * @param name its symbol
   * @param shape its shape for one row
   */
  public Slot(String name, Shape shape) {
    this(name, shape, 0);
  }

  /**
   * A slot of given sizes.
   *
   * @param name its symbol
   * @param sizes the axes of one row
   * @return the slot
   */
  public static Slot of(String name, long... sizes) {
    return new Slot(name, Shape.of(sizes));
  }

  /**
   * The same slot with another start.
   *
   * @param value what all its elements are before the first step
   * @return the slot
   */
  public Slot startingAt(double value) {
    return new Slot(name, shape, value);
  }

  /**
   * The same slot of an inner cell.
   *
   * @param path where the inner cell is
   * @return the slot with the path before its name
   */
  public Slot in(String path) {
    return new Slot(path + "/" + name, shape, start);
  }
}
