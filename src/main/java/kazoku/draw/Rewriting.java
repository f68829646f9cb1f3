package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
final class Rewriting {

  private record Key(Expr value, Cut cut) {}

  private final Map<Expr, List<Expr>> users = new IdentityHashMap<>();
  private final Map<Expr, Set<String>> silent = new IdentityHashMap<>();
  private final Map<Key, Term> terms = new HashMap<>();
  private final Map<Term, Term> interned = new HashMap<>();

  /**
   * Looks at all that is to be drawn.
   *
   * @param results what leaves the figure, by its symbol, which is not said twice
   */
  Rewriting(Map<String, Expr> results) {
    results.forEach(
        (symbol, value) -> {
          visit(value);
          String state = symbol.replace("'", "");
          silent
              .computeIfAbsent(value, v -> new java.util.HashSet<>())
              .addAll(List.of(symbol, state, state + "′"));
        });
  }

  private void visit(Expr value) {
    if (users.putIfAbsent(value, new ArrayList<>()) == null) {
      for (Expr input : value.inputs()) {
        visit(input);
        users.get(input).add(value);
      }
    }
  }

  /** The term of a value. */
  Term term(Expr value) {
    return term(value, null);
  }

  private Term term(Expr value, Cut cut) {
    if (cut != null && cut.leavesWhole(value)) {
      return term(value, null);
    }
    Key key = new Key(value, cut);
    Term known = terms.get(key);
    if (known == null) {
      known = named(value, cut, make(value, cut));
      terms.put(key, known);
    }
    return known;
  }

  private Term named(Expr value, Cut cut, Term made) {
    if (cut != null
        || value.name().isEmpty()
        || made.kind() == Kind.NAME
        || made.of().isEmpty()
        || silent.getOrDefault(value, Set.of()).contains(value.name().get())) {
      return made;
    }
    // The name of a block of a sum of products is the index of the weights.
    boolean index =
        value.primitive() instanceof Axes.Part
            && (made.kind() == Kind.SUM || made.kind() == Kind.WEIGHT);
    return index ? made : of(Kind.NAME, Lettering.symbol(value.name().get()), made);
  }

  private Term of(Kind kind, Lettering label, Term... of) {
    return of(kind, label, List.of(of));
  }

  private Term of(Kind kind, String label, Term... of) {
    return of(kind, Lettering.plain(label), List.of(of));
  }

  private Term of(Kind kind, Lettering label, List<Term> of) {
    return intern(new Term(kind, label, Lettering.NONE, of));
  }

  private Term intern(Term term) {
    return interned.computeIfAbsent(term, t -> t);
  }

  /** What a quantity is called that a value is only a part of; empty if it is part of several. */
  private Optional<String> destiny(Expr value) {
    Expr at = value;
    for (int steps = 0; steps < 12; steps++) {
      Optional<String> name = at.name().filter(n -> !n.contains("'"));
      if (name.isPresent()) {
        return name;
      }
      List<Expr> next = users.get(at);
      if (next.stream().distinct().count() != 1) {
        return Optional.empty();
      }
      at = next.get(0);
    }
    return Optional.empty();
  }

  private Cut cutOf(Expr value, Axes.Part part) {
    String number = String.valueOf(part.index() + 1);
    return Cut.of(part, value.name().or(() -> destiny(value)).orElse(number));
  }

