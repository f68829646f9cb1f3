package kazoku.draw;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kazoku.Checks;
import kazoku.internal.files.Aside;

/**
 * Writes one picture in SVG: shapes, texts that stay texts, a title and a description for who does
 * not see it. Nothing in it has an id and all its classes are the library's own, so several
 * pictures can stand in one page. Numbers have at most two decimals.
 */
final class Svg {
  private static final String NOT_XML =
      "[^\\x09\\x0A\\x0D\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]";

  private final StringBuilder out = new StringBuilder();

  /** A place. */
  record Point(double x, double y) {}

  /** Where a text stands by its point. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /** What a text element consists of. */
  final class Content {
    private Content() {}

    /** Letters as the element has them. */
    void characters(String text) {
      out.append(escaped(text));
    }

    /** Letters of another form; size 0 is the element's. */
    void span(String text, boolean italic, double size, double dy) {
      out.append("<tspan");
      if (dy != 0) {
        attribute("dy", number(dy));
      }
      if (size > 0) {
        attribute("font-size", number(size));
      }
      if (italic) {
        attribute("font-style", "italic");
      }
      out.append('>').append(escaped(text)).append("</tspan>");
    }
  }

  /**
   * Begins a picture.
   *
   * @param theme its colours
   * @param title its name, which is shown where a pointer rests
   * @param description what is to be seen, for who does not see it
   * @param width its width
   * @param height its height
   */
  Svg(Theme theme, String title, String description, double width, double height) {
    out.append("<svg");
    attribute("xmlns", "http://www.w3.org/2000/svg");
    attribute("class", "kazoku " + theme.scope());
    attribute("role", "img");
    attribute("viewBox", "0 0 " + number(width) + " " + number(height));
    attribute("width", number(width));
    attribute("height", number(height));
    attribute("font-family", Lettering.FONTS);
    out.append(">\n<title>").append(escaped(title)).append("</title>\n<desc>");
    out.append(escaped(description)).append("</desc>\n<style>");
    out.append(".kazoku{max-width:100%;height:auto}").append(theme.css()).append("</style>\n");
  }

  /** A line through points, whose corners are round. */
  void line(String classes, double thickness, String dashes, double radius, List<Point> points) {
    out.append("<path");
    attribute("class", classes);
    attribute("fill", "none");
    attribute("stroke-width", number(thickness));
    if (!dashes.isEmpty()) {
      attribute("stroke-dasharray", dashes);
    }
    attribute("d", path(points, radius));
    out.append("/>\n");
  }

  /** An area with straight sides. */
  void polygon(String classes, List<Point> points) {
    out.append("<path");
    attribute("class", classes);
    attribute("d", path(points, 0) + "Z");
    out.append("/>\n");
  }

  /** The tip of an arrow. */
  void arrow(String classes, Point from, Point to, double half) {
    double length = Math.hypot(to.x - from.x, to.y - from.y);
    double x = (to.y - from.y) / length * half;
    double y = (from.x - to.x) / length * half;
    Point one = new Point(from.x + x, from.y + y);
    Point other = new Point(from.x - x, from.y - y);
    polygon(classes, List.of(to, one, other));
  }

  /** A circle. */
  void circle(String classes, double thickness, double x, double y, double radius) {
    out.append("<circle");
    attribute("class", classes);
    attribute("stroke-width", number(thickness));
    attribute("cx", number(x));
    attribute("cy", number(y));
    attribute("r", number(radius));
    out.append("/>\n");
  }

  /** A rectangle with round corners. */
  void rectangle(
      String classes,
      double thickness,
      double x,
      double y,
      double width,
      double height,
      double radius) {
    out.append("<rect");
    attribute("class", classes);
    attribute("stroke-width", number(thickness));
    attribute("x", number(x));
    attribute("y", number(y));
    attribute("width", number(width));
    attribute("height", number(height));
    attribute("rx", number(radius));
    out.append("/>\n");
  }

  /** A text whose letters have their middle at y. */
  void text(String classes, double size, Anchor anchor, double x, double y, Lettering text) {
    if (text.isEmpty()) {
      return;
    }
    out.append("<text");
    attribute("class", classes);
    attribute("font-size", number(size));
    if (anchor != Anchor.START) {
      attribute("text-anchor", anchor.name().toLowerCase(Locale.ROOT));
    }
    attribute("x", number(x));
    attribute("y", number(y + Lettering.middle(size)));
    out.append('>');
    text.write(new Content(), size);
    out.append("</text>\n");
  }

