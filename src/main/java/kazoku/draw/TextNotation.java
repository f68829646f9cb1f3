package kazoku.draw;

import java.util.List;
import java.util.stream.Collectors;

/** Formulas as text, as the class comments of cells have them. */
final class TextNotation extends Notation {
  /** Equality signs stand below each other behind left sides of up to so many columns. */
  private static final int SHORT = 6;

  @Override
  String symbol(Formula.Symbol symbol) {
    String letter = Letters.unicode(symbol.letter());
    List<String> subscripts = symbol.subscripts();
    String separator = areLetters(subscripts) ? "" : "_";
    String subscript =
        subscripts.stream().map(Letters::unicode).collect(Collectors.joining(separator));
    return letter + (subscript.isEmpty() ? "" : "_" + subscript) + (symbol.next() ? "'" : "");
  }

  /** Whether subscripts are single letters or pairs, which stand side by side without a sign. */
  static boolean areLetters(List<String> subscripts) {
    return subscripts.stream().allMatch(s -> s.length() <= 2);
  }

  @Override
  String call(Formula.Call call) {
    String settings = call.settings().isEmpty() ? "" : "; " + all(call.settings(), ", ");
    String subscript = call.subscript().isEmpty() ? "" : "_" + call.subscript();
    return call.function() + subscript + parentheses(all(call.arguments(), ", ") + settings);
  }

  @Override
  String exponential(Formula exponent) {
    return isRaised(exponent) ? "e^" + write(exponent) : "exp" + parentheses(write(exponent));
  }

  @Override
  boolean isRaised(Formula exponent) {
    return exponent instanceof Formula.Symbol
        || exponent instanceof Formula.Scaled scaled
            && scaled.factor() == -1
            && scaled.of() instanceof Formula.Symbol;
  }

  @Override
  String power(Formula.Power power) {
    String base = within(ATOM, power.base());
    return power.exponent() instanceof Formula.Number number && number.value() == 2
        ? base + "²"
        : base + "^" + within(ATOM, power.exponent());
  }

  @Override
  String transposed(String matrix) {
    return matrix + "ᵀ";
  }

  @Override
  String inverse(String matrix) {
    return matrix + "⁻¹";
  }

  @Override
  String root(Formula inner) {
    boolean short_ = inner instanceof Formula.Symbol || inner instanceof Formula.Number;
    return "√" + (short_ ? write(inner) : parentheses(write(inner)));
  }

  @Override
  String absolute(Formula inner) {
    return "|" + write(inner) + "|";
  }

  @Override
  String norm(Formula inner) {
    return "‖" + write(inner) + "‖";
  }

  @Override
  String floor(Formula inner) {
    return "⌊" + write(inner) + "⌋";
  }

  @Override
  String fraction(Formula above, Formula below) {
    boolean chained =
        above instanceof Formula.Product product
            && product.operator() == Formula.Operator.ELEMENTWISE;
    return within(chained ? PRODUCT : POWER, above) + "/" + within(POWER, below);
  }

  @Override
  String operator(Formula.Operator operator) {
    return switch (operator) {
      case DOT -> "·";
      case ELEMENTWISE -> "⊙";
      case CONVOLUTION -> "∗";
    };
  }

  @Override
  String minus() {
    return "−";
  }

  @Override
  String sign(boolean negative, List<Formula> terms) {
    boolean complement =
        negative
            && terms.size() == 2
            && terms.get(0) instanceof Formula.Number
            && isAtom(Formula.scaled(-1, terms.get(1)));
    String sign = negative ? "−" : "+";
    return complement ? sign : " " + sign + " ";
  }

  @Override
  String digits(double number) {
    return Digits.plain(number).replace('-', '−');
  }

  @Override
  String row(Formula.Row row) {
    boolean letters = row.values().stream().allMatch(this::isAtom);
    String separator = row.inRows() ? ";" : ",";
    return "[" + all(row.values(), letters ? separator : separator + " ") + "]";
  }

  @Override
  String index(String where) {
    return "[" + where + "]";
  }

  @Override
  String choice(Formula.Choice choice) {
    return within(SUM, choice.yes())
        + " where "
        + write(choice.condition())
        + ", else "
        + write(choice.no());
  }

  @Override
  boolean fractionIsClosed() {
    return false;
  }

  @Override
  boolean choiceIsClosed() {
    return false;
  }

  /** The lines, with their equality signs below each other where the left sides are short. */
  String lines(List<Equation> equations) {
    int width =
        equations.stream()
            .filter(e -> !(e.left() instanceof Formula.Row))
            .mapToInt(e -> width(write(e.left())))
            .filter(w -> w <= SHORT)
            .max()
            .orElse(0);
    return equations.stream()
        .map(
            e -> {
              String left = write(e.left());
              String padding = " ".repeat(Math.max(0, width - width(left)));
              return left + padding + " = " + write(e.right());
            })
        .collect(Collectors.joining("\n"));
  }

  /** The columns that a text takes: accents take none. */
  private static int width(String text) {
    return (int)
        text.codePoints().filter(c -> Character.getType(c) != Character.NON_SPACING_MARK).count();
  }
}
