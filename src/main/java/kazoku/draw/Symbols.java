package kazoku.draw;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Primitive;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** How quantities, weights and what is made of weights alone are written. */
final class Symbols {
  /** A formula that is wider is not spelled out, in em. */
  private static final double WIDEST = 7.2;

  /** What is added that no value may become zero, or multiplied by what is as good as one. */
  static final double NEGLIGIBLE = 1e-5;

  private final Set<String> names;

  /** Symbols of these names: paths are left out where no two would be written alike. */
  Symbols(Collection<String> names) {
    this.names = Set.copyOf(names);
  }

  /** Whether a name is no quantity's, but the index of a block of weights: {@code _z}. */
  static boolean isIndex(String name) {
    return name.startsWith("_");
  }

  /** The index that a name stands for. */
  static String index(String name) {
    return isIndex(name) ? name.substring(1) : name;
  }

  /** The symbol of a name. */
  Lettering symbol(String name) {
    String last = last(name);
    List<String> path = path(name);
    return Lettering.symbol(path.isEmpty() ? last : last + "_" + String.join("_", path));
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** The path, as far as it is needed to tell a name from others. */
  private List<String> path(String name) {
    boolean alone = names.stream().filter(n -> last(n).equals(last(name))).count() <= 1;
    List<String> parts = List.of(name.split("/"));
    return alone ? List.of() : parts.subList(0, parts.size() - 1);
  }

  /** Symbols with commas between. */
  static Lettering list(List<Lettering> all) {
    Lettering text = Lettering.NONE;
    for (Lettering one : all) {
      text = text.isEmpty() ? one : text.then(", ").then(one);
    }
    return text;
  }

  /** The symbol of a weight, or of a block of it, or a short formula of weights. */
  Lettering weight(Expr value, Cut cut) {
    return weight(Excerpt.of(value, cut), 0);
  }

  /** The same, in parentheses where it binds less strongly than a product. */
  Lettering factor(Expr value, Cut cut) {
    return weight(Excerpt.of(value, cut), 2);
  }

  /** What is wider than a formula should be has the name of a function of its weights. */
  private Lettering weight(Excerpt excerpt, int binding) {
    Expr value = excerpt.value();
    Set<Lettering> of = new LinkedHashSet<>();
    leaves(value, of);
    boolean leaf = value.primitive() instanceof Vocabulary.Leaf;
    if (leaf || of.isEmpty()) {
      return formula(excerpt, binding);
    }
    if (value.name().isEmpty()) {
      Lettering spelled = formula(excerpt, binding);
      if (spelled.width(1) <= WIDEST) {
        return spelled;
      }
    }
    Lettering name = symbol(value.name().orElse("f"), excerpt.cuts());
    return name.then("(").then(list(List.copyOf(of))).then(")");
  }

  private void leaves(Expr value, Set<Lettering> all) {
    if (value.primitive() instanceof Vocabulary.Leaf leaf) {
      all.add(symbol(leaf.glyph()));
    }
    value.inputs().forEach(input -> leaves(input, all));
  }

  /** A formula that stands where operators bind this strongly. */
  private Lettering formula(Excerpt excerpt, int binding) {
    Expr value = excerpt.value();
    Primitive primitive = value.primitive();
    List<Expr> in = value.inputs();
    OptionalDouble number = number(value);
    if (number.isPresent()) {
      return Lettering.plain(number(number.getAsDouble()));
    }
    if (primitive instanceof Vocabulary.Leaf leaf) {
      return symbol(leaf.glyph(), excerpt.cuts());
    }
    if (primitive instanceof Vocabulary.Numbers numbers) {
      return Lettering.plain(numbers(numbers.values()));
    }
    if (in.isEmpty()) {
      return Lettering.plain(primitive.glyph());
    }
    if (primitive instanceof Axes.Concat) {
      List<Lettering> all = in.stream().map(i -> formula(Excerpt.of(i, null), 0)).toList();
      return Lettering.plain("[").then(list(all)).then("]");
    }
    if (primitive instanceof Axes.Reshape) {
      Excerpt whole = Excerpt.of(in.get(0), null);
      return whole.value().primitive() instanceof Vocabulary.Leaf leaf
          ? symbol(leaf.glyph(), excerpt.cuts())
          : formula(whole, binding);
    }
    if (primitive == Axes.TRANSPOSE) {
      return formula(excerpt.operand(0), 3).then("ᵀ");
    }
    if (primitive == Vocabulary.INVERSE || primitive == Vocabulary.SQUARE) {
      return formula(excerpt.operand(0), 3).then(primitive.glyph());
    }
    if (primitive.glyph().equals(Known.LENGTH)) {
      return Lettering.plain("‖").then(formula(excerpt.operand(0), 0)).then("‖");
    }
    if (primitive == Vocabulary.NEGATE) {
      Lettering negative = Lettering.plain("−").then(formula(excerpt.operand(0), 2));
      return parenthesized(negative, binding > 2);
    }
    if (in.size() != 2) {
      List<Lettering> all =
          IntStream.range(0, in.size()).mapToObj(k -> formula(excerpt.operand(k), 0)).toList();
      return Lettering.plain(primitive.glyph() + "(").then(list(all)).then(")");
    }
    boolean additive = primitive == Vocabulary.PLUS || primitive == Vocabulary.MINUS;
    int own = additive ? 1 : 2;
    boolean strict = primitive == Vocabulary.MINUS || primitive == Vocabulary.DIVIDE;
    Lettering left = formula(excerpt.operand(0), own);
    Lettering right = formula(excerpt.operand(1), strict ? own + 1 : own);
    boolean numeric = number(in.get(0)).isPresent() && primitive == Vocabulary.TIMES;
    Lettering joined = left.then(numeric ? "" : primitive.glyph()).then(right);
    return parenthesized(joined, binding > own);
  }

  private static Lettering parenthesized(Lettering text, boolean needed) {
    return needed ? Lettering.plain("(").then(text).then(")") : text;
  }

  /** The symbol of a block: a block's name takes the place of those it is among. */
  private Lettering symbol(String name, List<Cut> cuts) {
    List<String> indices = new ArrayList<>(List.of(last(name).split("_")));
    String letter = indices.remove(0);
    for (Cut cut : cuts) {
      String block = cut.name();
      boolean further = cut.named() && !block.isEmpty();
      indices.removeIf(
          other ->
              further
                  && (other.equals(cut.among())
                      || block.startsWith(other) && !block.equals(other)));
      indices.addAll(List.of(block.split("_")));
    }
    indices.addAll(path(name));
    return Lettering.symbol(letter).withIndex(indices);
  }

  // Numbers

  /** The value of what has no weight in it. */
  static OptionalDouble number(Expr value) {
    Primitive primitive = value.primitive();
    if (primitive instanceof Vocabulary.Constant constant) {
      return OptionalDouble.of(constant.value());
    }
    if (primitive instanceof Vocabulary.Numbers numbers
        && Arrays.stream(numbers.values()).distinct().count() == 1) {
      return OptionalDouble.of(numbers.values()[0]);
    }
    if (value.level() != Level.WEIGHT || value.inputs().isEmpty()) {
      return OptionalDouble.empty();
    }
    double[] in = new double[value.inputs().size()];
    for (int k = 0; k < in.length; k++) {
      OptionalDouble one = number(value.inputs().get(k));
      if (one.isEmpty()) {
        return one;
      }
      in[k] = one.getAsDouble();
    }
    if (primitive == Vocabulary.PLUS) {
      return OptionalDouble.of(in[0] + in[1]);
    }
    if (primitive == Vocabulary.MINUS) {
      return OptionalDouble.of(in[0] - in[1]);
    }
    if (primitive == Vocabulary.TIMES) {
      return OptionalDouble.of(in[0] * in[1]);
    }
    if (primitive == Vocabulary.DIVIDE) {
      return OptionalDouble.of(in[0] / in[1]);
    }
    if (primitive == Vocabulary.NEGATE) {
      return OptionalDouble.of(-in[0]);
    }
    return primitive instanceof Axes.Reshape ? OptionalDouble.of(in[0]) : OptionalDouble.empty();
  }

  /** Whether a value is zero, or as good as that to what it is added to. */
  static boolean isNegligible(Expr value) {
    OptionalDouble number = number(value);
    return number.isPresent() && Math.abs(number.getAsDouble()) <= NEGLIGIBLE;
  }

  /** A number as equations have it. */
  static String number(double value) {
    return new TextNotation().write(new Formula.Number(value));
  }

  /** Given numbers: the few that they are, in order. */
  private static String numbers(double[] values) {
    double[] few = Arrays.stream(values).distinct().limit(5).toArray();
    boolean mask = few.length <= 2 && Arrays.stream(few).allMatch(v -> v == 0 || v == 1);
    boolean whole = Arrays.stream(few).allMatch(v -> v == Math.rint(v));
    if (few.length > 4 || !whole || mask && few.length == 2) {
      return mask ? "mask" : "const";
    }
    return String.join(", ", Arrays.stream(few).mapToObj(Symbols::number).toList());
  }
}
