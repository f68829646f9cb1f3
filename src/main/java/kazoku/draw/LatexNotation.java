package kazoku.draw;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Formulas as LaTeX, of commands that MathJax and KaTeX know. */
final class LatexNotation extends Notation {
  private static final Set<String> COMMANDS =
      Set.of("tanh", "ln", "sin", "cos", "max", "min", "exp");

  private static final Map<String, String> SIGNS =
      Map.of("σ", "\\sigma", "ln σ", "\\ln\\sigma", "hardσ", "\\operatorname{hard}\\sigma");

  @Override
  String symbol(Formula.Symbol symbol) {
    String prime = symbol.next() ? "'" : "";
    if (symbol.letter().endsWith("ᵀ")) {
      String matrix = symbol.letter().substring(0, symbol.letter().length() - 1);
      return transposed(Letters.latex(matrix)) + prime;
    }
    String letter = Letters.latex(symbol.letter());
    List<String> subscripts = symbol.subscripts();
    if (subscripts.isEmpty()) {
      return letter + prime;
    }
    String separator = TextNotation.areLetters(subscripts) ? "" : ",";
    String base = letter.endsWith("}") ? "{" + letter + "}" : letter;
    return subscripts.stream()
        .map(Letters::latexSubscript)
        .collect(Collectors.joining(separator, base + "_{", "}" + prime));
  }

  @Override
  String call(Formula.Call call) {
    String settings = call.settings().isEmpty() ? "" : "; " + all(call.settings(), ", ");
    String arguments = parentheses(all(call.arguments(), ", ") + settings);
    if (call.function().startsWith("Σ")) {
      String over = call.function().substring(1).replace("_", "");
      return "\\sum" + (over.isEmpty() ? "" : "\\nolimits_{" + over + "}") + arguments;
    }
    String subscript = call.subscript().isEmpty() ? "" : "_{" + call.subscript() + "}";
    return function(call.function()) + subscript + arguments;
  }

  private static String function(String name) {
    return COMMANDS.contains(name)
        ? "\\" + name
        : SIGNS.getOrDefault(name, "\\operatorname{" + Letters.escaped(name) + "}");
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
    return "{\\left\\lfloor " + write(inner) + "\\right\\rfloor}";
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
    return "[" + where.replace("None", "\\text{None}") + "]";
  }

  @Override
  String choice(Formula.Choice choice) {
    StringBuilder cases = new StringBuilder("\\begin{cases} ");
    Formula rest = choice;
    while (rest instanceof Formula.Choice one) {
      cases
          .append(write(one.yes()))
          .append(" & \\text{where } ")
          .append(write(one.condition()))
          .append(" \\\\ ");
      rest = one.no();
    }
    return cases.append(write(rest)).append(" & \\text{else} \\end{cases}").toString();
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
