package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.draw.Term.Kind;

/** Nodes and lines of a figure, without their places: the second stage. */
final class Picture {

  /** What a node is. */
  enum Shape {
    /** What comes in. */
    INPUT,
    /** What leaves. */
    OUTPUT,
    /** An addition, a product. */
    CIRCLE,
    /** An operation with a name. */
    CAPSULE,
    /** A named quantity. */
    NAME,
    /** Where a value goes several ways. */
    DOT,
    /** Where a line changes its kind. */
    JOINT
  }

  /** A node. */
  record Node(int number, Shape shape, Lettering label, Lettering note) {}

  /** A line; its kind is that of a term, null for a value as it is. */
  record Line(Node from, Node to, Kind kind, Lettering label) {}

  private final List<Node> nodes = new ArrayList<>();
  private final Set<Line> lines = new LinkedHashSet<>();
  private final Map<Term, Node> made = new HashMap<>();
  private final Map<Term, Integer> uses = new HashMap<>();

  /** A picture of results, each by the symbol that it leaves by. */
  Picture(Map<Lettering, Term> results, List<Term> sources) {
    sources.forEach(this::node);
    results.values().forEach(this::count);
    results.forEach((label, term) -> connect(term, add(Shape.OUTPUT, label, Lettering.NONE)));
  }

  List<Node> nodes() {
    return nodes;
  }

  List<Line> lines() {
    return List.copyOf(lines);
  }

  private void count(Term term) {
    if (uses.merge(term, 1, Integer::sum) == 1) {
      term.of().forEach(this::count);
    }
  }

  private Node add(Shape shape, Lettering label, Lettering note) {
    Node node = new Node(nodes.size(), shape, label, note);
    nodes.add(node);
    return node;
  }

  private void connect(Term term, Node to) {
    if (term.kind().line() && uses.get(term) == 1) {
      lines.add(new Line(node(term.of().get(0)), to, term.kind(), term.label()));
    } else {
      lines.add(new Line(node(term), to, null, Lettering.NONE));
    }
  }

  private Node node(Term term) {
    Node known = made.get(term);
    if (known != null) {
      return known;
    }
    Shape shape =
        switch (term.kind()) {
          case SOURCE -> Shape.INPUT;
          case SUM, PRODUCT -> Shape.CIRCLE;
          case OPERATION -> Shape.CAPSULE;
          case NAME -> Shape.NAME;
          case WEIGHT, FUNCTION, FACTOR -> uses.get(term) > 1 ? Shape.DOT : Shape.JOINT;
        };
    boolean line = term.kind().line();
    Node node = add(shape, line ? Lettering.NONE : term.label(), term.note());
    made.put(term, node);
    if (line) {
      lines.add(new Line(node(term.of().get(0)), node, term.kind(), term.label()));
    } else {
      term.of().forEach(of -> connect(of, node));
    }
    return node;
  }
}
