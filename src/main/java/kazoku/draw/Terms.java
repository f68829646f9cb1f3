package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.draw.Term.Kind;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/**
 * Makes terms of recorded values: the first of the three stages of a figure. A cut of a sum of
 * products is drawn block by block, as papers do; what is recorded as several operations and read
 * as one is one; what only changes the form of a value is not there.
 */
final class Terms {

  private static final Form COMPLEMENT = Form.from("1");

  /** What is added that no value may become zero, or multiplied by what is as good as one. */
  private static final double GUARD = 1e-5;

  private record Key(Expr value, Cut cut) {}

  /** A term, and how many blocks had to be cut out by name in it. */
  private record Made(Term term, int marks) {}

  private final Map<Expr, List<Expr>> users = new IdentityHashMap<>();
  private final Map<Expr, Set<String>> silent = new IdentityHashMap<>();
  private final Map<Key, Made> terms = new HashMap<>();
  private final Map<Term, Term> interned = new HashMap<>();
  private final Map<Lettering, List<Object>> written = new HashMap<>();
  private final Symbols symbols;
  private int marks;

  /**
   * Looks at all that is to be drawn.
   *
   * @param results what leaves the figure, by its symbol, which is not said twice
   */
  Terms(Map<String, Expr> results) {
    results.forEach(
        (symbol, value) -> {
          visit(value);
          String state = symbol.replace("'", "");
          Set<String> known = silent.computeIfAbsent(value, v -> new HashSet<>());
          known.addAll(List.of(symbol, state, state + "′"));
          if (symbol.equals(state)) {
            value.name().ifPresent(known::add);
          }
        });
    symbols =
        new Symbols(
            users.keySet().stream()
                .filter(value -> value.primitive() instanceof Vocabulary.Leaf)
                .map(value -> value.primitive().glyph())
                .distinct()
                .toList());
  }

  private void visit(Expr value) {
    if (users.putIfAbsent(value, new ArrayList<>()) == null) {
      for (Expr input : value.inputs()) {
        visit(input);
        users.get(input).add(value);
      }
    }
  }

  /** How names are written. */
  Symbols symbols() {
    return symbols;
  }

  /** The term of a value. */
  Term term(Expr value) {
    return term(value, null);
  }

  /** The term of a block of a value, or of the value itself if there is no cut. */
  private Term term(Expr value, Cut given) {
    Cut cut = given != null && given.leavesWhole(value) ? null : given;
    Key key = new Key(value, cut);
    Made known = terms.get(key);
    if (known == null) {
      int before = marks;
      Term term = named(value, cut, make(value, cut));
      known = new Made(term, cut == null ? 0 : marks - before);
      terms.put(key, known);
      marks = before;
    }
    marks += known.marks;
    return known.term;
  }

  /** The terms of operands of what is cut. */
  private List<Term> operands(List<Expr> values, Cut cut) {
    return values.stream()
        .map(value -> term(value, cut != null && cut.repeated(value) ? null : cut))
        .toList();
  }

  private Term named(Expr value, Cut cut, Term made) {
    if (cut != null
        || value.name().filter(name -> !Symbols.isIndex(name)).isEmpty()
        || made.kind() == Kind.NAME
        || made.of().isEmpty()
        || silent.getOrDefault(value, Set.of()).contains(value.name().get())) {
      return made;
    }
    // A block that is cut out, multiplied by weights or added has its name there.
    boolean index =
        value.primitive() instanceof Axes.Part
            && (made.kind() == Kind.BLOCK
                || made.kind() == Kind.WEIGHT
                || onlyAdded(value)
                || namedAgain(value));
    return index ? made : of(Kind.NAME, symbols.symbol(value.name().get()), "", List.of(made));
  }

  private boolean onlyAdded(Expr value) {
    return users.get(value).stream()
        .allMatch(u -> u.primitive() == Vocabulary.PLUS || u.primitive() == Vocabulary.MINUS);
  }

