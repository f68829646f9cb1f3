package kazoku.draw;

import java.util.List;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Trace;

/**
 * Columns of a weight that belong together.
 *
 * @param name what is made with them: {@code f} for those of a forget gate; empty if it has no name
 * @param size how many there are, at least 1
 */
public record Block(String name, int size) {

  public Block {
    Checks.given("Block", "name", name);
    Checks.atLeastOne("Block", "size", size);
  }

  /**
   * The blocks of a weight's last axis, by the quantities that a cell's step makes with them:
   * {@code i, f, g, o} of an LSTM's U.
   *
   * @param trace the step
   * @param weight the weight's name in it, {@code U}
   * @return the blocks in order; none if there is only one
   * @throws IllegalArgumentException if the step has no such weight
   */
  public static List<Block> of(Trace trace, String weight) {
    Checks.given("Block", "trace", trace);
    Expr leaf = trace.weights().asked().get(weight);
    Checks.require(
        leaf != null,
        "Block",
        "a weight must be one of " + trace.weights().asked().keySet(),
        weight);
    if (leaf.shape().numDimensions() == 0) {
      return List.of();
    }
    List<Block> blocks = new Users(trace.results()).blocks(leaf, leaf.size());
    boolean named = blocks.stream().anyMatch(block -> !block.name.isEmpty());
    return blocks.size() > 1 && named ? blocks : List.of();
  }
}
