package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
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

  /** Kinds are cut in lines of about so many letters. */
  private static final int LETTERS = 32;

  /** Frames that say nothing where they stand around everything. */
  private static final Set<String> PLAIN = Set.of("Sequential", "Functional", "layer");

  private final List<Part> parts;
  private final List<Node> nodes;
  private final List<Dataflow.Line> lines;
  private final String total;
  private final Map<String, Part> known = new HashMap<>();

  ModelDrawing(Structure structure) {
    Dataflow flow = new Dataflow(structure);
    parts = shown(structure.parts());
    nodes =
        flow.nodes().stream()
            .filter(
                node ->
                    node.kind() != Kind.INPUT
                        || flow.lines().stream().anyMatch(line -> line.from().equals(node)))
            .toList();
    lines = List.copyOf(flow.lines());
    total = "in all " + count(structure.trained(), structure.fixed());
    structure.all().forEach(part -> known.put(part.path(), part));
  }

  /** Without a frame around everything that only says that it is one. */
  private static List<Part> shown(List<Part> inside) {
    boolean plain =
        inside.size() == 1
            && !inside.get(0).inside().isEmpty()
            && PLAIN.contains(inside.get(0).kind());
    return plain ? shown(inside.get(0).inside()) : inside;
  }

  private static String count(long trained, long fixed) {
    String all = String.format(Locale.ROOT, "%,d parameters", trained + fixed);
    return fixed == 0 ? all : all + String.format(Locale.ROOT, ", %,d fixed", fixed);
  }

  /** What is said of a layer below its name. */
  private static List<Lettering> says(Part part) {
    List<Lettering> says = new ArrayList<>();
    kind(part.kind()).forEach(line -> says.add(Lettering.plain(line)));
    List<String> facts = new ArrayList<>();
    if (part.trained() + part.fixed() > 0) {
      facts.add(count(part.trained(), part.fixed()));
    }
    if (part.steps() != null) {
      String steps = part.steps().loop().toString();
      facts.add(steps.substring(0, steps.indexOf(',')));
    }
    if (!facts.isEmpty()) {
      says.add(Lettering.plain(String.join(" · ", facts)));
    }
    return says;
  }

  private static List<String> kind(String kind) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : kind.split("(?<=[ (])")) {
      if (!line.isEmpty() && (line + word).strip().length() > LETTERS) {
        lines.add(line.strip());
        line = "";
      }
      line += word;
    }
    lines.add(line.strip());
    return lines;
  }

  private static double wide(Part part) {
    double name = Lettering.plain(part.name()).width(SIZE);
    return Math.max(
        name, says(part).stream().mapToDouble(line -> line.width(SMALL)).max().orElse(0));
  }

  private static double high(Part part) {
    return Lettering.height(SIZE) + says(part).size() * Lettering.height(SMALL);
  }

  /** A figure whose blocks have places. */
  final class Laid {
    private final LayoutDown layout = new LayoutDown();
    private final Map<String, LayoutDown.Frame> frames = new LinkedHashMap<>();
    private final Map<Node, LayoutDown.Box> boxes = new LinkedHashMap<>();
    private final Map<Dataflow.Line, LayoutDown.Line> ways = new LinkedHashMap<>();
    private final Map<Lettering, Box> texts = new java.util.IdentityHashMap<>();

    Laid() {
      LayoutDown.Frame paper = layout.paper();
      nodes.stream().filter(node -> node.kind() == Kind.INPUT).forEach(node -> box(paper, node));
      parts.forEach(part -> add(paper, part));
      nodes.stream()
          .filter(node -> node.kind() == Kind.MERGE)
          .forEach(node -> box(around(node.frame()), node));
      nodes.stream().filter(node -> node.kind() == Kind.OUTPUT).forEach(node -> box(paper, node));
      for (Dataflow.Line line : lines) {
        Lettering label = label(line);
        double width = label.isEmpty() ? 0 : label.width(SMALL) + 4;
        ways.put(
            line,
            layout.line(
                boxes.get(line.from()), boxes.get(line.to()), width, Lettering.height(SMALL)));
      }
      layout.run();
    }

    private void add(LayoutDown.Frame frame, Part part) {
      if (part.inside().isEmpty()) {
        nodes.stream()
            .filter(node -> node.kind() == Kind.LAYER && node.name().equals(part.path()))
            .forEach(node -> box(frame, node));
        return;
      }
      LayoutDown.Frame inner = frame.frame(wide(part) + 2 * GAP, high(part) + 2 * GAP);
      frames.put(part.path(), inner);
      shown(part.inside()).forEach(each -> add(inner, each));
    }

    /** The frame at a path, or the nearest around it. */
    private LayoutDown.Frame around(String path) {
      LayoutDown.Frame frame = frames.get(path);
      if (frame != null || path.isEmpty()) {
        return frame == null ? layout.paper() : frame;
      }
      return around(path.substring(0, Math.max(0, path.lastIndexOf('/'))));
    }

    private void box(LayoutDown.Frame frame, Node node) {
      boolean gives = lines.stream().anyMatch(line -> line.from().equals(node));
      double below = gives ? BELOW : 0;
      double text = Lettering.plain(node.name()).width(SIZE);
      double shape = Lettering.plain(node.shape()).width(SMALL);
      double least = gives ? 2 * shape + 2 * GAP : 0;
      LayoutDown.Box box =
          switch (node.kind()) {
            case INPUT ->
                frame.box(
                    Math.max(least, text),
                    Lettering.height(SIZE) + below,
                    LayoutDown.Place.FIRST);
            case OUTPUT -> frame.box(text, Lettering.height(SIZE), LayoutDown.Place.LAST);
            case MERGE ->
                frame.box(
                    Math.max(least, merge(node)), 2 * RADIUS + below, LayoutDown.Place.BETWEEN);
            case LAYER -> {
              Part part = known.get(node.name());
              yield frame.box(
                  Math.max(least, wide(part) + 2 * GAP),
                  high(part) + GAP + below,
                  LayoutDown.Place.BETWEEN);
            }
          };
      boxes.put(node, box);
    }

    /** How wide a merge is drawn. */
    private static double merge(Node node) {
      return node.name().length() == 1
          ? 2 * RADIUS
          : Lettering.plain(node.name()).width(SMALL) + 14;
    }

    /** What is said along a line: what cannot be read off where it begins. */
    private static Lettering label(Dataflow.Line line) {
      boolean same = line.shape().equals(line.from().shape());
      return Lettering.plain((line.name() + " " + (same ? "" : line.shape())).strip());
    }

    private String svg(Theme theme, String title) {
      Box paper = layout.paper().place();
      Lettering sum = Lettering.plain(total);
      double width = Math.max(paper.width(), sum.width(SMALL) + 2 * GAP);
      double height = paper.height() + Lettering.height(SMALL);
      Svg svg = new Svg(theme, title, description(), width, height);
      frames.forEach((path, frame) -> frame(svg, known.get(path), frame.place()));
      ways.forEach((line, laid) -> line(svg, line, laid));
      boxes.forEach((node, box) -> block(svg, node, box.place()));
      svg.text(Ink.FAINT.fill(), SMALL, Anchor.START, GAP, height - 14, sum);
      return svg.end();
    }

    private void frame(Svg svg, Part part, Box at) {
      svg.rectangle(
          Ink.FAINT.line() + " " + Theme.OPEN, 1, at.x(), at.y(), at.width(), at.height(), 8);
      words(svg, part, Anchor.START, at.x() + GAP, at.y() + GAP / 2);
    }

    private void words(Svg svg, Part part, Anchor anchor, double x, double top) {
      double y = top + Lettering.height(SIZE) / 2;
      svg.text(Ink.INK.fill(), SIZE, anchor, x, y, Lettering.plain(part.name()));
      y += Lettering.height(SIZE) / 2 - Lettering.height(SMALL) / 2;
      List<Lettering> says = says(part);
      int kinds = kind(part.kind()).size();
      for (int k = 0; k < says.size(); k++) {
        y += Lettering.height(SMALL);
        svg.text((k < kinds ? Ink.INK : Ink.FAINT).fill(), SMALL, anchor, x, y, says.get(k));
      }
    }

    private void line(Svg svg, Dataflow.Line line, LayoutDown.Line laid) {
      Way way = laid.way();
      if (line.to().kind() == Kind.MERGE) {
        way = way.endingAt(edge(line.to(), way.end()));
      }
      double length = way.length();
      svg.line(Ink.INK.line(), THIN, "", 5, way.until(length - TIP + 2).points());
      svg.arrow(Ink.INK.fill(), way.at(length - TIP), way.end(), 3.2);
      Lettering label = label(line);
      if (!label.isEmpty()) {
        Point at = laid.label().middle();
        svg.text(Ink.FAINT.fill(), SMALL, Anchor.MIDDLE, at.x(), at.y(), label);
      }
    }

    /** Where a line from above meets the outline of a merge. */
    private Point edge(Node merge, Point end) {
      Box box = boxes.get(merge).place();
      double straight = merge(merge) / 2 - RADIUS;
      double aside = Math.max(0, Math.abs(end.x() - box.middle().x()) - straight);
      double deep = Math.sqrt(Math.max(0, RADIUS * RADIUS - aside * aside));
      return new Point(end.x(), box.y() + RADIUS - deep);
    }

    private void block(Svg svg, Node node, Box at) {
      boolean gives = lines.stream().anyMatch(line -> line.from().equals(node));
      double high = at.height() - (gives ? BELOW : 0);
      double middle = at.middle().x();
      Lettering name = Lettering.plain(node.name());
      switch (node.kind()) {
        case INPUT, OUTPUT ->
            svg.text(Ink.INK.fill(), SIZE, Anchor.MIDDLE, middle, at.y() + high / 2, name);
        case MERGE -> {
          double wide = merge(node);
          svg.rectangle(
              Ink.INK.line() + " " + Ink.PAPER.fill(),
              THIN,
              middle - wide / 2,
              at.y(),
              wide,
              high,
              RADIUS);
          double size = node.name().length() == 1 ? SIZE : SMALL;
          svg.text(Ink.INK.fill(), size, Anchor.MIDDLE, middle, at.y() + high / 2, name);
        }
        case LAYER -> {
          Part part = known.get(node.name());
          Ink ink = part.steps() == null ? Ink.PAPER : Ink.AREA;
          double wide = wide(part) + 2 * GAP;
          svg.rectangle(
              Ink.INK.line() + " " + ink.fill(), THIN, middle - wide / 2, at.y(), wide, high, 6);
          words(svg, part, Anchor.MIDDLE, middle, at.y() + GAP / 2);
        }
      }
      if (gives) {
        double below = at.y() + high;
        svg.line(
            Ink.INK.line(),
            THIN,
            "",
            0,
            List.of(new Point(middle, below), new Point(middle, below + BELOW)));
        svg.text(
            Ink.FAINT.fill(),
            SMALL,
            Anchor.START,
            middle + 5,
            below + BELOW / 2,
            Lettering.plain(node.shape()));
      }
    }
  }

  @Override
  public String svg(Theme theme, String title) {
    return new Laid().svg(theme, title);
  }

  private String called(Node node) {
    if (node.kind() != Kind.LAYER) {
      return node.name();
    }
    Part part = known.get(node.name());
    return Stream.concat(
            Stream.of(part.path()), says(part).stream().map(Lettering::text).map(String::strip))
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
                      .map(line -> (line.from().name() + " " + line.shape()).strip())
                      .collect(Collectors.joining(" and "));
              return called(node) + (from.isEmpty() ? "" : ", from " + from);
            })
        .collect(Collectors.joining("; ", "From top to bottom: ", "; " + total + "."));
  }
}