  /** Whether what is made of a value, and of it alone, has the same name. */
  private boolean namedAgain(Expr value) {
    Expr at = value;
    while (users.get(at).size() == 1) {
      at = users.get(at).get(0);
      if (at.name().equals(value.name())) {
        return true;
      }
    }
    return false;
  }

  private Term of(Kind kind, Lettering label, Object what, List<Term> of) {
    boolean weight = kind == Kind.WEIGHT || kind == Kind.GIVEN;
    return intern(Term.of(kind, weight ? apart(label, what) : label, what, of));
  }

  /** Numbers what is made of weights and would be written alike. */
  private Lettering apart(Lettering label, Object what) {
    List<Object> alike = written.computeIfAbsent(label, l -> new ArrayList<>());
    if (!alike.contains(what)) {
      alike.add(what);
    }
    int number = alike.indexOf(what) + 1;
    return number == 1 ? label : label.numbered(number);
  }

  private Term of(Kind kind, String label, Object what, List<Term> of) {
    return of(kind, Lettering.plain(label), what, of);
  }

  private Term function(Form form, Object what, Term of) {
    return intern(Term.of(Kind.FUNCTION, form, what, of));
  }

  private Term factor(Form form, Term of) {
    if (form.equals(COMPLEMENT) && of.kind() == Kind.FACTOR && of.form().equals(COMPLEMENT)) {
      return of.of().get(0);
    }
    return intern(Term.of(Kind.FACTOR, form, "", of));
  }

  private Term intern(Term term) {
    return interned.computeIfAbsent(term, t -> t);
  }

  /** Tells a block of a weight apart from others. */
  private static Object what(Expr weight, Cut cut) {
    return cut == null ? weight : List.of(weight, cut.axis(), cut.start(), cut.size());
  }

  /** What a quantity is called that a value is only a part of; empty if it is part of several. */
  private Optional<String> destiny(Expr value) {
    Expr at = value;
    while (at.name().isEmpty()) {
      List<Expr> next = users.get(at).stream().distinct().toList();
      if (next.size() != 1) {
        return Optional.empty();
      }
      at = next.get(0);
    }
    return at.name().filter(name -> !name.endsWith("'")).map(Symbols::index);
  }

  private Cut cutOf(Expr value, Axes.Part part) {
    String among =
        users.get(value.inputs().get(0)).stream()
            .filter(user -> user.primitive() instanceof Axes.Part)
            .map(user -> user.name().map(Symbols::index).orElse(""))
            .collect(Collectors.joining());
    return Cut.of(part, value.name().map(Symbols::index).or(() -> destiny(value)), among);
  }

  private Term make(Expr value, Cut cut) {
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    if (value.level() == Level.WEIGHT) {
      return of(Kind.GIVEN, symbols.weight(value, cut), what(value, cut), List.of());
    }
    if (primitive instanceof Axes.Part part) {
      return block(value, part, cut);
    }
    if (primitive instanceof Vocabulary.Leaf leaf) {
      return cutOut(of(Kind.SOURCE, symbols.symbol(leaf.glyph()), "", List.of()), cut);
    }
    if (primitive instanceof Known known) {
      return known(value, known, cut);
    }
    if (primitive == Vocabulary.PLUS || primitive == Vocabulary.MINUS) {
      return sum(value, cut);
    }
    if (primitive == Vocabulary.TIMES) {
      return product(value, cut);
    }
    if (primitive == Vocabulary.DIVIDE) {
      return quotient(in.get(0), in.get(1), cut);
    }
    if (primitive == Vocabulary.NEGATE) {
      return factor(Form.prefix("−"), term(in.get(0), cut));
    }
    if (primitive instanceof Primitive.Product && (cut == null || cut.axis() == -1)) {
      return weighed(value, cut);
    }
    if (primitive instanceof Vocabulary.Unary || primitive instanceof Vocabulary.Clip) {
      return function(form(primitive), Names.key(primitive), term(in.get(0), cut));
    }
    if (primitive instanceof Axes.Reshape) {
      Cut inner = cut == null ? null : cut.through(value);
      return cut == null || inner != null ? term(in.get(0), inner) : cutOut(term(in.get(0)), cut);
    }
    if (primitive == Axes.TRANSPOSE) {
      return transposed(value, cut);
    }
    if (primitive instanceof Axes.Concat concat) {
      return row(value, concat, cut);
    }
    if (primitive == Vocabulary.WHERE) {
      return choice(in, cut);
    }
    if (primitive == Vocabulary.MATMUL && (cut == null || cut.axis() >= -2)) {
      return matrices(in.get(0), in.get(1), cut);
    }
    if (primitive == Axes.SUM && in.get(0).primitive() == Axes.TRANSPOSE && cut == null) {
      return function(form(primitive), "rows", term(in.get(0).inputs().get(0)));
    }
    if (cut != null && cut.axis() < -1 && in.size() == 1) {
      return function(form(primitive), Names.key(primitive), term(in.get(0), cut));
    }
    return cutOut(operation(value, null), cut);
  }

