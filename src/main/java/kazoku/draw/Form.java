package kazoku.draw;

/**
 * How a function, a sign or a factor is written around what it is applied to: {@code tanh(·)},
 * {@code 1−·}, {@code |·|}, {@code ·²}.
 *
 * @param before what stands before
 * @param after what stands behind
 * @param binding how the whole stands in others
 * @param named whether it is a named function that is applied first, whose argument goes without
 *     saying
 */
record Form(Lettering before, Lettering after, Binding binding, boolean named) {

  /** How strongly a form binds. */
  enum Binding {
    /** A named function, whose argument is in parentheses. */
    FUNCTION,
    /** Has its own brackets. */
    BRACKETS,
    /** A sign, a factor, a root: stands before something that binds strongly. */
    PREFIX,
    /** A square, a transposed matrix: stands behind a single thing. */
    SUFFIX,
    /** A sum, which needs parentheses in others. */
    SUM
  }

  private static final String HOLE = "·";

  static Form function(Lettering name) {
    return new Form(name, Lettering.NONE, Binding.FUNCTION, true);
  }

  static Form brackets(String before, String after) {
    return new Form(Lettering.plain(before), Lettering.plain(after), Binding.BRACKETS, false);
  }

  static Form prefix(String before) {
    return new Form(Lettering.plain(before), Lettering.NONE, Binding.PREFIX, false);
  }

  static Form suffix(String after) {
    return new Form(Lettering.NONE, Lettering.plain(after), Binding.SUFFIX, false);
  }

  /** {@code 1−·}. */
  static Form from(String number) {
    return new Form(Lettering.plain(number + "−"), Lettering.NONE, Binding.SUM, false);
  }

  /** {@code 1+·}, {@code ·−1}. */
  static Form plus(String number) {
    return number.startsWith("−")
        ? then(number)
        : new Form(Lettering.plain(number + "+"), Lettering.NONE, Binding.SUM, false);
  }

  /** {@code · > 1}. */
  static Form then(String after) {
    return new Form(Lettering.NONE, Lettering.plain(after), Binding.SUM, false);
  }

  /** Whether it has no name. */
  boolean sign() {
    return binding != Binding.FUNCTION;
  }

  /** Whether it needs no parentheses anywhere. */
  private boolean closed() {
    return binding == Binding.BRACKETS && !Character.isLetter(before.text().charAt(0));
  }

  /** This form of another. */
  Form of(Form inner) {
    boolean parentheses =
        switch (binding) {
          case FUNCTION, SUFFIX -> !inner.closed();
          case BRACKETS -> false;
          case PREFIX -> inner.binding == Binding.SUM;
          case SUM -> inner.binding == Binding.SUM && !before.isEmpty();
        };
    boolean number = binding == Binding.PREFIX && before.text().matches(".*[0-9]");
    boolean apart = number && !parentheses && inner.binding == Binding.FUNCTION;
    return new Form(
        before.then(parentheses ? "(" : apart ? " " : "").then(inner.before),
        inner.after.then(parentheses ? ")" : "").then(after),
        binding,
        inner.named);
  }

  /** As it stands along a line. */
  Lettering label() {
    if (binding == Binding.PREFIX
        && after.isEmpty()
        && before.text().matches("−?[0-9./e−√]*[0-9]")) {
      boolean minus = before.text().startsWith("−");
      return Lettering.plain(minus ? "×(" : "×").then(before).then(minus ? ")" : "");
    }
    return after.isEmpty() || named ? before.then(after) : before.then(HOLE).then(after);
  }
}