  private Term make(Expr value, Cut cut) {
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    if (value.level() == Level.WEIGHT) {
      return of(Kind.GIVEN, Symbols.weight(value, cut));
    }
    if (primitive instanceof Axes.Part part) {
      return block(value, part, cut);
    }
    if (primitive instanceof Vocabulary.Leaf) {
      return cutOut(of(Kind.SOURCE, Lettering.symbol(primitive.glyph())), cut);
    }
    Optional<Idiom.Match> idiom = Idiom.of(value);
    if (idiom.isPresent()) {
      return idiom(idiom.get(), cut);
    }
    Optional<Expr> rolled = Idiom.rolled(value);
    if (rolled.isPresent()) {
      return cutOut(of(Kind.FUNCTION, "roll", term(rolled.get())), cut);
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
      return of(Kind.FACTOR, "−", term(in.get(0), cut));
    }
    if (primitive == Vocabulary.STOP_GRADIENT) {
      return term(in.get(0), cut);
    }
    if (primitive instanceof Primitive.Product && (cut == null || cut.axis() == -1)) {
      return weighed(value, cut);
    }
    if (primitive instanceof Vocabulary.Unary || primitive instanceof Vocabulary.Clip) {
      return of(Kind.FUNCTION, primitive.glyph(), term(in.get(0), cut));
    }
    if (primitive instanceof Axes.Reshape) {
      return reshaped(value, cut);
    }
    if (primitive instanceof Axes.Concat concat) {
      return row(value, concat, cut);
    }
    if (primitive == Vocabulary.WHERE) {
      return choice(in, cut);
    }
    if (cut != null && cut.axis() < -1 && in.size() == 1 && primitive != Axes.TRANSPOSE) {
      return of(Kind.FUNCTION, primitive.glyph(), term(in.get(0), cut));
    }
    if (primitive == Vocabulary.MATMUL && cut != null && cut.axis() >= -2) {
      return matrices(
          term(in.get(0), cut.axis() == -2 ? cut : null),
          term(in.get(1), cut.axis() == -1 ? cut : null),
          in);
    }
    return cutOut(operation(value), cut);
  }

  /** A block of something that cannot be drawn block by block. */
  private Term cutOut(Term whole, Cut cut) {
    return cut == null
        ? whole
        : of(Kind.FACTOR, Lettering.plain("[").then(Lettering.symbol(cut.name())).then("]"), whole);
  }

  private Term block(Expr value, Axes.Part part, Cut outer) {
    Expr whole = value.inputs().get(0);
    Cut own = cutOf(value, part);
    if (outer != null && outer.axis() != part.axis()) {
      return cutOut(block(value, part, null), outer);
    }
    Cut cut = outer == null ? own : own.inner(outer);
    return inBlocks(whole) ? term(whole, cut) : cutOut(term(whole), cut);
  }

  /** Whether nobody needs a value but in blocks. */
  private boolean inBlocks(Expr value) {
    return value.level() == Level.WEIGHT
        || users.get(value).stream()
            .allMatch(
                user ->
                    user.primitive() instanceof Axes.Part
                        || user.primitive() instanceof Axes.Reshape && inBlocks(user));
  }

  private Term idiom(Idiom.Match match, Cut cut) {
    List<Term> values =
        match.values().stream()
            .map(value -> term(value, cut != null && cut.repeated(value) ? null : cut))
            .toList();
    Lettering label = Lettering.plain(match.idiom().label());
    if (!match.weights().isEmpty()) {
      label = label.then(" ").then(Symbols.list(match.weights(), cut));
    }
    return values.size() == 1
        ? of(Kind.FUNCTION, label, values)
        : of(Kind.OPERATION, label, values);
  }

  private Term weighed(Expr value, Cut cut) {
    Expr of = value.inputs().get(0);
    Expr weight = value.inputs().get(1);
    Lettering label = Symbols.weight(weight, cut);
    if (value.primitive() != Vocabulary.DOT) {
      label = label.then(" ").then(value.primitive().glyph());
    }
    return of(Kind.WEIGHT, label, term(of));
  }

  private Term reshaped(Expr value, Cut cut) {
    Expr whole = value.inputs().get(0);
    if (cut == null) {
      return term(whole);
    }
    long[] to = value.shape().asArray();
    long[] from = whole.shape().asArray();
    int axis = to.length + cut.axis();
    long before = java.util.Arrays.stream(to, 0, axis).reduce(1, (a, b) -> a * b);
    long after = java.util.Arrays.stream(to, axis + 1, to.length).reduce(1, (a, b) -> a * b);
    int lone = -1;
    for (int k = 0; k < from.length; k++) {
      if (from[k] != 1) {
        lone = lone == -1 ? k : -2;
      }
    }
    if (before == 1 && lone >= 0) {
      return term(
          whole, new Cut(lone - from.length, cut.start() * after, cut.size() * after, cut.name()));
    }
    return cutOut(term(whole), cut);
  }

  private Term row(Expr value, Axes.Concat concat, Cut cut) {
    if (cut != null && cut.axis() == concat.axis()) {
      long start = 0;
      for (Expr part : value.inputs()) {
        long size = part.shape().get(concat.axis());
        if (start <= cut.start() && cut.start() + cut.size() <= start + size) {
          return size == cut.size()
              ? term(part)
              : term(part, new Cut(cut.axis(), cut.start() - start, cut.size(), cut.name()));
        }
        start += size;
      }
    }
    if (cut != null) {
      return cutOut(term(value), cut);
    }
    return of(
        Kind.OPERATION, Lettering.plain("[ ]"), value.inputs().stream().map(this::term).toList());
  }

