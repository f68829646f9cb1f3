package kazoku.draw;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Formulas as LaTeX, of commands that MathJax and KaTeX know. */
final class LatexNotation extends Notation {
  private static final Set<String> COMMANDS =
      Set.of("tanh", "ln", "sin", "cos", "max", "min", "exp");

  private static final Map<String, String> OTHERS =
      Map.of(
          "σ", "\\sigma",
          "Σ", "\\textstyle\\sum",
          "Σ_B", "\\textstyle\\sum_B");

  @Override
  String symbol(Formula.Symbol symbol) {
    String letter = Letters.latex(symbol.letter());
    String subscripts =
        TextNotation.subscripts(
            symbol.subscripts().stream().map(LatexNotation::subscript).toList());
    String base =
        subscripts.isEmpty()
            ? letter
            : (letter.contains("_") ? "{" + letter + "}" : letter) + "_{" + subscripts + "}";
    return base + (symbol.next() ? "'" : "");
  }

  private static String subscript(String name) {
    return name.matches("[A-Za-z]{3,}") && !Letters.latex(name).startsWith("\\") ? name : name;
  }

  @Override
  String call(Formula.Call call) {
    String settings = call.settings().isEmpty() ? "" : "; " + all(call.settings(), ", ");
    String subscript = call.subscript().isEmpty() ? "" : "_{" + call.subscript() + "}";
    return function(call.function())
        + subscript
        + parentheses(all(call.arguments(), ", ") + settings);
  }

  private static String function(String name) {
    if (COMMANDS.contains(name)) {
      return "\\" + name;
    }
    return OTHERS.getOrDefault(name, "\\operatorname{" + name + "}");
  }

  @Override
  String exponential(Formula exponent) {
    return "e^{" + write(exponent) + "}";
  }

  @Override
  boolean isRaised(Formula exponent) {
    return true;
  }

  @Override
  String power(Formula.Power power) {
    return "{" + within(ATOM, power.base()) + "}^{" + write(power.exponent()) + "}";
  }

  @Override
  String transposed(String matrix) {
    return "{" + matrix + "}^{\\top}";
  }

  @Override
  String inverse(String matrix) {
    return "{" + matrix + "}^{-1}";
  }

  @Override
  String root(Formula inner) {
    return "\\sqrt{" + write(inner) + "}";
  }

  @Override
  String absolute(Formula inner) {
    return "\\left|" + write(inner) + "\\right|";
  }

  @Override
  String norm(Formula inner) {
    return "\\left\\|" + write(inner) + "\\right\\|";
  }

  @Override
  String floor(Formula inner) {
    return "\\left\\lfloor " + write(inner) + "\\right\\rfloor ";
  }

  @Override
  String fraction(Formula above, Formula below) {
    return "\\frac{" + write(above) + "}{" + write(below) + "}";
  }

  @Override
  String operator(Formula.Operator operator) {
    return switch (operator) {
      case DOT -> " \\cdot ";
      case ELEMENTWISE -> " \\odot ";
      case CONVOLUTION -> " \\ast ";
    };
  }

  @Override
  String minus() {
    return "-";
  }

  @Override
  String sign(boolean negative, List<Formula> terms) {
    return negative ? " - " : " + ";
  }

  @Override
  String digits(double number) {
    String[] parts = Digits.plain(number).split("e");
    if (parts.length == 1) {
      return parts[0];
    }
    String power = "10^{" + parts[1] + "}";
    return parts[0].equals("1") ? power : parts[0] + " \\cdot " + power;
  }

  @Override
  String row(Formula.Row row) {
    return "[" + all(row.values(), row.inRows() ? "; " : ", ") + "]";
  }

  @Override
  String index(String where) {
    return "[" + where.replace("None", "\\cdot") + "]";
  }

  @Override
  String choice(Formula.Choice choice) {
    return "\\begin{cases} "
        + write(choice.yes())
        + " & \\text{where } "
        + write(choice.left())
        + " "
        + choice.relation().replace("≥", "\\ge ")
        + " "
        + write(choice.right())
        + " \\\\ "
        + write(choice.no())
        + " & \\text{else} \\end{cases}";
  }

  @Override
  String parentheses(String inner) {
    return "(" + inner + ")";
  }

  @Override
  boolean fractionIsClosed() {
    return true;
  }

  @Override
  boolean choiceIsClosed() {
    return true;
  }

  String lines(List<Equation> equations) {
    return equations.stream()
        .map(e -> write(e.left()) + " &= " + write(e.right()))
        .collect(Collectors.joining(" \\\\\n", "\\begin{aligned}\n", "\n\\end{aligned}"));
  }
}
