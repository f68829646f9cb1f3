package kazoku.draw;

import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Expr;
import kazoku.Primitive;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** Tells whether two values were recorded alike: then they have one number. */
final class Prints {
  private final Map<Expr, Integer> known = new IdentityHashMap<>();
  private final Map<List<Object>, Integer> numbers = new HashMap<>();

  int of(Expr value) {
    Integer number = known.get(value);
    if (number == null) {
      List<Object> print =
          List.of(operation(value), value.shape(), value.inputs().stream().map(this::of).toList());
      number = numbers.computeIfAbsent(print, p -> numbers.size());
      known.put(value, number);
    }
    return number;
  }

  /** An operation with all that belongs to it, but for what it is applied to. */
  static Object operation(Expr value) {
    Primitive primitive = value.primitive();
    if (primitive instanceof Axes.Part part) {
      return List.of(part.axis(), part.sizes(), part.index());
    }
    if (primitive instanceof Axes.Concat concat) {
      return List.of("concat", concat.axis());
    }
    if (primitive instanceof Axes.Reshape) {
      return value.shape();
    }
    if (primitive instanceof Vocabulary.Constant constant) {
      return constant.value();
    }
    if (primitive instanceof Vocabulary.Numbers numbers) {
      return Arrays.stream(numbers.values()).boxed().toList();
    }
    if (primitive instanceof Vocabulary.Clip clip) {
      return List.of("clip", clip.low(), clip.high());
    }
    return primitive;
  }
}