  /** A block of something that cannot be drawn block by block. */
  private Term cutOut(Term whole, Cut cut) {
    if (cut == null) {
      return whole;
    }
    marks++;
    Lettering name = Lettering.plain("[").then(cut.label()).then("]");
    return of(Kind.BLOCK, name, List.of(cut.axis(), cut.start(), cut.size()), List.of(whole));
  }

  private Term block(Expr value, Axes.Part part, Cut outer) {
    Expr whole = value.inputs().get(0);
    if (outer != null && outer.axis() != part.axis()) {
      return cutOut(term(value), outer);
    }
    Cut own = cutOf(value, part);
    Cut cut = outer == null ? own : own.inner(outer);
    int before = marks;
    if (inBlocks(whole)) {
      Term drawn = term(whole, cut);
      if (marks == before) {
        return drawn;
      }
    }
    marks = before;
    return cutOut(term(whole), cut);
  }

  /** Whether nobody needs a value but in blocks. */
  private boolean inBlocks(Expr value) {
    return users.get(value).stream()
        .allMatch(
            user ->
                user.primitive() instanceof Axes.Part
                    || user.primitive() instanceof Axes.Reshape && inBlocks(user));
  }

  private Term known(Expr value, Known known, Cut cut) {
    List<Expr> in = value.inputs();
    if (known.glyph().equals(Known.BLOCK_DIAGONAL)) {
      Lettering label = Lettering.plain("diag ").then(symbols.factor(in.get(1), cut));
      return of(Kind.WEIGHT, label, what(in.get(1), cut), List.of(term(in.get(0))));
    }
    long values = in.stream().filter(input -> input.level() != Level.WEIGHT).count();
    boolean inBlocks = known.isElementwise() && values == 1;
    return inBlocks || cut == null || cut.axis() != -1
        ? operation(value, cut)
        : cutOut(term(value), cut);
  }

  private Term weighed(Expr value, Cut cut) {
    Expr of = value.inputs().get(0);
    Expr weight = value.inputs().get(1);
    Lettering label = symbols.factor(namedRows(weight, of), cut);
    if (value.primitive() == Vocabulary.LOOKUP) {
      label = label.then("[·]");
    } else if (value.primitive() != Vocabulary.DOT) {
      label = label.then(" ").then(value.primitive().glyph());
    }
    return of(Kind.WEIGHT, label, what(weight, cut), List.of(term(of)));
  }

  /** Rows of a matrix without a name have the name of what they are multiplied with. */
  private static Expr namedRows(Expr weight, Expr of) {
    Expr whole = of.primitive() instanceof Axes.Part ? of.inputs().get(0) : of;
    Optional<String> name = whole.name().or(of::name);
    boolean rows =
        weight.primitive() instanceof Axes.Part part
            && part.axis() == -2
            && weight.name().isEmpty()
            && name.isPresent();
    return rows ? weight.as(name.get()) : weight;
  }

