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

  static void checkKept(String who, String what, double keep) {
    Checks.require(keep > 0 && keep <= 1, who, what + " must be in (0, 1]", keep);
  }

  /** Drops a part of a value, by a mask that is drawn anew for each row, or for each step too. */
  static Expr of(Weights w, String name, double rate, Weights.Draw draw, Expr value) {
    return keep(w, name, 1 - rate, draw, value);
  }

  /** Keeps a part of a value, by a mask that is drawn anew for each row, or for each step too. */
  static Expr keep(Weights w, String name, double keep, Weights.Draw draw, Expr value) {
    if (keep == 1 || !w.training()) {
      return value;
    }
    return value.times(w.mask(name, keep, draw, value.shape().asArray()).times(1 / keep));
  }
}
