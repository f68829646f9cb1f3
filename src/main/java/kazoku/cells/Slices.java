package kazoku.cells;

import kazoku.Checks;
import kazoku.Expr;

/** Slices of the frequency axis, which may overlap. */
final class Slices {
  private Slices() {}

  /** How many slices of {@code featureSize} columns fit into {@code columns} of them. */
  static int count(String who, int columns, int featureSize, int frequencySkip) {
    Checks.atLeastOne(who, "featureSize", featureSize);
    Checks.atLeastOne(who, "frequencySkip", frequencySkip);
    Checks.require(
        featureSize <= columns,
        who,
        "featureSize must be at most the columns " + columns,
        featureSize);
    return (columns - featureSize) / frequencySkip + 1;
  }

  /** Some columns of the input. */
  static Expr columns(Expr x, int from, int size) {
    return x.split(-1, from, size, x.size() - from - size).get(1);
  }

  /** A row of zeros: what a sweep along the frequency axis begins with. */
  static Expr zeros(int size) {
    return Expr.constant(new double[size], size);
  }
}