  private Term transposed(Expr value, Cut cut) {
    Expr of = value.inputs().get(0);
    Term inner = term(of, cut == null ? null : cut.transposed());
    boolean vector = of.shape().get(-1) == 1 || of.shape().get(-2) == 1;
    return vector ? inner : factor(Form.suffix("ᵀ"), inner);
  }

  private Term row(Expr value, Axes.Concat concat, Cut cut) {
    List<Expr> parts = value.inputs();
    if (cut != null && cut.axis() == concat.axis()) {
      long start = 0;
      for (Expr part : parts) {
        long size = part.shape().get(concat.axis());
        if (start <= cut.start() && cut.start() + cut.size() <= start + size) {
          return term(part, cut.at(cut.axis(), cut.start() - start, cut.size()));
        }
        start += size;
      }
      return cutOut(term(value), cut);
    }
    List<Expr> shown = parts.stream().filter(part -> !zero(part)).toList();
    List<Term> terms = operands(shown, cut);
    return terms.size() == 1
        ? terms.get(0)
        : of(Kind.ROW, "", shown.size() == parts.size() ? "" : parts, terms);
  }

  private Term choice(List<Expr> in, Cut cut) {
    List<Term> terms = operands(in, cut);
    return of(
        Kind.OPERATION,
        "if",
        "",
        List.of(terms.get(0), role("then", terms.get(1)), role("else", terms.get(2))));
  }

  private Term role(String name, Term of) {
    return of(Kind.ROLE, name, "", List.of(of));
  }

  private Term operation(Expr value, Cut cut) {
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    boolean inner =
        primitive == Axes.SUM
            && in.get(0).primitive() == Vocabulary.TIMES
            && users.get(in.get(0)).size() == 1
            && in.get(0).inputs().stream().allMatch(factor -> factor.level() != Level.WEIGHT);
    if (inner) {
      return of(Kind.OPERATION, "dot", "", operands(in.get(0).inputs(), null));
    }
    if (in.size() == 2 && Symbols.number(in.get(1)).isPresent()) {
      String number = Symbols.number(Symbols.number(in.get(1)).getAsDouble());
      Form form =
          primitive == Vocabulary.MAXIMUM || primitive instanceof Known
              ? Form.brackets(primitive.glyph() + "(", ", " + number + ")")
              : Form.suffix(primitive.glyph() + number);
      Form shown = primitive.logical() ? Form.then(" " + primitive.glyph() + " " + number) : form;
      return function(shown, List.of(Names.key(primitive), number), operands(in, cut).get(0));
    }
    List<Expr> of = in.stream().filter(input -> input.level() != Level.WEIGHT).toList();
    List<Lettering> settings = new ArrayList<>();
    List<Object> what = new ArrayList<>(List.of(Names.key(primitive)));
    for (Expr input : in) {
      if (input.level() == Level.WEIGHT) {
        what.add(what(input, cut));
        if (Symbols.number(input).isEmpty()) {
          settings.add(symbols.factor(input, cut));
        }
      }
    }
    Lettering label = form(primitive).label();
    if (!settings.isEmpty()) {
      label = label.then(" ").then(Symbols.list(settings));
    }
    return of.size() == 1
        ? function(
            settings.isEmpty() ? form(primitive) : Form.function(label),
            what,
            operands(of, cut).get(0))
        : of(Kind.OPERATION, label, what, operands(of, cut));
  }

  private Term matrices(Expr left, Expr right, Cut cut) {
    Term a = term(left, cut != null && cut.axis() == -2 ? cut : null);
    Term b = term(right, cut != null && cut.axis() == -1 ? cut : null);
    return left.size() == 1
        ? of(Kind.PRODUCT, "⊗", "", List.of(a, b))
        : of(Kind.OPERATION, "matmul", "", List.of(a, b));
  }

