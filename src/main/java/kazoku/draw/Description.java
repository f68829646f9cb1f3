package kazoku.draw;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kazoku.draw.Picture.Terminal;
import kazoku.draw.Term.Kind;

/** What is to be seen in a figure, in words, for who does not see it: its equations. */
final class Description {
  private final Map<Term, Integer> uses = new HashMap<>();
  private final Map<Term, String> names = new HashMap<>();
  private final Map<String, String> lines = new LinkedHashMap<>();

  private int numbered;

  private Description() {}

  /** The description of a figure of these results. */
  static String of(List<Terminal> sources, List<Terminal> results) {
    Description description = new Description();
    results.forEach(result -> description.count(result.term()));
    results.forEach(
        result ->
            description.lines.put(result.label().typed(), description.formula(result.term())));
    String from = sources.stream().map(s -> s.label().typed()).collect(Collectors.joining(", "));
    String equations =
        description.lines.entrySet().stream()
            .map(line -> line.getKey() + " = " + line.getValue())
            .collect(Collectors.joining("; "));
    return "From " + from + ": " + equations + ".";
  }

  private void count(Term term) {
    if (uses.merge(term, 1, Integer::sum) == 1) {
      term.of().forEach(this::count);
    }
  }

  /** The name of what has one, or is needed several times; the formula of others. */
  private String formula(Term term) {
    boolean named = term.kind() == Kind.NAME || uses.get(term) > 1 && !term.of().isEmpty();
    if (!named) {
      return spelled(term);
    }
    String known = names.get(term);
    if (known == null) {
      String spelled = spelled(term);
      known = term.kind() == Kind.NAME ? term.label().typed() : "value " + (++numbered);
      names.put(term, known);
      lines.put(known, spelled);
    }
    return known;
  }

  private String spelled(Term term) {
    List<String> of = term.of().stream().map(this::formula).toList();
    return switch (term.kind()) {
      case SOURCE, GIVEN -> term.label().typed();
      case SUM -> {
        String note = term.note().isEmpty() ? "" : " + " + term.note().typed();
        yield "(" + String.join(" + ", of) + note + ")";
      }
      case PRODUCT -> "(" + String.join(" " + term.label().typed() + " ", of) + ")";
      case ROW -> "[" + String.join(", ", of) + "]";
      case OPERATION -> term.label().typed() + "(" + String.join(", ", of) + ")";
      case NAME, ROLE -> of.get(0);
      case WEIGHT -> term.label().typed() + " " + of.get(0);
      case BLOCK -> of.get(0) + term.label().typed();
      case FUNCTION, FACTOR -> applied(term.form(), of.get(0));
    };
  }

  private static String applied(Form form, String to) {
    boolean function = form.binding() == Form.Binding.FUNCTION && !to.startsWith("(");
    String applied =
        form.before().typed() + (function ? "(" + to + ")" : to) + form.after().typed();
    return form.binding() == Form.Binding.SUM ? "(" + applied + ")" : applied;
  }
}
