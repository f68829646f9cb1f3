package kazoku.gallery;

/**
 * Whole numbers modulo the prime 2⁶¹ − 1: linear equations are solved here without fractions that
 * grow, and the solution is a fraction again.
 */
final class Residue {
  private static final long PRIME = (1L << 61) - 1;

  /** Numerators and denominators below this are told apart by their residues. */
  private static final long LARGEST = 1L << 30;

  private Residue() {}

  static long of(long number) {
    return Math.floorMod(number, PRIME);
  }

  static long minus(long a, long b) {
    return of(a - b);
  }

  static long times(long a, long b) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    return of((low & PRIME) + (low >>> 61 | high << 3));
  }

  static long inverse(long a) {
    long result = 1;
    long power = a;
    for (long exponent = PRIME - 2; exponent > 0; exponent >>= 1) {
      if ((exponent & 1) == 1) {
        result = times(result, power);
      }
      power = times(power, power);
    }
    return result;
  }

  static long pow(long a, int exponent) {
    long base = exponent < 0 ? inverse(a) : a;
    long result = 1;
    for (int i = 0; i < Math.abs(exponent); i++) {
      result = times(result, base);
    }
    return result;
  }

  /** The fraction of small numbers that has a residue, by Euclid's algorithm. */
  static Fraction fraction(long residue) {
    long a = PRIME;
    long b = residue;
    long before = 0;
    long factor = 1;
    while (b >= LARGEST) {
      long quotient = a / b;
      long rest = a - quotient * b;
      a = b;
      b = rest;
      long next = before - quotient * factor;
      before = factor;
      factor = next;
    }
    return Fraction.of(b).dividedBy(Fraction.of(factor));
  }
}
