package kazoku.draw;

import java.util.List;

/**
 * A value as a figure shows it. Terms are equal if they show the same.
 *
 * @param kind what is done
 * @param label how it is written
 * @param note what is written small beside it: the biases of a sum
 * @param of what it is done to
 */
record Term(Kind kind, Lettering label, Lettering note, List<Term> of) {

  /** What is done. */
  enum Kind {
    /** Nothing: the value comes from outside. */
    SOURCE,
    /** Values are added. */
    SUM,
    /** Values are multiplied element by element. */
    PRODUCT,
    /** Anything else that takes several values. */
    OPERATION,
    /** A value gets a name. */
    NAME,
    /** A product with a weight. */
    WEIGHT,
    /** A function is applied. */
    FUNCTION,
    /** Something small: a sign, a factor, the complement. */
    FACTOR;

    /** Whether it is shown as a line. */
    boolean line() {
      return this == WEIGHT || this == FUNCTION || this == FACTOR;
    }
  }

  Term {
    of = List.copyOf(of);
  }

  static Term source(Lettering label) {
    return new Term(Kind.SOURCE, label, Lettering.NONE, List.of());
  }

  static Term of(Kind kind, Lettering label, Term... of) {
    return new Term(kind, label, Lettering.NONE, List.of(of));
  }
}
