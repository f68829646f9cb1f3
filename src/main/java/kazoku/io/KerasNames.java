package kazoku.io;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What Keras calls the objects of one list in its files: by their classes in small letters, counted
 * where there are several.
 */
final class KerasNames {
  private final Map<String, Integer> used = new HashMap<>();

  /** The name of the next object: {@code lstm}, then {@code lstm_1}. */
  String next(String className) {
    String name =
        className
            .replaceAll("\\W+", "")
            .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
            .replaceAll("([a-z])([A-Z])", "$1_$2")
            .toLowerCase(Locale.ROOT);
    int count = used.merge(name, 1, Integer::sum) - 1;
    return count == 0 ? name : name + "_" + count;
  }
}
