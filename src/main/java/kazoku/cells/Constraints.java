package kazoku.cells;

import kazoku.Expr;

/** Weights that may not take every value. */
final class Constraints {
  private Constraints() {}

  /**
   * A weight that counts as 0 where it is negative. The gradient passes as if nothing were cut off,
   * so that a weight that an update made negative comes back: nearly what cutting the weight itself
   * off after each update does.
   */
  static Expr notNegative(Expr weight) {
    return weight.plus(weight.relu().minus(weight).stopGradient());
  }
}
