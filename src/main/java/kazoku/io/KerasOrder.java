package kazoku.io;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The order in which Keras 3 lists the layers of a functional model, by which it counts them in its
 * files: by their distance from the outputs, then as they are first met on the way there. The
 * operations that make masks of masks count as layers do.
 */
final class KerasOrder {
  static final int NONE = -1;

  private final List<String> operations = new ArrayList<>();
  private final List<List<Integer>> parents = new ArrayList<>();

  /** A call of a layer; what it is given are calls, and masks where they are not {@link #NONE}. */
  int call(String layer, List<Integer> given) {
    operations.add(layer);
    parents.add(given.stream().filter(call -> call != NONE).toList());
    return operations.size() - 1;
  }

  /** An operation. */
  int operation(Integer... given) {
    // No layer has such a name.
    return call("operation " + operations.size(), List.of(given));
  }

  /** The mask of a sum: valid where any is, none where one has none. */
  int anyMask(List<Integer> masks) {
    if (masks.contains(NONE)) {
      return NONE;
    }
    return masks.stream().reduce(this::operation).orElse(NONE);
  }

  /** The mask of what stands side by side. */
  int besideMask(List<Integer> values, List<Integer> masks) {
    if (masks.stream().allMatch(mask -> mask == NONE)) {
      return NONE;
    }
    Integer[] widened = new Integer[values.size()];
    for (int k = 0; k < widened.length; k++) {
      widened[k] =
          masks.get(k) == NONE
              ? operation(values.get(k))
              : operation(operation(masks.get(k)), operation(values.get(k)));
    }
    return operation(operation(widened));
  }

  /** The names of all layers, in Keras' order. */
  List<String> sorted(List<Integer> outputs) {
    Set<Integer> finished = new LinkedHashSet<>();
    Map<String, Integer> met = new LinkedHashMap<>();
    outputs.forEach(output -> walk(output, finished, met));
    List<Integer> fromInputs = new ArrayList<>(finished);
    Map<Integer, Integer> depths = new HashMap<>();
    Map<String, Integer> byOperation = new HashMap<>();
    for (int k = fromInputs.size() - 1; k >= 0; k--) {
      int call = fromInputs.get(k);
      int depth =
          Math.max(depths.getOrDefault(call, 0), byOperation.getOrDefault(operations.get(call), 0));
      byOperation.put(operations.get(call), depth);
      parents.get(call).forEach(parent -> depths.merge(parent, depth + 1, Math::max));
    }
    Comparator<String> farthest = Comparator.comparing(name -> -byOperation.get(name));
    return met.keySet().stream().sorted(farthest.thenComparing(met::get)).toList();
  }

  private void walk(int call, Set<Integer> finished, Map<String, Integer> met) {
    if (!finished.contains(call)) {
      met.putIfAbsent(operations.get(call), met.size());
      parents.get(call).forEach(parent -> walk(parent, finished, met));
      finished.add(call);
    }
  }
}
