package kazoku.io;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Bidirectional;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Sequential;
import kazoku.Stacked;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.layers.LayerNorm;

/** Writes the weights of layers in PyTorch's layouts. */
final class TorchState {
  private final Map<String, Values> weights;
  private final Map<String, Values> state = new LinkedHashMap<>();

  TorchState(Map<String, Values> weights) {
    this.weights = weights;
  }

  Map<String, Values> of(Layer layer) {
    add("", layer);
    return state;
  }

  private void add(String path, Layer layer) {
    if (layer instanceof Layer.Named named) {
      add(path, named.layer());
    } else if (layer instanceof Sequential row) {
      row.layers().forEach(each -> add(path + each.name() + "/", each));
    } else if (layer instanceof Stacked stacked) {
      Checks.require(
          !stacked.residual(), "Torch", path + " must have no residual connections", stacked);
      List<RecurrentLayer> layers = stacked.layers();
      Set<Object> kinds = new HashSet<>();
      for (int k = 0; k < layers.size(); k++) {
        kinds.add(add(path, path + k + "/", "_l" + k, layers.get(k)));
      }
      Checks.require(
          kinds.size() == 1,
          "Torch",
          path + " must have layers that are alike but for what they take",
          layers);
    } else if (layer instanceof RecurrentLayer recurrent) {
      add(path, path, "_l0", recurrent);
    } else if (layer instanceof Dense) {
      put(path, "weight", weight(path + "W").transposed());
      put(path, "bias", weight(path + "b"));
    } else if (layer instanceof Embedding) {
      put(path, "weight", weight(path + "E"));
    } else if (layer instanceof LayerNorm) {
      put(path, "weight", weight(path + "gamma"));
      put(path, "bias", weight(path + "beta"));
    } else {
      Checks.require(
          weights.keySet().stream().noneMatch(name -> name.startsWith(path)),
          "Torch",
          path + " must be a layer that is written for PyTorch, or one without weights",
          layer);
    }
  }

  /**
   * Adds one layer.
   *
   * @param name where it stands in PyTorch
   * @param path where it stands here
   * @return what must be the same for all layers of a stack
   */
  private Object add(String name, String path, String suffix, RecurrentLayer layer) {
    if (layer instanceof RNN rnn && !rnn.reverse()) {
      return add(name, path + "cell/", suffix, rnn.cell());
    }
    if (layer instanceof Bidirectional both && both.merge() == Bidirectional.Merge.CONCAT) {
      Object forward = add(name, path + "forward/", suffix, both.forward());
      Object backward = add(name, path + "backward/", suffix + "_reverse", both.backward());
      Checks.require(
          forward.equals(backward), "Torch", path + " must have two cells that are alike", both);
      return List.of(forward, backward);
    }
    throw new IllegalArgumentException(
        "Torch: PyTorch has layers forward, and in both directions side by side, but nothing like "
            + layer);
  }

  private Object add(String name, String path, String suffix, Cell cell) {
    TorchGates gates = TorchGates.of(cell);
    Map<String, Values> symbols = new LinkedHashMap<>();
    weights.forEach(
        (weight, values) -> {
          if (weight.startsWith(path)) {
            symbols.put(weight.substring(path.length()), values);
          }
        });
    Checks.require(
        symbols.keySet().containsAll(Set.of("W", "U")),
        "Torch",
        "there must be " + path + "W and U",
        symbols.keySet());
    gates.write(symbols).forEach((weight, values) -> put(name, weight + suffix, values));
    return TorchGates.kind(cell);
  }

  private Values weight(String name) {
    Checks.require(weights.containsKey(name), "Torch", "there must be " + name, weights.keySet());
    return weights.get(name);
  }

  private void put(String path, String name, Values values) {
    state.put(path.replace('/', '.') + name, values);
  }
}