  private Term quotient(Expr above, Expr below, Cut cut) {
    Cut cutBelow = cut != null && cut.repeated(below) ? null : cut;
    Cut cutAbove = cut != null && cut.repeated(above) ? null : cut;
    OptionalDouble number = Symbols.number(below);
    if (number.isPresent()) {
      return scaled(1 / number.getAsDouble(), term(above, cutAbove));
    }
    if (below.level() == Level.WEIGHT) {
      Lettering label = Lettering.plain("1/").then(symbols.factor(below, cutBelow));
      return of(Kind.WEIGHT, label, what(below, cutBelow), List.of(term(above, cutAbove)));
    }
    OptionalDouble over = Symbols.number(above);
    if (over.isPresent()) {
      String sign = Symbols.number(over.getAsDouble()) + "/";
      return factor(Form.prefix(sign), term(below, cutBelow));
    }
    Term divided = factor(Form.prefix("1/"), term(below, cutBelow));
    return of(Kind.PRODUCT, "×", "", List.of(term(above, cutAbove), divided));
  }

  private Term scaled(double number, Term of) {
    if (Math.abs(number - 1) <= GUARD) {
      return of;
    }
    return factor(Form.prefix(number == -1 ? "−" : Symbols.number(number)), of);
  }

  private static Form form(Primitive primitive) {
    if (primitive == Vocabulary.SQUARE) {
      return Form.suffix("²");
    }
    if (primitive == Vocabulary.SQRT || primitive == Vocabulary.RSQRT) {
      return Form.function(Lettering.plain(primitive.glyph()));
    }
    if (primitive instanceof Known known && !known.subscript().isEmpty()) {
      return Form.function(Lettering.symbol(known.glyph() + "_" + known.subscript()));
    }
    if (primitive.glyph().equals(Known.LENGTH)) {
      return Form.brackets("‖", "‖");
    }
    if (primitive instanceof Vocabulary.Clip clip) {
      String range = Symbols.number(clip.low()) + ", " + Symbols.number(clip.high());
      return Form.function(Lettering.plain("clip " + range));
    }
    if (primitive == Vocabulary.ABS) {
      return Form.brackets("|", "|");
    }
    if (primitive == Vocabulary.FLOOR) {
      return Form.brackets("⌊", "⌋");
    }
    return Form.function(Lettering.plain(primitive.glyph()));
  }

  // Sums

  private Term sum(Expr value, Cut cut) {
    Expr first = value.inputs().get(0);
    OptionalDouble from = Symbols.number(first);
    if (value.primitive() == Vocabulary.MINUS && from.isPresent() && from.getAsDouble() != 0) {
      String number = Symbols.number(from.getAsDouble());
      return factor(Form.from(number), term(value.inputs().get(1), cut));
    }
    List<Term> addends = new ArrayList<>();
    List<Lettering> notes = new ArrayList<>();
    List<Object> what = new ArrayList<>();
    add(value, cut, false, new Sum(addends, notes, what), true);
    Lettering note = Lettering.NONE;
    for (Lettering one : notes) {
      boolean sign = note.isEmpty() || one.text().startsWith("−");
      note = sign ? note.then(one) : note.then("+").then(one);
    }
    if (addends.size() == 1 && note.isEmpty()) {
      return addends.get(0);
    }
    if (addends.size() == 1 && what.isEmpty()) {
      return factor(Form.plus(note.text()), addends.get(0));
    }
    return intern(new Term(Kind.SUM, Lettering.plain("+"), note, null, what, addends));
  }

  /**
   * A sum in the making.
   *
   * @param addends values
   * @param notes biases and numbers, with their signs
   * @param what tells the biases apart
   */
  private record Sum(List<Term> addends, List<Lettering> notes, List<Object> what) {
    void addAll(Sum other) {
      addends.addAll(other.addends);
      notes.addAll(other.notes);
      what.addAll(other.what);
    }
  }

