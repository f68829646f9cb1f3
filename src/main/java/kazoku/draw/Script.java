package kazoku.draw;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Expr;
import kazoku.draw.Formula.Symbol;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** The lines of a step in an order in which each quantity stands after what it needs. */
final class Script {
  /** A value of more symbols than these is printed once, with a name that is made for it. */
  private static final int SMALL = 3;

  private static final String GENERATED = "a";
  private static final String NOT_USED = "·";

  /** A line: its quantities, by place if they come from one cut, and what it says of them. */
  private static final class Line {
    final Expr body;
    final Expr[] quantities;
    final Symbol symbol;
    final Axes.Part cut;
    final Set<Expr> needs = Collections.newSetFromMap(new IdentityHashMap<>());

    Line(Expr body, Expr quantity, Symbol symbol) {
      this.body = body;
      this.quantities = new Expr[] {quantity};
      this.symbol = symbol;
      this.cut = null;
    }

    Line(Expr whole, Axes.Part cut) {
      this.body = whole;
      this.quantities = new Expr[cut.sizes().size()];
      this.symbol = null;
      this.cut = cut;
    }

    /** What its quantities are called; nothing if a name is still to be made. */
    List<Symbol> symbols() {
      if (cut == null) {
        return symbol == null ? List.of() : List.of(symbol);
      }
      return Arrays.stream(quantities)
          .map(q -> Symbol.of(q == null ? NOT_USED : q.name().orElseThrow()))
          .toList();
    }
  }

  private final Map<Expr, Line> lines = new LinkedHashMap<>();
  private final Map<List<Object>, Line> cuts = new HashMap<>();
  private final List<Line> roots = new ArrayList<>();
  private final Set<Line> written = new HashSet<>();
  private final Map<Expr, Symbol> symbols = new IdentityHashMap<>();
  private final Map<Symbol, Expr> holders = new HashMap<>();
  private final Set<Symbol> names = new HashSet<>();
  private final Reading reading = new Reading(this::symbol);
  private final List<Equation> equations = new ArrayList<>();

  /**
   * Writes the lines.
   *
   * @param next the state after the step, by slot
   * @param output the output
   */
  static List<Equation> of(Map<String, Expr> next, Expr output) {
    Rewriting rewriting = new Rewriting();
    Map<String, Expr> states = new LinkedHashMap<>();
    next.forEach((slot, value) -> states.put(slot, rewriting.of(value)));
    Script script = new Script();
    script.findLines(states, rewriting.of(output));
    script.roots.forEach(script::write);
    return List.copyOf(script.equations);
  }

  // Which lines there are

  private void findLines(Map<String, Expr> states, Expr output) {
    List<Expr> results = new ArrayList<>(states.values());
    results.add(output);
    Map<Expr, Integer> uses = new IdentityHashMap<>();
    List<Expr> ordered = new ArrayList<>();
    results.forEach(result -> order(result, ordered, uses));

    states.forEach(this::addState);
    // What is only taken over stands behind what is computed.
    roots.sort(Comparator.comparing(line -> line.quantities[0] == null));
    ordered.stream().filter(this::isQuantity).forEach(this::addQuantity);
    if (lines.containsKey(output)) {
      roots.add(lines.get(output));
    } else {
      add(output, Symbol.of("y"), output.inputs().isEmpty());
    }
    Map<Expr, Integer> sizes = new IdentityHashMap<>();
    for (Expr expr : ordered) {
      int size = size(expr, sizes);
      if (size > SMALL && uses.get(expr) > 1 && mayHaveName(expr)) {
        lines.put(expr, new Line(expr, expr, null));
        sizes.put(expr, 1);
      } else {
        sizes.put(expr, lines.containsKey(expr) ? 1 : size);
      }
    }
    new HashSet<>(lines.values()).forEach(line -> findNeeds(line.body, line, true));
    roots.forEach(line -> findNeeds(line.body, line, true));
  }

  /** Inputs first; counts how often each expression is an input, the blocks of a cut as one. */
  private void order(Expr expr, List<Expr> ordered, Map<Expr, Integer> uses) {
    if (uses.putIfAbsent(expr, 0) != null) {
      return;
    }
    boolean counts = true;
    if (expr.primitive() instanceof Axes.Part part && Names.isNamed(expr)) {
      List<Object> key = List.of(expr.inputs().get(0), part.axis(), part.sizes());
      counts = !cuts.containsKey(key);
      Line line = cuts.computeIfAbsent(key, k -> new Line(expr.inputs().get(0), part));
      line.quantities[part.index()] = expr;
      lines.put(expr, line);
    }
    for (Expr input : expr.inputs()) {
      order(input, ordered, uses);
      if (counts) {
        uses.merge(input, 1, Integer::sum);
      }
    }
    expr.name().map(Symbol::of).ifPresent(names::add);
    ordered.add(expr);
  }

  private void addState(String slot, Expr after) {
    String name = after.name().orElse(slot);
    boolean same = name.equals(slot) || name.equals(slot + "'") || !Names.isNamed(after);
    if (lines.containsKey(after) && name.equals(slot + "'")) {
      roots.add(lines.get(after));
      return;
    }
    boolean alias = after.inputs().isEmpty() || lines.containsKey(after) || !same;
    add(after, Symbol.of(slot).afterTheStep(), alias);
  }

  private void add(Expr value, Symbol symbol, boolean alias) {
    Line line = new Line(value, alias ? null : value, symbol);
    if (!alias) {
      lines.put(value, line);
    }
    roots.add(line);
  }

