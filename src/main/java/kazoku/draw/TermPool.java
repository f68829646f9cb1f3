package kazoku.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.draw.Term.Kind;

/** Makes terms, equal ones once, and numbers weights that would be written alike. */
final class TermPool {
  private static final Form COMPLEMENT = Form.from("1");

  private final Map<Term, Term> all = new HashMap<>();
  private final Map<Lettering, List<Object>> written = new HashMap<>();

  Term of(Kind kind, String label, Object what, List<Term> of) {
    return of(kind, Lettering.plain(label), what, of);
  }

  Term of(Kind kind, Lettering label, Object what, List<Term> of) {
    return once(Term.of(kind, label, what, of));
  }

  /** What is made of weights alone. */
  Term given(Lettering label, Expr weight, Cut cut) {
    Object what = block(weight, cut);
    return of(Kind.GIVEN, apart(label, what), what, List.of());
  }

  /** A product with a weight. */
  Term weighed(Lettering label, Expr weight, Cut cut, Term of) {
    Object what = block(weight, cut);
    return of(Kind.WEIGHT, apart(label, what), what, List.of(of));
  }

  private Lettering apart(Lettering label, Object what) {
    List<Object> alike = written.computeIfAbsent(label, l -> new ArrayList<>());
    if (!alike.contains(what)) {
      alike.add(what);
    }
    int number = alike.indexOf(what) + 1;
    return number == 1 ? label : label.numbered(number);
  }

  /** Tells a block of a weight apart from others. */
  static Object block(Expr weight, Cut cut) {
    return cut == null || cut.leavesWhole(weight)
        ? weight
        : List.of(weight, cut.axis(), cut.start(), cut.size());
  }

  Term function(Form form, Object what, Term of) {
    return once(Term.of(Kind.FUNCTION, form, what, of));
  }

  Term factor(Form form, Term of) {
    boolean twice = form.equals(COMPLEMENT) && of.kind() == Kind.FACTOR && form.equals(of.form());
    return twice ? of.of().get(0) : once(Term.of(Kind.FACTOR, form, "", of));
  }

  Term negative(Term of) {
    return factor(Form.prefix("−"), of);
  }

  /** A number times something; what is as good as 1 is left out. */
  Term scaled(double number, Term of) {
    if (Math.abs(number - 1) <= Symbols.NEGLIGIBLE) {
      return of;
    }
    return number == -1 ? negative(of) : factor(Form.prefix(Symbols.number(number)), of);
  }

  /** A sum of values and of what is noted beside the sign. */
  Term sum(List<Term> addends, Lettering note, List<Object> what) {
    return once(new Term(Kind.SUM, Lettering.plain("+"), note, null, what, addends));
  }

  private Term once(Term term) {
    return all.computeIfAbsent(term, t -> t);
  }
}
