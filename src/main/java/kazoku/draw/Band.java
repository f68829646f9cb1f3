package kazoku.draw;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.draw.Layout.Entry;
import kazoku.draw.Layout.Placing;
import kazoku.draw.Picture.Shape;
import kazoku.draw.Svg.Anchor;
import kazoku.draw.Svg.Point;
import kazoku.draw.Term.Kind;
import kazoku.draw.Theme.Ink;

/** One row of a figure, laid out and drawn. */
final class Band {
  /** How many layouts are tried; fewer of large pictures, whose layouts take longer. */
  private static final int MOST_SEEDS = 14;

  private static final int SEEDS_BY_LINES_SQUARED = 6000;

  /** How far nodes and lines are apart above each other; farther where there is room. */
  private static final double NEAR = 1;

  private static final double FAR = 1.8;

  /** From this ratio of width to height on there is room. */
  private static final double FLAT = 3;

  private static final double SIZE = 16;
  private static final double LABEL = 15;
  private static final double SMALL = 12;
  private static final double RADIUS = 10;
  private static final double PADDING = 3;
  private static final double CORNER = 5;
  private static final double THIN = 1.4;
  private static final double THICK = 2.2;
  private static final double HIGHWAY = 2.6;

  private final Picture picture;
  private final Placing placing;
  private final int seed;
  private final Set<Picture.Line> highways;
  private final Layout layout;
  private final Map<Picture.Node, Layout.Box> boxes = new LinkedHashMap<>();
  private final Map<Picture.Line, Layout.Line> lines = new LinkedHashMap<>();
  private final Map<Picture.Line, Way> ways = new LinkedHashMap<>();
  private final Map<Picture.Line, Box> labels = new LinkedHashMap<>();
  private final double overlap;

  /** The best of some layouts of a picture. */
  static Band of(Picture picture) {
    int lines = picture.lines().size();
    int seeds = Math.max(1, Math.min(MOST_SEEDS, SEEDS_BY_LINES_SQUARED / (lines * lines)));
    Comparator<Band> order = Comparator.comparingDouble(Band::cost);
    Band first =
        Stream.of(Placing.values())
            .map(placing -> new Band(picture, placing, 1, false, NEAR))
            .min(order)
            .orElseThrow();
    Band best =
        IntStream.rangeClosed(2, seeds)
            .mapToObj(seed -> new Band(picture, first.placing, seed, false, NEAR))
            .reduce(first, BinaryOperator.minBy(order));
    boolean flat = best.width() > FLAT * best.height();
    boolean mirrored = best.upsideDown();
    return flat || mirrored
        ? new Band(picture, best.placing, best.seed, mirrored, flat ? FAR : NEAR)
        : best;
  }

  private Band(Picture picture, Placing placing, int seed, boolean mirrored, double apart) {
    this.placing = placing;
    this.seed = seed;
    this.picture = picture;
    highways = picture.highways();
    layout = new Layout(placing, seed, mirrored, apart);
    picture.nodes().forEach(node -> boxes.put(node, box(node)));
    Map<Picture.Node, Picture.Line> ahead = new LinkedHashMap<>();
    highways.forEach(line -> ahead.put(line.to(), line));
    picture.lines().forEach(line -> ahead.putIfAbsent(line.to(), line));
    picture.lines().forEach(line -> lines.put(line, line(line, entry(line, ahead.get(line.to())))));
    picture.loops().forEach(line -> lines.put(line, line(line, Entry.BEHIND)));
    layout.run();
    lines.forEach((line, laid) -> ways.put(line, way(line, new Way(laid.route()))));
    Labels places = new Labels(layout.width(), layout.height());
    boxes.forEach(
        (node, box) -> {
          places.take(rectangle(box));
          if (!node.note().isEmpty()) {
            places.take(note(node, box));
          }
        });
    ways.values().forEach(way -> places.take(way, THIN));
    ways.forEach(
        (line, way) -> {
          if (!line.label().isEmpty()) {
            Way own = way.from(own(line, way));
            Point wanted = lines.get(line).label();
            double size = size(line);
            labels.put(
                line,
                places.place(own, wanted, line.label().width(size), Lettering.height(size) - 1));
          }
        });
    overlap = places.overlap();
  }

