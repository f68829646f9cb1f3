package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import kazoku.draw.Svg.Point;
import org.eclipse.elk.alg.layered.LayeredLayoutProvider;
import org.eclipse.elk.alg.layered.options.FixedAlignment;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeLabelPlacement;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.PortSide;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.ElkPort;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * The graph of a layout in the Eclipse Layout Kernel. All that knows ELK, which is an optional
 * dependency, is in here and in the layouts.
 */
final class LayoutGraph {
  /** ELK takes no notice of labels without a text. */
  private static final String SOME_TEXT = "text";

  private LayoutGraph() {}

  /** An empty graph, for lines with right angles. */
  static ElkNode of(Direction direction, int seed, ElkPadding padding) {
    ElkNode graph = ElkGraphUtil.createGraph();
    graph.setProperty(CoreOptions.DIRECTION, direction);
    graph.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
    graph.setProperty(CoreOptions.SEPARATE_CONNECTED_COMPONENTS, false);
    graph.setProperty(CoreOptions.RANDOM_SEED, seed);
    graph.setProperty(CoreOptions.PADDING, padding);
    graph.setProperty(LayeredOptions.NODE_PLACEMENT_BK_FIXED_ALIGNMENT, FixedAlignment.BALANCED);
    return graph;
  }

  static ElkPort port(ElkNode node, PortSide side) {
    ElkPort port = ElkGraphUtil.createPort(node);
    port.setProperty(CoreOptions.PORT_SIDE, side);
    return port;
  }

  /** Keeps room for a text near a node. */
  static ElkLabel label(ElkNode node, double width, double height) {
    ElkLabel label = ElkGraphUtil.createLabel(SOME_TEXT, node);
    label.setDimensions(width, height);
    return label;
  }

  /** Keeps room for a text in the middle of a line; null if the width is 0. */
  static ElkLabel label(ElkEdge edge, double width, double height) {
    if (width == 0) {
      return null;
    }
    ElkLabel label = ElkGraphUtil.createLabel(SOME_TEXT, edge);
    label.setDimensions(width, height);
    label.setProperty(CoreOptions.EDGE_LABELS_PLACEMENT, EdgeLabelPlacement.CENTER);
    return label;
  }

  /** Places everything in a graph. */
  static void run(ElkNode graph) {
    LayoutMetaDataService.getInstance(); // makes ELK know its own types
    new LayeredLayoutProvider().layout(graph, new BasicProgressMonitor());
  }

  /** The corners of a line that has its place, with its ends. */
  static List<Point> corners(ElkEdge edge) {
    List<Point> corners = new ArrayList<>();
    ElkEdgeSection section = edge.getSections().get(0);
    corners.add(new Point(section.getStartX(), section.getStartY()));
    section.getBendPoints().forEach(bend -> corners.add(new Point(bend.getX(), bend.getY())));
    corners.add(new Point(section.getEndX(), section.getEndY()));
    return corners;
  }
}
