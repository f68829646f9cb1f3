package kazoku.cells;

import kazoku.Expr;
import kazoku.Weights;

/** Gates that look at the memory, by one weight a unit. */
final class Peepholes {
  private Peepholes() {}

  /** {@code a + p⊙c}, or {@code a} for a cell without peepholes; p is {@code [H]}. */
  static Expr add(Weights w, boolean used, Expr a, String symbol, Expr c) {
    return used ? a.plus(w.input(symbol, c.size()).times(c)) : a;
  }
}