  private static Box note(Picture.Node node, Layout.Box box) {
    return new Box(
        box.x() + box.width() - 2,
        box.y() + box.height() - 4,
        node.note().width(SMALL),
        Lettering.height(SMALL));
  }

  /** How far it is to where a line is only its own. */
  private double own(Picture.Line line, Way way) {
    return beside(line).stream().mapToDouble(way::common).max().orElse(0);
  }

  /** How many pairs of what comes in stand in another order than they are given in. */
  private int inversions() {
    List<Double> places =
        picture.nodes().stream()
            .filter(node -> node.shape() == Shape.INPUT)
            .map(node -> boxes.get(node).y())
            .toList();
    int inversions = 0;
    for (int k = 0; k < places.size(); k++) {
      for (int l = 0; l < k; l++) {
        inversions += places.get(l) > places.get(k) ? 1 : 0;
      }
    }
    return inversions;
  }

  private int pairs() {
    long inputs = picture.nodes().stream().filter(node -> node.shape() == Shape.INPUT).count();
    return (int) (inputs * (inputs - 1) / 2);
  }

  private boolean upsideDown() {
    return 2 * inversions() > pairs();
  }

  /** How much there is to follow with the eyes. */
  private double cost() {
    double cost = layout.width() + layout.height() + 100 * overlap;
    cost += 40 * Math.min(inversions(), pairs() - inversions());
    List<Map.Entry<Picture.Line, Way>> all = List.copyOf(ways.entrySet());
    for (int k = 0; k < all.size(); k++) {
      Way way = all.get(k).getValue();
      int weight = highways.contains(all.get(k).getKey()) ? 5 : 1;
      cost += 25 * weight * way.corners() + 0.3 * way.length();
      for (int l = 0; l < k; l++) {
        if (all.get(k).getKey().from() != all.get(l).getKey().from()) {
          boolean high = weight > 1 || highways.contains(all.get(l).getKey());
          cost += (high ? 120 : 60) * way.crossings(all.get(l).getValue());
        }
      }
    }
    return cost;
  }

  /** About how much of a row's width a node takes. */
  static double width(Picture.Node node) {
    return node.shape() == Shape.JOINT
        ? 0
        : Math.max(2 * RADIUS, node.label().width(SIZE) + 6) + 14;
  }

  /** About how much of a row's width a line takes. */
  static double width(Picture.Line line) {
    return line.label().isEmpty() ? 0 : line.label().width(size(line)) + 18;
  }

  private Layout.Box box(Picture.Node node) {
    double text = node.label().width(SIZE);
    double high = Lettering.height(SIZE);
    Layout.Box box =
        switch (node.shape()) {
          case INPUT, RESUMED -> layout.box(text + 2 * PADDING, high, Place.FIRST);
          case OUTPUT -> layout.box(text + 2 * PADDING, high, Place.LAST);
          case CONTINUED ->
              layout.box(text + 2 * PADDING, high, ends(node) ? Place.LAST : Place.BETWEEN);
          case CIRCLE -> layout.box(2 * RADIUS, 2 * RADIUS, Place.BETWEEN);
          case CAPSULE -> layout.box(text + 14, high, Place.BETWEEN);
          case BAR -> layout.box(5, 22, Place.BETWEEN);
          case NAME, WEIGHT -> layout.box(text + 2 * PADDING, high, Place.BETWEEN);
          case JOINT -> layout.box(0, 0, Place.BETWEEN);
        };
    if (!node.note().isEmpty()) {
      box.room(
          box.width() - 2, box.height() - 4, node.note().width(SMALL), Lettering.height(SMALL));
    }
    return box;
  }

  private boolean ends(Picture.Node node) {
    return picture.lines().stream().noneMatch(line -> line.from() == node);
  }

  private static double size(Picture.Line line) {
    return line.kind() != null && line.kind().plain() ? SMALL + 1 : LABEL;
  }

  private static Entry entry(Picture.Line line, Picture.Line ahead) {
    boolean round = line.to().shape() == Shape.CIRCLE;
    return line.equals(ahead) || !round ? Entry.AHEAD : Entry.ASIDE;
  }

