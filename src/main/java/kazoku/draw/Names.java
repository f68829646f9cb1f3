package kazoku.draw;

import java.util.Arrays;
import java.util.List;
import kazoku.Expr;
import kazoku.Primitive;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** What expressions are called, and which of them are alike. */
final class Names {
  private Names() {}

  /** Whether an expression is a quantity with a name of its own. */
  static boolean isNamed(Expr expr) {
    return expr.name().isPresent() && !isBlockOfWeights(expr);
  }

  /** Whether a name is the subscript of a block of weights: {@code _z}. */
  static boolean isBlockOfWeights(Expr expr) {
    return expr.name().filter(name -> name.startsWith("_")).isPresent();
  }

  /** What distinguishes an operation from others. */
  static Object key(Primitive primitive) {
    if (primitive instanceof Vocabulary.Constant constant) {
      return List.of("number", constant.value());
    }
    if (primitive instanceof Vocabulary.Numbers numbers) {
      return List.of("numbers", Arrays.toString(numbers.values()), numbers.shape(List.of()));
    }
    if (primitive instanceof Vocabulary.Identity identity) {
      return List.of("identity", identity.shape(List.of()));
    }
    if (primitive instanceof Vocabulary.Clip clip) {
      return List.of("clip", clip.low(), clip.high());
    }
    if (primitive instanceof Axes.Part part) {
      return List.of("part", part.axis(), part.sizes(), part.index());
    }
    if (primitive instanceof Axes.Concat concat) {
      return List.of("concat", concat.axis());
    }
    if (primitive instanceof Axes.Reshape reshape) {
      return List.of("reshape", reshape.to());
    }
    if (primitive instanceof Known known) {
      return List.of("known", known.glyph(), known.subscript());
    }
    return primitive;
  }
}
