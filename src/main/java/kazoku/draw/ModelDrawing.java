package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kazoku.Structure;
import kazoku.Structure.Part;
import kazoku.draw.Dataflow.Kind;
import kazoku.draw.Dataflow.Node;
import kazoku.draw.Svg.Anchor;
import kazoku.draw.Svg.Point;
import kazoku.draw.Theme.Ink;

/**
 * A network as blocks, from what it takes at the top to what it gives at the bottom. Layers that
 * have others in them are frames; below each block stands the shape of what it gives.
 */
final class ModelDrawing implements Drawing {
  private static final double SIZE = 15;
  private static final double SMALL = 12;
  private static final double GAP = 9;
  private static final double THIN = 1.4;
  private static final double RADIUS = 10;

  /** Between a block and the end of the shape that stands below it. */
  private static final double BELOW = 20;

  private static final double TIP = 7;
  private static final double MARGIN = 14;

  /** Kinds are cut in lines of about so many letters. */
  private static final int LETTERS = 40;

  /** Frames that say nothing where they stand around everything. */
  private static final Set<String> PLAIN = Set.of("Sequential", "Functional", "layer");

  private final Repeats repeats;
  private final List<Part> parts;
  private final List<Node> nodes;
  private final List<Dataflow.Line> lines;
  private final String total;
  private final Map<String, Part> known = new HashMap<>();

  ModelDrawing(Structure structure) {
    repeats = new Repeats(structure, new Dataflow(structure));
    parts = shown(structure.parts());
    lines = repeats.lines();
    nodes =
        repeats.nodes().stream().filter(node -> node.kind() != Kind.INPUT || gives(node)).toList();
    total = "total: " + count(structure.trained(), structure.fixed());
    structure.all().forEach(part -> known.put(part.path(), part));
  }

  /** Without a frame around everything that only says that it is one. */
  private static List<Part> shown(List<Part> inside) {
    boolean plain =
        inside.size() == 1
            && !inside.get(0).inside().isEmpty()
            && inside.get(0).weights().isEmpty()
            && PLAIN.contains(inside.get(0).kind());
    return plain ? shown(inside.get(0).inside()) : inside;
  }

  private static String count(long trained, long fixed) {
    String all = String.format(Locale.ROOT, "%,d parameters", trained + fixed);
    return fixed == 0 ? all : all + String.format(Locale.ROOT, " (%,d fixed)", fixed);
  }

  private Lettering name(Part part) {
    Repeats.Run run = repeats.run(part);
    return Lettering.plain(run == null ? part.name() : run.name());
  }

  /** What is said of a layer below its name. */
  private List<Lettering> says(Part part) {
    List<Lettering> says = new ArrayList<>();
    kind(part).forEach(line -> says.add(Lettering.plain(line)));
    String facts = facts(part);
    if (!facts.isEmpty()) {
      says.add(Lettering.plain(facts));
    }
    return says;
  }

  /** How large it is, and how its steps are built. */
  private String facts(Part part) {
    List<String> facts = new ArrayList<>();
    if (part.trained() + part.fixed() > 0) {
      String each = count(part.trained(), part.fixed());
      Repeats.Run run = repeats.run(part);
      facts.add(run == null ? each : run.times() + " × " + each);
    }
    if (part.steps() != null) {
      String steps = part.steps().loop().toString();
      facts.add(steps.substring(0, steps.indexOf(',')));
    }
    return String.join(" · ", facts);
  }

