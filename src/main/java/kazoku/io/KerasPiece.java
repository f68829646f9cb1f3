package kazoku.io;

import java.util.List;
import java.util.Map;
import kazoku.Layer;

/**
 * What a layer of a Keras config became.
 *
 * @param layer the layer here
 * @param outputs what flows out of it
 * @param names the names of the outputs after the first beside the first, whose name is empty
 * @param variables what its weights are there
 * @param constants weights that are not there, by path: the bias of a Dense without one
 */
record KerasPiece(
    Layer layer,
    List<Flow> outputs,
    List<String> names,
    List<KerasVariable> variables,
    Map<String, Values> constants) {

  /** A layer with one output whose variables are as they are by its kind. */
  static KerasPiece of(Layer layer, Flow output) {
    return of(layer, output, Map.of());
  }

  /** The same, without some of the variables. */
  static KerasPiece of(Layer layer, Flow output, Map<String, Values> constants) {
    List<KerasVariable> variables =
        KerasVariables.of(layer).stream()
            .filter(variable -> !constants.containsKey(variable.paths().get(0)))
            .toList();
    return new KerasPiece(layer, List.of(output), List.of(""), variables, constants);
  }

  Flow output() {
    return outputs.get(0);
  }

  /** The same with another layer around it that has its weights at the same paths. */
  KerasPiece in(Layer around) {
    return new KerasPiece(around, outputs, names, variables, constants);
  }

  /** The same whose variables are not trained. */
  KerasPiece frozen() {
    return new KerasPiece(
        layer, outputs, names, variables.stream().map(KerasVariable::fixed).toList(), constants);
  }
}
