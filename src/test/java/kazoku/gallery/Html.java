package kazoku.gallery;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Pieces of HTML. Numbers are written the same on every machine. */
final class Html {
  private Html() {}

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** A text as the value of an attribute. */
  static String attribute(String text) {
    return escape(text).replace("\"", "&quot;").replace("\n", "&#10;");
  }

  static String code(String text) {
    return "<code>" + escape(text) + "</code>";
  }

  /** A link to the card of a cell, under its short name. */
  static String link(String cell) {
    return "<a href=\"#" + cell + "\">" + shortName(cell) + "</a>";
  }

  /** A cell's name without its last part. */
  static String shortName(String cell) {
    return cell.replaceFirst("Cell$", "");
  }

  /** A constant's name in attributes. */
  static String key(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static String formula(Polynomial formula) {
    return "<span class=\"formula\">" + formula.written(Polynomial.HTML) + "</span>";
  }

  /** Names of weights or slots with their shapes. */
  static String shapes(Map<String, List<Polynomial>> shapes) {
    return shapes.entrySet().stream()
        .map(
            s -> code(s.getKey()).replace(", ", "</code>, <code>") + "\u00a0" + shape(s.getValue()))
        .collect(joining(", "));
  }

  private static String shape(List<Polynomial> axes) {
    return axes.stream()
        .map(axis -> axis.expanded(Polynomial.HTML))
        .collect(joining(", ", "[", "]"));
  }

  /** A whole number with commas. */
  static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A small number with two digits, as a multiple of a power of ten. */
  static String power(double value) {
    if (value == 0) {
      return "0";
    }
    String[] parts = String.format(Locale.ROOT, "%.1e", value).split("e");
    String exponent = Integer.toString(Integer.parseInt(parts[1])).replace("-", "−");
    return parts[0] + "·10<sup>" + exponent + "</sup>";
  }
}
