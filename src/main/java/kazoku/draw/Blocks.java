package kazoku.draw;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import kazoku.Expr;
import kazoku.draw.Term.Kind;
import kazoku.internal.Axes;

/**
 * Terms of blocks. What nobody needs but in blocks is drawn block by block, as papers do; of other
 * values a block is cut out, which is a mark in the figure.
 */
final class Blocks {
  private final Terms terms;
  private final TermPool pool;
  private final Users users;
  private int marks;

  Blocks(Terms terms, TermPool pool, Users users) {
    this.terms = terms;
    this.pool = pool;
    this.users = users;
  }

  /** How many blocks were cut out so far. */
  int marks() {
    return marks;
  }

  /** Counts marks of something that was drawn before. */
  void mark(int more) {
    marks += more;
  }

  /** What a supplier draws, and whether it did so without a mark; its marks do not count. */
  <T> Optional<T> withoutMarks(Supplier<T> drawing) {
    int before = marks;
    T drawn = drawing.get();
    boolean clean = marks == before;
    marks = before;
    return clean ? Optional.of(drawn) : Optional.empty();
  }

  /** A block of something that cannot be drawn block by block; all of it without a cut. */
  Term cutOut(Term whole, Cut cut) {
    if (cut == null) {
      return whole;
    }
    marks++;
    Lettering name = Lettering.plain("[").then(cut.label()).then("]");
    return pool.of(Kind.BLOCK, name, List.of(cut.axis(), cut.start(), cut.size()), List.of(whole));
  }

  /** A recorded part, or a block of it. */
  Term part(Expr value, Axes.Part part, Cut outer) {
    Expr whole = value.inputs().get(0);
    if (outer != null && outer.axis() != part.axis()) {
      return cutOut(terms.term(value), outer);
    }
    Cut cut = cut(value, part, outer);
    Optional<Term> drawn =
        users.onlyInBlocks(whole) ? withoutMarks(() -> terms.term(whole, cut)) : Optional.empty();
    return drawn.orElseGet(() -> cutOut(terms.term(whole), cut));
  }

  /** Where a recorded part is, or a block of it on the same axis. */
  Cut cut(Expr value, Axes.Part part, Cut outer) {
    String among =
        users.of(value.inputs().get(0)).stream()
            .filter(user -> user.primitive() instanceof Axes.Part)
            .map(user -> user.name().map(Symbols::index).orElse(""))
            .collect(Collectors.joining());
    Optional<String> name = value.name().or(() -> users.destiny(value)).map(Symbols::index);
    Cut own = Cut.of(part, name, among);
    return outer == null ? own : own.inner(outer);
  }
}
