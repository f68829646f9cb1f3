package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import kazoku.draw.Svg.Point;
import org.eclipse.elk.alg.layered.LayeredLayoutProvider;
import org.eclipse.elk.alg.layered.options.EdgeLabelSideSelection;
import org.eclipse.elk.alg.layered.options.FixedAlignment;
import org.eclipse.elk.alg.layered.options.LayerConstraint;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.math.KVectorChain;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeLabelPlacement;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.PortConstraints;
import org.eclipse.elk.core.options.PortSide;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.ElkPort;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * Places boxes from left to right and leads lines around them, by the layered algorithm of the
 * Eclipse Layout Kernel. All that knows ELK, which is an optional dependency, is in here.
 */
final class Layout {
  private static final double MARGIN = 12;

  private final ElkNode graph = ElkGraphUtil.createGraph();
  private final List<Box> boxes = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();

  /** Where a box may stand. */
  enum Place {
    /** At the left. */
    FIRST,
    /** Where its lines are short. */
    BETWEEN,
    /** At the right. */
    LAST
  }

  /** A box; its lines leave it on the right, all from one point, and come in on the left. */
  final class Box {
    private final ElkNode node;
    private final ElkPort out;

    private Box(double width, double height, Place place) {
      node = ElkGraphUtil.createNode(graph);
      node.setDimensions(width, height);
      node.setProperty(CoreOptions.PORT_CONSTRAINTS, PortConstraints.FIXED_SIDE);
      switch (place) {
        case FIRST ->
            node.setProperty(
                LayeredOptions.LAYERING_LAYER_CONSTRAINT, LayerConstraint.FIRST_SEPARATE);
        case LAST ->
            node.setProperty(
                LayeredOptions.LAYERING_LAYER_CONSTRAINT, LayerConstraint.LAST_SEPARATE);
        case BETWEEN -> {}
      }
      out = port(PortSide.EAST);
    }

    private ElkPort port(PortSide side) {
      ElkPort port = ElkGraphUtil.createPort(node);
      port.setProperty(CoreOptions.PORT_SIDE, side);
      return port;
    }

    double x() {
      return node.getX();
    }

    double y() {
      return node.getY();
    }

    double width() {
      return node.getWidth();
    }

    double height() {
      return node.getHeight();
    }
  }

  /** A line. */
  final class Line {
    private final ElkEdge edge;
    private final ElkLabel label;

    private Line(Box from, Box to, double labelWidth, double labelHeight) {
      edge = ElkGraphUtil.createSimpleEdge(from.out, to.port(PortSide.WEST));
      label = labelWidth == 0 ? null : ElkGraphUtil.createLabel(edge);
      if (label != null) {
        label.setDimensions(labelWidth, labelHeight);
        label.setProperty(CoreOptions.EDGE_LABELS_PLACEMENT, EdgeLabelPlacement.CENTER);
      }
    }

    /** Wants the line to be straight. */
    Line straight() {
      edge.setProperty(LayeredOptions.PRIORITY_STRAIGHTNESS, 100);
      edge.setProperty(LayeredOptions.PRIORITY_SHORTNESS, 10);
      return this;
    }

    /** Its corners, from its beginning to its end. */
    List<Point> route() {
      List<Point> route = new ArrayList<>();
      ElkEdgeSection section = edge.getSections().get(0);
      route.add(new Point(section.getStartX(), section.getStartY()));
      section.getBendPoints().forEach(bend -> route.add(new Point(bend.getX(), bend.getY())));
      route.add(new Point(section.getEndX(), section.getEndY()));
      return route;
    }

    /** Where it parts from others that begin where it begins. */
    List<Point> junctions() {
      KVectorChain points = edge.getProperty(CoreOptions.JUNCTION_POINTS);
      List<Point> all = new ArrayList<>();
      if (points != null) {
        for (KVector point : points) {
          all.add(new Point(point.x, point.y));
        }
      }
      return all;
    }

    /** The middle of its label. */
    Point label() {
      return new Point(label.getX() + label.getWidth() / 2, label.getY() + label.getHeight() / 2);
    }
  }

  Layout() {
    graph.setProperty(CoreOptions.DIRECTION, Direction.RIGHT);
    graph.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
    graph.setProperty(CoreOptions.RANDOM_SEED, 1);
    graph.setProperty(CoreOptions.PADDING, new ElkPadding(MARGIN));
    graph.setProperty(
        LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.NETWORK_SIMPLEX);
    graph.setProperty(LayeredOptions.NODE_PLACEMENT_BK_FIXED_ALIGNMENT, FixedAlignment.BALANCED);
    graph.setProperty(LayeredOptions.EDGE_LABELS_SIDE_SELECTION, EdgeLabelSideSelection.ALWAYS_UP);
    graph.setProperty(LayeredOptions.THOROUGHNESS, 60);
    graph.setProperty(CoreOptions.SPACING_NODE_NODE, 16.0);
    graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 22.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_NODE, 10.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 10.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE, 8.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 8.0);
    graph.setProperty(CoreOptions.SPACING_EDGE_LABEL, 2.0);
  }

  Box box(double width, double height, Place place) {
    Box box = new Box(width, height, place);
    boxes.add(box);
    return box;
  }

  /** A line with room for a label above it; width 0 for none. */
  Line line(Box from, Box to, double labelWidth, double labelHeight) {
    Line line = new Line(from, to, labelWidth, labelHeight);
    lines.add(line);
    return line;
  }

  /** Places everything. */
  void run() {
    LayoutMetaDataService.getInstance(); // makes ELK know its own types
    new LayeredLayoutProvider().layout(graph, new BasicProgressMonitor());
  }

  double width() {
    return graph.getWidth();
  }

  double height() {
    return graph.getHeight();
  }
}
