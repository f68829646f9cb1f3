package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.draw.Term.Kind;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** Makes terms of recorded values: the first of the three stages of a figure. */
final class Rewriting {

  /** A block of an axis. */
  private record Cut(int axis, long start, long size, String name) {}

  private record Key(Expr value, Cut cut) {}

  private final Map<Expr, List<Expr>> users = new java.util.IdentityHashMap<>();
  private final Map<Key, Term> terms = new HashMap<>();
  private final Map<Term, Term> interned = new HashMap<>();

  Rewriting(Iterable<Expr> results) {
    results.forEach(this::visit);
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
    Key key = new Key(value, cut);
    Term known = terms.get(key);
    if (known == null) {
      Term made = make(value, cut);
      boolean named =
          value.name().isPresent()
              && !(value.primitive() instanceof Vocabulary.Leaf)
              && made.kind() != Kind.NAME
              && made.kind() != Kind.SOURCE
              && cut == null;
      known = named ? of(Kind.NAME, Lettering.symbol(value.name().get()), made) : made;
      terms.put(key, known);
    }
    return known;
  }

  private Term of(Kind kind, Lettering label, Term... of) {
    return intern(Term.of(kind, label, of));
  }

  private Term intern(Term term) {
    return interned.computeIfAbsent(term, t -> t);
  }

  private Term make(Expr value, Cut cut) {
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    if (primitive instanceof Axes.Part part) {
      return block(value, part, cut);
    }
    if (value.level() == Level.WEIGHT) {
      return intern(Term.source(weight(value, cut)));
    }
    if (primitive instanceof Vocabulary.Leaf) {
      Term leaf = intern(Term.source(Lettering.symbol(primitive.glyph())));
      return cut == null ? leaf : of(Kind.FACTOR, index(cut), leaf);
    }
    if (primitive == Vocabulary.PLUS || primitive == Vocabulary.MINUS) {
      return sum(value, cut);
    }
    if (primitive == Vocabulary.TIMES) {
      return product(in.get(0), in.get(1), cut);
    }
    if (primitive == Vocabulary.DIVIDE) {
      if (in.get(1).level() == Level.WEIGHT) {
        return of(
            Kind.WEIGHT, Lettering.plain("1/").then(weight(in.get(1), cut)), term(in.get(0), cut));
      }
      Term over = of(Kind.FACTOR, Lettering.plain("1/"), term(in.get(1), cut));
      return Vocabulary.isConstant(in.get(0), 1)
          ? over
          : intern(
              new Term(
                  Kind.PRODUCT,
                  Lettering.plain("×"),
                  Lettering.NONE,
                  List.of(term(in.get(0), cut), over)));
    }
    if (primitive == Vocabulary.NEGATE) {
      return of(Kind.FACTOR, Lettering.plain("−"), term(in.get(0), cut));
    }
    if (primitive == Vocabulary.STOP_GRADIENT) {
      return term(in.get(0), cut);
    }
    if (primitive == Vocabulary.DOT && (cut == null || cut.axis == -1)) {
      return of(Kind.WEIGHT, weight(in.get(1), cut), term(in.get(0), null));
    }
    if (primitive instanceof Primitive.Product && (cut == null || cut.axis == -1)) {
      return of(Kind.WEIGHT, weight(in.get(1), cut), term(in.get(0), null));
    }
    if (primitive instanceof Vocabulary.Unary) {
      return of(Kind.FUNCTION, Lettering.plain(primitive.glyph()), term(in.get(0), cut));
    }
    if (primitive instanceof Axes.Reshape && cut == null) {
      return term(in.get(0), null);
    }
    Term whole = operation(value);
    return cut == null ? whole : of(Kind.FACTOR, index(cut), whole);
  }

  private Term operation(Expr value) {
    List<Term> of = new ArrayList<>();
    for (Expr input : value.inputs()) {
      of.add(term(input, null));
    }
    Lettering label = Lettering.plain(value.primitive().glyph());
    return of.size() == 1
        ? of(Kind.FUNCTION, label, of.get(0))
        : intern(new Term(Kind.OPERATION, label, Lettering.NONE, of));
  }

  private Term block(Expr value, Axes.Part part, Cut outer) {
    Expr whole = value.inputs().get(0);
    String name = value.name().orElse(String.valueOf(part.index() + 1));
    long start = part.sizes().subList(0, part.index()).stream().mapToInt(i -> i).sum();
    long size = part.sizes().get(part.index());
    if (outer == null) {
      return term(whole, new Cut(part.axis(), start, size, name));
    }
    if (outer.axis == part.axis()) {
      return term(whole, new Cut(part.axis(), start + outer.start, outer.size, outer.name));
    }
    Term inner = term(whole, new Cut(part.axis(), start, size, name));
    return of(Kind.FACTOR, index(outer), inner);
  }

  private static Lettering index(Cut cut) {
    return Lettering.plain("[").then(Lettering.symbol(cut.name)).then(Lettering.plain("]"));
  }

