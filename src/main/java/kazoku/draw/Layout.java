package kazoku.draw;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kazoku.draw.Svg.Point;
import org.eclipse.elk.alg.layered.options.CenterEdgeLabelPlacementStrategy;
import org.eclipse.elk.alg.layered.options.EdgeLabelSideSelection;
import org.eclipse.elk.alg.layered.options.LayerConstraint;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.PortConstraints;
import org.eclipse.elk.core.options.PortSide;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.ElkPort;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * Places boxes from left to right and leads lines around them, by the layered algorithm of the
 * Eclipse Layout Kernel.
 */
final class Layout {
  private static final double MARGIN = 10;

  private final ElkNode graph;
  private final boolean mirrored;

  /** Where a line comes into a box. */
  enum Entry {
    /** On the left. */
    AHEAD,
    /** From above or from below. */
    ASIDE,
    /** On the left, from a box further right. */
    BEHIND
  }

  /** How boxes are placed: one or the other gives the better picture. */
  enum Placing {
    /** Lines are as straight as they can be. */
    STRAIGHT,
    /** Boxes stand in the middle of those that they are connected with. */
    BALANCED
  }

  /** A box; its lines leave it on the right, all from one point. */
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
      out = LayoutGraph.port(node, PortSide.EAST);
    }

    /** Keeps room for a text that stands near the box, from this place in the box on. */
    void room(double x, double y, double width, double height) {
      LayoutGraph.label(node, width, height)
          .setLocation(x, mirrored ? node.getHeight() - y - height : y);
    }

    double x() {
      return node.getX();
    }

    double y() {
      return upright(node.getY(), node.getHeight());
    }

    double width() {
      return node.getWidth();
    }

    double height() {
      return node.getHeight();
    }

    /** Its middle. */
    Point middle() {
      return new Point(x() + width() / 2, y() + height() / 2);
    }
  }

  /** A line. */
  final class Line {
    private final ElkEdge edge;
    private final ElkLabel label;

    /** ELK shall not choose which line of a circle leads back. */
    private final boolean back;

    private Line(Box from, Box to, Entry entry, double labelWidth, double labelHeight) {
      ElkPort in = LayoutGraph.port(to.node, entry == Entry.ASIDE ? PortSide.NORTH : PortSide.WEST);
      in.setProperty(LayeredOptions.ALLOW_NON_FLOW_PORTS_TO_SWITCH_SIDES, entry == Entry.ASIDE);
      back = entry == Entry.BEHIND;
      edge =
          back
              ? ElkGraphUtil.createSimpleEdge(in, from.out)
              : ElkGraphUtil.createSimpleEdge(from.out, in);
      label = LayoutGraph.label(edge, labelWidth, labelHeight);
    }

    /** Wants the line to be straight, the more so the larger the number. */
    Line straight(int priority) {
      edge.setProperty(LayeredOptions.PRIORITY_STRAIGHTNESS, priority);
      return this;
    }

    /** Wants the line to be short. */
    Line brief() {
      edge.setProperty(LayeredOptions.PRIORITY_SHORTNESS, 10);
      return this;
    }

    /** Its corners, from its beginning to its end. */
    List<Point> route() {
      List<Point> route = new ArrayList<>();
      LayoutGraph.corners(edge).forEach(at -> route.add(point(at.x(), at.y())));
      if (back) {
        Collections.reverse(route);
      }
      return route;
    }

    /** The middle of its label; null if it has none. */
    Point label() {
      return label == null
          ? null
          : point(label.getX() + label.getWidth() / 2, label.getY() + label.getHeight() / 2);
    }
  }

  private Point point(double x, double y) {
    return new Point(x, upright(y, 0));
  }

  private double upright(double y, double height) {
    return mirrored ? graph.getHeight() - y - height : y;
  }

  /**
   * An empty layout.
   *
   * @param placing how boxes are placed
   * @param seed another seed gives another picture, the same one the same
   * @param mirrored whether what would stand above stands below
   * @param apart how far what stands above each other is apart; 1 is near
   */
  Layout(Placing placing, int seed, boolean mirrored, double apart) {
    this.mirrored = mirrored;
    graph = LayoutGraph.of(Direction.RIGHT, seed, new ElkPadding(MARGIN));
    graph.setProperty(
        LayeredOptions.NODE_PLACEMENT_STRATEGY,
        placing == Placing.STRAIGHT
            ? NodePlacementStrategy.NETWORK_SIMPLEX
            : NodePlacementStrategy.BRANDES_KOEPF);
    graph.setProperty(
        LayeredOptions.EDGE_LABELS_SIDE_SELECTION,
        mirrored ? EdgeLabelSideSelection.ALWAYS_DOWN : EdgeLabelSideSelection.ALWAYS_UP);
    graph.setProperty(
        LayeredOptions.EDGE_LABELS_CENTER_LABEL_PLACEMENT_STRATEGY,
        CenterEdgeLabelPlacementStrategy.SPACE_EFFICIENT_LAYER);
    graph.setProperty(LayeredOptions.THOROUGHNESS, 7);
    graph.setProperty(CoreOptions.SPACING_NODE_NODE, apart * 14);
    graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 10.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_NODE, apart * 10);
    graph.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 7.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE, apart * 9);
    graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 9.0);
    graph.setProperty(CoreOptions.SPACING_EDGE_LABEL, 2.0);
  }

  /** A box. */
  Box box(double width, double height, Place place) {
    return new Box(width, height, place);
  }

  /** A line with room for a label above it; width 0 for none. */
  Line line(Box from, Box to, Entry entry, double labelWidth, double labelHeight) {
    return new Line(from, to, entry, labelWidth, labelHeight);
  }

  /** Places everything. */
  Layout run() {
    LayoutGraph.run(graph);
    return this;
  }

  double width() {
    return graph.getWidth();
  }

  double height() {
    return graph.getHeight();
  }
}
