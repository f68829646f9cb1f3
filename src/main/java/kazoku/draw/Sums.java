package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** Terms of sums: values are added in one node, biases and numbers are noted beside it. */
final class Sums {
  private final Terms terms;
  private final TermPool pool;
  private final Users users;
  private final Blocks blocks;

  Sums(Terms terms, TermPool pool, Users users, Blocks blocks) {
    this.terms = terms;
    this.pool = pool;
    this.users = users;
    this.blocks = blocks;
  }

  Term of(Expr value, Cut cut) {
    OptionalDouble from = Symbols.number(value.inputs().get(0));
    if (value.primitive() == Vocabulary.MINUS && from.isPresent() && from.getAsDouble() != 0) {
      String number = Symbols.number(from.getAsDouble());
      return pool.factor(Form.from(number), terms.term(value.inputs().get(1), cut));
    }
    Sum sum = new Sum();
    add(value, cut, false, sum, true);
    Lettering note = sum.note();
    if (sum.addends.size() == 1 && note.isEmpty()) {
      return sum.addends.get(0);
    }
    return sum.addends.size() == 1 && sum.what.isEmpty()
        ? pool.factor(Form.plus(note.text()), sum.addends.get(0))
        : pool.sum(sum.addends, note, sum.what);
  }

  /** A sum in the making. */
  private static final class Sum {
    /** Values. */
    final List<Term> addends = new ArrayList<>();

    /** Biases and numbers, with their signs. */
    final List<Lettering> notes = new ArrayList<>();

    /** Tells biases apart. */
    final List<Object> what = new ArrayList<>();

    void addAll(Sum other) {
      addends.addAll(other.addends);
      notes.addAll(other.notes);
      what.addAll(other.what);
    }

    Lettering note() {
      Lettering note = Lettering.NONE;
      for (Lettering one : notes) {
        boolean sign = note.isEmpty() || one.text().startsWith("−");
        note = sign ? note.then(one) : note.then("+").then(one);
      }
      return note;
    }
  }

  /** Adds the addends of a sum, and of sums that are nothing but a part of it. */
  private void add(Expr value, Cut cut, boolean minus, Sum sum, boolean first) {
    if (Symbols.isNegligible(value)) {
      return;
    }
    if (value.level() == Level.WEIGHT) {
      sum.notes.add(signed(terms.symbols().factor(value, cut), minus));
      if (Symbols.number(value).isEmpty()) {
        sum.what.add(TermPool.block(value, cut));
      }
      return;
    }
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    boolean open = first || users.isPartOfOne(value);
    if (open && isSum(value)) {
      add(in.get(0), cut, minus, sum, false);
      add(in.get(1), cut, minus ^ primitive == Vocabulary.MINUS, sum, false);
    } else if (open && primitive == Vocabulary.NEGATE) {
      add(in.get(0), cut, !minus, sum, false);
    } else {
      Optional<Sum> inBlocks = first ? Optional.empty() : blockOfSum(value, cut, minus);
      if (inBlocks.isPresent()) {
        sum.addAll(inBlocks.get());
      } else {
        Term term = terms.term(value, cut);
        sum.addends.add(minus ? pool.negative(term) : term);
      }
    }
  }

  private static Lettering signed(Lettering weight, boolean minus) {
    if (!minus) {
      return weight;
    }
    return weight.text().startsWith("−")
        ? Lettering.plain("−(").then(weight).then(")")
        : Lettering.plain("−").then(weight);
  }

  private static boolean isSum(Expr value) {
    return value.primitive() == Vocabulary.PLUS || value.primitive() == Vocabulary.MINUS;
  }

  /** The addends of a block of a sum that is drawn block by block. */
  private Optional<Sum> blockOfSum(Expr value, Cut cut, boolean minus) {
    boolean block =
        value.primitive() instanceof Axes.Part part
            && users.of(value).size() == 1
            && isSum(value.inputs().get(0))
            && (cut == null || cut.axis() == part.axis())
            && users.onlyInBlocks(value.inputs().get(0));
    if (!block) {
      return Optional.empty();
    }
    Cut inner = blocks.cut(value, (Axes.Part) value.primitive(), cut);
    return blocks.withoutMarks(
        () -> {
          Sum sum = new Sum();
          add(value.inputs().get(0), inner, minus, sum, true);
          return sum;
        });
  }
}