  private Layout.Line line(Picture.Line line, Entry entry) {
    double size = size(line);
    boolean through = line.from().shape() == Shape.INPUT && line.to().shape() == Shape.OUTPUT;
    Layout.Line laid =
        layout.line(
            boxes.get(line.from()),
            boxes.get(line.to()),
            entry,
            line.label().isEmpty() ? (through ? 2 * SIZE : 0) : line.label().width(size) + 4,
            Lettering.height(size));
    if (highways.contains(line)) {
      laid.straight(100);
    } else if (line.from().shape() == Shape.JOINT || line.to().shape() == Shape.JOINT) {
      laid.straight(10);
    }
    if (line.kind() == Kind.WEIGHT) {
      laid.brief();
    }
    return laid;
  }

  /** Lines to a circle end on it, wherever they come in. */
  private Way way(Picture.Line line, Way way) {
    if (line.to().shape() != Shape.CIRCLE) {
      return way;
    }
    Point middle = boxes.get(line.to()).middle();
    Point before = way.points().get(way.points().size() - 2);
    Point end = way.end();
    double aside = before.x() == end.x() ? end.x() - middle.x() : end.y() - middle.y();
    double deep = Math.sqrt(Math.max(0, RADIUS * RADIUS - aside * aside));
    return way.endingAt(
        before.x() == end.x()
            ? new Point(end.x(), middle.y() + Math.signum(end.y() - middle.y()) * deep)
            : new Point(middle.x() - deep, end.y()));
  }

  /** The rectangles of all texts, as wide as a reader's font may make them. */
  List<Box> texts() {
    List<Box> all = new ArrayList<>(labels.values());
    boxes.forEach(
        (node, box) -> {
          if (!node.label().isEmpty()) {
            all.add(Box.around(box.middle(), node.label().width(SIZE), Lettering.height(SIZE) - 1));
          }
          if (!node.note().isEmpty()) {
            all.add(note(node, box));
          }
        });
    return all;
  }

  /** The rectangles of all nodes. */
  List<Box> nodes() {
    return boxes.values().stream().map(Band::rectangle).toList();
  }

  private static Box rectangle(Layout.Box box) {
    return new Box(box.x(), box.y(), box.width(), box.height());
  }

  /** The pieces of lines that run through a text, or through a node that is not at their end. */
  List<Box> struck() {
    List<Box> struck = new ArrayList<>();
    ways.forEach(
        (line, way) -> {
          List<Box> others = new ArrayList<>(labels.values());
          boxes.forEach(
              (node, box) -> {
                if (node != line.from() && node != line.to()) {
                  others.add(rectangle(box));
                }
                if (!node.note().isEmpty()) {
                  others.add(note(node, box));
                }
              });
          way.pieces(THIN)
              .filter(piece -> others.stream().anyMatch(other -> other.overlap(piece) > 0.01))
              .forEach(struck::add);
        });
    return struck;
  }

  /** How much of the texts along lines lies on something else. */
  double overlap() {
    return overlap;
  }

  double width() {
    return layout.width();
  }

  double height() {
    return layout.height();
  }

  /** Draws it at the origin. */
  void draw(Svg svg) {
    Set<Point> dots = dots();
    trunks().stream()
        .flatMap(way -> way.cutAt(dots).stream())
        .forEach(way -> svg.line(Ink.INK.line(), THIN, "", CORNER, way.points()));
    ways.forEach((line, way) -> draw(svg, line, way));
    dots.forEach(dot -> svg.circle(Ink.INK.fill(), 0, dot.x(), dot.y(), 2.5));
    boxes.forEach((node, box) -> draw(svg, node, box));
  }

  /** What several lines have in common, each piece once. */
  private List<Way> trunks() {
    List<Way> all = new ArrayList<>();
    ways.forEach(
        (line, way) -> {
          double begin = begin(line, way);
          if (begin > 0) {
            all.add(way.until(begin));
          }
        });
    return all.stream()
        .filter(
            way ->
                all.stream()
                    .noneMatch(
                        other ->
                            other != way
                                && way.common(other) > way.length() - 0.1
                                && (other.length() > way.length() + 0.1
                                    || all.indexOf(other) < all.indexOf(way))))
        .toList();
  }