  private Term choice(List<Expr> in, Cut cut) {
    Term condition = term(in.get(0), cut != null && cut.repeated(in.get(0)) ? null : cut);
    Term yes = of(Kind.FACTOR, "then", term(in.get(1), cut));
    Term no = of(Kind.FACTOR, "else", term(in.get(2), cut));
    return of(Kind.OPERATION, "if", condition, yes, no);
  }

  private Term operation(Expr value) {
    List<Expr> in = value.inputs();
    Primitive primitive = value.primitive();
    if (primitive == Vocabulary.MATMUL) {
      return matrices(term(in.get(0)), term(in.get(1)), in);
    }
    if (primitive == Axes.SUM && in.get(0).primitive() == Vocabulary.TIMES) {
      Expr product = in.get(0);
      boolean values = product.inputs().stream().allMatch(i -> i.level() != Level.WEIGHT);
      if (values && users.get(product).size() == 1) {
        return of(Kind.PRODUCT, "·", term(product.inputs().get(0)), term(product.inputs().get(1)));
      }
    }
    List<Term> of = new ArrayList<>();
    Lettering label = Lettering.plain(primitive.glyph());
    List<Lettering> settings = new ArrayList<>();
    for (Expr input : in) {
      if (input.level() == Level.WEIGHT) {
        settings.add(Symbols.weight(input, null));
      } else {
        of.add(term(input));
      }
    }
    if (!settings.isEmpty()) {
      label = label.then(" ").then(Symbols.list(settings));
    }
    return of.size() == 1 ? of(Kind.FUNCTION, label, of) : of(Kind.OPERATION, label, of);
  }

  private Term matrices(Term left, Term right, List<Expr> in) {
    boolean outer = in.get(0).size() == 1;
    return of(Kind.PRODUCT, outer ? "⊗" : "·", left, right);
  }

  private Term quotient(Expr above, Expr below, Cut cut) {
    Cut cutBelow = cut != null && cut.repeated(below) ? null : cut;
    if (below.primitive() instanceof Vocabulary.Constant constant) {
      return of(Kind.FACTOR, Symbols.number(1 / constant.value()), term(above, cut));
    }
    if (below.level() == Level.WEIGHT) {
      return of(
          Kind.WEIGHT,
          Lettering.plain("1/").then(Symbols.weight(below, cutBelow)),
          term(above, cut));
    }
    Term over = of(Kind.FACTOR, "1/", term(below, cutBelow));
    if (above.primitive() instanceof Vocabulary.Constant constant) {
      String number = Symbols.number(constant.value());
      return of(Kind.FACTOR, number + "/", term(below, cutBelow));
    }
    return of(Kind.PRODUCT, "×", term(above, cut), over);
  }

  // Sums

  private Term sum(Expr value, Cut cut) {
    Expr first = value.inputs().get(0);
    Expr second = value.inputs().get(1);
    if (value.primitive() == Vocabulary.MINUS
        && first.primitive() instanceof Vocabulary.Constant constant) {
      String number = constant.value() == 0 ? "" : Symbols.number(constant.value());
      return of(Kind.FACTOR, number + "−", term(second, cut));
    }
    List<Term> addends = new ArrayList<>();
    List<Lettering> notes = new ArrayList<>();
    add(value, cut, false, addends, notes, true);
    Lettering note = Lettering.NONE;
    for (Lettering one : notes) {
      boolean minus = one.text().startsWith("−");
      note = note.isEmpty() || minus ? note.then(one) : note.then("+").then(one);
    }
    if (addends.size() == 1 && note.text().matches("−?[0-9.e/−]+")) {
      String sign = note.text().startsWith("−") ? "" : "+";
      return of(Kind.FACTOR, sign.isEmpty() ? note : note.then(sign), addends.get(0));
    }
    if (addends.size() == 1 && note.isEmpty()) {
      return addends.get(0);
    }
    return intern(new Term(Kind.SUM, Lettering.plain("+"), note, addends));
  }

