package kazoku.draw;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Numbers as colours that are told apart without colour sight, too: the larger the number, the
 * further from the paper where nothing is below 0; and around 0 from dark to light (cividis: J.
 * Nuñez, C. Anderton, R. Renslow 2018, <a
 * href="https://doi.org/10.1371/journal.pone.0199239">doi:10.1371/journal.pone.0199239</a>).
 *
 * @param low the number of the first colour
 * @param high that of the last
 */
record Scale(double low, double high) {
  /** How many colours there are; the middle one is that of 0 around 0. */
  static final int LEVELS = 33;

  /** Its greys go from dark to light as its colours do, from blue through grey to yellow. */
  private static final int[] CIVIDIS = {0x00204d, 0x404d6b, 0x7c7b78, 0xb9ac70, 0xffea46};

  private static final int[] FROM_ZERO_LIGHT = {0xf3f4f5, 0xa9cfc6, 0x2c8c83, 0x053f45};
  private static final int[] FROM_ZERO_DARK = {0x22272d, 0x1d5c58, 0x3fb8a8, 0xd3fff4};

  /**
   * The scale for some numbers: of 0 and 1 where all are between, from 0 where none is less, and
   * around 0 otherwise.
   */
  static Scale fitting(double[][] values) {
    double low = finite(values).min().orElse(0);
    double high = finite(values).max().orElse(1);
    double most = Math.max(Math.abs(low), Math.abs(high));
    if (low >= 0 && high <= 1 && high > 0.1) {
      return new Scale(0, 1);
    }
    double end = most == 0 ? 1 : roundedUp(most);
    return new Scale(low >= 0 ? 0 : -end, end);
  }

  /** The least number of two digits that is not below. */
  private static double roundedUp(double number) {
    BigDecimal rounded = new BigDecimal(number).round(new MathContext(2, RoundingMode.CEILING));
    return rounded.doubleValue();
  }

  static DoubleStream finite(double[][] values) {
    return Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(Double::isFinite);
  }

  boolean aroundZero() {
    return low < 0;
  }

  /** The colour of a number, −1 if it is none. */
  int level(double value) {
    if (!Double.isFinite(value)) {
      return -1;
    }
    double part = (value - low) / (high - low);
    return (int) Math.round(Math.min(1, Math.max(0, part)) * (LEVELS - 1));
  }

  /** The first part of the CSS class of a colour; its level follows. */
  String colours() {
    return aroundZero() ? "kazoku-d" : "kazoku-s";
  }

  /** The rules of all colours in a theme. */
  static String css(Theme theme) {
    String scope = "." + theme.scope();
    return theme == Theme.AUTO
        ? rules(scope, false) + "@media (prefers-color-scheme:dark){" + rules(scope, true) + "}"
        : rules(scope, theme == Theme.DARK);
  }

  private static String rules(String scope, boolean dark) {
    StringBuilder css = new StringBuilder();
    for (int level = 0; level < LEVELS; level++) {
      double part = level / (LEVELS - 1.0);
      css.append(rule(scope, "kazoku-d" + level, mixed(CIVIDIS, part)));
      css.append(
          rule(scope, "kazoku-s" + level, mixed(dark ? FROM_ZERO_DARK : FROM_ZERO_LIGHT, part)));
    }
    return css.toString();
  }

  private static String rule(String scope, String name, int colour) {
    return "%s .%s{stroke:#%06x}".formatted(scope, name, colour);
  }

  /** A colour between neighbours. */
  private static int mixed(int[] stops, double part) {
    double at = part * (stops.length - 1);
    int k = Math.min((int) at, stops.length - 2);
    int colour = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = stops[k] >> shift & 0xff;
      int to = stops[k + 1] >> shift & 0xff;
      colour = colour << 8 | (int) Math.round(from + (at - k) * (to - from));
    }
    return colour;
  }

  /** A power of ten as it stands at an axis. */
  static String powerOfTen(int exponent) {
    String digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
    StringBuilder text = new StringBuilder(exponent < 0 ? "10⁻" : "10");
    String.valueOf(Math.abs(exponent))
        .chars()
        .forEach(digit -> text.append(digits.charAt(digit - '0')));
    return exponent == 0 ? "1" : text.toString();
  }

  /** A number as it stands at an axis. */
  static String text(double number) {
    double size = Math.abs(number);
    if (size == 0) {
      return "0";
    }
    if (size < 1e-3 || size >= 1e5) {
      return String.format(Locale.ROOT, "%.1e", number).replace("e-0", "e-").replace("e+0", "e");
    }
    String text = String.format(Locale.ROOT, size >= 100 ? "%.0f" : "%.3g", number);
    return (text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text)
        .replace("-", "−");
  }
}