  /**
   * How far it is to where a line is drawn in its own colour: where it is its own, and where it has
   * its label.
   */
  private double begin(Picture.Line line, Way way) {
    double shared = own(line, way);
    if (highways.contains(line) || shared == 0 || ink(line) == Ink.INK) {
      return highways.contains(line) ? 0 : shared;
    }
    double level = way.toLevelPiece(lines.get(line).label().x());
    return level > shared ? level + CORNER : shared;
  }

  private static Ink ink(Picture.Line line) {
    return line.kind() == Kind.WEIGHT
        ? Ink.WEIGHT
        : line.kind() == Kind.FUNCTION ? Ink.FUNCTION : Ink.INK;
  }

  private List<Way> beside(Picture.Line line) {
    return ways.entrySet().stream()
        .filter(entry -> entry.getKey().from() == line.from() && entry.getKey() != line)
        .map(Map.Entry::getValue)
        .toList();
  }

  /** Where a value goes several ways. */
  private Set<Point> dots() {
    Set<Point> dots = new java.util.LinkedHashSet<>();
    ways.forEach(
        (line, way) -> {
          for (Way other : beside(line)) {
            double common = way.common(other);
            if (common > 1 || line.from().shape() == Shape.JOINT) {
              Point at = way.at(common);
              dots.add(new Point(Math.rint(at.x() * 10) / 10, Math.rint(at.y() * 10) / 10));
            }
          }
        });
    return dots;
  }

  private void draw(Svg svg, Picture.Line line, Way way) {
    Ink ink = ink(line);
    boolean high = highways.contains(line);
    double begin = begin(line, way);
    boolean arrow =
        picture.loops().contains(line)
            || !Set.of(Shape.JOINT, Shape.NAME, Shape.CONTINUED).contains(line.to().shape());
    double length = way.length();
    double tip = high ? 9 : ink == Ink.WEIGHT ? 8 : 7;
    Way shown = way.until(length - (arrow ? tip - 2 : 0)).from(begin);
    svg.line(
        ink.line(),
        high ? HIGHWAY : ink == Ink.WEIGHT ? THICK : THIN,
        ink == Ink.FUNCTION ? "6 3" : "",
        CORNER,
        shown.points());
    if (arrow) {
      svg.arrow(ink.fill(), way.at(length - tip), way.end(), tip * 0.45);
    }
    if (!line.label().isEmpty()) {
      Point at = labels.get(line).middle();
      svg.text(ink.fill(), size(line), Anchor.MIDDLE, at.x(), at.y(), line.label());
    }
  }

  private static void text(
      Svg svg, Ink ink, Anchor anchor, double x, Picture.Node node, Point middle) {
    svg.text(ink.fill(), SIZE, anchor, x, middle.y(), node.label());
  }

  private void draw(Svg svg, Picture.Node node, Layout.Box box) {
    Point middle = box.middle();
    String outline = Ink.INK.line() + " " + Theme.OPEN;
    if (node.shape() == Shape.CIRCLE) {
      svg.circle(outline, THIN, middle.x(), middle.y(), RADIUS);
    } else if (node.shape() == Shape.CAPSULE) {
      svg.rectangle(outline, THIN, box.x(), box.y(), box.width(), box.height(), box.height() / 2);
    }
    if (node.shape() == Shape.BAR) {
      svg.rectangle(Ink.INK.fill(), 0, box.x(), box.y(), box.width(), box.height(), 1);
    }
    if (node.shape() == Shape.CONTINUED || node.shape() == Shape.RESUMED) {
      svg.rectangle(Ink.AREA.fill(), 0, box.x(), box.y(), box.width(), box.height(), 4);
    }
    Ink ink = node.shape() == Shape.WEIGHT ? Ink.WEIGHT : Ink.INK;
    switch (node.shape()) {
      case INPUT -> text(svg, ink, Anchor.END, box.x() + box.width() - PADDING, node, middle);
      case OUTPUT -> text(svg, ink, Anchor.START, box.x() + PADDING, node, middle);
      default -> text(svg, ink, Anchor.MIDDLE, middle.x(), node, middle);
    }
    if (!node.note().isEmpty()) {
      Box note = note(node, box);
      svg.text(Ink.FAINT.fill(), SMALL, Anchor.START, note.x(), note.middle().y(), node.note());
    }
  }
}
