package kazoku.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import kazoku.Checks;
import kazoku.Structure;
import kazoku.Structure.Part;
import kazoku.Structure.Weight;

/** The structure of a network as a table of at most {@value #WIDTH} columns. */
final class Summary {
  private static final int WIDTH = 100;
  private static final int MOST_OF_PATH = 34;

  private final Structure structure;
  private final List<Row> rows = new ArrayList<>();

  /**
   * A line of the table, and what is said below it.
   *
   * @param indented the end of its path
   * @param details what stands below it, by name
   */
  private record Row(
      String indented,
      String kind,
      String output,
      long trained,
      long fixed,
      Map<String, List<String>> details) {}

  Summary(Structure structure) {
    this.structure = structure;
    structure.parts().forEach(part -> add(part, 0));
    List<Weight> others = structure.others();
    if (!others.isEmpty()) {
      Part beside = new Part("", "beside layers", "", "", others, null, List.of());
      add(beside, 0);
    }
  }

  private void add(Part part, int depth) {
    Map<String, List<String>> details = new LinkedHashMap<>();
    if (!part.weights().isEmpty()) {
      details.put("weights", part.weights().stream().map(w -> shape(part.path(), w)).toList());
    }
    if (part.steps() != null) {
      details.put(
          "state",
          part.steps().state().stream()
              .map(slot -> slot.name() + " " + Checks.text(slot.shape()))
              .toList());
      details.put("steps", List.of(part.steps().loop().toString()));
    }
    rows.add(
        new Row(
            "  ".repeat(depth) + part.name(),
            part.kind(),
            part.output(),
            part.trained(),
            part.fixed(),
            details));
    part.inside().forEach(inner -> add(inner, depth + 1));
  }

  private static String shape(String path, Weight weight) {
    return weight.name().substring(path.isEmpty() ? 0 : path.length() + 1)
        + " "
        + Checks.text(weight.shape())
        + (weight.trained() ? "" : " fixed");
  }

  @Override
  public String toString() {
    boolean anyFixed = rows.stream().anyMatch(row -> row.fixed > 0);
    int numbers = anyFixed ? 24 : 12;
    int path = width(rows.stream().map(Row::indented), "all weights", MOST_OF_PATH);
    int output = width(rows.stream().map(Row::output), "output", WIDTH);
    int kind = width(rows.stream().map(Row::kind), "layer", WIDTH - path - output - numbers - 4);
    String form =
        "%-" + path + "s  %-" + kind + "s  %-" + output + "s%12s" + (anyFixed ? "%12s" : "");
    String rule = "-".repeat(path + kind + output + numbers + 4);
    StringBuilder text = new StringBuilder();
    line(text, form.formatted("name", "layer", "output", "trained", "fixed"));
    line(text, rule);
    for (Row row : rows) {
      List<String> kinds = wrapped(List.of(row.kind.split("(?<=[ (])")), kind);
      boolean fits = row.indented.length() <= path;
      if (!fits) {
        line(text, row.indented);
      }
      line(
          text,
          form.formatted(
              fits ? row.indented : "",
              kinds.get(0),
              row.output,
              number(row.trained),
              number(row.fixed)));
      kinds.stream().skip(1).forEach(more -> line(text, " ".repeat(path + 2) + more));
      int indent = row.indented.length() - row.indented.stripLeading().length() + 4;
      row.details.forEach((name, values) -> detail(text, indent, name, values));
    }
    line(text, rule);
    line(
        text,
        form.formatted(
            "all weights", "", "", number(structure.trained()), number(structure.fixed())));
    return text.toString();
  }

  private static String number(long count) {
    return count == 0 ? "" : String.format(Locale.ROOT, "%,d", count);
  }

  private static int width(Stream<String> texts, String least, int most) {
    int longest = texts.mapToInt(String::length).max().orElse(0);
    return Math.max(least.length(), Math.min(longest, most));
  }

  private static void line(StringBuilder text, String line) {
    text.append(line.stripTrailing()).append(System.lineSeparator());
  }

  private static void detail(StringBuilder text, int indent, String name, List<String> values) {
    List<String> words = new ArrayList<>();
    for (String value : values) {
      words.add(words.size() == values.size() - 1 ? value : value + ", ");
    }
    String label = name;
    for (String part : wrapped(words, WIDTH - indent - 9)) {
      line(text, " ".repeat(indent) + "%-9s".formatted(label) + part);
      label = "";
    }
  }

  /** Words in lines of at most some length. */
  private static List<String> wrapped(List<String> words, int width) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : words) {
      if (!line.isEmpty() && (line + word).stripTrailing().length() > width) {
        lines.add(line.stripTrailing());
        line = "";
      }
      line += word;
    }
    lines.add(line.stripTrailing());
    return lines;
  }
}
