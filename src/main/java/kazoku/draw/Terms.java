package kazoku.draw;

import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.draw.Term.Kind;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/**
 * Makes terms of the values of a written step: the first of the three stages of a figure. What only
 * changes the form of a value is not there.
 */
final class Terms {
  private record Key(Expr value, Cut cut) {}

  /** A term, and how many blocks had to be cut out by name in it. */
  private record Made(Term term, int marks) {}

  private final Map<Expr, Set<String>> silent = new IdentityHashMap<>();
  private final Map<Key, Made> made = new HashMap<>();
  private final TermPool pool = new TermPool();
  private final Users users;
  private final Symbols symbols;
  private final Blocks blocks;
  private final Sums sums;
  private final Products products;
  private final Operations operations;

  /**
   * Looks at all that is to be drawn.
   *
   * @param results what leaves the figure, by its symbol, which is not said twice
   */
  Terms(Map<String, Expr> results) {
    results.forEach(this::silence);
    users = new Users(List.copyOf(results.values()));
    symbols =
        new Symbols(
            users.all().stream()
                .filter(value -> value.primitive() instanceof Vocabulary.Leaf)
                .map(value -> value.primitive().glyph())
                .distinct()
                .toList());
    blocks = new Blocks(this, pool, users);
    sums = new Sums(this, pool, users, blocks);
    products = new Products(this, pool, users);
    operations = new Operations(this, pool, users);
  }

  private void silence(String symbol, Expr value) {
    String state = symbol.replace("'", "");
    Set<String> known = silent.computeIfAbsent(value, v -> new HashSet<>());
    known.addAll(List.of(symbol, state, state + "′"));
    if (symbol.equals(state)) {
      value.name().ifPresent(known::add);
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

  /** The terms of values, of which only a block is needed if there is a cut. */
  List<Term> terms(List<Expr> values, Cut cut) {
    return values.stream().map(value -> term(value, cut)).toList();
  }

  /** The term of a block of a value, or of the value itself if there is no cut. */
  Term term(Expr value, Cut given) {
    Cut cut = given != null && given.leavesWhole(value) ? null : given;
    Key key = new Key(value, cut);
    if (!made.containsKey(key)) {
      int before = blocks.marks();
      Term term = named(value, cut, make(value, cut));
      int marks = blocks.marks() - before;
      blocks.mark(-marks);
      made.put(key, new Made(term, cut == null ? 0 : marks));
    }
    Made known = made.get(key);
    blocks.mark(known.marks);
    return known.term;
  }

  private Term named(Expr value, Cut cut, Term made) {
    if (cut != null
        || !Names.isNamed(value)
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
                || users.onlyAdd(value)
                || users.nameAgain(value));
    return index ? made : pool.of(Kind.NAME, symbols.symbol(value.name().get()), "", List.of(made));
  }

  private Term make(Expr value, Cut cut) {
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    if (value.level() == Level.WEIGHT) {
      return pool.given(symbols.weight(value, cut), value, cut);
    }
    if (primitive instanceof Axes.Part part) {
      return blocks.part(value, part, cut);
    }
    if (primitive instanceof Vocabulary.Leaf leaf) {
      Term source = pool.of(Kind.SOURCE, symbols.symbol(leaf.glyph()), "", List.of());
      return blocks.cutOut(source, cut);
    }
    if (primitive == Vocabulary.PLUS || primitive == Vocabulary.MINUS) {
      return sums.of(value, cut);
    }
    if (primitive == Vocabulary.TIMES) {
      return products.elementwise(value, cut);
    }
    if (primitive == Vocabulary.DIVIDE) {
      return products.quotient(in.get(0), in.get(1), cut);
    }
    if (primitive == Vocabulary.NEGATE) {
      return pool.negative(term(in.get(0), cut));
    }
    if (primitive instanceof Primitive.Product && (cut == null || cut.axis() == -1)) {
      return products.weighed(value, cut);
    }
    if (primitive == Vocabulary.MATMUL && (cut == null || cut.axis() >= -2)) {
      return products.matrices(in.get(0), in.get(1), cut);
    }
    if (primitive.glyph().equals(Known.BLOCK_DIAGONAL)) {
      return products.blockDiagonal(in.get(0), in.get(1), cut);
    }
    if (primitive instanceof Axes.Reshape) {
      Cut inner = cut == null ? null : cut.through(value);
      return inner == null ? blocks.cutOut(term(in.get(0)), cut) : term(in.get(0), inner);
    }
    if (primitive == Axes.TRANSPOSE) {
      return transposed(value, cut);
    }
    if (primitive instanceof Axes.Concat concat) {
      return row(value, concat, cut);
    }
    if (primitive == Vocabulary.WHERE) {
      return operations.choice(in, cut);
    }
    if (primitive == Axes.SUM && in.get(0).primitive() == Axes.TRANSPOSE && cut == null) {
      return pool.function(Operations.form(primitive), "rows", term(in.get(0).inputs().get(0)));
    }
    return cut == null || isDrawnInBlocks(value, cut)
        ? operations.of(value, cut)
        : blocks.cutOut(term(value), cut);
  }

  /** Whether a function of one value makes of each block of it a block of its own. */
  private static boolean isDrawnInBlocks(Expr value, Cut cut) {
    Primitive primitive = value.primitive();
    boolean elementwise =
        primitive instanceof Vocabulary.Unary
            || primitive instanceof Vocabulary.Clip
            || primitive instanceof Known known && known.isElementwise();
    return value.inputs().stream().filter(input -> input.level() != Level.WEIGHT).count() == 1
        && (elementwise || cut.axis() < -1);
  }

  private Term transposed(Expr value, Cut cut) {
    Expr of = value.inputs().get(0);
    Term inner = term(of, cut == null ? null : cut.transposed());
    boolean vector = of.shape().get(-1) == 1 || of.shape().get(-2) == 1;
    return vector ? inner : pool.factor(Form.suffix("ᵀ"), inner);
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
      return blocks.cutOut(term(value), cut);
    }
    List<Expr> shown = parts.stream().filter(part -> !Symbols.isNegligible(part)).toList();
    List<Term> of = terms(shown, cut);
    return of.size() == 1
        ? of.get(0)
        : pool.of(Kind.ROW, "", shown.size() == parts.size() ? "" : parts, of);
  }
}
