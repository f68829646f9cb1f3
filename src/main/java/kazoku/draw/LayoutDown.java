package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import kazoku.draw.Svg.Point;
import org.eclipse.elk.alg.layered.options.LayerConstraint;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.alg.layered.options.OrderingStrategy;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.PortAlignment;
import org.eclipse.elk.core.options.PortConstraints;
import org.eclipse.elk.core.options.PortSide;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.ElkPort;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * Places boxes from top to bottom and leads lines around them, by the layered algorithm of the
 * Eclipse Layout Kernel. A box may be a frame with a layout of its own, into which lines lead at
 * its upper side and out of which at its lower one; it is laid out before the layout around it.
 */
final class LayoutDown {
  private static final double MARGIN = 14;

  /** Around a title. */
  private static final double GAP = 9;

  /** How near lines may come to a title. */
  private static final double CLEAR = 7;

  private final ElkNode graph;
  private final double wide;
  private final double high;
  private final List<Frame> frames = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();
  private double least;
  private double shift;

  /** Where lines begin or end. */
  record End(ElkPort port) {}

  /** A box; its lines come in from above, and leave it below, all from one point. */
  class Box {
    final ElkNode node;
    private ElkPort out;

    private Box(double width, double height, Place place, PortConstraints constraints) {
      node = ElkGraphUtil.createNode(graph);
      node.setDimensions(width, height);
      node.setProperty(CoreOptions.PORT_CONSTRAINTS, constraints);
      node.setProperty(CoreOptions.PORT_ALIGNMENT_DEFAULT, PortAlignment.CENTER);
      if (place != Place.BETWEEN) {
        node.setProperty(
            LayeredOptions.LAYERING_LAYER_CONSTRAINT,
            place == Place.FIRST ? LayerConstraint.FIRST : LayerConstraint.LAST);
      }
    }

    ElkPort port(PortSide side) {
      return LayoutGraph.port(node, side);
    }

    /** The end of one line more. */
    End in() {
      return new End(port(PortSide.NORTH));
    }

    /** Where all lines begin. */
    End out() {
      if (out == null) {
        out = port(PortSide.SOUTH);
      }
      return new End(out);
    }

    /** Where it stands in its layout. */
    kazoku.draw.Box place() {
      return new kazoku.draw.Box(
          shift + node.getX(), node.getY(), node.getWidth(), node.getHeight());
    }
  }

  /** A round box, in which values meet at its top or come in from the right. */
  final class Joint extends Box {
    private final double radius;
    private ElkPort top;
    private ElkPort right;

    private Joint(double width, double height, double radius) {
      super(width, height, Place.BETWEEN, PortConstraints.FIXED_POS);
      this.radius = radius;
    }

    @Override
    End in() {
      top = top == null ? at(PortSide.NORTH, node.getWidth() / 2, 0) : top;
      return new End(top);
    }

    /** The end of lines that go around what stands above it. */
    End aside() {
      right = right == null ? at(PortSide.EAST, node.getWidth(), radius) : right;
      return new End(right);
    }

    @Override
    End out() {
      End end = super.out();
      end.port.setLocation(node.getWidth() / 2, node.getHeight());
      return end;
    }

    private ElkPort at(PortSide side, double x, double y) {
      ElkPort port = port(side);
      port.setLocation(x, y);
      return port;
    }
  }

  /** A box with boxes in it. */
  final class Frame extends Box {
    private final LayoutDown inside;
    private final Map<Object, ElkPort> ins = new LinkedHashMap<>();
    private final Map<Object, ElkPort> outs = new LinkedHashMap<>();
    private final Map<Object, Box> entries = new HashMap<>();
    private final Map<Object, Box> exits = new HashMap<>();
    private double below;

    private Frame(LayoutDown inside) {
      super(0, 0, Place.BETWEEN, PortConstraints.FIXED_POS);
      this.inside = inside;
    }

    /** Whether a value comes in already. */
    boolean takes(Object value) {
      return ins.containsKey(value);
    }

    /** Where a value comes in, from outside. */
    End in(Object value) {
      return new End(ins.computeIfAbsent(value, v -> port(PortSide.NORTH)));
    }

