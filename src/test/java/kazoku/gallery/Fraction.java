package kazoku.gallery;

import java.math.BigInteger;

/**
 * An exact fraction, in lowest terms.
 *
 * @param over the numerator
 * @param under the denominator, more than 0
 */
record Fraction(BigInteger over, BigInteger under) {
  static final Fraction ZERO = of(0);
  static final Fraction ONE = of(1);

  Fraction {
    BigInteger common = over.gcd(under).multiply(BigInteger.valueOf(under.signum()));
    over = over.divide(common);
    under = under.divide(common);
  }

  static Fraction of(long number) {
    return new Fraction(BigInteger.valueOf(number), BigInteger.ONE);
  }

  Fraction plus(Fraction other) {
    return new Fraction(
        over.multiply(other.under).add(other.over.multiply(under)), under.multiply(other.under));
  }

  Fraction times(Fraction other) {
    return new Fraction(over.multiply(other.over), under.multiply(other.under));
  }

  Fraction dividedBy(Fraction other) {
    return new Fraction(over.multiply(other.under), under.multiply(other.over));
  }

  Fraction pow(int exponent) {
    Fraction result = ONE;
    for (int i = 0; i < Math.abs(exponent); i++) {
      result = exponent > 0 ? result.times(this) : result.dividedBy(this);
    }
    return result;
  }

  boolean isZero() {
    return over.signum() == 0;
  }
}
