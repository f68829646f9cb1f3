package kazoku.draw;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    /** Values are put side by side. */
    BAR,
    /** A named quantity. */
    NAME,
    /** A quantity that goes on in a row below, under this name. */
    CONTINUED,
    /** A quantity that comes from a row above. */
    RESUMED,
    /** A weight that is a quantity itself. */
    WEIGHT,
    /** Where a line changes its kind, or parts. */
    JOINT
  }

  /**
   * A node.
   *
   * @param number tells it from others
   * @param note what is written small beside it
   * @param state the state that comes in or leaves here; empty for others
   */
  record Node(int number, Shape shape, Lettering label, Lettering note, String state) {}

  /** A line; its kind is that of a term, null for a value as it is. */
  record Line(Node from, Node to, Kind kind, Lettering label) {}

  /** A term that comes in or leaves, as a state or not. */
  record Terminal(Lettering label, String state, Term term) {
    Terminal with(Repetition repetition) {
      return new Terminal(label, state, repetition.of(term));
    }
  }

  private final String description;
  private final List<Node> nodes;
  private final List<Line> lines;
  private final List<Line> loops;
  private final Set<Line> highways;
  private final Map<Term, Node> made = new HashMap<>();
  private final Map<Term, Integer> uses = new HashMap<>();

  /**
   * A picture.
   *
   * @param sources what comes in
   * @param results what leaves
   * @param description the same in words, for who does not see it
   */
  Picture(List<Terminal> sources, List<Terminal> results, String description) {
    this(
        description,
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new LinkedHashSet<>());
    for (Terminal source : sources) {
      made.put(source.term, add(Shape.INPUT, source.label, Lettering.NONE, source.state));
    }
    Optional<Repetition> repetition = Repetition.in(results.stream().map(Terminal::term).toList());
    List<Terminal> leaving =
        results.stream().map(result -> repetition.map(result::with).orElse(result)).toList();
    leaving.forEach(result -> count(result.term));
    for (Terminal result : leaving) {
      connect(result.term, add(Shape.OUTPUT, result.label, Lettering.NONE, result.state));
    }
    repetition.ifPresent(
        found -> {
          Lettering times = Lettering.plain(found.times() + "×");
          loops.add(new Line(node(found.last()), node(found.name()), Kind.ROLE, times));
        });
    for (Node node : nodes) {
      if (node.shape == Shape.OUTPUT && !node.state.isEmpty()) {
        highways.addAll(highway(node));
      }
    }
  }

  /** A part of another picture. */
  Picture(
      String description,
      List<Node> nodes,
      List<Line> lines,
      List<Line> loops,
      Set<Line> highways) {
    this.description = description;
    this.nodes = nodes;
    this.lines = lines;
    this.loops = loops;
    this.highways = highways;
  }

  /** The picture in words. */
  String description() {
    return description;
  }

  List<Node> nodes() {
    return nodes;
  }

  List<Line> lines() {
    return lines;
  }

  /** Lines that lead back to where what lies between is done once more. */
  List<Line> loops() {
    return loops;
  }

  /** The lines on which states go through the cell without being transformed. */
  Set<Line> highways() {
    return highways;
  }

  /** The shortest plain way from the state that a next state comes from. */
  private List<Line> highway(Node end) {
    Map<Node, Line> on = new HashMap<>();
    Deque<Node> open = new ArrayDeque<>(List.of(end));
    while (!open.isEmpty()) {
      Node node = open.poll();
      if (node.shape == Shape.INPUT && node.state.equals(end.state)) {
        List<Line> way = new ArrayList<>();
        for (Node at = node; at != end; at = on.get(at).to) {
          way.add(on.get(at));
        }
        return way;
      }
      boolean through = node.shape != Shape.CAPSULE && node.shape != Shape.BAR;
      for (Line line : lines) {
        boolean plain = line.kind == null || line.kind.plain();
        if (through && plain && line.to == node && on.putIfAbsent(line.from, line) == null) {
          open.add(line.from);
        }
      }
    }
    return List.of();
  }

  private void count(Term term) {
    if (uses.merge(term, 1, Integer::sum) == 1) {
      term.of().forEach(this::count);
    }
  }

  private Node add(Shape shape, Lettering label, Lettering note, String state) {
    Node node = new Node(nodes.size(), shape, label, note, state);
    nodes.add(node);
    return node;
  }

  private void connect(Term term, Node to) {
    if (!term.kind().line() || uses.get(term) > 1) {
      lines.add(new Line(node(term), to, null, Lettering.NONE));
      return;
    }
    Term joined = join(term);
    lines.add(new Line(node(joined.of().get(0)), to, joined.kind(), joined.label()));
  }

  /**
   * A function, sign or factor with what nobody else needs before it: one line for {@code tanh(½·)}
   * and for {@code 1−σ}.
   */
  private Term join(Term outer) {
    Term inner = outer.of().get(0);
    if (outer.form() == null || inner.form() == null || uses.get(inner) > 1) {
      return outer;
    }
    Term before = join(inner);
    if (!outer.form().sign() && !before.form().sign()) {
      return outer;
    }
    boolean factors = outer.kind() == Kind.FACTOR && before.kind() == Kind.FACTOR;
    return Term.of(
        factors ? Kind.FACTOR : Kind.FUNCTION,
        outer.form().of(before.form()),
        "",
        before.of().get(0));
  }

  private Node node(Term term) {
    Node known = made.get(term);
    if (known != null) {
      return known;
    }
    Kind kind = term.kind();
    Shape shape =
        switch (kind) {
          case SOURCE -> Shape.INPUT;
          case GIVEN -> Shape.WEIGHT;
          case SUM, PRODUCT -> Shape.CIRCLE;
          case ROW -> Shape.BAR;
          case OPERATION -> Shape.CAPSULE;
          case NAME -> Shape.NAME;
          case WEIGHT, FUNCTION, FACTOR, BLOCK, ROLE -> Shape.JOINT;
        };
    boolean text = shape != Shape.JOINT && shape != Shape.BAR;
    Node node = add(shape, text ? term.label() : Lettering.NONE, term.note(), "");
    made.put(term, node);
    if (kind.line()) {
      Term joined = join(term);
      lines.add(new Line(node(joined.of().get(0)), node, joined.kind(), joined.label()));
    } else {
      term.of().forEach(of -> connect(of, node));
    }
    return node;
  }
}
