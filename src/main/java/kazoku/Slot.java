package kazoku;

import org.tensorflow.ndarray.Shape;

/**
 * One named part of a cell's state.
 *
 * @param name its symbol, {@code h}; parts of inner cells carry a path, {@code controller/h}
 * @param shape its shape for one row, {@code [H]}
 */
public record Slot(String name, Shape shape) {

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
   * The same slot of an inner cell.
   *
   * @param path where the inner cell is
   * @return the slot with the path before its name
   */
  public Slot in(String path) {
    return new Slot(path + "/" + name, shape);
  }
}