  /** Adds the addends of a sum, and of sums that are nothing but a part of it. */
  private void add(Expr value, Cut given, boolean minus, Sum sum, boolean first) {
    Cut cut = given != null && given.repeated(value) ? null : given;
    if (zero(value)) {
      return;
    }
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    if (value.level() == Level.WEIGHT) {
      Lettering weight = symbols.factor(value, cut);
      boolean negative = weight.text().startsWith("−");
      sum.notes.add(
          !minus
              ? weight
              : negative
                  ? Lettering.plain("−(").then(weight).then(")")
                  : Lettering.plain("−").then(weight));
      if (Symbols.number(value).isEmpty()) {
        sum.what.add(what(value, cut));
      }
      return;
    }
    boolean only = first || users.get(value).size() == 1 && value.name().isEmpty();
    if (only && (primitive == Vocabulary.PLUS || primitive == Vocabulary.MINUS)) {
      add(in.get(0), cut, minus, sum, false);
      add(in.get(1), cut, minus ^ primitive == Vocabulary.MINUS, sum, false);
      return;
    }
    if (only && primitive == Vocabulary.NEGATE) {
      add(in.get(0), cut, !minus, sum, false);
      return;
    }
    if (!first && primitive instanceof Axes.Part part && users.get(value).size() == 1) {
      Optional<Sum> blocks = blocks(value, part, cut, minus);
      if (blocks.isPresent()) {
        sum.addAll(blocks.get());
        return;
      }
    }
    Term term = term(value, cut);
    sum.addends.add(minus ? factor(Form.prefix("−"), term) : term);
  }

  /** The addends of a block of a sum. */
  private Optional<Sum> blocks(Expr value, Axes.Part part, Cut cut, boolean minus) {
    Expr whole = value.inputs().get(0);
    boolean sum = whole.primitive() == Vocabulary.PLUS || whole.primitive() == Vocabulary.MINUS;
    boolean sameAxis = cut == null || cut.axis() == part.axis();
    if (!sum || !sameAxis || !inBlocks(whole)) {
      return Optional.empty();
    }
    int before = marks;
    Cut own = cutOf(value, part);
    Cut inner = cut == null ? own : own.inner(cut);
    Sum blocks = new Sum(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    add(whole, inner, minus, blocks, true);
    boolean clean = marks == before;
    marks = before;
    return clean ? Optional.of(blocks) : Optional.empty();
  }

  /** Whether a value is nothing but zeros, or as good as that to what it is added to. */
  private static boolean zero(Expr value) {
    OptionalDouble number = Symbols.number(value);
    return Rewriting.isZero(value) || number.isPresent() && Math.abs(number.getAsDouble()) <= GUARD;
  }

  // Products

  private Term product(Expr value, Cut cut) {
    List<Expr> factors = new ArrayList<>();
    factors(value, factors, true);
    List<Expr> values = factors.stream().filter(f -> f.level() != Level.WEIGHT).toList();
    List<Term> terms = operands(values, cut);
    boolean outer =
        values.size() == 2
            && values.stream()
                .allMatch(v -> v.shape().size() > 1 && v.shape().size() < value.shape().size());
    Term made = terms.size() == 1 ? terms.get(0) : of(Kind.PRODUCT, outer ? "⊗" : "×", "", terms);
    for (Expr weight : factors) {
      if (weight.level() == Level.WEIGHT) {
        Cut own = cut != null && cut.repeated(weight) ? null : cut;
        OptionalDouble number = Symbols.number(weight);
        made =
            number.isPresent()
                ? scaled(number.getAsDouble(), made)
                : of(
                    Kind.WEIGHT,
                    symbols.factor(weight, own).then(weight.shape().size() == 1 ? "" : " ⊙"),
                    what(weight, own),
                    List.of(made));
      }
    }
    return made;
  }

  private void factors(Expr value, List<Expr> all, boolean first) {
    boolean only = first || users.get(value).size() == 1 && value.name().isEmpty();
    boolean times = value.primitive() == Vocabulary.TIMES && value.level() != Level.WEIGHT;
    if (only && times) {
      factors(value.inputs().get(0), all, false);
      factors(value.inputs().get(1), all, false);
    } else {
      all.add(value);
    }
  }
}
