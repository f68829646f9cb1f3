package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import kazoku.draw.Picture.Line;
import kazoku.draw.Picture.Node;
import kazoku.draw.Picture.Shape;
import kazoku.draw.Term.Kind;

/**
 * Cuts a picture that is too wide into rows, where few values go from one row to another. What goes
 * on in a row below is marked by its name, or by a number, and resumed there under the same mark;
 * inputs come in wherever they are needed.
 */
final class Fold {
  // What a cut costs, by what makes it hard to follow.
  private static final double ROW = 1;
  private static final double NAMED = 1;
  private static final double UNNAMED = 3;
  private static final double HIGHWAY = 1.5;
  private static final double WIDER = 0.04;

  /** As many lines as these in one row are as hard to follow as a row more. */
  private static final double MANY_LINES = 22;

  private final Picture picture;
  private final ToDoubleFunction<Node> nodeWidth;
  private final ToDoubleFunction<Line> lineWidth;
  private final Map<Node, List<Line>> in = new HashMap<>();
  private final Map<Node, List<Line>> out = new HashMap<>();
  private final Set<Line> highways;
  private final Map<Node, Integer> places = new LinkedHashMap<>();

  /**
   * Looks at a picture.
   *
   * @param nodeWidth how much of a row's width a node takes
   * @param lineWidth how much of it a line takes
   */
  Fold(Picture picture, ToDoubleFunction<Node> nodeWidth, ToDoubleFunction<Line> lineWidth) {
    this.picture = picture;
    this.nodeWidth = nodeWidth;
    this.lineWidth = lineWidth;
    highways = picture.highways();
    picture.nodes().forEach(node -> in.put(node, new ArrayList<>()));
    picture.nodes().forEach(node -> out.put(node, new ArrayList<>()));
    for (Line line : picture.lines()) {
      in.get(line.to()).add(line);
      out.get(line.from()).add(line);
    }
    picture.nodes().stream().filter(node -> node.shape() == Shape.OUTPUT).forEach(this::place);
  }

  /** Places a node behind all that it is made of, and what leaves at once behind it. */
  private void place(Node node) {
    if (places.containsKey(node) || given(node)) {
      return;
    }
    in.get(node).forEach(line -> place(line.from()));
    if (places.containsKey(node)) {
      return;
    }
    places.put(node, places.size());
    for (Line line : out.get(node)) {
      if (leaves(line)) {
        places.putIfAbsent(line.to(), places.size());
      }
    }
  }

  /** What comes in wherever it is needed: inputs and weights, and blocks of them. */
  private boolean given(Node node) {
    return switch (node.shape()) {
      case INPUT, WEIGHT -> true;
      case JOINT -> {
        Line line = in.get(node).get(0);
        yield line.kind() == Kind.BLOCK && given(line.from());
      }
      default -> false;
    };
  }

  private static boolean leaves(Line line) {
    return line.to().shape() == Shape.OUTPUT && line.kind() == null;
  }

  /** What a value is called in the picture; nothing if it has no name. */
  private Lettering name(Node node) {
    if (node.shape() == Shape.NAME) {
      return node.label();
    }
    return out.get(node).stream()
        .filter(Fold::leaves)
        .map(line -> line.to().label())
        .filter(label -> !label.text().contains("="))
        .findFirst()
        .orElse(Lettering.NONE);
  }

  /**
   * The rows, from above to below.
   *
   * @param width how wide a row should be
   */
  List<Picture> rows(double width) {
    List<Node> nodes = List.copyOf(places.keySet());
    int n = nodes.size();
    double[] best = new double[n + 1];
    int[] from = new int[n + 1];
    for (int end = 1; end <= n; end++) {
      best[end] = Double.POSITIVE_INFINITY;
      for (int begin = 0; begin < end; begin++) {
        boolean apart = end < n && in.get(nodes.get(end)).stream().anyMatch(Fold::leaves);
        double cost =
            apart ? Double.POSITIVE_INFINITY : best[begin] + cost(nodes, begin, end, width);
        if (cost < best[end]) {
          best[end] = cost;
          from[end] = begin;
        }
      }
    }
    List<Integer> cuts = new ArrayList<>(List.of(n));
    while (cuts.get(0) > 0) {
      cuts.add(0, from[cuts.get(0)]);
    }
    return new Cutting(nodes, cuts).rows();
  }

  /** About how wide the picture is in one row. */
  double width() {
    Map<Node, Double> reach = new HashMap<>();
    places.keySet().forEach(node -> reach.put(node, reach(node, reach)));
    return reach.values().stream().mapToDouble(far -> far).max().orElse(0);
  }

  /** How far a row reaches with a node at its end. */
  private double reach(Node node, Map<Node, Double> reach) {
    double before = 0;
    for (Line line : in.get(node)) {
      double begin = reach.getOrDefault(line.from(), nodeWidth.applyAsDouble(line.from()));
      before = Math.max(before, begin + lineWidth.applyAsDouble(line));
    }
    return before + nodeWidth.applyAsDouble(node);
  }