    /** Where a value comes in, from inside. */
    End entry(Object value) {
      return entries
          .computeIfAbsent(
              value, v -> inside.new Box(0, 0, Place.FIRST, PortConstraints.FIXED_SIDE))
          .out();
    }

    /** Whether a value goes out already. */
    boolean gives(Object value) {
      return outs.containsKey(value);
    }

    /** Where a value goes out, from outside. */
    End out(Object value) {
      return new End(outs.computeIfAbsent(value, v -> port(PortSide.SOUTH)));
    }

    /** Where a value goes out, from inside. */
    End exit(Object value) {
      return exits
          .computeIfAbsent(value, v -> inside.new Box(0, 0, Place.LAST, PortConstraints.FIXED_SIDE))
          .in();
    }

    /** Keeps room below it, through which lines go out. */
    void below(double room) {
      below = room;
    }

    private void run() {
      inside.run();
      double height = inside.height() + below;
      node.setDimensions(inside.width(), height);
      ins.forEach((value, port) -> port.setLocation(entries.get(value).place().x(), 0));
      outs.forEach((value, port) -> port.setLocation(exits.get(value).place().x(), height));
    }

    /** How far from its left side each value goes out. */
    Map<Object, Double> outs() {
      Map<Object, Double> across = new LinkedHashMap<>();
      outs.forEach((value, port) -> across.put(value, port.getX()));
      return across;
    }
  }

  /** A line. */
  final class Line {
    private final ElkEdge edge;
    private final ElkLabel label;

    private Line(End from, End to, double width, double height) {
      edge = ElkGraphUtil.createSimpleEdge(from.port, to.port);
      label = LayoutGraph.label(edge, width, height);
    }

    /** Its corners, from its beginning to its end; at an entry or exit on the side of the frame. */
    Way way() {
      List<Point> corners = new ArrayList<>();
      LayoutGraph.corners(edge).forEach(at -> corners.add(new Point(shift + at.x(), at.y())));
      if (empty(edge.getSources().get(0))) {
        corners.add(0, new Point(corners.get(0).x(), 0));
      }
      if (empty(edge.getTargets().get(0))) {
        corners.add(new Point(corners.get(corners.size() - 1).x(), height()));
      }
      return new Way(corners);
    }

    private static boolean empty(org.eclipse.elk.graph.ElkConnectableShape port) {
      return ((ElkPort) port).getParent().getHeight() == 0;
    }

    /** Where its label stands; null if it has none. */
    kazoku.draw.Box label() {
      return label == null
          ? null
          : new kazoku.draw.Box(
              shift + label.getX(), label.getY(), label.getWidth(), label.getHeight());
    }
  }

  /** An empty layout that is a frame, with room for a title at its top. */
  static LayoutDown titled(double wide, double high) {
    // A line through the middle leaves room on either side.
    return new LayoutDown(
        wide, high, 2 * wide + 4 * GAP, new ElkPadding(high + GAP, MARGIN, 0, MARGIN));
  }

  /** An empty layout that is the paper, at least so wide. */
  static LayoutDown paper(double least) {
    return new LayoutDown(0, 0, least, new ElkPadding(MARGIN));
  }

