package kazoku;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The blocks of a value that was cut, by name or by number. */
public final class Parts {
  private final List<Expr> parts;

  Parts(List<Expr> parts) {
    this.parts = List.copyOf(parts);
  }

  /**
   * Names the blocks: {@code split(-1, 2 * hiddenSize, hiddenSize).as("a", "n")}. Equations print
   * the cut as a line, {@code [a,n] = split(…)}. A name that begins with a line below, {@code _n},
   * is the subscript of a block of weights: the block of {@code x·W + b} is printed as {@code x·W_n
   * + b_n}, where it is used.
   *
   * @param names one for each block, in order
   * @return the same blocks under these names
   * @throws IllegalArgumentException if there are not as many names as blocks
   */
  public Parts as(String... names) {
    Checks.require(
        names.length == parts.size(),
        "split",
        "there must be " + parts.size() + " names, one for each block",
        List.of(names));
    return new Parts(
        IntStream.range(0, names.length).mapToObj(k -> parts.get(k).as(names[k])).toList());
  }

  /**
   * A block by its name.
   *
   * @param name the name
   * @return the block
   * @throws IllegalArgumentException if no block has this name
   */
  public Expr get(String name) {
    List<Optional<String>> names = parts.stream().map(Expr::name).toList();
    int index = names.indexOf(Optional.of(name));
    Checks.require(
        index >= 0,
        "split",
        "a block must be one of " + names.stream().flatMap(Optional::stream).toList(),
        name);
    return parts.get(index);
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