  /** More rules of style. */
  void style(String css) {
    out.append("<style>").append(css).append("</style>\n");
  }

  /**
   * The cells of a grid, each in the colour of its level; cells below level 0 are left out.
   *
   * @param classes the beginning of the class of each colour; the level follows
   * @param levels by row and column
   */
  void grid(String classes, int[][] levels, double x, double y, double width, double height) {
    int columns = levels[0].length;
    // A stroke as high as its row for all cells of one colour that stand side by side.
    Map<Integer, StringBuilder> strokes = new TreeMap<>();
    for (int row = 0; row < levels.length; row++) {
      Map<Integer, Integer> ends = new TreeMap<>();
      for (int from = 0, to; from < columns; from = to) {
        int level = levels[row][from];
        for (to = from + 1; to < columns && levels[row][to] == level; ) {
          to++;
        }
        Integer end = ends.put(level, to);
        StringBuilder stroke = strokes.computeIfAbsent(level, k -> new StringBuilder());
        stroke.append(end == null ? "M" + from + " " + row + ".5" : "m" + (from - end) + " 0");
        stroke.append('h').append(to - from);
      }
    }
    out.append("<g");
    attribute(
        "transform",
        "translate(%s %s) scale(%s %s)"
            .formatted(
                number(x), number(y), factor(width / columns), factor(height / levels.length)));
    attribute("shape-rendering", "crispEdges");
    out.append(">\n");
    strokes.forEach(
        (level, stroke) -> {
          if (level >= 0) {
            out.append("<path");
            attribute("class", classes + level);
            attribute("d", stroke.toString());
            out.append("/>\n");
          }
        });
    out.append("</g>\n");
  }

  private static String factor(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** Begins a group. */
  void open(String classes) {
    out.append("<g");
    attribute("class", classes);
    out.append(">\n");
  }

  /** Begins a group whose origin is at a place. */
  void openAt(double x, double y) {
    out.append("<g");
    attribute("transform", "translate(" + number(x) + " " + number(y) + ")");
    out.append(">\n");
  }

  /** Ends a group. */
  void close() {
    out.append("</g>\n");
  }

  /** The whole picture. */
  String end() {
    return out + "</svg>\n";
  }

  /**
   * Writes a picture to a file: aside, and then it is moved into place.
   *
   * @param who the kind of picture
   * @param file its name ends in {@code .svg}
   * @param svg makes the text, once the name is known to be right
   */
  static void write(String who, Path file, Supplier<String> svg) {
    Checks.given(who, "file", file);
    Checks.require(
        file.toString().toLowerCase(Locale.ROOT).endsWith(".svg"),
        who,
        "the name of a picture must end in .svg",
        file.getFileName());
    String text = svg.get();
    Aside.file(who, file, aside -> Files.writeString(aside, text));
  }

  private void attribute(String name, String value) {
    out.append(' ').append(name).append("=\"").append(escaped(value)).append('"');
  }

  private static String path(List<Point> points, double radius) {
    StringBuilder path = new StringBuilder();
    for (int k = 0; k < points.size(); k++) {
      Point at = points.get(k);
      boolean corner = k > 0 && k < points.size() - 1 && radius > 0;
      if (corner) {
        Point from = toward(at, points.get(k - 1), radius);
        Point to = toward(at, points.get(k + 1), radius);
        path.append('L').append(pair(from)).append('Q').append(pair(at)).append(' ');
        path.append(pair(to));
      } else {
        path.append(k == 0 ? 'M' : 'L').append(pair(at));
      }
    }
    return path.toString();
  }

  /** A point on the way to another, at most half way. */
  private static Point toward(Point from, Point to, double distance) {
    double length = Math.hypot(to.x - from.x, to.y - from.y);
    double part = length == 0 ? 0 : Math.min(0.5, distance / length);
    return new Point(from.x + part * (to.x - from.x), from.y + part * (to.y - from.y));
  }

  private static String pair(Point point) {
    return number(point.x) + " " + number(point.y);
  }

  /** A number in as few characters as it needs. */
  static String number(double value) {
    double rounded = Math.rint(value * 100) / 100;
    return rounded == Math.rint(rounded)
        ? Long.toString((long) rounded)
        : String.format(Locale.ROOT, "%.2f", rounded).replaceAll("0+$", "");
  }

  /** Text for elements and attributes alike; what XML cannot hold becomes a question mark. */
  static String escaped(String text) {
    return text.replaceAll(NOT_XML, "?")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