  private double cost(List<Node> nodes, int begin, int end, double width) {
    for (Line loop : picture.loops()) {
      int inside = places.get(loop.to());
      int last = places.get(loop.from());
      if (inside < begin ? begin <= last : inside < end && end <= last) {
        return Double.POSITIVE_INFINITY;
      }
    }
    Set<Node> resumed = new LinkedHashSet<>();
    Map<Node, Double> reach = new HashMap<>();
    double cost = ROW;
    double widest = 0;
    int lines = 0;
    for (Node node : nodes.subList(begin, end)) {
      for (Line line : in.get(node)) {
        boolean cut = !given(line.from()) && places.get(line.from()) < begin;
        if (cut && resumed.add(line.from())) {
          cost += name(line.from()).isEmpty() ? UNNAMED : NAMED;
        }
        cost += cut && highways.contains(line) ? HIGHWAY : 0;
        lines++;
      }
      double far = reach(node, reach);
      reach.put(node, far);
      widest = Math.max(widest, far);
    }
    return cost + Math.max(0, widest - width) * WIDER + Math.pow(lines / MANY_LINES, 2);
  }

  /** Rows in the making. */
  private final class Cutting {
    private final Map<Node, Integer> rowOf = new HashMap<>();
    private final Map<Node, Lettering> marks = new HashMap<>();
    private final int rows;
    private int numbers;

    Cutting(List<Node> nodes, List<Integer> cuts) {
      rows = cuts.size() - 1;
      for (int row = 0; row < rows; row++) {
        for (Node node : nodes.subList(cuts.get(row), cuts.get(row + 1))) {
          rowOf.put(node, row);
        }
      }
      for (Node node : nodes) {
        if (out.get(node).stream().anyMatch(this::cut)) {
          marks.put(node, mark(node));
        }
      }
    }

    private boolean cut(Line line) {
      return !given(line.from()) && !rowOf.get(line.from()).equals(rowOf.get(line.to()));
    }

    /** A name that is the only one of its kind, or a number. */
    private Lettering mark(Node node) {
      Lettering name = name(node);
      long alike = picture.nodes().stream().filter(n -> n.label().equals(name)).count();
      if (!name.isEmpty() && alike == 1) {
        return name;
      }
      numbers++;
      return name.then((name.isEmpty() ? "(" : " (") + numbers + ")");
    }

    List<Picture> rows() {
      List<Picture> all = new ArrayList<>();
      for (int row = 0; row < rows; row++) {
        all.add(row(row));
      }
      return all;
    }

    /** Whether a node stands in a row, and not only what it is called. */
    private boolean in(Node node, int row) {
      return given(node) ? needed(node, row) : rowOf.get(node) == row;
    }

    private boolean needed(Node node, int row) {
      return out.get(node).stream().anyMatch(line -> in(line.to(), row));
    }

    private Picture row(int row) {
      Map<Node, Node> shown = new LinkedHashMap<>();
      List<Line> lines = new ArrayList<>();
      Set<Line> ways = new LinkedHashSet<>();
      int numbered = 0;
      for (Node node : picture.nodes()) {
        boolean here = in(node, row);
        if (here && node.shape() == Shape.NAME && marks.containsKey(node)) {
          shown.put(node, as(node, numbered++, Shape.CONTINUED, marks.get(node)));
        } else if (here) {
          shown.put(node, as(node, numbered++, node.shape(), node.label()));
        } else if (needed(node, row)) {
          shown.put(node, new Node(numbered++, Shape.RESUMED, marks.get(node), Lettering.NONE, ""));
        }
      }
      for (Line line : picture.lines()) {
        if (in(line.to(), row)) {
          Line drawn =
              new Line(shown.get(line.from()), shown.get(line.to()), line.kind(), line.label());
          lines.add(drawn);
          if (highways.contains(line)) {
            ways.add(drawn);
          }
        }
      }
      List<Line> loops =
          picture.loops().stream()
              .filter(line -> in(line.to(), row))
              .map(
                  line ->
                      new Line(
                          shown.get(line.from()), shown.get(line.to()), line.kind(), line.label()))
              .toList();
      for (Map.Entry<Node, Node> entry : List.copyOf(shown.entrySet())) {
        Node node = entry.getKey();
        if (marks.containsKey(node) && in(node, row) && name(node).isEmpty()) {
          Node end = new Node(numbered++, Shape.CONTINUED, marks.get(node), Lettering.NONE, "");
          shown.put(end, end);
          lines.add(new Line(entry.getValue(), end, null, Lettering.NONE));
        }
      }
      return new Picture(picture.description(), List.copyOf(shown.values()), lines, loops, ways);
    }

    private Node as(Node node, int number, Shape shape, Lettering label) {
      return new Node(number, shape, label, node.note(), node.state());
    }
  }
}
