package kazoku.gallery;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sets printed equations in HTML: letters in italics, subscripts and powers where they belong, all
 * lines aligned at their equals sign. A line that is too long is broken at an operator.
 */
final class Setting {
  private static final String NAME = "[\\p{Lu}\\p{Ll}][\\p{Lu}\\p{Ll}\\p{M}\\d]*";
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<name>%s)(?:_(?<sub>[\\p{Lu}\\p{Ll}\\d]+(?:,[\\p{Lu}\\p{Ll}\\d]{3,}(?![_\\p{Lu}\\p{Ll}\\d']))*))?(?<prime>')?"
                  .formatted(NAME)
              + "|(?<number>\\d+(?:\\.\\d+)?)(?:e(?<exponent>−?\\d+))?"
              + "|\\^(?<power>−?%s(?:_[\\p{Lu}\\p{Ll}\\d]+)?'?|\\d+)".formatted(NAME)
              + "|(?<operator>[⊙·∗])"
              + "|(?<other>.)",
          Pattern.DOTALL);
  private static final Set<String> WORDS = Set.of("where", "else", "const", "e", "ln", "None");

  private static final char HAIR = '\u200a';

  private Setting() {}

  /**
   * Equations in HTML.
   *
   * @param text one in a line
   */
  static String html(String text) {
    StringBuilder lines = new StringBuilder();
    for (String line : text.split("\n")) {
      int cut = line.indexOf(" = ");
      String left = set(line.substring(0, cut).strip()).replace(",", ",<wbr>");
      lines.append(
          "<div class=\"line\"><span class=\"left\">%s</span><span>=</span><span class=\"right\">%s</span></div>\n"
              .formatted(left, set(line.substring(cut + 3).strip())));
    }
    return lines.toString();
  }

  private static String set(String formula) {
    StringBuilder html = new StringBuilder();
    Matcher token = TOKEN.matcher(formula);
    while (token.find()) {
      if (token.group("name") != null) {
        boolean call = token.end() < formula.length() && formula.charAt(token.end()) == '(';
        html.append(symbol(token, call || WORDS.contains(token.group("name"))));
      } else if (token.group("number") != null) {
        html.append(number(token.group("number"), token.group("exponent")));
      } else if (token.group("other") != null && formula.startsWith("^(", token.start())) {
        int end = closing(formula, token.end());
        html.append("<sup>").append(set(formula.substring(token.end() + 1, end))).append("</sup>");
        token.region(end + 1, formula.length());
      } else if (token.group("power") != null) {
        html.append("<sup>").append(set(token.group("power"))).append("</sup>");
      } else if (token.group("operator") != null) {
        html.append(HAIR).append(token.group("operator")).append(HAIR).append("<wbr>");
      } else {
        html.append(other(token.group("other")));
      }
    }
    return html.toString();
  }

  /** Where the parenthesis is closed that is opened at a place. */
  private static int closing(String formula, int open) {
    int depth = 0;
    for (int k = open; k < formula.length(); k++) {
      depth += formula.charAt(k) == '(' ? 1 : formula.charAt(k) == ')' ? -1 : 0;
      if (depth == 0) {
        return k;
      }
    }
    throw new IllegalArgumentException(formula + ": a parenthesis is not closed");
  }

  private static String symbol(Matcher token, boolean upright) {
    String name = token.group("name");
    String sub = token.group("sub");
    String prime = token.group("prime");
    return (upright ? name : "<var>" + name + "</var>")
        + (sub == null ? "" : "<sub>" + sub + "</sub>")
        + (prime == null ? "" : "′");
  }

  private static String number(String digits, String exponent) {
    if (exponent == null) {
      return digits;
    }
    String power = "10<sup>" + exponent + "</sup>";
    return digits.equals("1") ? power : digits + "·" + power;
  }

  private static String other(String character) {
    return switch (character) {
      case "ᵀ" -> "<sup>T</sup>";
      case "²" -> "<sup>2</sup>";
      case "⁻" -> "<sup>−</sup>";
      case "¹" -> "<sup>1</sup>";
      default -> Html.escape(character);
    };
  }
}
