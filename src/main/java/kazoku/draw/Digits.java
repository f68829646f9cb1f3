package kazoku.draw;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers as people write them: with few digits, as a fraction or as a root. */
final class Digits {
  /** A number of more characters than these is better written in another way. */
  private static final int SHORT = 8;

  private static final double LARGEST = 1e4;

  private Digits() {}

  /**
   * What a number is: 0.25, √3, 1/√8, 1/6; or, if it is none of these, itself with five digits.
   *
   * @param number not negative
   * @return a number of few digits, a root or a fraction of them
   */
  static Formula exact(double number) {
    double close = rounded(number, 12);
    if (plain(close).length() <= SHORT) {
      return new Formula.Number(close);
    }
    if (whole(1 / number)) {
      return new Formula.Fraction(new Formula.Number(1), new Formula.Number(Math.rint(1 / number)));
    }
    if (whole(number * number)) {
      return root(number * number);
    }
    if (whole(1 / (number * number))) {
      return new Formula.Fraction(new Formula.Number(1), root(1 / (number * number)));
    }
    return new Formula.Number(rounded(number, 5));
  }

  private static double rounded(double number, int digits) {
    return new BigDecimal(number).round(new MathContext(digits)).doubleValue();
  }

  /** The shortest digits of a number that is not negative: 66, 0.05, 1e-12. */
  static String plain(double number) {
    BigDecimal exact = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    if (number != 0 && (number < 1e-3 || number >= 1e7)) {
      String digits = exact.unscaledValue().toString();
      int exponent = exact.precision() - exact.scale() - 1;
      String mantissa =
          digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
      return mantissa + "e" + exponent;
    }
    return exact.toPlainString();
  }

  private static Formula root(double square) {
    return new Formula.Root(new Formula.Number(Math.rint(square)));
  }

  private static boolean whole(double number) {
    double nearest = Math.rint(number);
    return nearest >= 2 && nearest <= LARGEST && Math.abs(number - nearest) <= 1e-12 * nearest;
  }
}