  /** What it is, where its name does not say so. */
  private static List<String> kind(Part part) {
    if (part.kind().equalsIgnoreCase(part.name())) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : part.kind().split("(?<=[ (])(?=\\p{L})")) {
      if (!line.isEmpty() && (line + word).strip().length() > LETTERS) {
        lines.add(line.strip());
        line = "";
      }
      line += word;
    }
    lines.add(line.strip());
    return lines;
  }

  private double wide(Part part) {
    double name = name(part).width(SIZE);
    return Math.max(
        name, says(part).stream().mapToDouble(line -> line.width(SMALL)).max().orElse(0));
  }

  private double high(Part part) {
    return Lettering.height(SIZE) + says(part).size() * Lettering.height(SMALL);
  }

  /** What is said along a line: what cannot be read off where it comes from. */
  private static Lettering label(Dataflow.Line line, String shape) {
    String name = line.name().equals(line.from().name()) ? "" : line.name();
    return Lettering.plain((name + " " + (line.shape().equals(shape) ? "" : line.shape())).strip());
  }

  private boolean gives(Node node) {
    return lines.stream().anyMatch(line -> line.from().equals(node));
  }

  /** How wide the outline of a merge is. */
  private static double merge(Node node) {
    return node.name().length() == 1 ? 2 * RADIUS : Lettering.plain(node.name()).width(SMALL) + 14;
  }

  /** A piece of a line in one frame. */
  private record Piece(
      Dataflow.Line line,
      LayoutDown.End from,
      LayoutDown.Line laid,
      Lettering label,
      boolean last) {
    Way way(double x, double y) {
      return new Way(
          laid.way().points().stream()
              .map(point -> new Point(x + point.x(), y + point.y()))
              .toList());
    }
  }

  /** What stands in one frame, or on the paper. */
  private final class Level {
    private final Part part;
    private final Level around;
    private final LayoutDown layout;
    private final LayoutDown.Frame frame;
    private final Map<Node, LayoutDown.Box> boxes = new LinkedHashMap<>();
    private final List<Level> inside = new ArrayList<>();
    private final List<Piece> pieces = new ArrayList<>();

    /** The shape of what leaves the frame, where it is another than that of what was made. */
    private final Map<Node, String> given = new LinkedHashMap<>();

    Level(Part part, Level around, LayoutDown layout) {
      this.part = part;
      this.around = around;
      this.layout = layout;
      frame = around == null ? null : around.layout.frame(layout);
    }

    Level in(Part inner) {
      Level level = new Level(inner, this, LayoutDown.titled(wide(inner), high(inner)));
      inside.add(level);
      return level;
    }

    /** The levels from the paper to this one. */
    List<Level> ways() {
      List<Level> all = around == null ? new ArrayList<>() : around.ways();
      all.add(this);
      return all;
    }

    void box(Node node) {
      boolean gives = gives(node);
      double below = gives ? BELOW : 0;
      double text = Lettering.plain(node.name()).width(SIZE);
      double least = gives ? 2 * (Lettering.plain(node.shape()).width(SMALL) + GAP) : 0;
      boxes.put(
          node,
          switch (node.kind()) {
            case INPUT ->
                layout.box(Math.max(least, text), Lettering.height(SIZE) + below, Place.FIRST);
            case OUTPUT -> layout.box(text, Lettering.height(SIZE), Place.LAST);
            case MERGE -> layout.joint(Math.max(least, merge(node)), 2 * RADIUS + below, RADIUS);
            case LAYER -> {
              Part layer = known.get(node.name());
              yield layout.box(
                  Math.max(least, wide(layer) + 2 * GAP), high(layer) + GAP + below, Place.BETWEEN);
            }
          });
    }

    /** A piece of a line that goes on. */
    void line(Dataflow.Line line, LayoutDown.End from, LayoutDown.End to) {
      pieces.add(new Piece(line, from, layout.line(from, to, 0, 0), Lettering.NONE, false));
    }

    /** The last piece of a line. */
    void line(Dataflow.Line line, LayoutDown.End from, Lettering label) {
      LayoutDown.Box box = boxes.get(line.to());
      boolean aside = box instanceof LayoutDown.Joint && skips(line);
      LayoutDown.End to = aside ? ((LayoutDown.Joint) box).aside() : box.in();
      double width = label.isEmpty() ? 0 : label.width(SMALL) + 6;
      LayoutDown.Line laid = layout.line(from, to, width, Lettering.height(SMALL));
      pieces.add(new Piece(line, from, laid, label, true));
    }

    // Drawing

    void draw(Svg svg, double x, double y) {
      for (Level level : inside) {
        Box at = level.frame.place();
        double high = level.layout.height();
        svg.rectangle(
            Ink.FAINT.line() + " " + Theme.OPEN, 1, x + at.x(), y + at.y(), at.width(), high, 8);
        level.draw(svg, x + at.x(), y + at.y());
        level
            .frame
            .outs()
            .forEach(
                (value, across) ->
                    shape(
                        svg,
                        level.given.getOrDefault(value, ""),
                        x + at.x() + across,
                        y + at.y() + high,
                        at.height() - high));
      }
      pieces.forEach(piece -> draw(svg, piece, x, y));
      boxes.forEach((node, box) -> block(svg, node, moved(box.place(), x, y)));
      if (part != null) {
        Box title = layout.title();
        words(svg, part, Anchor.START, x + title.x(), y + title.y());
      }
    }

    private static Box moved(Box box, double x, double y) {
      return new Box(x + box.x(), y + box.y(), box.width(), box.height());
    }

    /** What several lines have in common is drawn once, with a dot at its end. */
    private void draw(Svg svg, Piece piece, double x, double y) {
      Way way = piece.way(x, y);
      double drawn = 0;
      double shared = 0;
      for (Piece other : pieces) {
        if (other != piece && other.from.equals(piece.from)) {
          double common = way.common(other.way(x, y));
          shared = Math.max(shared, common);
          boolean before = pieces.indexOf(other) < pieces.indexOf(piece);
          drawn = before ? Math.max(drawn, common) : drawn;
        }
      }
      if (shared > 0) {
        Point dot = way.at(shared);
        svg.circle(Ink.INK.fill(), 0, dot.x(), dot.y(), 2.5);
      }
      if (shared > drawn) {
        svg.line(Ink.INK.line(), THIN, "", 5, way.until(shared).from(drawn).points());
      }
      Node to = piece.line.to();
      if (piece.last && to.kind() == Kind.MERGE) {
        way = way.endingAt(edge(to, moved(boxes.get(to).place(), x, y), way.end()));
      }
      double length = way.length();
      double tip = piece.last ? TIP : 0;
      svg.line(
          Ink.INK.line(),
          THIN,
          "",
          5,
          way.until(length - Math.max(0, tip - 2)).from(shared).points());
      if (piece.last) {
        svg.arrow(Ink.INK.fill(), way.at(length - tip), way.end(), 3.2);
      }
      if (piece.laid.label() != null) {
        Point at = piece.laid.label().middle();
        svg.text(Ink.FAINT.fill(), SMALL, Anchor.MIDDLE, x + at.x(), y + at.y(), piece.label);
      }
    }

    /** Where a line from above or from the right meets the outline of a merge. */
    private static Point edge(Node merge, Box box, Point end) {
      return end.y() > box.y() ? new Point(box.middle().x() + merge(merge) / 2, end.y()) : end;
    }
  }

  private void words(Svg svg, Part part, Anchor anchor, double x, double top) {
    double y = top + Lettering.height(SIZE) / 2;
    svg.text(Ink.INK.fill(), SIZE, anchor, x, y, name(part));
    y += Lettering.height(SIZE) / 2 - Lettering.height(SMALL) / 2;
    List<Lettering> says = says(part);
    int kinds = kind(part).size();
    for (int k = 0; k < says.size(); k++) {
      y += Lettering.height(SMALL);
      svg.text((k < kinds ? Ink.INK : Ink.FAINT).fill(), SMALL, anchor, x, y, says.get(k));
    }
  }

  private void block(Svg svg, Node node, Box at) {
    boolean gives = gives(node);
    double high = at.height() - (gives ? BELOW : 0);
    double middle = at.middle().x();
    double wide = node.kind() == Kind.MERGE ? merge(node) : at.width();
    Lettering name = Lettering.plain(node.name());
    switch (node.kind()) {
      case INPUT, OUTPUT ->
          svg.text(Ink.INK.fill(), SIZE, Anchor.MIDDLE, middle, at.y() + high / 2, name);
      case MERGE -> {
        String outline = Ink.INK.line() + " " + Ink.PAPER.fill();
        svg.rectangle(outline, THIN, middle - wide / 2, at.y(), wide, high, RADIUS);
        double size = node.name().length() == 1 ? SIZE : SMALL;
        svg.text(Ink.INK.fill(), size, Anchor.MIDDLE, middle, at.y() + high / 2, name);
      }
      case LAYER -> {
        Part part = known.get(node.name());
        Ink ink = part.steps() == null ? Ink.PAPER : Ink.AREA;
        String outline = Ink.INK.line() + " " + ink.fill();
        svg.rectangle(outline, THIN, at.x(), at.y(), wide, high, 6);
        words(svg, part, Anchor.MIDDLE, middle, at.y() + GAP / 2);
      }
    }
    if (gives) {
      shape(svg, node.shape(), middle, at.y() + high, BELOW);
    }
  }

  /** The beginning of a line, with a shape. */
  private static void shape(Svg svg, String shape, double x, double y, double room) {
    if (room > 0) {
      svg.line(Ink.INK.line(), THIN, "", 0, List.of(new Point(x, y), new Point(x, y + room)));
      Lettering text = Lettering.plain(shape);
      svg.text(Ink.FAINT.fill(), SMALL, Anchor.START, x + 5, y + room / 2, text);
    }
  }

  /** Whether a line goes around others that end where it does. */
  private boolean skips(Dataflow.Line line) {
    return lines.stream()
        .anyMatch(
            other ->
                other != line
                    && other.to().equals(line.to())
                    && reaches(line.from(), other.from(), new HashSet<>()));
  }

  private boolean reaches(Node from, Node to, Set<Node> seen) {
    return lines.stream()
        .filter(line -> line.from().equals(from) && seen.add(line.to()))
        .anyMatch(line -> line.to().equals(to) || reaches(line.to(), to, seen));
  }

  /** Everything, with its place. */
  private Level laid() {
    Level paper =
        new Level(null, null, LayoutDown.paper(Lettering.plain(total).width(SMALL) + 2 * GAP));
    Map<Node, Level> levels = new HashMap<>();
    Map<String, Level> frames = new HashMap<>();
    put(paper, nodes.stream().filter(node -> node.kind() == Kind.INPUT), levels);
    parts.forEach(part -> put(paper, part, levels, frames));
    for (Node node : nodes) {
      if (node.kind() == Kind.MERGE) {
        put(around(node.frame(), frames, paper), Stream.of(node), levels);
      }
    }
    put(paper, nodes.stream().filter(node -> node.kind() == Kind.OUTPUT), levels);
    lines.forEach(line -> leave(line, levels.get(line.from()), levels.get(line.to())));
    lines.forEach(line -> lead(line, levels.get(line.from()), levels.get(line.to())));
    paper.layout.run();
    return paper;
  }

  private static void put(Level level, Stream<Node> some, Map<Node, Level> levels) {
    some.forEach(
        node -> {
          level.box(node);
          levels.put(node, level);
        });
  }

  private void put(Level level, Part part, Map<Node, Level> levels, Map<String, Level> frames) {
    if (repeats.hides(part)) {
      return;
    }
    if (part.inside().isEmpty()) {
      put(
          level,
          nodes.stream()
              .filter(node -> node.kind() == Kind.LAYER && node.name().equals(part.path())),
          levels);
    } else {
      Level inner = level.in(part);
      frames.put(part.path(), inner);
      shown(part.inside()).forEach(each -> put(inner, each, levels, frames));
    }
  }

  /** The frame at a path, or the nearest around it. */
  private static Level around(String path, Map<String, Level> frames, Level paper) {
    for (String at = path; !at.isEmpty(); at = at.substring(0, Math.max(0, at.lastIndexOf('/')))) {
      if (frames.containsKey(at)) {
        return frames.get(at);
      }
    }
    return paper;
  }

  /**
   * Where all that leaves a frame has another shape than what was made in it, it is said where it
   * leaves.
   */
  private void leave(Dataflow.Line line, Level begin, Level end) {
    List<Level> to = end.ways();
    Level outmost = null;
    for (Level level = begin; !to.contains(level); level = level.around) {
      outmost = level;
    }
    if (outmost == null) {
      return;
    }
    boolean same =
        lines.stream()
            .filter(other -> other.from().equals(line.from()))
            .allMatch(other -> other.shape().equals(line.shape()));
    if (same && !line.shape().equals(line.from().shape())) {
      outmost.given.put(line.from(), line.shape());
      outmost.frame.below(BELOW);
    }
  }

  /** A line, out of the frames around its beginning and into those around its end. */
  private static void lead(Dataflow.Line line, Level begin, Level end) {
    List<Level> from = begin.ways();
    List<Level> to = end.ways();
    int common = 0;
    while (common < Math.min(from.size(), to.size()) && from.get(common) == to.get(common)) {
      common++;
    }
    Node value = line.from();
    String shape = value.shape();
    LayoutDown.End at = begin.boxes.get(value).out();
    for (Level level = begin; level != from.get(common - 1); level = level.around) {
      if (!level.frame.gives(value)) {
        level.line(line, at, level.frame.exit(value));
      }
      at = level.frame.out(value);
      shape = level.given.getOrDefault(value, shape);
    }
    for (Level level : to.subList(common, to.size())) {
      if (!level.frame.takes(value)) {
        level.around.line(line, at, level.frame.in(value));
      }
      at = level.frame.entry(value);
    }
    end.line(line, at, label(line, shape));
  }

  @Override
  public String svg(Theme theme, String title) {
    Level paper = laid();
    double height = paper.layout.height() + Lettering.height(SMALL);
    Svg svg = new Svg(theme, title, description(), paper.layout.width(), height);
    paper.draw(svg, 0, 0);
    Lettering sum = Lettering.plain(total);
    svg.text(Ink.FAINT.fill(), SMALL, Anchor.START, GAP, height - MARGIN, sum);
    return svg.end();
  }

  private String called(Node node) {
    if (node.kind() != Kind.LAYER) {
      return node.name();
    }
    Part part = known.get(node.name());
    Repeats.Run run = repeats.run(part);
    String last = run == null ? "" : " … " + run.parts().get(run.times() - 1).path();
    return Stream.of(part.path() + last, part.kind(), facts(part))
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining(", "));
  }

  /** In words, for who does not see it. */
  private String description() {
    return nodes.stream()
        .map(
            node -> {
              String from =
                  lines.stream()
                      .filter(line -> line.to().equals(node))
                      .map(
                          line ->
                              Stream.of(line.from().name(), line.name(), line.shape())
                                  .filter(text -> !text.isEmpty())
                                  .collect(Collectors.joining(" ")))
                      .collect(Collectors.joining(" and "));
              return called(node) + (from.isEmpty() ? "" : ", from " + from);
            })
        .collect(Collectors.joining("; ", "From top to bottom: ", "; " + total + "."));
  }
}
