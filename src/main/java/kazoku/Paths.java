package kazoku;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TNumber;

/** The states of layers that stand in another layer, each under a path of its own. */
final class Paths {
  private Paths() {}

  /** Refuses a slot that is under none of the paths. */
  static void check(String who, Collection<String> paths, Map<String, ?> states) {
    for (String slot : states.keySet()) {
      String path = slot.substring(0, Math.max(0, slot.indexOf('/')));
      Checks.require(
          paths.contains(path),
          who,
          "a slot must have the path of a layer before its name, one of " + paths,
          slot);
    }
  }

  /** What is under a path, without it. */
  static Map<String, Operand<?>> under(String path, Map<String, ? extends Operand<?>> states) {
    Map<String, Operand<?>> inner = new LinkedHashMap<>();
    states.forEach(
        (slot, value) -> {
          if (slot.startsWith(path + "/")) {
            inner.put(slot.substring(path.length() + 1), value);
          }
        });
    return inner;
  }

  /** Puts states under a path. */
  static void put(
      Map<String, Operand<TNumber>> all, String path, Map<String, Operand<TNumber>> states) {
    states.forEach((slot, value) -> all.put(path + "/" + slot, value));
  }
}
