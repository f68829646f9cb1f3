package kazoku.draw;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kazoku.Expr;
import kazoku.Primitive;
import kazoku.internal.Axes;
import kazoku.internal.Convolution;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * A trace as people would write it, of the same value: without what only bends gradients, with
 * idioms by their names, equal parts only once, and with blocks of weights in the place of blocks
 * of their products: a block {@code _z} of {@code x·W + b} is {@code x·W_z + b_z}. Both equations
 * and figures start from it.
 */
final class Rewriting {
  private static final Set<Primitive> ELEMENTWISE =
      Set.of(
          Vocabulary.PLUS,
          Vocabulary.MINUS,
          Vocabulary.TIMES,
          Vocabulary.DIVIDE,
          Vocabulary.POW,
          Vocabulary.MAXIMUM,
          Vocabulary.NEGATE,
          Vocabulary.SIGMOID,
          Vocabulary.TANH,
          Vocabulary.RELU,
          Vocabulary.ELU,
          Vocabulary.SOFTPLUS,
          Vocabulary.EXP,
          Vocabulary.LOG,
          Vocabulary.SQUARE,
          Vocabulary.SQRT,
          Vocabulary.RSQRT,
          Vocabulary.ABS,
          Vocabulary.SIGN,
          Vocabulary.FLOOR,
          Vocabulary.SIN,
          Vocabulary.COS,
          Vocabulary.ERF);

  private final Map<Expr, Expr> done = new IdentityHashMap<>();
  private final Map<List<Object>, Expr> all = new HashMap<>();

  /** The values by their names, in their order. */
  Map<String, Expr> of(Map<String, Expr> values) {
    Map<String, Expr> written = new LinkedHashMap<>();
    values.forEach((name, value) -> written.put(name, of(value)));
    return written;
  }

  Expr of(Expr expr) {
    Expr known = done.get(expr);
    if (known == null) {
      known = rewritten(expr);
      done.put(expr, known);
    }
    return known;
  }

  private Expr rewritten(Expr expr) {
    if (expr.inputs().isEmpty()) {
      return once(expr);
    }
    String name = expr.name().orElse(null);
    for (Idiom idiom : Idioms.ALL) {
      Optional<Expr> written = idiom.of(expr, this::of);
      if (written.isPresent()) {
        return named(written.get(), name);
      }
    }
    List<Expr> inputs = expr.inputs().stream().map(this::of).toList();
    Expr first = inputs.get(0);
    if (expr.primitive() == Vocabulary.STOP_GRADIENT) {
      return Names.isNamed(expr) ? named(first, name) : first;
    }
    if (expr.primitive() instanceof Axes.Part part && Names.isBlockOfWeights(expr)) {
      return block(part, name, first);
    }
    return named(simplified(expr.primitive(), inputs, expr.shape()), name);
  }

  private Expr simplified(Primitive primitive, List<Expr> inputs, Shape shape) {
    Expr first = inputs.get(0);
    if (primitive == Vocabulary.MINUS && first == inputs.get(1)
        || multiplies(primitive) && inputs.stream().anyMatch(Rewriting::isZero)
        || primitive instanceof Axes.Reshape && isZero(first)) {
      return zeros(shape);
    }
    if (primitive == Vocabulary.PLUS) {
      for (int k = 0; k < 2; k++) {
        Expr other = inputs.get(1 - k);
        if (isZero(inputs.get(k)) && other.shape().equals(shape)) {
          return other;
        }
      }
    }
    if (primitive == Vocabulary.MINUS
        && first.primitive() instanceof Vocabulary.Constant from
        && inputs.get(1).primitive() instanceof Vocabulary.Constant taken) {
      return Expr.constant(from.value() - taken.value());
    }
    if (primitive == Vocabulary.PLUS) {
      Optional<Expr> product = sideBySide(first, inputs.get(1));
      if (product.isPresent()) {
        return product.get();
      }
    }
    return Expr.of(primitive, inputs);
  }

  private static boolean multiplies(Primitive primitive) {
    return primitive == Vocabulary.TIMES || primitive instanceof Primitive.Product;
  }

