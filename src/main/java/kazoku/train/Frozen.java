package kazoku.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Built;
import kazoku.Layer;
import kazoku.Lowering;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * What a model computes, in a graph without Variables: {@link View#frozen}.
 *
 * @param inputs placeholders, under the names by which models are served: {@code input} and {@code
 *     lengths}, {@code time} and {@code time_lengths}, the first one first
 * @param outputs what is given, {@code output} first
 * @param weights the constants, by the weights' full names
 * @param built the layers, each after what stands in it
 */
public record Frozen(
    Map<String, Operand<? extends TNumber>> inputs,
    Map<String, Operand<? extends TNumber>> outputs,
    Map<String, Operand<TFloat32>> weights,
    List<Built> built) {

  public Frozen {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    built = List.copyOf(built);
  }

  static Frozen build(
      Ops tf,
      Layer layer,
      Inputs inputs,
      Map<String, Shape> shapes,
      Map<String, float[]> values,
      Lowering lowering) {
    Map<String, Operand<TFloat32>> constants = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) ->
            constants.put(name, tf.constant(shape, DataBuffers.of(values.get(name), true, false))));
    Weights weights = Weights.given(tf, TFloat32.class, constants).forInference().lowered(lowering);
    Pass pass = Pass.build(tf, weights, layer, inputs, Shape.UNKNOWN_SIZE);
    Map<String, Operand<? extends TNumber>> fed = new LinkedHashMap<>();
    pass.ports()
        .forEach(
            (name, port) -> {
              fed.put(name, port.value());
              if (port.lengths() != null) {
                fed.put(Export.lengths(name), port.lengths());
              }
            });
    Map<String, Operand<? extends TNumber>> given = new LinkedHashMap<>();
    pass.outputs()
        .forEach((path, signal) -> Export.put(given, Export.output(path), signal.value()));
    given.values().removeIf(constants::containsValue);
    return new Frozen(fed, given, constants, pass.built());
  }
}
