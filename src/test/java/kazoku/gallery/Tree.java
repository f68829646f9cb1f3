package kazoku.gallery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The family tree: {@code tree.txt}, an indented list of who was made from whom. */
final class Tree {
  private static final String FILE = "tree.txt";

  /**
   * A cell, or a line of work without one.
   *
   * @param name a cell's simple name, or words
   * @param others cells that it takes from beside the one it is made from
   * @param children what was made from it
   */
  record Node(String name, List<String> others, List<Node> children) {
    boolean isCell() {
      return name.endsWith("Cell");
    }

    private Stream<Node> all() {
      return Stream.concat(Stream.of(this), children.stream().flatMap(Node::all));
    }
  }

  private final List<Node> roots = new ArrayList<>();
  private final Map<String, String> parents = new LinkedHashMap<>();

  /**
   * Reads the tree.
   *
   * @param cells simple names of the cells that have to be in it
   */
  Tree(Set<String> cells) {
    Deque<Node> above = new ArrayDeque<>();
    for (String line : Resources.text(FILE).split("\n")) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int depth = (line.length() - line.stripLeading().length()) / 2;
      String[] names = line.strip().replace("\"", "").split(" \\+ ");
      Node node = new Node(names[0], List.of(names).subList(1, names.length), new ArrayList<>());
      while (above.size() > depth) {
        above.pop();
      }
      if (above.isEmpty()) {
        roots.add(node);
      } else {
        above.peek().children().add(node);
        parents.put(node.name(), above.peek().name());
      }
      above.push(node);
    }
    Set<String> missing = new TreeSet<>(cells);
    nodes().filter(Node::isCell).forEach(node -> remove(missing, node.name()));
    if (!missing.isEmpty()) {
      throw new IllegalStateException(FILE + ": must have every cell, has not " + missing);
    }
    nodes()
        .flatMap(node -> node.others().stream())
        .filter(name -> !cells.contains(name))
        .forEach(name -> refuse(name, "is no cell"));
  }

  private static void remove(Set<String> missing, String name) {
    if (!missing.remove(name)) {
      refuse(name, "is no cell, or stands there twice");
    }
  }

  private static void refuse(String name, String why) {
    throw new IllegalStateException(FILE + ": " + name + " " + why);
  }

  private Stream<Node> nodes() {
    return roots.stream().flatMap(Node::all);
  }

  List<Node> roots() {
    return roots;
  }

  /** What a cell was made from: the first is its place in the tree. */
  List<String> from(String cell) {
    Node node = node(cell);
    return Stream.concat(
            Stream.ofNullable(parents.get(cell)).filter(name -> name.endsWith("Cell")),
            node.others().stream())
        .toList();
  }

  /** What was made from a cell, in part at least. */
  List<String> to(String cell) {
    return nodes().filter(node -> from(node.name()).contains(cell)).map(Node::name).toList();
  }

  private Node node(String name) {
    return nodes().filter(node -> node.name().equals(name)).findFirst().orElseThrow();
  }
}
