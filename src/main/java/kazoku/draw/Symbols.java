package kazoku.draw;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import kazoku.Expr;
import kazoku.Primitive;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** How weights, and what is made of weights alone, are written. */
final class Symbols {
  /** What is wider is not spelled out. */
  private static final double WIDEST = 6.5;

  private Symbols() {}

  /** The symbol of a weight, or of a block of it, or a short formula of weights. */
  static Lettering weight(Expr value, Cut cut) {
    Lettering spelled = formula(value, cut, 0);
    if (spelled.width(1) <= WIDEST) {
      return spelled;
    }
    Set<Lettering> of = new LinkedHashSet<>();
    leaves(value, of);
    Lettering name = value.name().map(Lettering::symbol).orElse(Lettering.plain("f"));
    return of.isEmpty() ? name : name.then("(").then(list(List.copyOf(of))).then(")");
  }

  /** Symbols with commas between. */
  static Lettering list(List<Lettering> all) {
    Lettering text = Lettering.NONE;
    for (Lettering one : all) {
      text = text.isEmpty() ? one : text.then(", ").then(one);
    }
    return text;
  }

  private static void leaves(Expr value, Set<Lettering> all) {
    if (value.primitive() instanceof Vocabulary.Leaf) {
      all.add(Lettering.symbol(value.primitive().glyph()));
    }
    value.inputs().forEach(input -> leaves(input, all));
  }

  /** A formula that stands where operators bind this strongly. */
  private static Lettering formula(Expr value, Cut cut, int binding) {
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    if (primitive instanceof Axes.Part part) {
      Cut own = Cut.of(part, value.name().orElse(String.valueOf(part.index() + 1)));
      return formula(
          in.get(0), cut == null || cut.axis() != part.axis() ? own : own.inner(cut), binding);
    }
    if (primitive instanceof Vocabulary.Leaf) {
      return leaf(primitive.glyph(), cut != null && !cut.leavesWhole(value) ? cut : null);
    }
    if (primitive instanceof Vocabulary.Constant constant) {
      return Lettering.plain(number(constant.value()));
    }
    if (primitive instanceof Axes.Reshape || primitive == Vocabulary.STOP_GRADIENT) {
      return formula(in.get(0), cut, binding);
    }
    if (in.isEmpty()) {
      return Lettering.plain(primitive.glyph());
    }
    if (primitive == Axes.TRANSPOSE) {
      return formula(in.get(0), cut, 3).then("ᵀ");
    }
    if (primitive == Vocabulary.INVERSE || primitive == Vocabulary.SQUARE) {
      return formula(in.get(0), cut, 3).then(primitive.glyph());
    }
    if (primitive == Vocabulary.NEGATE) {
      return parenthesized(Lettering.plain("−").then(formula(in.get(0), cut, 2)), binding > 1);
    }
    if (in.size() == 1) {
      return Lettering.plain(primitive.glyph() + "(").then(formula(in.get(0), cut, 0)).then(")");
    }
    if (in.size() > 2) {
      return Lettering.plain(primitive.glyph() + "(")
          .then(list(in.stream().map(i -> formula(i, cut, 0)).toList()))
          .then(")");
    }
    boolean additive = primitive == Vocabulary.PLUS || primitive == Vocabulary.MINUS;
    int own = additive ? 1 : 2;
    Lettering left = formula(in.get(0), cut, own);
    Lettering right = formula(in.get(1), cut, own + (primitive == Vocabulary.MINUS ? 1 : 0));
    String glyph = primitive == Vocabulary.DOT ? "·" : primitive.glyph();
    return parenthesized(left.then(glyph).then(right), binding > own);
  }

  private static Lettering parenthesized(Lettering text, boolean needed) {
    return needed ? Lettering.plain("(").then(text).then(")") : text;
  }

  /** The symbol of a weight's block: the block's name takes the place of those it is among. */
  private static Lettering leaf(String name, Cut cut) {
    if (cut == null) {
      return Lettering.symbol(name);
    }
    int path = name.lastIndexOf('/') + 1;
    int index = name.indexOf('_', path + 1);
    boolean among = index > 0 && name.substring(index + 1).contains(cut.name());
    return Lettering.symbol((among ? name.substring(0, index) : name) + "_" + cut.name());
  }

  /** A number in few digits. */
  static String number(double value) {
    double size = Math.abs(value);
    String text;
    if (size == Math.rint(size) && size < 1e6) {
      text = Long.toString((long) size);
    } else if (Math.abs(1 / size - Math.rint(1 / size)) < 1e-9
        && size > 1e-4
        && 1 / size != 2
        && 1 / size != 4
        && 1 / size != 5
        && 1 / size != 10
        && 1 / size != 100) {
      text = "1/" + (long) Math.rint(1 / size);
    } else {
      text =
          String.format(Locale.ROOT, "%.3g", size)
              .replaceAll("(\\.\\d*?)0+$", "$1")
              .replaceAll("\\.$", "");
    }
    return (value < 0 ? "−" : "") + text;
  }

  /** Symbols of several weights. */
  static Lettering list(List<Expr> weights, Cut cut) {
    List<Lettering> all = new ArrayList<>();
    weights.forEach(weight -> all.add(weight(weight, cut)));
    return list(all);
  }
}
