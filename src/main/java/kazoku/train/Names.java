package kazoku.train;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import kazoku.Checks;

/** Full names: of weights, in which a regular expression is found, and of what is built. */
final class Names {
  private Names() {}

  /** Puts a value under a name; a layer that is applied twice has two numbers. */
  static <V> void put(Map<String, V> values, String name, V value) {
    String free = name;
    for (int k = 2; values.containsKey(free); k++) {
      free = name + " (" + k + ")";
    }
    values.put(free, value);
  }

  static void check(String who, String what, String pattern) {
    Checks.given(who, what, pattern);
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          who + ": " + what + " must be a regular expression, got " + pattern, e);
    }
  }

  /** Those in which it is found, at least one. */
  static List<String> found(String who, String what, String pattern, Collection<String> names) {
    Pattern compiled = Pattern.compile(pattern);
    List<String> found = names.stream().filter(name -> compiled.matcher(name).find()).toList();
    Checks.require(!found.isEmpty(), who, what + " must be found in one of " + names, pattern);
    return found;
  }
}
