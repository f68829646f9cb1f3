package kazoku.draw;

import java.util.List;

/**
 * A value as a figure shows it. Terms are equal if they show the same.
 *
 * @param kind what is done
 * @param label how it is written
 * @param note what is written small beside it: the biases of a sum
 * @param form how it is written around others; null for what is no function
 * @param what tells apart what is written alike
 * @param of what it is done to
 */
record Term(Kind kind, Lettering label, Lettering note, Form form, Object what, List<Term> of) {

  /** What is done. */
  enum Kind {
    /** Nothing: the value comes from outside. */
    SOURCE,
    /** Nothing: the value is made of weights alone. */
    GIVEN,
    /** Values are added. */
    SUM,
    /** Values are multiplied element by element. */
    PRODUCT,
    /** Values are put side by side. */
    ROW,
    /** Anything else that takes several values. */
    OPERATION,
    /** A value gets a name. */
    NAME,
    /** A product with a weight. */
    WEIGHT,
    /** A function is applied. */
    FUNCTION,
    /** Something small: a sign, a factor, the complement. */
    FACTOR,
    /** A block is cut out. */
    BLOCK,
    /** What a value is to the operation that takes it. */
    ROLE;

    /** Whether it is shown as a line. */
    boolean line() {
      return switch (this) {
        case WEIGHT, FUNCTION, FACTOR, BLOCK, ROLE -> true;
        default -> false;
      };
    }

    /** Whether it is shown as a line that hands a value on. */
    boolean plain() {
      return this == FACTOR || this == BLOCK || this == ROLE;
    }
  }

  Term {
    of = List.copyOf(of);
  }

  static Term of(Kind kind, Lettering label, Object what, List<Term> of) {
    return new Term(kind, label, Lettering.NONE, null, what, of);
  }

  static Term of(Kind kind, Form form, Object what, Term of) {
    return new Term(kind, form.label(), Lettering.NONE, form, what, List.of(of));
  }
}
