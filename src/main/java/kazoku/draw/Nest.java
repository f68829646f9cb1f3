package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Trace;
import kazoku.draw.Svg.Anchor;
import kazoku.draw.Theme.Ink;

/**
 * A cell as a box, with boxes of the cells inside of it, the first one at the bottom.
 *
 * @param name what the cell is
 * @param inside the cells inside
 */
record Nest(String name, List<Nest> inside) {
  private static final double SIZE = 14;
  private static final double SMALLER = 0.9;
  private static final double GAP = 6;

  static Nest of(Cell cell, Trace trace) {
    return of("", cell, trace.cells());
  }

  private static Nest of(String path, Cell cell, Map<String, Cell> cells) {
    List<Nest> inside = new ArrayList<>();
    for (Map.Entry<String, Cell> entry : cells.entrySet()) {
      String other = entry.getKey();
      boolean direct =
          other.startsWith(path)
              && cells.keySet().stream()
                  .noneMatch(
                      between ->
                          between.length() > path.length()
                              && between.startsWith(path)
                              && other.startsWith(between + "/"));
      if (direct) {
        inside.add(of(other + "/", entry.getValue(), cells));
      }
    }
    return new Nest(name(cell), inside);
  }

  private static String name(Cell cell) {
    String name = cell.getClass().getSimpleName();
    return name.matches("\\w+") ? name : "cell";
  }

  private Lettering label() {
    return Lettering.plain(name);
  }

  double width() {
    return width(SIZE);
  }

  private double width(double size) {
    double widest = inside.stream().mapToDouble(nest -> nest.width(SMALLER * size)).max().orElse(0);
    return Math.max(label().width(size) + 2 * GAP, widest + 2 * GAP);
  }

  double height() {
    return height(SIZE);
  }

  private double height(double size) {
    double all = inside.stream().mapToDouble(nest -> nest.height(SMALLER * size) + GAP).sum();
    return inside.isEmpty() ? 2 * Lettering.height(size) : Lettering.height(size) + GAP + all;
  }

  /** Draws it, as wide and as high as it should be, at least as it must. */
  void draw(Svg svg, double x, double y, double width, double height) {
    draw(svg, x, y, width, height, SIZE);
  }

  private void draw(Svg svg, double x, double y, double width, double height, double size) {
    String outline = Ink.INK.line() + " " + (size == SIZE ? Ink.AREA : Ink.PAPER).fill();
    svg.rectangle(outline, size == SIZE ? 1.6 : 1.1, x, y, width, height, 6);
    double middle = inside.isEmpty() ? y + height / 2 : y + GAP / 2 + Lettering.height(size) / 2;
    svg.text(Ink.INK.fill(), size, Anchor.MIDDLE, x + width / 2, middle, label());
    double spare = height - height(size);
    double bottom = y + height - spare / 2;
    for (Nest nest : inside) {
      double high = nest.height(SMALLER * size);
      nest.draw(svg, x + GAP, bottom - GAP - high, width - 2 * GAP, high, SMALLER * size);
      bottom -= GAP + high;
    }
  }
}