  private static Expr zeros(Shape shape) {
    return Expr.constant(new double[(int) shape.size()], shape.asArray());
  }

  private static boolean isZero(Expr expr) {
    return Vocabulary.isConstant(expr, 0)
        || expr.primitive() instanceof Vocabulary.Numbers numbers
            && Arrays.stream(numbers.values()).allMatch(value -> value == 0);
  }

  /** Products with the rows of one matrix: {@code [a,b]·W} for {@code a·W_1 + b·W_2}. */
  private Optional<Expr> sideBySide(Expr left, Expr right) {
    boolean products =
        left.primitive() == Vocabulary.DOT
            && right.primitive() == Vocabulary.DOT
            && left.inputs().get(1).primitive() instanceof Axes.Part upper
            && right.inputs().get(1).primitive() instanceof Axes.Part lower
            && left.inputs().get(1).name().isEmpty()
            && right.inputs().get(1).name().isEmpty()
            && left.inputs().get(1).inputs().equals(right.inputs().get(1).inputs())
            && upper.axis() == -2
            && lower.axis() == -2
            && upper.sizes().equals(lower.sizes())
            && upper.sizes().size() == 2
            && upper.index() == 0
            && lower.index() == 1;
    if (!products) {
      return Optional.empty();
    }
    Expr row = once(Expr.concat(left.inputs().get(0), right.inputs().get(0)));
    return Optional.of(row.dot(left.inputs().get(1).inputs().get(0)));
  }

  /** A block of weights, or of what is made of them. */
  private Expr block(Axes.Part part, String name, Expr whole) {
    Expr plain = named(Expr.of(part, List.of(whole)), name);
    Primitive primitive = whole.primitive();
    int axis = part.axis();
    if (whole.inputs().isEmpty() || Names.isNamed(whole) || primitive instanceof Axes.Part) {
      return plain;
    }
    if (ELEMENTWISE.contains(primitive)
        || primitive instanceof Known known && known.isElementwise()) {
      List<Expr> blocks =
          whole.inputs().stream()
              .map(input -> reaches(input, axis) ? block(part, name, input) : input)
              .toList();
      return once(
          primitive instanceof Known known
              ? known.again(blocks)
              : simplified(primitive, blocks, plain.shape()));
    }
    boolean product = primitive == Vocabulary.DOT || primitive instanceof Convolution;
    if (product && axis == -1) {
      Expr weights = block(part, name, whole.inputs().get(1));
      return once(Expr.of(primitive, List.of(whole.inputs().get(0), weights)));
    }
    if (primitive instanceof Axes.Concat concat && concat.axis() == axis) {
      return concatenated(part, name, whole.inputs()).orElse(plain);
    }
    return plain;
  }

  private static boolean reaches(Expr input, int axis) {
    return input.shape().numDimensions() >= -axis && input.shape().get(axis) != 1;
  }

  /** The values of a row that a block covers, if it covers whole ones or a part of a single one. */
  private Optional<Expr> concatenated(Axes.Part part, String name, List<Expr> values) {
    int axis = part.axis();
    int from = part.sizes().subList(0, part.index()).stream().mapToInt(s -> s).sum();
    int to = from + part.sizes().get(part.index());
    List<Expr> covered = new ArrayList<>();
    int begin = 0;
    for (Expr value : values) {
      int end = begin + (int) value.shape().get(axis);
      if (from <= begin && end <= to) {
        covered.add(value);
      } else if (begin <= from && to <= end) {
        List<Integer> sizes = List.of(from - begin, to - from, end - to);
        return Optional.of(block(new Axes.Part(axis, sizes, 1), name, value));
      } else if (from < end && begin < to) {
        return Optional.empty();
      }
      begin = end;
    }
    return Optional.of(once(Expr.concat(axis, covered.toArray(Expr[]::new))));
  }

  private Expr named(Expr expr, String name) {
    return once(name == null ? expr : expr.as(name));
  }

  /** The one of all equal expressions. */
  private Expr once(Expr expr) {
    List<Object> key = new ArrayList<>();
    key.add(Names.key(expr.primitive()));
    key.add(expr.name());
    key.addAll(expr.inputs());
    return all.computeIfAbsent(key, k -> expr);
  }
}