  private Term sum(Expr value, Cut cut) {
    List<Term> terms = new ArrayList<>();
    Lettering[] note = {Lettering.NONE};
    if (value.primitive() == Vocabulary.MINUS
        && value.inputs().get(0).primitive() instanceof Vocabulary.Constant constant) {
      Term taken = term(value.inputs().get(1), cut);
      String sign = constant.glyph().equals("0") ? "−" : constant.glyph() + "−";
      return of(Kind.FACTOR, Lettering.plain(sign), taken);
    }
    add(value, cut, false, terms, note, true);
    if (terms.size() == 1 && note[0].text().matches("[−+]?[0-9.e−]+")) {
      return of(Kind.FACTOR, note[0].then(Lettering.plain("+")), terms.get(0));
    }
    return intern(new Term(Kind.SUM, Lettering.plain("+"), note[0], terms));
  }

  /** Adds the terms of a sum, and of the sums that it alone consists of. */
  private void add(
      Expr value, Cut cut, boolean minus, List<Term> terms, Lettering[] note, boolean first) {
    if (value.level() == Level.WEIGHT) {
      String sign = minus ? "−" : note[0].isEmpty() ? "" : "+";
      note[0] = note[0].then(Lettering.plain(sign)).then(weight(value, cut));
      return;
    }
    Primitive primitive = value.primitive();
    boolean alone = first || users.get(value).size() == 1 && value.name().isEmpty();
    if (alone && (primitive == Vocabulary.PLUS || primitive == Vocabulary.MINUS)) {
      add(value.inputs().get(0), cut, minus, terms, note, false);
      add(value.inputs().get(1), cut, minus ^ primitive == Vocabulary.MINUS, terms, note, false);
      return;
    }
    if (alone && !first && primitive instanceof Axes.Part part && value.name().isEmpty()) {
      Expr whole = value.inputs().get(0);
      long start = part.sizes().subList(0, part.index()).stream().mapToInt(i -> i).sum();
      if (cut == null || cut.axis == part.axis()) {
        Cut inner =
            cut == null
                ? new Cut(
                    part.axis(),
                    start,
                    part.sizes().get(part.index()),
                    String.valueOf(part.index() + 1))
                : new Cut(cut.axis, start + cut.start, cut.size, cut.name);
        boolean onlyParts =
            users.get(whole).stream().allMatch(user -> user.primitive() instanceof Axes.Part);
        boolean sum = whole.primitive() == Vocabulary.PLUS || whole.primitive() == Vocabulary.MINUS;
        if (onlyParts && sum) {
          add(whole.inputs().get(0), inner, minus, terms, note, false);
          add(
              whole.inputs().get(1),
              inner,
              minus ^ whole.primitive() == Vocabulary.MINUS,
              terms,
              note,
              false);
          return;
        }
      }
    }
    Term term = term(value, cut);
    terms.add(minus ? of(Kind.FACTOR, Lettering.plain("−"), term) : term);
  }

  private Term product(Expr a, Expr b, Cut cut) {
    if (a.level() == Level.WEIGHT) {
      return scaled(a, b, cut);
    }
    if (b.level() == Level.WEIGHT) {
      return scaled(b, a, cut);
    }
    return intern(
        new Term(
            Kind.PRODUCT,
            Lettering.plain("×"),
            Lettering.NONE,
            List.of(term(a, cut), term(b, cut))));
  }

  private Term scaled(Expr weight, Expr value, Cut cut) {
    Lettering label = weight(weight, cut);
    return weight.primitive() instanceof Vocabulary.Constant
        ? of(Kind.FACTOR, label, term(value, cut))
        : of(Kind.WEIGHT, label.then(Lettering.plain("⊙")), term(value, cut));
  }

  /** How a weight, or what is made of weights, is written. */
  private Lettering weight(Expr value, Cut cut) {
    Primitive primitive = value.primitive();
    if (primitive instanceof Axes.Part part) {
      long start = part.sizes().subList(0, part.index()).stream().mapToInt(i -> i).sum();
      String name = value.name().orElse(String.valueOf(part.index() + 1));
      if (cut == null) {
        return weight(
            value.inputs().get(0),
            new Cut(part.axis(), start, part.sizes().get(part.index()), name));
      }
      return weight(value.inputs().get(0), cut);
    }
    if (primitive instanceof Vocabulary.Leaf) {
      String symbol = primitive.glyph();
      return Lettering.symbol(cut == null ? symbol : symbol + "_" + cut.name);
    }
    if (primitive instanceof Vocabulary.Constant) {
      return Lettering.plain(primitive.glyph().replace('-', '−'));
    }
    if (value.inputs().isEmpty()) {
      return Lettering.plain(primitive.glyph());
    }
    Lettering text = Lettering.NONE;
    for (Expr input : value.inputs()) {
      Lettering one = weight(input, cut);
      text = text.isEmpty() ? one : text.then(Lettering.plain(primitive.glyph())).then(one);
    }
    return value.inputs().size() == 1
        ? Lettering.plain(primitive.glyph() + "(").then(text).then(Lettering.plain(")"))
        : text;
  }
}
