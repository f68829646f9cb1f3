package kazoku.train;

import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kazoku.Built;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.RNN;
import org.tensorflow.ndarray.Shape;

/** The layers of a pass as a table of at most {@value #WIDTH} columns. */
final class Summary {
  private static final int WIDTH = 100;
  private static final int MOST_OF_PATH = 34;

  private final Map<String, Shape> weights;
  private final Set<String> trained;
  private final Map<String, Built> layers = new LinkedHashMap<>();
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

  /**
   * A summary.
   *
   * @param built what was built, each after what stands in it
   * @param weights the shapes of all weights
   * @param trained the names of those that are trained
   */
  Summary(Collection<Built> built, Map<String, Shape> weights, Set<String> trained) {
    this.weights = weights;
    this.trained = trained;
    built.forEach(layer -> layers.put(layer.path(), layer));
    inside("").forEach(path -> add(path, "", 0));
    List<String> others =
        weights.keySet().stream()
            .filter(name -> layers.keySet().stream().noneMatch(path -> under(path, name)))
            .toList();
    if (!others.isEmpty()) {
      rows.add(row("beside layers", "", "", others, Map.of("weights", shapes("", others))));
    }
  }

  private static boolean under(String path, String name) {
    return path.isEmpty() || name.startsWith(path + "/");
  }

  /** The layers that stand in one directly. */
  private List<String> inside(String path) {
    return layers.keySet().stream()
        .filter(inner -> under(path, inner) && !inner.equals(path))
        .filter(
            inner ->
                layers.keySet().stream()
                    .noneMatch(
                        other ->
                            !other.equals(path)
                                && under(path, other)
                                && !other.isEmpty()
                                && under(other, inner)))
        .toList();
  }

  private void add(String path, String outer, int depth) {
    Built layer = layers.get(path);
    List<String> inside = inside(path);
    // The cell of a layer has no line of its own.
    boolean one = inside.size() == 1 && inside.get(0).equals(path + "/cell");
    Built.Steps steps = one ? layers.get(inside.get(0)).steps() : layer.steps();
    boolean container = !inside.isEmpty() && !one;
    List<String> all = weights.keySet().stream().filter(name -> under(path, name)).toList();
    List<String> own =
        container
            ? all.stream()
                .filter(name -> inside.stream().noneMatch(inner -> under(inner, name)))
                .toList()
            : all;
    Map<String, List<String>> details = new LinkedHashMap<>();
    if (!own.isEmpty()) {
      details.put("weights", shapes(path, own));
    }
    if (steps != null) {
      details.put(
          "state",
          steps.state().stream()
              .map(slot -> slot.name() + " " + Checks.text(slot.shape()))
              .toList());
      details.put("steps", List.of(steps.loop().toString()));
    }
    String name = path.substring(outer.isEmpty() ? 0 : outer.length() + 1);
    rows.add(
        row(
            "  ".repeat(depth) + name,
            container ? simpleName(layer.what()) : kind(layer.what()),
            output(layer.output().asOutput().shape()),
            all,
            details));
    if (container) {
      inside.forEach(inner -> add(inner, path, depth + 1));
    }
  }

  private Row row(
      String indented,
      String kind,
      String output,
      List<String> names,
      Map<String, List<String>> details) {
    long sum = size(names);
    long moving = size(names.stream().filter(trained::contains).toList());
    return new Row(indented, kind, output, moving, sum - moving, details);
  }

  private long size(Collection<String> names) {
    return names.stream().mapToLong(name -> weights.get(name).size()).sum();
  }

  private List<String> shapes(String path, List<String> names) {
    int skipped = path.isEmpty() ? 0 : path.length() + 1;
    return names.stream()
        .map(
            name ->
                name.substring(skipped)
                    + " "
                    + Checks.text(weights.get(name))
                    + (trained.contains(name) ? "" : " fixed"))
        .toList();
  }

  /** The axes of an output: B rows, T steps. */
  private static String output(Shape shape) {
    if (shape.isUnknown()) {
      return "?";
    }
    List<String> axes = new ArrayList<>();
    for (int axis = 0; axis < shape.numDimensions(); axis++) {
      long size = shape.get(axis);
      String unknown = axis == 0 ? "B" : axis == 1 ? "T" : "?";
      axes.add(size == Shape.UNKNOWN_SIZE ? unknown : Long.toString(size));
    }
    return axes.toString();
  }

  private static String simpleName(Object what) {
    Object inner = what instanceof Layer.Named named ? named.layer() : what;
    String name = inner.getClass().getSimpleName();
    return name.matches("\\w+") ? name : "layer";
  }

  /** As code has it: the name, and what stands first in it, as long as that is sizes and cells. */
  private static String kind(Object what) {
    if (what instanceof Layer.Named named) {
      return kind(named.layer());
    }
    if (what instanceof Collection<?> all && !all.isEmpty()) {
      return all.stream().map(Summary::kind).collect(Collectors.joining(", "));
    }
    if (!(what instanceof Record record)) {
      return simpleName(what);
    }
    List<String> settings = new ArrayList<>();
    for (Object value : values(record)) {
      boolean parts =
          value instanceof Cell
              || value instanceof Layer
              || value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Cell;
      if (!parts && !(value instanceof Integer)) {
        break;
      }
      settings.add(parts ? kind(value) : value.toString());
    }
    String end = what instanceof RNN rnn && rnn.reverse() ? ".reversed()" : "";
    String inside = settings.isEmpty() ? "" : "(" + String.join(", ", settings) + ")";
    return simpleName(what) + inside + end;
  }

  /** The values of a record; none where it does not open itself. */
  private static List<Object> values(Record record) {
    List<Object> values = new ArrayList<>();
    try {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        values.add(accessor.invoke(record));
      }
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      return List.of();
    }
    return values;
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
      line(
          text,
          form.formatted(
              row.indented, kinds.get(0), row.output, number(row.trained), number(row.fixed)));
      kinds.stream().skip(1).forEach(more -> line(text, " ".repeat(path + 2) + more));
      int indent = row.indented.length() - row.indented.stripLeading().length() + 4;
      row.details.forEach((name, values) -> detail(text, indent, name, values));
    }
    long moving = size(trained);
    line(text, rule);
    line(
        text,
        form.formatted(
            "all weights", "", "", number(moving), number(size(weights.keySet()) - moving)));
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
        lines.add(line);
        line = "";
      }
      line += word;
    }
    lines.add(line);
    return lines;
  }
}
