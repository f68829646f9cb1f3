package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import kazoku.Built;
import kazoku.Layer;
import kazoku.Structure;
import kazoku.Structure.Part;
import kazoku.draw.Dataflow.Line;
import kazoku.draw.Dataflow.Node;

/**
 * Equal layers in a row, each of which takes what the one before it gives, and nobody else does:
 * the first of them stands for all.
 */
final class Repeats {
  /** Fewer are drawn one by one. */
  private static final int LEAST = 4;

  private final Map<String, Object> layers = new HashMap<>();
  private final Map<String, Run> runs = new HashMap<>();
  private final Set<String> hidden = new HashSet<>();
  private List<Node> nodes;
  private List<Line> lines;

  /** Layers that are drawn as one. */
  record Run(List<Part> parts) {
    int times() {
      return parts.size();
    }

    String name() {
      return parts.get(0).name() + " … " + parts.get(times() - 1).name();
    }
  }

  Repeats(Structure structure, Dataflow flow) {
    nodes = List.copyOf(flow.nodes());
    lines = List.copyOf(flow.lines());
    for (Built built : structure.built()) {
      Object what = built.what() instanceof Layer.Named named ? named.layer() : built.what();
      layers.put(built.path(), what);
    }
    find(structure.parts());
  }

  List<Node> nodes() {
    return nodes;
  }

  List<Line> lines() {
    return lines;
  }

  /** What a layer is the first of; null if it stands for itself only. */
  Run run(Part part) {
    return runs.get(part.path());
  }

  /** Whether another stands for it. */
  boolean hides(Part part) {
    return hidden.contains(part.path());
  }

  private void find(List<Part> row) {
    for (int k = 0; k < row.size(); ) {
      int end = k + 1;
      while (end < row.size() && follows(row.get(end - 1), row.get(end))) {
        end++;
      }
      List<Part> same = row.subList(k, end);
      if (same.size() >= LEAST && leavesAsOthersDo(same)) {
        fold(same);
      }
      k = end;
    }
    row.stream().filter(part -> !hides(part)).forEach(part -> find(part.inside()));
  }

  /** Whether a layer equals another and takes what that one gives, which nobody else does. */
  private boolean follows(Part before, Part part) {
    // Of cells in a row, the layer around them knows more than they.
    if (!(layers.get(part.path()) instanceof Layer layer)
        || !layer.equals(layers.get(before.path()))) {
      return false;
    }
    List<Node> first = members(before);
    List<Node> second = members(part);
    Set<List<Object>> given = places(leaving(before), Line::from, first);
    return first.size() == second.size()
        && places(within(before), null, first).equals(places(within(part), null, second))
        && places(entering(before), Line::to, first)
            .equals(places(entering(part), Line::to, second))
        && given.stream().map(place -> place.get(0)).distinct().count() == 1
        && Set.copyOf(leaving(before)).equals(Set.copyOf(entering(part)))
        && sources(before) == 1;
  }

  private long sources(Part part) {
    return entering(part).stream().map(Line::from).distinct().count();
  }

  /** Whether the last one gives what the others give. */
  private boolean leavesAsOthersDo(List<Part> same) {
    Part first = same.get(0);
    Part last = same.get(same.size() - 1);
    return origins(first).equals(origins(last));
  }

  private Set<Integer> origins(Part part) {
    List<Node> members = members(part);
    return leaving(part).stream()
        .map(line -> members.indexOf(line.from()))
        .collect(Collectors.toSet());
  }

  private interface Side {
    Node of(Line line);
  }

  /** Lines by the places of their ends among the members of a layer. */
  private static Set<List<Object>> places(List<Line> some, Side side, List<Node> members) {
    return some.stream()
        .map(
            line ->
                side == null
                    ? List.<Object>of(
                        members.indexOf(line.from()),
                        members.indexOf(line.to()),
                        line.name(),
                        line.shape())
                    : List.<Object>of(members.indexOf(side.of(line)), line.name(), line.shape()))
        .collect(Collectors.toSet());
  }

  private static boolean in(Part part, Node node) {
    String path =
        switch (node.kind()) {
          case LAYER -> node.name();
          case MERGE -> node.frame();
          default -> "";
        };
    return path.equals(part.path()) || path.startsWith(part.path() + "/");
  }

  private List<Node> members(Part part) {
    return nodes.stream().filter(node -> in(part, node)).toList();
  }

  private List<Line> within(Part part) {
    return lines.stream().filter(line -> in(part, line.from()) && in(part, line.to())).toList();
  }

  private List<Line> entering(Part part) {
    return lines.stream().filter(line -> !in(part, line.from()) && in(part, line.to())).toList();
  }

  private List<Line> leaving(Part part) {
    return lines.stream().filter(line -> in(part, line.from()) && !in(part, line.to())).toList();
  }

  private void fold(List<Part> same) {
    Part first = same.get(0);
    Part last = same.get(same.size() - 1);
    List<Node> firsts = members(first);
    List<Node> lasts = members(last);
    List<Part> others = same.subList(1, same.size());
    List<Line> kept = new ArrayList<>();
    for (Line line : lines) {
      boolean from = others.stream().anyMatch(part -> in(part, line.from()));
      boolean to = others.stream().anyMatch(part -> in(part, line.to()));
      if (from && !to) {
        Node origin = firsts.get(lasts.indexOf(line.from()));
        kept.add(new Line(origin, line.to(), line.name(), line.shape()));
      } else if (!to) {
        kept.add(line);
      }
    }
    nodes = nodes.stream().filter(node -> others.stream().noneMatch(p -> in(p, node))).toList();
    lines = kept;
    runs.put(first.path(), new Run(List.copyOf(same)));
    others.forEach(part -> hidden.add(part.path()));
  }
}