  private boolean isQuantity(Expr expr) {
    return Names.isNamed(expr) && !expr.inputs().isEmpty() && !lines.containsKey(expr);
  }

  private void addQuantity(Expr expr) {
    lines.put(expr, new Line(expr, expr, Symbol.of(expr.name().orElseThrow())));
  }

  private boolean mayHaveName(Expr expr) {
    return !expr.inputs().isEmpty() && !expr.primitive().logical() && !lines.containsKey(expr);
  }

  /** How many symbols are printed for an expression. */
  private int size(Expr expr, Map<Expr, Integer> sizes) {
    boolean block = expr.primitive() instanceof Axes.Part && Names.isBlockOfWeights(expr);
    return expr.inputs().isEmpty() || block
        ? 1
        : expr.inputs().stream().mapToInt(input -> sizes.getOrDefault(input, 1)).sum();
  }

  private void findNeeds(Expr expr, Line line, boolean whole) {
    boolean own = whole && line.cut == null && line.quantities[0] == expr;
    if (!own && (expr.inputs().isEmpty() || lines.containsKey(expr))) {
      line.needs.add(expr);
      return;
    }
    expr.inputs().forEach(input -> findNeeds(input, line, false));
  }

  // Writing

  private void write(Line line) {
    if (written.contains(line)) {
      return;
    }
    writeNeeds(line.body, line, true);
    writeReaders(line);
    if (!written.add(line)) {
      return;
    }
    equations.add(line.cut == null ? quantity(line) : cut(line));
  }

  private void writeNeeds(Expr expr, Line line, boolean whole) {
    Line other = lines.get(expr);
    if (other != null && !(whole && other == line)) {
      write(other);
      return;
    }
    if (expr.inputs().isEmpty()) {
      symbol(expr);
    }
    expr.inputs().forEach(input -> writeNeeds(input, line, false));
  }

  /** What needs the value that a symbol of a line had before is written before the line. */
  private void writeReaders(Line line) {
    for (Symbol symbol : line.symbols()) {
      Expr holder = holders.get(symbol);
      for (Line other : allLines()) {
        if (other.needs.contains(holder) && !needs(other, line)) {
          write(other);
        }
      }
    }
  }

  private boolean needs(Line line, Line other) {
    return line == other
        || !written.contains(line)
            && line.needs.stream()
                .map(lines::get)
                .anyMatch(needed -> needed != null && needs(needed, other));
  }

  private Equation quantity(Line line) {
    boolean alias = line.quantities[0] == null;
    Formula right = alias ? reading.of(line.body) : reading.body(line.body);
    Symbol symbol = line.symbol == null ? generated() : free(line.symbols()).get(0);
    if (!alias) {
      hold(line.body, symbol);
    }
    return new Equation(symbol, right);
  }

  private Equation cut(Line line) {
    List<Integer> sizes = line.cut.sizes();
    Formula right = split(reading.of(line.body), sizes);
    List<Symbol> left = free(line.symbols());
    for (int k = 0; k < left.size(); k++) {
      if (line.quantities[k] != null) {
        hold(line.quantities[k], left.get(k));
      }
    }
    return new Equation(new Formula.Row(left, line.cut.axis() != -1), right);
  }

  /** The cut inside of a function that works element by element, as it is usually written. */
  private static Formula split(Formula whole, List<Integer> sizes) {
    if (whole instanceof Formula.Call call && call.function().equals("σ")) {
      return Formula.Call.of("σ", split(call.arguments().get(0), sizes));
    }
    boolean equal = sizes.stream().distinct().count() == 1;
    return equal
        ? new Formula.Call("split", String.valueOf(sizes.size()), List.of(whole), List.of())
        : new Formula.Call(
            "split", "", List.of(whole), sizes.stream().map(s -> new Formula.Number(s)).toList());
  }

  // Symbols

  /** What a value is called where it is used; null if it is written out. */
  private Symbol symbol(Expr expr) {
    boolean outside =
        expr.primitive() instanceof Vocabulary.Leaf
            || expr.inputs().isEmpty() && expr.name().isPresent();
    if (outside && !symbols.containsKey(expr)) {
      hold(expr, free(List.of(Symbol.of(expr.name().orElseThrow()))).get(0));
    }
    return symbols.get(expr);
  }

  private void hold(Expr expr, Symbol symbol) {
    symbols.put(expr, symbol);
    holders.put(symbol, expr);
  }

  /** A symbol that stands for nothing else in the whole step. */
  private Symbol generated() {
    Symbol symbol = Symbol.of(GENERATED);
    for (int k = 2; holders.containsKey(symbol) || names.contains(symbol); k++) {
      symbol = Symbol.of(GENERATED).with(String.valueOf(k));
    }
    return symbol;
  }

  /** The symbols, with a number if one of them still stands for something that is needed. */
  private List<Symbol> free(List<Symbol> symbols) {
    List<Symbol> free = symbols;
    for (int k = 2; free.stream().anyMatch(this::isNeeded); k++) {
      String number = String.valueOf(k);
      free = symbols.stream().map(s -> s.letter().equals(NOT_USED) ? s : s.with(number)).toList();
    }
    return free;
  }

  private boolean isNeeded(Symbol symbol) {
    Expr holder = holders.get(symbol);
    return holder != null
        && allLines().stream()
            .anyMatch(line -> !written.contains(line) && line.needs.contains(holder));
  }

  private Set<Line> allLines() {
    Set<Line> all = new LinkedHashSet<>(lines.values());
    all.addAll(roots);
    return all;
  }
}
