package kazoku.draw;

import java.util.ArrayList;
import java.util.List;

/** A formula as a tree: what is printed, before it is known whether as text or as LaTeX. */
sealed interface Formula {

  /** A letter with its subscripts; {@code next} for the value after the step, which has a prime. */
  record Symbol(String letter, List<String> subscripts, boolean next) implements Formula {

    /**
     * The symbol of a name in a trace: {@code encoder/W_zr} is W with the subscripts zr and
     * encoder.
     */
    static Symbol of(String name) {
      if (name.endsWith("'")) {
        return of(name.substring(0, name.length() - 1)).afterTheStep();
      }
      String[] path = name.split("/");
      String[] parts = path[path.length - 1].split("_");
      List<String> subscripts = new ArrayList<>(List.of(parts).subList(1, parts.length));
      subscripts.addAll(List.of(path).subList(0, path.length - 1));
      return new Symbol(parts[0], List.copyOf(subscripts), false);
    }

    Symbol with(String subscript) {
      List<String> more = new ArrayList<>(subscripts);
      more.add(subscript);
      return new Symbol(letter, List.copyOf(more), next);
    }

    Symbol afterTheStep() {
      return new Symbol(letter, subscripts, true);
    }
  }

  record Number(double value) implements Formula {}

  /** {@code f(a, b; c)}: arguments, and after a semicolon what the function is set to. */
  record Call(
      String function, String subscript, List<Formula> arguments, List<? extends Formula> settings)
      implements Formula {

    static Call of(String function, Formula... arguments) {
      return new Call(function, "", List.of(arguments), List.of());
    }
  }

  record Exponential(Formula exponent) implements Formula {}

  record Power(Formula base, Formula exponent) implements Formula {}

  record Transposed(Formula matrix) implements Formula {}

  record Inverse(Formula matrix) implements Formula {}

  record Root(Formula inner) implements Formula {}

  record Absolute(Formula inner) implements Formula {}

  /** The lengths of the columns of a matrix. */
  record Norm(Formula inner) implements Formula {}

  record Floor(Formula inner) implements Formula {}

  record Fraction(Formula above, Formula below) implements Formula {}

  /** A product of two that are no numbers. */
  record Product(Operator operator, Formula left, Formula right) implements Formula {}

  /** The kinds of products. */
  enum Operator {
    /** Of matrices, or with a single number a row. */
    DOT,
    /** Element by element. */
    ELEMENTWISE,
    /** Convolution. */
    CONVOLUTION
  }

  /** A number times something; −1 is a sign. */
  record Scaled(double factor, Formula of) implements Formula {}

  /** Two or more terms; those that are taken away are scaled by negative numbers. */
  record Sum(List<Formula> terms) implements Formula {}

  /** Values side by side, or, in rows, one above the other. */
  record Row(List<? extends Formula> values, boolean inRows) implements Formula {}

  /** {@code a[2:5]}. */
  record Index(Formula of, String where) implements Formula {}

  /** {@code left > right}. */
  record Relation(Formula left, String sign, Formula right) implements Formula {}

  /** {@code yes where condition, else no}. */
  record Choice(Formula yes, Formula condition, Formula no) implements Formula {}

  static Formula scaled(double factor, Formula a) {
    if (a instanceof Number number) {
      return new Number(factor * number.value);
    }
    if (a instanceof Scaled scaled) {
      return scaled(factor * scaled.factor, scaled.of);
    }
    return factor == 1 ? a : new Scaled(factor, a);
  }

  static Formula times(Operator operator, Formula a, Formula b) {
    if (operator != Operator.CONVOLUTION && a instanceof Number number) {
      return scaled(number.value, b);
    }
    if (operator != Operator.CONVOLUTION && b instanceof Number number) {
      return scaled(number.value, a);
    }
    if (operator == Operator.ELEMENTWISE && a instanceof Scaled scaled) {
      return scaled(scaled.factor, times(operator, scaled.of, b));
    }
    if (b instanceof Fraction fraction && isOne(fraction.above)) {
      return over(a, fraction.below);
    }
    if (a instanceof Fraction fraction && isOne(fraction.above)) {
      return over(b, fraction.below);
    }
    return new Product(operator, a, b);
  }

  static Formula over(Formula a, Formula b) {
    if (b instanceof Number number) {
      return scaled(1 / number.value, a);
    }
    return a instanceof Scaled scaled
        ? scaled(scaled.factor, over(scaled.of, b))
        : new Fraction(a, b);
  }

  private static boolean isOne(Formula a) {
    return a instanceof Number number && number.value == 1;
  }
}
