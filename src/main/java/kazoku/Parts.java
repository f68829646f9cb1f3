package kazoku;

import java.util.List;

/** The blocks of a value that was cut, by name or by number. */
public final class Parts {
  private final List<Expr> parts;
  private final List<String> names;

  Parts(List<Expr> parts, List<String> names) {
    this.parts = List.copyOf(parts);
    this.names = List.copyOf(names);
  }

  /**
   * A block by the name that the cut gave it.
   *
   * @param name the name
   * @return the block
   * @throws IllegalArgumentException if no block has this name
   */
  public Expr get(String name) {
    Checks.require(names.contains(name), "split", "a block must be one of " + names, name);
    return parts.get(names.indexOf(name));
  }

  /**
   * A block by its place.
   *
   * @param index its place, from 0
   * @return the block
   */
  public Expr get(int index) {
    return parts.get(index);
  }

  /**
   * All blocks.
   *
   * @return the blocks, in order
   */
  public List<Expr> all() {
    return parts;
  }
}
