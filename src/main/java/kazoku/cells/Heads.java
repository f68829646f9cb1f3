package kazoku.cells;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.Expr;

/** Heads: equal slices of the last axis, each with a state of its own. */
final class Heads {
  private Heads() {}

  static void check(String who, int hiddenSize, int heads) {
    Checks.atLeastOne(who, "heads", heads);
    Checks.require(
        hiddenSize % heads == 0, who, "heads must divide hiddenSize " + hiddenSize, heads);
  }

  /**
   * Each head's slice as a row: {@code [heads, 1, d]} for {@code [heads·d]} or {@code [heads, d]}.
   */
  static Expr rows(Expr a, int heads) {
    return a.reshape(heads, 1, a.shape().size() / heads);
  }

  /** Each head's slice as a column: {@code [heads, d, 1]} for {@code [heads·d]}. */
  static Expr columns(Expr a, int heads) {
    return a.reshape(heads, a.size() / heads, 1);
  }

  /** What the heads read from their matrices, side by side: {@code (q/√d_k)·S}. */
  static Expr read(Expr q, Expr S) {
    Expr o = q.times(1 / Math.sqrt(q.size())).matmul(S);
    return o.reshape(o.shape().size());
  }

  /** Each head's slice of a times its own of the matrices {@code [heads, d, k]}. */
  static Expr[] products(Expr a, Expr matrices) {
    int heads = (int) matrices.shape().get(0);
    int[] ones = new int[heads];
    Arrays.fill(ones, 1);
    int[] widths = new int[heads];
    Arrays.fill(widths, a.size() / heads);
    List<Expr> slices = a.split(-1, widths).all();
    List<Expr> blocks = matrices.split(-3, ones).all();
    return IntStream.range(0, heads)
        .mapToObj(j -> slices.get(j).dot(blocks.get(j).reshape(widths[j], matrices.size())))
        .toArray(Expr[]::new);
  }
}
