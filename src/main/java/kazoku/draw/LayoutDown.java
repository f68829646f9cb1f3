package kazoku.draw;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import kazoku.draw.Svg.Point;
import org.eclipse.elk.alg.layered.LayeredLayoutProvider;
import org.eclipse.elk.alg.layered.options.FixedAlignment;
import org.eclipse.elk.alg.layered.options.LayerConstraint;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.alg.layered.options.OrderingStrategy;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.options.ContentAlignment;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeLabelPlacement;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.options.PortAlignment;
import org.eclipse.elk.core.options.PortConstraints;
import org.eclipse.elk.core.options.PortSide;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.ElkPort;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * Places boxes in frames from top to bottom and leads lines around them and through the frames, by
 * the layered algorithm of the Eclipse Layout Kernel.
 */
final class LayoutDown {
  private static final double MARGIN = 14;
  private static final double INNER = 14;

  private final ElkNode graph = ElkGraphUtil.createGraph();

  /** Where a box may stand. */
  enum Place {
    /** At the top. */
    FIRST,
    /** Where its lines are short. */
    BETWEEN,
    /** At the bottom. */
    LAST
  }

  /** A box; its lines leave it below, all from one point. */
  final class Box {
    private final ElkNode node;
    private final ElkPort out;

    private Box(ElkNode parent, double width, double height, Place place) {
      node = ElkGraphUtil.createNode(parent);
      node.setDimensions(width, height);
      node.setProperty(CoreOptions.PORT_CONSTRAINTS, PortConstraints.FIXED_SIDE);
      node.setProperty(CoreOptions.PORT_ALIGNMENT_DEFAULT, PortAlignment.CENTER);
      if (place != Place.BETWEEN) {
        node.setProperty(
            LayeredOptions.LAYERING_LAYER_CONSTRAINT,
            place == Place.FIRST ? LayerConstraint.FIRST : LayerConstraint.LAST);
      }
      out = port(PortSide.SOUTH);
    }

    private ElkPort port(PortSide side) {
      ElkPort port = ElkGraphUtil.createPort(node);
      port.setProperty(CoreOptions.PORT_SIDE, side);
      return port;
    }

    kazoku.draw.Box place() {
      return absolute(node);
    }
  }

  /** A frame around boxes and frames. */
  final class Frame {
    private final ElkNode node;

    private Frame(ElkNode node) {
      this.node = node;
    }

    /**
     * A frame in this one.
     *
     * @param wide its least width
     * @param top room for its title
     */
    Frame frame(double wide, double top) {
      ElkNode inner = ElkGraphUtil.createNode(node);
      spaced(inner);
      inner.setProperty(CoreOptions.PADDING, new ElkPadding(top, INNER, INNER, INNER));
      inner.setProperty(
          CoreOptions.NODE_SIZE_CONSTRAINTS, EnumSet.of(SizeConstraint.MINIMUM_SIZE));
      inner.setProperty(CoreOptions.NODE_SIZE_MINIMUM, new KVector(wide, top));
      inner.setProperty(CoreOptions.CONTENT_ALIGNMENT, ContentAlignment.topCenter());
      return new Frame(inner);
    }

    /** A box in this frame. */
    Box box(double width, double height, Place place) {
      return new Box(node, width, height, place);
    }

    kazoku.draw.Box place() {
      return absolute(node);
    }
  }

  /** A line. */
  final class Line {
    private final ElkEdge edge;
    private final ElkLabel label;

    private Line(Box from, Box to, double width, double height) {
      edge = ElkGraphUtil.createSimpleEdge(from.out, to.port(PortSide.NORTH));
      label = width == 0 ? null : ElkGraphUtil.createLabel("text", edge);
      if (label != null) {
        label.setDimensions(width, height);
        label.setProperty(CoreOptions.EDGE_LABELS_PLACEMENT, EdgeLabelPlacement.CENTER);
      }
    }

    /** Its corners, from its beginning to its end. */
    Way way() {
      List<Point> corners = new ArrayList<>();
      Point at = origin(edge.getContainingNode());
      ElkEdgeSection section = edge.getSections().get(0);
      corners.add(new Point(at.x() + section.getStartX(), at.y() + section.getStartY()));
      section
          .getBendPoints()
          .forEach(bend -> corners.add(new Point(at.x() + bend.getX(), at.y() + bend.getY())));
      corners.add(new Point(at.x() + section.getEndX(), at.y() + section.getEndY()));
      return new Way(corners);
    }

    /** Where its label stands. */
    kazoku.draw.Box label() {
      Point at = origin(edge.getContainingNode());
      return new kazoku.draw.Box(
          at.x() + label.getX(), at.y() + label.getY(), label.getWidth(), label.getHeight());
    }
  }

  LayoutDown() {
    spaced(graph);
    graph.setProperty(CoreOptions.PADDING, new ElkPadding(MARGIN));
  }

  private static void spaced(ElkNode node) {
    node.setProperty(CoreOptions.DIRECTION, Direction.DOWN);
    node.setProperty(CoreOptions.HIERARCHY_HANDLING, HierarchyHandling.INCLUDE_CHILDREN);
    node.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
    node.setProperty(CoreOptions.SEPARATE_CONNECTED_COMPONENTS, false);
    node.setProperty(CoreOptions.RANDOM_SEED, 1);
    node.setProperty(
        LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.BRANDES_KOEPF);
    node.setProperty(LayeredOptions.NODE_PLACEMENT_BK_FIXED_ALIGNMENT, FixedAlignment.BALANCED);
    node.setProperty(
        LayeredOptions.CONSIDER_MODEL_ORDER_STRATEGY, OrderingStrategy.NODES_AND_EDGES);
    node.setProperty(CoreOptions.SPACING_NODE_NODE, 24.0);
    node.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 18.0);
    node.setProperty(LayeredOptions.SPACING_EDGE_NODE, 14.0);
    node.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 10.0);
    node.setProperty(LayeredOptions.SPACING_EDGE_EDGE, 12.0);
    node.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 10.0);
    node.setProperty(CoreOptions.SPACING_EDGE_LABEL, 4.0);
  }

  private static Point origin(ElkNode node) {
    double x = 0;
    double y = 0;
    for (ElkNode around = node; around.getParent() != null; around = around.getParent()) {
      x += around.getX();
      y += around.getY();
    }
    return new Point(x, y);
  }

  private static kazoku.draw.Box absolute(ElkNode node) {
    Point at = origin(node);
    return new kazoku.draw.Box(at.x(), at.y(), node.getWidth(), node.getHeight());
  }

  /** The paper. */
  Frame paper() {
    return new Frame(graph);
  }

  /** A line with room for a label; width 0 for none. */
  Line line(Box from, Box to, double width, double height) {
    return new Line(from, to, width, height);
  }

  /** Places everything. */
  void run() {
    LayoutMetaDataService.getInstance(); // makes ELK know its own types
    new LayeredLayoutProvider().layout(graph, new BasicProgressMonitor());
  }
}
