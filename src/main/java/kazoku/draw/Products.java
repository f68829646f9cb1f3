package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import kazoku.Expr;
import kazoku.Level;
import kazoku.draw.Term.Kind;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** Terms of products and quotients: a weight is a line, values meet in a node. */
final class Products {
  private final Terms terms;
  private final TermPool pool;
  private final Users users;

  Products(Terms terms, TermPool pool, Users users) {
    this.terms = terms;
    this.pool = pool;
    this.users = users;
  }

  /** Element by element. */
  Term elementwise(Expr value, Cut cut) {
    List<Expr> factors = new ArrayList<>();
    collect(value, factors, true);
    List<Expr> values = factors.stream().filter(f -> f.level() != Level.WEIGHT).toList();
    boolean outer =
        values.size() == 2
            && values.stream()
                .allMatch(v -> v.shape().size() > 1 && v.shape().size() < value.shape().size());
    List<Term> of = terms.terms(values, cut);
    Term made = of.size() == 1 ? of.get(0) : pool.of(Kind.PRODUCT, outer ? "⊗" : "×", "", of);
    for (Expr weight : factors) {
      OptionalDouble number = Symbols.number(weight);
      if (number.isPresent()) {
        made = pool.scaled(number.getAsDouble(), made);
      } else if (weight.level() == Level.WEIGHT) {
        Lettering label = terms.symbols().factor(weight, cut);
        made = pool.weighed(label.then(weight.shape().size() == 1 ? "" : " ⊙"), weight, cut, made);
      }
    }
    return made;
  }

  /** The factors of a product, and of products that are nothing but a part of it. */
  private void collect(Expr value, List<Expr> factors, boolean first) {
    boolean times = value.primitive() == Vocabulary.TIMES && value.level() != Level.WEIGHT;
    if (times && (first || users.isPartOfOne(value))) {
      value.inputs().forEach(input -> collect(input, factors, false));
    } else {
      factors.add(value);
    }
  }

  Term quotient(Expr above, Expr below, Cut cut) {
    OptionalDouble number = Symbols.number(below);
    if (number.isPresent()) {
      return pool.scaled(1 / number.getAsDouble(), terms.term(above, cut));
    }
    if (below.level() == Level.WEIGHT) {
      Lettering label = Lettering.plain("1/").then(terms.symbols().factor(below, cut));
      return pool.weighed(label, below, cut, terms.term(above, cut));
    }
    OptionalDouble over = Symbols.number(above);
    if (over.isPresent()) {
      String sign = Symbols.number(over.getAsDouble()) + "/";
      return pool.factor(Form.prefix(sign), terms.term(below, cut));
    }
    Term divided = pool.factor(Form.prefix("1/"), terms.term(below, cut));
    return pool.of(Kind.PRODUCT, "×", "", List.of(terms.term(above, cut), divided));
  }

  /** With a matrix of weights, a kernel, a table. */
  Term weighed(Expr value, Cut cut) {
    Expr of = value.inputs().get(0);
    Expr weight = value.inputs().get(1);
    Lettering label = terms.symbols().factor(namedRows(weight, of), cut);
    if (value.primitive() == Vocabulary.LOOKUP) {
      label = label.then("[·]");
    } else if (value.primitive() != Vocabulary.DOT) {
      label = label.then(" ").then(value.primitive().glyph());
    }
    return pool.weighed(label, weight, cut, terms.term(of));
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

  /** With a matrix of blocks on the diagonal. */
  Term blockDiagonal(Expr of, Expr blocks, Cut cut) {
    Lettering label = Lettering.plain("diag ").then(terms.symbols().factor(blocks, cut));
    return pool.weighed(label, blocks, cut, terms.term(of));
  }

  /** Of matrices none of which is a weight. */
  Term matrices(Expr left, Expr right, Cut cut) {
    Term a = terms.term(left, cut != null && cut.axis() == -2 ? cut : null);
    Term b = terms.term(right, cut != null && cut.axis() == -1 ? cut : null);
    return left.size() == 1
        ? pool.of(Kind.PRODUCT, "⊗", "", List.of(a, b))
        : pool.of(Kind.OPERATION, "matmul", "", List.of(a, b));
  }
}