  /** Adds the addends of a sum, and of sums that are nothing but a part of it. */
  private void add(
      Expr value,
      Cut given,
      boolean minus,
      List<Term> addends,
      List<Lettering> notes,
      boolean first) {
    Cut cut = given != null && given.repeated(value) ? null : given;
    if (value.level() == Level.WEIGHT) {
      if (!zero(value)) {
        Lettering weight = Symbols.weight(value, cut);
        notes.add(minus ? Lettering.plain("−").then(weight) : weight);
      }
      return;
    }
    Primitive primitive = value.primitive();
    boolean part = first || users.get(value).size() == 1 && value.name().isEmpty();
    if (part && (primitive == Vocabulary.PLUS || primitive == Vocabulary.MINUS)) {
      Expr left = value.inputs().get(0);
      add(left, cut, minus, addends, notes, false);
      boolean opposite = minus ^ primitive == Vocabulary.MINUS;
      add(value.inputs().get(1), cut, opposite, addends, notes, false);
      return;
    }
    if (part && primitive == Vocabulary.NEGATE) {
      add(value.inputs().get(0), cut, !minus, addends, notes, false);
      return;
    }
    if (!first && primitive instanceof Axes.Part block && users.get(value).size() == 1) {
      Expr whole = value.inputs().get(0);
      boolean sum = whole.primitive() == Vocabulary.PLUS || whole.primitive() == Vocabulary.MINUS;
      boolean sameAxis = cut == null || cut.axis() == block.axis();
      if (sum && sameAxis && inBlocks(whole)) {
        Cut own = cutOf(value, block);
        Cut inner = cut == null ? own : own.inner(cut);
        add(whole.inputs().get(0), inner, minus, addends, notes, false);
        boolean opposite = minus ^ whole.primitive() == Vocabulary.MINUS;
        add(whole.inputs().get(1), inner, opposite, addends, notes, false);
        return;
      }
    }
    if (zero(value)) {
      return;
    }
    Term term = term(value, cut);
    addends.add(minus ? of(Kind.FACTOR, "−", term) : term);
  }

  /** Whether a value is nothing but zeros. */
  private static boolean zero(Expr value) {
    Primitive primitive = value.primitive();
    if (primitive instanceof Vocabulary.Constant constant) {
      return constant.value() == 0;
    }
    if (primitive instanceof Vocabulary.Numbers numbers) {
      return java.util.Arrays.stream(numbers.values()).allMatch(v -> v == 0);
    }
    if (primitive == Vocabulary.TIMES || primitive instanceof Primitive.Product) {
      return value.inputs().stream().anyMatch(Rewriting::zero);
    }
    return false;
  }

  // Products

  private Term product(Expr value, Cut cut) {
    List<Expr> factors = new ArrayList<>();
    factors(value, factors, true);
    List<Expr> weights = factors.stream().filter(f -> f.level() == Level.WEIGHT).toList();
    List<Expr> values = factors.stream().filter(f -> f.level() != Level.WEIGHT).toList();
    List<Term> terms = new ArrayList<>();
    for (Expr factor : values) {
      terms.add(term(factor, cut != null && cut.repeated(factor) ? null : cut));
    }
    boolean outer =
        values.size() == 2
            && value.shape().size() > values.get(0).shape().size()
            && value.shape().size() > values.get(1).shape().size()
            && values.stream().allMatch(v -> v.shape().size() > 1);
    Term made =
        terms.size() == 1
            ? terms.get(0)
            : of(Kind.PRODUCT, Lettering.plain(outer ? "⊗" : "×"), terms);
    for (Expr weight : weights) {
      Cut own = cut != null && cut.repeated(weight) ? null : cut;
      Lettering label = Symbols.weight(weight, own);
      made =
          weight.primitive() instanceof Vocabulary.Constant
              ? of(Kind.FACTOR, label, made)
              : of(Kind.WEIGHT, label.then(weight.shape().size() == 1 ? "" : " ⊙"), made);
    }
    return made;
  }

  private void factors(Expr value, List<Expr> all, boolean first) {
    boolean part = first || users.get(value).size() == 1 && value.name().isEmpty();
    if (part
        && value.primitive() == Vocabulary.TIMES
        && value.level() != Level.WEIGHT
        && Idiom.of(value).isEmpty()) {
      factors(value.inputs().get(0), all, false);
      factors(value.inputs().get(1), all, false);
    } else {
      all.add(value);
    }
  }
}
