package kazoku.io;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Sequential;
import kazoku.train.Inputs;
import kazoku.train.Model;
import org.tensorflow.ndarray.Shape;

/**
 * A layer with the values of its weights: what is read of another library's file before it becomes
 * a {@link Model}, alone or with others in a row.
 *
 * <pre>{@code
 * Network network =
 *     Network.sequential(
 *         Torch.lstm(state, "encoder").named("encoder"), Torch.linear(state, "head"));
 * try (Model model = network.model(42)) { … }
 * }</pre>
 *
 * @param layer the layer
 * @param inputs what it is fed with
 * @param weights values by the path that a weight has below the layer: {@code cell/U} in an RNN,
 *     {@code rnn/cell/U} in a {@link Sequential} with one
 */
public record Network(Layer layer, Inputs inputs, Map<String, Values> weights) {

  public Network {
    Checks.given("Network", "layer", layer);
    Checks.given("Network", "inputs", inputs);
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /**
   * A layer that says itself what it is fed with.
   *
   * @param layer the layer
   * @param weights values by path below the layer
   */
  public Network(Layer layer, Map<String, Values> weights) {
    this(layer, Inputs.of(layer), weights);
  }

  /**
   * A model's layer with the values that its weights have now.
   *
   * @param model the model
   * @return the network
   */
  public static Network of(Model model) {
    Map<String, Values> weights = new LinkedHashMap<>();
    for (String name : model.weights()) {
      weights.put(name, new Values(model.shape(name), model.weight(name)));
    }
    return new Network(model.layer(), model.inputs(), weights);
  }

  /**
   * Networks in a row, each under its layer's name.
   *
   * @param networks the networks, first to last
   * @return a network of a {@link Sequential}
   * @throws IllegalArgumentException if two have one name
   */
  public static Network sequential(Network... networks) {
    List<Layer> layers = new ArrayList<>();
    Map<String, Values> weights = new LinkedHashMap<>();
    for (Network network : networks) {
      layers.add(network.layer);
      network.weights.forEach(
          (path, values) -> weights.put(network.layer.name() + "/" + path, values));
    }
    Layer row = new Sequential(layers);
    Inputs inputs = row.input().isUnknown() ? networks[0].inputs : Inputs.of(row);
    return new Network(row, inputs, weights);
  }

  /**
   * The same network with a layer of another name.
   *
   * @param name the name, which becomes its part of the weights' path
   * @return the network
   */
  public Network named(String name) {
    return new Network(layer.named(name), inputs, weights);
  }

  /**
   * A model with these weights.
   *
   * @param seed the seed of what is random in training
   * @return the model; close it
   * @throws IllegalArgumentException if a weight is missing, or one too many, or has another shape
   *     than the layer asks for, or numbers that are not finite
   */
  public Model model(long seed) {
    Model model = Model.of(layer, inputs, seed);
    try {
      // A model puts a single layer in a row.
      String before = model.layer() == layer ? "" : layer.name() + "/";
      Map<String, float[]> numbers = new LinkedHashMap<>();
      weights.forEach((path, values) -> numbers.put(before + path, values.numbers()));
      none("values of no weight may be missing", model.weights(), numbers.keySet());
      none("there may be values of the layer's weights only", numbers.keySet(), model.weights());
      weights.forEach((path, values) -> check(path, values, model.shape(before + path)));
      model.weights(numbers);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static void none(String rule, Collection<String> all, Collection<String> others) {
    Set<String> rest = new TreeSet<>(all);
    rest.removeAll(Set.copyOf(others));
    Checks.require(rest.isEmpty(), "Network", rule, rest);
  }

  private static void check(String path, Values values, Shape shape) {
    Checks.require(
        values.shape().equals(shape),
        "Network",
        path + " must have the shape " + Checks.text(shape),
        values.shape());
  }
}
