package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.draw.Term.Kind;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/**
 * Terms of functions: of one value they are a line, of several a node; what they are set to stands
 * behind their name.
 */
final class Operations {
  private final Terms terms;
  private final TermPool pool;
  private final Users users;

  Operations(Terms terms, TermPool pool, Users users) {
    this.terms = terms;
    this.pool = pool;
    this.users = users;
  }

  Term of(Expr value, Cut cut) {
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    if (isInnerProduct(value)) {
      return pool.of(Kind.OPERATION, "dot", "", terms.terms(in.get(0).inputs(), null));
    }
    OptionalDouble number = in.size() == 2 ? Symbols.number(in.get(1)) : OptionalDouble.empty();
    if (number.isPresent()) {
      String digits = Symbols.number(number.getAsDouble());
      List<Object> what = List.of(Names.key(primitive), digits);
      return pool.function(form(primitive, digits), what, terms.term(in.get(0), cut));
    }
    OptionalDouble before =
        primitive.logical() ? Symbols.number(in.get(0)) : OptionalDouble.empty();
    if (before.isPresent()) {
      String sign = primitive.glyph().equals(">") ? " < " : " " + primitive.glyph() + " ";
      Form form = Form.then(sign + Symbols.number(before.getAsDouble()));
      return pool.function(form, "", terms.term(in.get(1), cut));
    }
    List<Expr> values = in.stream().filter(input -> input.level() != Level.WEIGHT).toList();
    List<Lettering> settings = new ArrayList<>();
    List<Object> what = new ArrayList<>(List.of(Names.key(primitive)));
    for (Expr input : in) {
      if (input.level() == Level.WEIGHT) {
        what.add(TermPool.block(input, cut));
        if (!(primitive instanceof Known) || Symbols.number(input).isEmpty()) {
          settings.add(terms.symbols().factor(input, cut));
        }
      }
    }
    Form form = form(primitive);
    if (!settings.isEmpty()) {
      form = Form.function(form.label().then(" ").then(Symbols.list(settings)));
    }
    List<Term> of = terms.terms(values, cut);
    return of.size() == 1
        ? pool.function(form, what, of.get(0))
        : pool.of(Kind.OPERATION, form.label(), what, of);
  }

  private boolean isInnerProduct(Expr value) {
    Expr product = value.inputs().get(0);
    return value.primitive() == Axes.SUM
        && product.primitive() == Vocabulary.TIMES
        && users.of(product).size() == 1
        && product.inputs().stream().allMatch(factor -> factor.level() != Level.WEIGHT);
  }

  /** One value where a condition holds, and another elsewhere. */
  Term choice(List<Expr> in, Cut cut) {
    List<Term> of = terms.terms(in, cut);
    return pool.of(
        Kind.OPERATION,
        "if",
        "",
        List.of(of.get(0), role("then", of.get(1)), role("else", of.get(2))));
  }

  private Term role(String name, Term of) {
    return pool.of(Kind.ROLE, name, "", List.of(of));
  }

  /** How a function is written that is applied to a value and a number. */
  private static Form form(Primitive primitive, String number) {
    if (primitive.logical()) {
      return Form.then(" " + primitive.glyph() + " " + number);
    }
    return primitive == Vocabulary.MAXIMUM || primitive instanceof Known
        ? Form.brackets(primitive.glyph() + "(", ", " + number + ")")
        : Form.suffix(primitive.glyph() + number);
  }

  /** How a function is written. */
  static Form form(Primitive primitive) {
    if (primitive == Vocabulary.SQUARE) {
      return Form.suffix("²");
    }
    if (primitive == Vocabulary.ABS) {
      return Form.brackets("|", "|");
    }
    if (primitive == Vocabulary.FLOOR) {
      return Form.brackets("⌊", "⌋");
    }
    if (primitive.glyph().equals(Known.LENGTH)) {
      return Form.brackets("‖", "‖");
    }
    if (primitive instanceof Vocabulary.Clip clip) {
      String range = Symbols.number(clip.low()) + ", " + Symbols.number(clip.high());
      return Form.function(Lettering.plain("clip " + range));
    }
    return primitive instanceof Known known && !known.subscript().isEmpty()
        ? Form.function(Lettering.symbol(known.glyph() + "_" + known.subscript()))
        : Form.function(Lettering.plain(primitive.glyph()));
  }
}
