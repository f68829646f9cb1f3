package kazoku.draw;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.draw.Svg.Anchor;
import kazoku.draw.Svg.Point;
import kazoku.draw.Theme.Ink;

/** A picture laid out and drawn: the third stage. */
final class Sheet {
  private static final double SIZE = 16;
  private static final double SMALL = 12;
  private static final double CIRCLE = 20;

  private final Layout layout = new Layout();
  private final Map<Picture.Node, Layout.Box> boxes = new LinkedHashMap<>();
  private final Map<Picture.Line, Layout.Line> lines = new LinkedHashMap<>();

  Sheet(Picture picture) {
    picture.nodes().forEach(node -> boxes.put(node, box(node)));
    picture.lines().forEach(line -> lines.put(line, line(line)));
    layout.run();
  }

  private Layout.Box box(Picture.Node node) {
    double text = node.label().width(SIZE);
    double high = Lettering.height(SIZE);
    return switch (node.shape()) {
      case INPUT -> layout.box(text + 6, high, Layout.Place.FIRST);
      case OUTPUT -> layout.box(text + 6, high, Layout.Place.LAST);
      case CIRCLE -> layout.box(CIRCLE, CIRCLE, Layout.Place.BETWEEN);
      case CAPSULE -> layout.box(text + 14, high, Layout.Place.BETWEEN);
      case NAME -> layout.box(text + 6, high, Layout.Place.BETWEEN);
      case DOT, JOINT -> layout.box(1, 1, Layout.Place.BETWEEN);
    };
  }

  private static double size(Picture.Line line) {
    return line.kind() == Term.Kind.FACTOR ? SMALL : SIZE - 1;
  }

  private Layout.Line line(Picture.Line line) {
    double size = size(line);
    return layout.line(
        boxes.get(line.from()),
        boxes.get(line.to()),
        line.label().isEmpty() ? 0 : line.label().width(size) + 4,
        Lettering.height(size));
  }

  String svg(Theme theme, String title, String description) {
    Svg svg = new Svg(theme, title, description, layout.width(), layout.height());
    lines.forEach((line, laid) -> draw(svg, line, laid));
    boxes.forEach((node, box) -> draw(svg, node, box));
    return svg.end();
  }

  private void draw(Svg svg, Picture.Line line, Layout.Line laid) {
    List<Point> route = new ArrayList<>(laid.route());
    Ink ink =
        line.kind() == Term.Kind.WEIGHT
            ? Ink.WEIGHT
            : line.kind() == Term.Kind.FUNCTION ? Ink.FUNCTION : Ink.INK;
    svg.line(ink.line(), ink == Ink.WEIGHT ? 2.4 : 1.4, "", 6, route);
    for (Point point : laid.junctions()) {
      svg.circle(Ink.INK.fill(), 0, point.x(), point.y(), 2.4);
    }
    if (!line.label().isEmpty()) {
      Point at = laid.label();
      svg.text(ink.fill(), size(line), Anchor.MIDDLE, at.x(), at.y(), line.label());
    }
  }

  private void draw(Svg svg, Picture.Node node, Layout.Box box) {
    double x = box.x() + box.width() / 2;
    double y = box.y() + box.height() / 2;
    switch (node.shape()) {
      case CIRCLE ->
          svg.circle(Ink.INK.line() + " " + Ink.PAPER.fill(), 1.4, x, y, box.width() / 2);
      case CAPSULE ->
          svg.rectangle(
              Ink.INK.line() + " " + Ink.PAPER.fill(),
              1.4,
              box.x(),
              box.y(),
              box.width(),
              box.height(),
              box.height() / 2);
      case DOT -> svg.circle(Ink.INK.fill(), 0, x, y, 2.4);
      case JOINT, INPUT, OUTPUT, NAME -> {}
    }
    svg.text(Ink.INK.fill(), SIZE, Anchor.MIDDLE, x, y, node.label());
    svg.text(Ink.FAINT.fill(), 11, Anchor.MIDDLE, x, y + 18, node.note());
  }
}
