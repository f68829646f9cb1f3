package kazoku.draw;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import kazoku.Expr;
import kazoku.Level;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * An idiom that is an expression with holes. What has a name inside of it is a quantity, and no
 * part of an idiom.
 */
final class Pattern implements Idiom {

  /** Stands for any number in an expression. */
  static final double ANY_NUMBER = Double.NaN;

  private interface Writing {
    Expr of(List<Expr> values, Expr spelled);
  }

  private final List<Expr> holes;
  private final Expr whole;
  private final Writing writing;

  private Pattern(int values, int weights, Function<List<Expr>, Expr> pattern, Writing writing) {
    Expr[] all = new Expr[values + weights];
    Arrays.setAll(all, k -> hole(k, k < values ? Level.SEQUENCE : Level.WEIGHT));
    holes = List.of(all);
    whole = pattern.apply(holes);
    this.writing = writing;
  }

  /**
   * An idiom.
   *
   * @param values how many holes there are for values
   * @param weights how many there are behind them for what is made of weights alone
   * @param pattern makes the expression of the holes
   * @param written makes of what is in the holes how that is written
   */
  Pattern(
      int values,
      int weights,
      Function<List<Expr>, Expr> pattern,
      Function<List<Expr>, Expr> written) {
    this(values, weights, pattern, (of, spelled) -> written.apply(of));
  }

  /** A function of one value and weights that has a name in figures only. */
  static Idiom spelled(String function, int weights, Function<List<Expr>, Expr> pattern) {
    return new Pattern(1, weights, pattern, (of, spelled) -> Known.spelled(function, spelled, of));
  }

  private static Expr hole(int number, Level level) {
    return Vocabulary.leaf("hole " + number, Shape.of(2, 2), level);
  }

  @Override
  public Optional<Expr> of(Expr value, UnaryOperator<Expr> inside) {
    Map<Expr, Expr> found = new IdentityHashMap<>();
    if (!matches(whole, value, found, true)) {
      return Optional.empty();
    }
    List<Expr> of = holes.stream().map(found::get).map(inside).toList();
    Expr spelled = Expr.of(value.primitive(), value.inputs().stream().map(inside).toList());
    return Optional.of(writing.of(of, spelled));
  }

  private boolean matches(Expr part, Expr value, Map<Expr, Expr> found, boolean first) {
    if (holes.contains(part)) {
      boolean fits = part.level() != Level.WEIGHT || value.level() == Level.WEIGHT;
      Expr known = found.putIfAbsent(part, value);
      return fits && (known == null || known == value);
    }
    if (part.primitive() instanceof Vocabulary.Constant number) {
      return value.primitive() instanceof Vocabulary.Constant other
          && (Double.isNaN(number.value()) || number.value() == other.value());
    }
    if (!first && Names.isNamed(value)
        || !Names.key(part.primitive()).equals(Names.key(value.primitive()))
        || part.inputs().size() != value.inputs().size()) {
      return false;
    }
    for (int k = 0; k < part.inputs().size(); k++) {
      if (!matches(part.inputs().get(k), value.inputs().get(k), found, false)) {
        return false;
      }
    }
    return true;
  }
}
