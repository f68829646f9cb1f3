package kazoku.io;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;

/**
 * Layers that take each other's outputs, as in Keras' functional models. The first output is the
 * value of the signal, the others stand beside it.
 *
 * @param nodes the layers in the order in which they are built; one that is there twice shares its
 *     weights
 * @param outputs what the network gives
 * @param names the outputs' names; that of the first is not used
 */
record Functional(List<Node> nodes, List<Tensor> outputs, List<String> names) implements Layer {

  /**
   * One call of a layer.
   *
   * @param name the layer's name, the path of its weights
   * @param layer the layer; it finds its inputs after the first beside it as {@code 1}, {@code 2} …
   * @param inputs what it takes
   */
  record Node(String name, Layer layer, List<Tensor> inputs) {}

  /**
   * Something that flows.
   *
   * @param node the place of the node that gives it; {@link #INPUT} for what the network takes
   * @param name its name beside the first output of the node; empty for that one
   */
  record Tensor(int node, String name) {
    static final int INPUT = -1;
  }

  Functional {
    nodes = List.copyOf(nodes);
    outputs = List.copyOf(outputs);
    names = List.copyOf(names);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    List<Signal> given = new ArrayList<>();
    for (Node node : nodes) {
      Signal taken = alone(x, given, node.inputs.get(0));
      for (int k = 1; k < node.inputs.size(); k++) {
        taken = taken.beside(Integer.toString(k), alone(x, given, node.inputs.get(k)));
      }
      Weights own = w.in(node.name);
      Signal y = node.layer.apply(own, taken);
      own.built(node.layer, taken, y);
      given.add(y);
    }
    Signal first = alone(x, given, outputs.get(0));
    for (int k = 1; k < outputs.size(); k++) {
      first = first.beside(names.get(k), alone(x, given, outputs.get(k)));
    }
    return first;
  }

  private static Signal alone(Signal x, List<Signal> given, Tensor tensor) {
    Signal from = tensor.node == Tensor.INPUT ? x : given.get(tensor.node);
    Signal signal = tensor.name.isEmpty() ? from : from.beside(tensor.name);
    return new Signal(signal.value(), signal.lengths(), signal.mask(), Map.of());
  }
}
