package kazoku.io;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.lang.reflect.Array;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Sequential;

/**
 * The weights in Keras' files. Those of Keras 3 have a group for each object, {@code
 * layers/lstm/cell/vars}, with its variables counted; older ones have one for each layer, with a
 * list of the names of its arrays.
 */
final class KerasWeights {
  private static final String LAYERS = "layers";
  private static final String OLD_LAYERS = "_layer_checkpoint_dependencies";

  private KerasWeights() {}

  /** The weights of a model that was read from the same file. */
  static Map<String, Values> read(KerasFile file, KerasGraph graph) {
    Hdf5.Group root = file.weights().root();
    Map<String, Values> weights = new LinkedHashMap<>(graph.piece().constants());
    if (root.has("model_weights")) {
      Hdf5.Group all = root.group("model_weights");
      for (KerasGraph.Part part : graph.parts()) {
        List<Tensors.Stored> found = listed(all, part.name());
        take(file.input(), part.name(), sorted(part.variables()), found, weights, false);
      }
    } else {
      counted(file.input(), root, graph.piece().variables(), weights, false);
    }
    return weights;
  }

  /** The weights of a layer that somebody gives. */
  static Map<String, Values> of(KerasFile file, Layer layer) {
    Hdf5.Group root = file.weights().root();
    Map<String, Values> weights = new LinkedHashMap<>();
    boolean model = layer instanceof Sequential;
    List<List<KerasVariable>> variables =
        KerasVariables.parts(layer).stream()
            .map(part -> model ? part.variables() : part.alone())
            .toList();
    if (root.has(LAYERS) || root.has(OLD_LAYERS)) {
      counted(file.input(), root, variables.stream().flatMap(List::stream).toList(), weights, true);
      return weights;
    }
    Hdf5.Group all = root.has("model_weights") ? root.group("model_weights") : root;
    List<String> names =
        all.texts("layer_names").stream()
            .filter(name -> !all.group(name).texts("weight_names").isEmpty())
            .toList();
    List<List<KerasVariable>> weighted =
        variables.stream().filter(each -> !each.isEmpty()).toList();
    file.input()
        .require(
            names.size() == weighted.size(),
            "it has weights of "
                + names.size()
                + " layers, and the layer given has "
                + weighted.size());
    for (int k = 0; k < names.size(); k++) {
      List<Tensors.Stored> found = listed(all, names.get(k));
      take(file.input(), names.get(k), sorted(weighted.get(k)), found, weights, true);
    }
    return weights;
  }

  /** Writes the weights of a model as Keras 3 has them. */
  static void write(Path path, List<KerasVariable> variables, Map<String, Values> weights) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    Map<String, WritableGroup> groups = new LinkedHashMap<>();
    try (WritableHdfFile file = HdfFile.write(path)) {
      for (KerasVariable variable : variables) {
        String place = variable.place() + "/vars";
        int count = counts.merge(place, 1, Integer::sum) - 1;
        WritableGroup group = group(file, groups, place);
        Values values = variable.written(weights);
        group.putDataset(Integer.toString(count), nested(values));
      }
    }
  }

  private static WritableGroup group(
      WritableGroup root, Map<String, WritableGroup> groups, String path) {
    if (!groups.containsKey(path)) {
      int slash = path.lastIndexOf('/');
      WritableGroup above = slash < 0 ? root : group(root, groups, path.substring(0, slash));
      groups.put(path, above.putGroup(path.substring(slash + 1)));
    }
    return groups.get(path);
  }

  /** Arrays in arrays, as jHDF takes them. */
  private static Object nested(Values values) {
    int[] sizes = Arrays.stream(values.shape().asArray()).mapToInt(Math::toIntExact).toArray();
    Object all = Array.newInstance(float.class, sizes);
    fill(all, FloatBuffer.wrap(values.numbers()));
    return all;
  }

  private static void fill(Object array, FloatBuffer numbers) {
    if (array instanceof float[] row) {
      numbers.get(row);
    } else {
      for (Object inner : (Object[]) array) {
        fill(inner, numbers);
      }
    }
  }

  /** The arrays of one layer of an older file. */
  private static List<Tensors.Stored> listed(Hdf5.Group all, String layer) {
    if (!all.has(layer)) {
      return List.of();
    }
    Hdf5.Group group = all.group(layer);
    List<Tensors.Stored> found = new ArrayList<>();
    for (String name : group.texts("weight_names")) {
      int slash = name.lastIndexOf('/');
      Hdf5.Group inner = slash < 0 ? group : group.at(name.substring(0, slash));
      found.add(inner.array(name.substring(slash + 1)));
    }
    return found;
  }

  /** Older files have what is trained first. */
  private static List<KerasVariable> sorted(List<KerasVariable> variables) {
    Stream<KerasVariable> all = variables.stream();
    return all.sorted(Comparator.comparing(variable -> !variable.trained())).toList();
  }

  /** The variables of a file of Keras 3. */
  private static void counted(
      Input input,
      Hdf5.Group root,
      List<KerasVariable> variables,
      Map<String, Values> weights,
      boolean lenient) {
    Map<String, List<KerasVariable>> places = new LinkedHashMap<>();
    for (KerasVariable variable : variables) {
      places.computeIfAbsent(variable.place(), place -> new ArrayList<>()).add(variable);
    }
    places.forEach(
        (place, here) -> {
          String path =
              root.has(OLD_LAYERS) && !root.has(LAYERS) ? place.replace(LAYERS, OLD_LAYERS) : place;
          Hdf5.Group group = root.at(path + "/vars");
          List<Tensors.Stored> found = new ArrayList<>();
          for (int k = 0; k < group.names().size(); k++) {
            found.add(group.array(Integer.toString(k)));
          }
          take(input, place, here, found, weights, lenient);
        });
  }

  /**
   * Takes arrays for variables.
   *
   * @param lenient whether a bias may be missing
   */
  private static void take(
      Input input,
      String place,
      List<KerasVariable> variables,
      List<Tensors.Stored> found,
      Map<String, Values> weights,
      boolean lenient) {
    List<Tensors.Stored> all = new ArrayList<>(found);
    if (lenient && found.size() == variables.size() - 1) {
      KerasVariable last = variables.get(found.size());
      if (last.paths().get(0).endsWith("/b")) {
        float[] zeros = new float[(int) last.shape().size()];
        all.add(new Tensors.Stored(last.shape(), Dtype.F32.name(), () -> zeros));
      }
    }
    input.require(
        all.size() == variables.size(),
        place + " has " + found.size() + " arrays, and must have " + variables.size());
    for (int k = 0; k < all.size(); k++) {
      KerasVariable variable = variables.get(k);
      input.require(
          all.get(k).shape().equals(variable.shape()),
          place
              + " has an array of shape "
              + Checks.text(all.get(k).shape())
              + " for "
              + variable.paths().get(0)
              + ", which must be "
              + Checks.text(variable.shape()));
      variable.read(new Values(variable.shape(), all.get(k).reader().read()), weights);
    }
  }
}
