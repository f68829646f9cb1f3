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
  private static final String OUTPUT = "y";
  private static final String NOT_USED = "·";

  /** What a line is for. The kinds are in the order in which lines are printed. */
  private enum Kind {
    QUANTITY,
    NEXT_STATE,
    /** A next state that is another quantity. */
    TAKEN_OVER
  }

  /** A line: its quantities, by place if they come from one cut, and what it says of them. */
  private static final class Line {
    final Kind kind;
    final Expr body;
    final Expr[] quantities;
    final Symbol symbol;
    final Axes.Part cut;
    final Set<Expr> needs = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Of one quantity, whose name is still to be made if its symbol is null. */
    Line(Kind kind, Expr body, Symbol symbol) {
      this.kind = kind;
      this.body = body;
      this.quantities = new Expr[] {kind == Kind.TAKEN_OVER ? null : body};
      this.symbol = symbol;
      this.cut = null;
    }

    /** Of the blocks of a whole. */
    Line(Expr whole, Axes.Part cut) {
      this.kind = Kind.QUANTITY;
      this.body = whole;
      this.quantities = new Expr[cut.sizes().size()];
      this.symbol = null;
      this.cut = cut;
    }

    List<Symbol> symbols() {
      if (cut == null) {
        return symbol == null ? List.of() : List.of(symbol);
      }
      return Arrays.stream(quantities)
          .map(block -> Symbol.of(block == null ? NOT_USED : block.name().orElseThrow()))
          .toList();
    }

    /** Whether an expression is what the line says how it is made. */
    boolean makes(Expr expr) {
      return cut == null && quantities[0] == expr;
    }
  }

  private final Map<Expr, Line> lines = new LinkedHashMap<>();
  private final Map<List<Object>, Line> cuts = new HashMap<>();
  private final List<Line> roots = new ArrayList<>();
  private final Set<Line> open = new LinkedHashSet<>();
  private final Map<Expr, Symbol> symbols = new IdentityHashMap<>();
  private final Map<Symbol, Expr> holders = new HashMap<>();
  private final Set<Symbol> names = new HashSet<>();
  private final Reading reading = new Reading(this::symbol);

  private Script() {}

  static List<Equation> of(WrittenStep step) {
    Script script = new Script();
    script.findLines(step.next(), step.output());
    return script.write();
  }

  // Which lines there are

  private void findLines(Map<String, Expr> states, Expr output) {
    List<Expr> results = new ArrayList<>(states.values());
    results.add(output);
    Map<Expr, Integer> uses = new IdentityHashMap<>();
    List<Expr> ordered = new ArrayList<>();
    results.forEach(result -> order(result, ordered, uses));

    states.forEach(this::addState);
    for (Expr expr : ordered) {
      if (Names.isNamed(expr) && mayHaveLine(expr)) {
        lines.put(expr, new Line(Kind.QUANTITY, expr, Symbol.of(expr.name().orElseThrow())));
      }
    }
    if (lines.containsKey(output)) {
      roots.add(lines.get(output));
    } else {
      add(output.inputs().isEmpty() ? Kind.TAKEN_OVER : Kind.QUANTITY, output, Symbol.of(OUTPUT));
    }
    Map<Expr, Integer> sizes = new IdentityHashMap<>();
    for (Expr expr : ordered) {
      int size = size(expr, sizes);
      if (size > SMALL && uses.get(expr) > 1 && mayHaveLine(expr)) {
        lines.put(expr, new Line(Kind.QUANTITY, expr, null));
      }
      sizes.put(expr, lines.containsKey(expr) ? 1 : size);
    }
    roots.forEach(this::collect);
  }

  /** Inputs first; counts how often each expression is an input, the blocks of a cut as one. */
  private void order(Expr expr, List<Expr> ordered, Map<Expr, Integer> uses) {
    if (uses.putIfAbsent(expr, 0) != null) {
      return;
    }
    expr.name().map(Symbol::of).ifPresent(names::add);
    boolean counts = true;
    if (expr.primitive() instanceof Axes.Part part && Names.isNamed(expr)) {
      List<Object> key = List.of(expr.inputs().get(0), part.axis(), part.sizes());
      counts = !cuts.containsKey(key);
      Line line = cuts.computeIfAbsent(key, k -> new Line(expr.inputs().get(0), part));
      line.quantities[part.index()] = expr;
      lines.put(expr, line);
    }
    for (Expr input : Known.read(expr)) {
      order(input, ordered, uses);
      uses.merge(input, counts ? 1 : 0, Integer::sum);
    }
    ordered.add(expr);
  }

  private void addState(String slot, Expr after) {
    Symbol symbol = Symbol.of(slot).afterTheStep();
    Symbol own = Names.isNamed(after) ? Symbol.of(after.name().orElseThrow()) : symbol;
    if (lines.containsKey(after) && own.equals(symbol)) {
      roots.add(lines.get(after));
      return;
    }
    boolean makes = mayHaveLine(after) && own.afterTheStep().equals(symbol);
    add(makes ? Kind.NEXT_STATE : Kind.TAKEN_OVER, after, symbol);
  }

  private void add(Kind kind, Expr value, Symbol symbol) {
    Line line = new Line(kind, value, symbol);
    if (kind != Kind.TAKEN_OVER) {
      lines.put(value, line);
    }
    roots.add(line);
  }

  private boolean mayHaveLine(Expr expr) {
    return !expr.inputs().isEmpty() && !expr.primitive().logical() && !lines.containsKey(expr);
  }

  /** How many symbols are printed for an expression. */
  private static int size(Expr expr, Map<Expr, Integer> sizes) {
    boolean block = expr.primitive() instanceof Axes.Part && Names.isBlockOfWeights(expr);
    return expr.inputs().isEmpty() || block
        ? 1
        : Known.read(expr).stream().mapToInt(sizes::get).sum();
  }

  /** Opens a line, after the lines that it needs. */
  private void collect(Line line) {
    if (!open.contains(line)) {
      collect(line.body, line);
      open.add(line);
    }
  }

  private void collect(Expr expr, Line line) {
    Line other = lines.get(expr);
    if (other != null && !line.makes(expr)) {
      line.needs.add(expr);
      collect(other);
    } else if (expr.inputs().isEmpty()) {
      line.needs.add(expr);
      symbol(expr);
    } else {
      Known.read(expr).forEach(input -> collect(input, line));
    }
  }

  // Writing

  private List<Equation> write() {
    List<Equation> equations = new ArrayList<>();
    while (!open.isEmpty()) {
      Line line =
          open.stream()
              .filter(this::isReady)
              .min(Comparator.comparing(this::takesASymbol).thenComparing(ready -> ready.kind))
              .orElseThrow();
      open.remove(line);
      equations.add(line.cut == null ? quantity(line) : cut(line));
    }
    return List.copyOf(equations);
  }

  private boolean isReady(Line line) {
    return line.needs.stream().map(lines::get).noneMatch(open::contains);
  }

  /** Whether another line still needs what a symbol of a line stands for. */
  private boolean takesASymbol(Line line) {
    return line.symbols().stream().anyMatch(symbol -> isNeeded(symbol, line));
  }

  private boolean isNeeded(Symbol symbol, Line but) {
    Expr holder = holders.get(symbol);
    return holder != null
        && open.stream().anyMatch(line -> line != but && line.needs.contains(holder));
  }

  private Equation quantity(Line line) {
    Formula right = line.kind == Kind.TAKEN_OVER ? reading.of(line.body) : reading.body(line.body);
    Symbol symbol = line.symbol == null ? generated() : free(line.symbols()).get(0);
    if (line.kind != Kind.TAKEN_OVER) {
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

  /** The cut inside of σ, as it is usually written. */
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
      hold(expr, unused(Symbol.of(expr.name().orElseThrow())));
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

  private Symbol unused(Symbol symbol) {
    Symbol unused = symbol;
    for (int k = 2; holders.containsKey(unused); k++) {
      unused = symbol.with(String.valueOf(k));
    }
    return unused;
  }

  /** The symbols, all with a number if one of them still stands for something that is needed. */
  private List<Symbol> free(List<Symbol> symbols) {
    List<Symbol> free = symbols;
    for (int k = 2; free.stream().anyMatch(symbol -> isNeeded(symbol, null)); k++) {
      String number = String.valueOf(k);
      free = symbols.stream().map(s -> s.letter().equals(NOT_USED) ? s : s.with(number)).toList();
    }
    return free;
  }
}
