package kazoku.io;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import kazoku.Checks;
import org.tensorflow.ndarray.Shape;

/** The arrays of one layer, all of which must be used. */
final class Part {
  private final String who;
  private final Tensors tensors;
  private final String prefix;
  private final char separator;
  private final Set<String> used = new LinkedHashSet<>();

  /**
   * The arrays under a prefix.
   *
   * @param prefix the layer's name; empty for a file of one layer
   * @param separator stands between names
   */
  Part(String who, Tensors tensors, String prefix, char separator) {
    Checks.given(who, "tensors", tensors);
    Checks.given(who, "prefix", prefix);
    this.who = who;
    this.tensors = tensors;
    this.prefix = prefix.isEmpty() ? "" : prefix + separator;
    this.separator = separator;
  }

  boolean has(String name) {
    return tensors.has(prefix + name);
  }

  /** An array of as many axes as it must have. */
  Values get(String name, String... axes) {
    Shape shape = tensors.shape(prefix + name);
    Checks.require(
        shape.numDimensions() == axes.length && shape.size() > 0,
        who,
        prefix + name + " must be " + Arrays.toString(axes),
        shape);
    used.add(prefix + name);
    return tensors.values(prefix + name);
  }

  /** An array of the shape that follows from the others. */
  Values get(String name, long... shape) {
    Shape asked = Shape.of(shape);
    Shape given = tensors.shape(prefix + name);
    Checks.require(
        given.equals(asked),
        who,
        prefix + name + " must be " + Checks.text(asked) + ", as the other arrays say",
        given);
    used.add(prefix + name);
    return tensors.values(prefix + name);
  }

  /** A size that is a multiple of another. */
  int divided(String name, int size, int by) {
    Checks.require(
        size % by == 0,
        who,
        prefix + name + " must have an axis that is a multiple of " + by,
        size);
    return size / by;
  }

  /** Refuses arrays beside those that were asked for; those of layers further down are others'. */
  <T> T done(T result) {
    List<String> rest =
        tensors.names().stream()
            .filter(name -> name.startsWith(prefix) && !used.contains(name))
            .filter(name -> name.indexOf(separator, prefix.length()) < 0)
            .toList();
    Checks.require(
        rest.isEmpty(),
        who,
        "this layer has "
            + used.stream().collect(Collectors.joining(", "))
            + " and nothing else under its name",
        rest);
    return result;
  }
}
