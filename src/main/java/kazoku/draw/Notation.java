package kazoku.draw;

import java.util.List;
import java.util.stream.Collectors;
import kazoku.draw.Formula.Absolute;
import kazoku.draw.Formula.Call;
import kazoku.draw.Formula.Choice;
import kazoku.draw.Formula.Exponential;
import kazoku.draw.Formula.Floor;
import kazoku.draw.Formula.Fraction;
import kazoku.draw.Formula.Index;
import kazoku.draw.Formula.Inverse;
import kazoku.draw.Formula.Norm;
import kazoku.draw.Formula.Operator;
import kazoku.draw.Formula.Power;
import kazoku.draw.Formula.Product;
import kazoku.draw.Formula.Relation;
import kazoku.draw.Formula.Root;
import kazoku.draw.Formula.Row;
import kazoku.draw.Formula.Scaled;
import kazoku.draw.Formula.Sum;
import kazoku.draw.Formula.Symbol;
import kazoku.draw.Formula.Transposed;

/** Writes formulas, with parentheses where operations bind less than what they stand in. */
abstract class Notation {
  private static final int CHOICE = 0;
  static final int SUM = 1;
  static final int PRODUCT = 2;
  static final int POWER = 3;
  static final int ATOM = 4;

  /** A formula as a whole. */
  String write(Formula formula) {
    if (formula instanceof Symbol symbol) {
      return symbol(symbol);
    }
    if (formula instanceof Formula.Number number) {
      return number(number.value());
    }
    if (formula instanceof Call call) {
      return call(call);
    }
    if (formula instanceof Exponential exponential) {
      return exponential(exponential.exponent());
    }
    if (formula instanceof Power power) {
      return power(power);
    }
    if (formula instanceof Transposed transposed) {
      return transposed(within(ATOM, transposed.matrix()));
    }
    if (formula instanceof Inverse inverse) {
      return inverse(within(ATOM, inverse.matrix()));
    }
    if (formula instanceof Root root) {
      return root(root.inner());
    }
    if (formula instanceof Absolute absolute) {
      return absolute(absolute.inner());
    }
    if (formula instanceof Norm norm) {
      return norm(norm.inner());
    }
    if (formula instanceof Floor floor) {
      return floor(floor.inner());
    }
    if (formula instanceof Fraction fraction) {
      return fraction(fraction.above(), fraction.below());
    }
    if (formula instanceof Product product) {
      return product(product);
    }
    if (formula instanceof Scaled scaled) {
      return scaled(scaled);
    }
    if (formula instanceof Sum sum) {
      return sum(sum.terms());
    }
    if (formula instanceof Row row) {
      return row(row);
    }
    if (formula instanceof Index index) {
      return within(ATOM, index.of()) + index(index.where());
    }
    if (formula instanceof Relation relation) {
      return within(SUM, relation.left())
          + " "
          + relation.sign()
          + " "
          + within(SUM, relation.right());
    }
    return choice((Choice) formula);
  }

  /** A formula as a part of one that binds this much. */
  final String within(int least, Formula formula) {
    return binding(formula) < least ? parentheses(write(formula)) : write(formula);
  }

  private int binding(Formula formula) {
    if (formula instanceof Choice) {
      return choiceIsClosed() ? ATOM : CHOICE;
    }
    if (formula instanceof Relation) {
      return CHOICE;
    }
    if (formula instanceof Sum
        || formula instanceof Scaled scaled && scaled.factor() < 0
        || formula instanceof Formula.Number number && number.value() < 0) {
      return SUM;
    }
    if (formula instanceof Fraction) {
      return fractionIsClosed() ? POWER : PRODUCT;
    }
    if (formula instanceof Formula.Number number) {
      Formula exact = Digits.exact(number.value());
      return exact instanceof Formula.Number ? ATOM : binding(exact);
    }
    if (formula instanceof Scaled scaled) {
      Formula exact = Digits.exact(scaled.factor());
      return exact instanceof Fraction ? binding(exact) : PRODUCT;
    }
    if (formula instanceof Product) {
      return PRODUCT;
    }
    boolean raised =
        formula instanceof Exponential exponential && isRaised(exponential.exponent())
            || formula instanceof Power
            || formula instanceof Transposed
            || formula instanceof Inverse;
    return raised ? POWER : ATOM;
  }

  private String product(Product product) {
    Formula left = product.left();
    boolean chained =
        left instanceof Product inner && inner.operator() == product.operator()
            || left instanceof Fraction && product.operator() == Operator.ELEMENTWISE;
    return within(chained ? PRODUCT : POWER, left)
        + operator(product.operator())
        + within(POWER, product.right());
  }

  private String scaled(Scaled scaled) {
    double factor = scaled.factor();
    if (factor < 0) {
      return minus() + within(PRODUCT, Formula.scaled(-factor, scaled.of()));
    }
    Formula exact = Digits.exact(factor);
    return exact instanceof Fraction fraction
        ? fraction(scaled.of(), fraction.below())
        : write(exact) + operator(Operator.DOT) + within(PRODUCT, scaled.of());
  }

  private String sum(List<Formula> terms) {
    StringBuilder sum = new StringBuilder(within(SUM, terms.get(0)));
    for (Formula term : terms.subList(1, terms.size())) {
      boolean negative =
          term instanceof Scaled scaled && scaled.factor() < 0
              || term instanceof Formula.Number number && number.value() < 0;
      Formula size = negative ? Formula.scaled(-1, term) : term;
      sum.append(sign(negative, terms)).append(within(PRODUCT, size));
    }
    return sum.toString();
  }

  final String all(List<? extends Formula> formulas, String separator) {
    return formulas.stream().map(this::write).collect(Collectors.joining(separator));
  }

  static String parentheses(String inner) {
    return "(" + inner + ")";
  }

  final boolean isAtom(Formula formula) {
    return binding(formula) == ATOM;
  }

  private String number(double number) {
    Formula exact = Digits.exact(Math.abs(number));
    String size = exact instanceof Formula.Number plain ? digits(plain.value()) : write(exact);
    return number < 0 ? minus() + size : size;
  }

  /** A number of few digits, not negative. */
  abstract String digits(double number);

  abstract String symbol(Symbol symbol);

  abstract String call(Call call);

  abstract String exponential(Formula exponent);

  abstract String power(Power power);

  abstract String transposed(String matrix);

  abstract String inverse(String matrix);

  abstract String root(Formula inner);

  abstract String absolute(Formula inner);

  abstract String norm(Formula inner);

  abstract String floor(Formula inner);

  abstract String fraction(Formula above, Formula below);

  abstract String operator(Operator operator);

  /** The sign of what is negative. */
  abstract String minus();

  abstract String sign(boolean negative, List<Formula> terms);

  abstract String row(Row row);

  abstract String index(String where);

  abstract String choice(Choice choice);

  /** Whether a power of e is written as one, and not as a function. */
  abstract boolean isRaised(Formula exponent);

  /** Whether a fraction needs no parentheses, since it has a line. */
  abstract boolean fractionIsClosed();

  /** Whether a choice needs no parentheses, since it has a brace. */
  abstract boolean choiceIsClosed();
}
