package kazoku.cells;

import kazoku.Checks;
import kazoku.Expr;
import kazoku.Weights;

/** Drop-out that is part of a cell: in training only, what is kept is divided by its share. */
final class DropOut {
  private DropOut() {}

  static void check(String who, String what, double rate) {
    Checks.require(rate >= 0 && rate < 1, who, what + " must be in [0, 1)", rate);
  }

  /** Drops a part of a value, by a mask that is drawn anew for each row, or for each step too. */
  static Expr of(Weights w, String name, double rate, Weights.Draw draw, Expr value) {
    if (rate == 0 || !w.training()) {
      return value;
    }
    double keep = 1 - rate;
    return value.times(w.mask(name, keep, draw, value.shape().asArray()).times(1 / keep));
  }
}
