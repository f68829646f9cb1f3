package kazoku.draw;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kazoku.Activation;
import kazoku.Cell;

/** The equations in the comment of a cell's class, for one configuration of the cell. */
final class ClassComment {
  private static final Pattern PRE = Pattern.compile("<pre>\n(.*?)</pre>", Pattern.DOTALL);
  private static final Pattern PARAM = Pattern.compile("@param (\\w+) ([^ ,;:]+)[,;:\n]");
  private static final Pattern LOOP =
      Pattern.compile("(\\p{L}) = (\\d+)(?:,(\\d+))?\\.\\.(\\p{L})(?:, the last is (\\p{L}'))?");
  private static final Pattern ALTERNATIVES = Pattern.compile("\\[(.+) for q = ([\\w,]+)\\]");
  private static final Pattern RANGE = Pattern.compile("(\\p{L})_1\\.\\.\\1_(\\p{L})");

  /** An equation, and what stands beside it. */
  record Line(EquationText equation, String remark) {

    /** Whether it is there in some configurations only. */
    boolean isOptional() {
      return remark.matches(".*\\b(if|in place of)\\b.*");
    }
  }

  private final Cell cell;
  private final List<Line> lines = new ArrayList<>();
  private final Map<String, EquationText.Node> values = new LinkedHashMap<>();
  private final Map<String, String> functions = new LinkedHashMap<>();

  ClassComment(Cell cell) {
    this.cell = cell;
    String comment = comment(cell);
    for (RecordComponent component : cell.getClass().getRecordComponents()) {
      configure(component.getName(), component.getName());
    }
    Matcher param = PARAM.matcher(comment);
    while (param.find()) {
      configure(param.group(1), param.group(2));
    }
    Matcher pre = PRE.matcher(comment);
    while (pre.find()) {
      read(pre.group(1).lines().toList());
    }
  }

  /** What the comment prints, as it stands there. */
  static String printed(Cell cell) {
    return PRE.matcher(comment(cell))
        .results()
        .map(pre -> pre.group(1).strip())
        .collect(Collectors.joining("\n\n"));
  }

  private static String comment(Cell cell) {
    Path source = Path.of("src/main/java", cell.getClass().getName().replace('.', '/') + ".java");
    try {
      String text = Files.readString(source);
      String comment = text.substring(text.indexOf("/**"), text.indexOf("*/"));
      return comment.replaceAll("\n \\* ?", "\n").replace("&lt;", "<").replace("&gt;", ">");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A setting's symbol stands for its value. */
  private void configure(String setting, String symbol) {
    Object value = value(setting);
    if (value instanceof java.lang.Number number) {
      values.put(symbol, EquationText.Node.number(number.doubleValue()));
    } else if (value instanceof Activation || value instanceof Enum) {
      functions.put(symbol, function(value.toString()));
    }
  }

  private Object value(String setting) {
    try {
      for (RecordComponent component : cell.getClass().getRecordComponents()) {
        if (component.getName().equals(setting)) {
          return component.getAccessor().invoke(cell);
        }
      }
      return null;
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static String function(String name) {
    return switch (name) {
      case "IDENTITY" -> "";
      case "SIGMOID" -> "σ";
      case "SIXTH", "HARD_SIGMOID_SIXTH" -> "hardσ_6";
      case "FIFTH", "HARD_SIGMOID_FIFTH" -> "hardσ_5";
      default -> name.toLowerCase(java.util.Locale.ROOT);
    };
  }

  /** A line that is the name of a form begins the equations of this form. */
  private void read(List<String> text) {
    boolean applies = true;
    for (String line : joined(text)) {
      if (line.isBlank()) {
        applies = true;
      } else if (!line.contains(" = ")) {
        applies = applies(line);
      } else if (applies) {
        read(line);
      }
    }
  }

  /** A line that begins with "else" goes on with the equation of the line before. */
  private static List<String> joined(List<String> text) {
    List<String> lines = new ArrayList<>();
    for (String line : text) {
      if (line.strip().startsWith("else ")) {
        String before = lines.remove(lines.size() - 1).split(",  +")[0];
        lines.add(before + ", " + line.strip());
      } else {
        lines.add(line);
      }
    }
    return lines;
  }

  private void read(String line) {
    List<String> equations = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    for (String column : line.replaceAll(" +=(?= )", " =").strip().split("[;,]?   *")) {
      boolean loop = LOOP.matcher(column).find();
      boolean equation = column.contains(" = ") && !loop && remarks.isEmpty();
      (equation ? equations : remarks).add(column);
    }
    String remark = String.join("  ", remarks);
    if (applies(remark) && !remark.contains("constant")) {
      equations.forEach(equation -> add(equation, remark));
    }
  }

  private void add(String equation, String remark) {
    Matcher loop = LOOP.matcher(remark);
    if (!loop.find()) {
      lines.add(new Line(EquationText.of(expanded(equation)), remark));
      return;
    }
    int from = Integer.parseInt(loop.group(2));
    int by = loop.group(3) == null ? 1 : Integer.parseInt(loop.group(3)) - from;
    int last = number(loop.group(4));
    for (int k = from; k <= last; k += by) {
      // One letter more is that of a block: U_lt is the block t of U_l.
      String one = equation.replaceAll("_" + loop.group(1) + "(?!\\p{L}{2})", "_" + k);
      if (k == last && loop.group(5) != null) {
        one = loop.group(5) + one.substring(one.indexOf(" = "));
      }
      lines.add(new Line(EquationText.of(expanded(one)), remark));
    }
  }

  private int number(String setting) {
    return (int) values.get(setting).value();
  }

  /** Writes out what is alike: {@code [i_1..i_k]}, {@code split_k}, {@code [a_q for q = i,f]}. */
  private String expanded(String equation) {
    String all =
        ALTERNATIVES
            .matcher(equation)
            .replaceAll(
                list ->
                    Arrays.stream(list.group(2).split(","))
                        .map(q -> list.group(1).replace("_q", "_" + q))
                        .collect(Collectors.joining(",", "[", "]")));
    all =
        RANGE
            .matcher(all)
            .replaceAll(
                range ->
                    IntStream.rangeClosed(1, number(range.group(2)))
                        .mapToObj(k -> range.group(1) + "_" + k)
                        .collect(Collectors.joining(",")));
    return Pattern.compile("split_(\\p{L})")
        .matcher(all)
        .replaceAll(split -> "split_" + number(split.group(1)));
  }

  /** Whether a remark names no form of the cell but the one it has. */
  private boolean applies(String remark) {
    for (RecordComponent component : cell.getClass().getRecordComponents()) {
      if (component.getType().isEnum()) {
        List<String> named =
            Arrays.stream(component.getType().getEnumConstants())
                .map(Object::toString)
                .filter(name -> remark.matches("(.*\\W)?" + name + "(\\W.*)?"))
                .toList();
        if (!named.isEmpty() && !named.contains(String.valueOf(value(component.getName())))) {
          return false;
        }
      }
    }
    return true;
  }

  /** The lines, with the values of settings. */
  List<Line> lines() {
    Map<String, EquationText.Node> settings = new LinkedHashMap<>(values);
    lines.forEach(line -> settings.keySet().removeAll(line.equation.defined()));
    return lines.stream()
        .map(line -> new Line(line.equation.with(settings, functions), line.remark))
        .toList();
  }
}