  private LayoutDown(double wide, double high, double least, ElkPadding padding) {
    this.wide = wide;
    this.high = high;
    this.least = least;
    graph = LayoutGraph.of(Direction.DOWN, 1, padding);
    graph.setProperty(LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.BRANDES_KOEPF);
    graph.setProperty(
        LayeredOptions.CONSIDER_MODEL_ORDER_STRATEGY, OrderingStrategy.NODES_AND_EDGES);
    graph.setProperty(CoreOptions.SPACING_NODE_NODE, 24.0);
    graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 18.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_NODE, 14.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 14.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE, 12.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 10.0);
    graph.setProperty(CoreOptions.SPACING_EDGE_LABEL, 4.0);
  }

  /** A box. */
  Box box(double width, double height, Place place) {
    return new Box(width, height, place, PortConstraints.FIXED_SIDE);
  }

  /** A joint. */
  Joint joint(double width, double height, double radius) {
    return new Joint(width, height, radius);
  }

  /** A frame. */
  Frame frame(LayoutDown inside) {
    Frame frame = new Frame(inside);
    frames.add(frame);
    return frame;
  }

  /** A line with room for a label; width 0 for none. */
  Line line(End from, End to, double width, double height) {
    Line line = new Line(from, to, width, height);
    lines.add(line);
    return line;
  }

  /** Places everything. */
  void run() {
    frames.forEach(Frame::run);
    straighten();
    LayoutGraph.run(graph);
    widen(least);
    // In the end all lines are to the right of the title.
    while (covered(title(), taken()) > 0) {
      widen(width() + GAP);
    }
  }

  private void widen(double width) {
    least = width;
    shift = Math.max(0, (least - graph.getWidth()) / 2);
  }

  /** Where the title stands: where no line goes through it, as far left as can be. */
  kazoku.draw.Box title() {
    List<kazoku.draw.Box> taken = taken();
    kazoku.draw.Box best = new kazoku.draw.Box(GAP, GAP / 2, wide, high);
    for (double x = GAP; x + wide <= width() - GAP; x += GAP / 3) {
      kazoku.draw.Box here = new kazoku.draw.Box(x, best.y(), wide, high);
      if (covered(here, taken) < covered(best, taken)) {
        best = here;
      }
    }
    return best;
  }

  /** Where lines and their labels are. */
  private List<kazoku.draw.Box> taken() {
    List<kazoku.draw.Box> taken = new ArrayList<>();
    for (Line line : lines) {
      List<Point> points = line.way().points();
      for (int k = 1; k < points.size(); k++) {
        taken.add(kazoku.draw.Box.along(points.get(k - 1), points.get(k), 2 * CLEAR));
      }
      if (line.label != null) {
        taken.add(line.label());
      }
    }
    return taken;
  }

  private static double covered(kazoku.draw.Box box, List<kazoku.draw.Box> taken) {
    return taken.stream().mapToDouble(box::overlap).sum();
  }

  /** Wants the longest way from top to bottom to be straight, where there is one. */
  private void straighten() {
    Map<ElkNode, Integer> above = new HashMap<>();
    Map<ElkNode, Integer> below = new HashMap<>();
    int longest = 0;
    for (ElkNode node : graph.getChildren()) {
      int up = far(node, LayoutDown::target, LayoutDown::source, above);
      int down = far(node, LayoutDown::source, LayoutDown::target, below);
      longest = Math.max(longest, up + down);
    }
    List<ElkEdge> ways = new ArrayList<>();
    for (Line line : lines) {
      ElkEdge edge = line.edge;
      if (above.get(source(edge)) + 1 + below.get(target(edge)) == longest) {
        ways.add(edge);
      }
    }
    for (ElkEdge edge : ways) {
      boolean only =
          ways.stream()
              .noneMatch(
                  other ->
                      other != edge
                          && (source(other) == source(edge) || target(other) == target(edge)));
      if (only) {
        edge.setProperty(LayeredOptions.PRIORITY_STRAIGHTNESS, 100);
      }
    }
  }

  /** How many lines there are one after the other on the longest way from a box. */
  private int far(
      ElkNode node,
      Function<ElkEdge, ElkNode> begin,
      Function<ElkEdge, ElkNode> end,
      Map<ElkNode, Integer> known) {
    Integer far = known.get(node);
    if (far == null) {
      known.put(node, 0); // ends ways that go in circles
      far =
          lines.stream()
              .map(line -> line.edge)
              .filter(edge -> begin.apply(edge) == node)
              .mapToInt(edge -> 1 + far(end.apply(edge), begin, end, known))
              .max()
              .orElse(0);
      known.put(node, far);
    }
    return far;
  }

  private static ElkNode source(ElkEdge edge) {
    return ((ElkPort) edge.getSources().get(0)).getParent();
  }

  private static ElkNode target(ElkEdge edge) {
    return ((ElkPort) edge.getTargets().get(0)).getParent();
  }

  double width() {
    return Math.max(least, graph.getWidth());
  }

  double height() {
    return graph.getHeight();
  }
}
