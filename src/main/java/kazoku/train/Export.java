package kazoku.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import kazoku.Layer;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.SessionFunction;
import org.tensorflow.Signature;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/** Writes a SavedModel from a graph of its own: no training, and no initialisers. */
final class Export {
  private Export() {}

  static void write(
      Path folder, Layer layer, Inputs inputs, Path checkpoint, ConfigProto config, long steps)
      throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph, config)) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.restored(tf, TFloat32.class).forInference();
      Pass pass = Pass.build(tf, weights, layer, inputs, steps);
      Signature.Builder signature = Signature.builder().key("serving_default");
      Map<String, Operand<?>> outputs = new LinkedHashMap<>();
      pass.outputs()
          .forEach(
              (name, signal) -> {
                String key = name.isEmpty() ? "output" : name;
                outputs.put(key, named(tf, key, signal.value()));
              });
      Set<?> used = graph.subgraphTo(Set.copyOf(outputs.values()));
      pass.ports()
          .forEach(
              (name, port) -> {
                boolean first = name.equals(Inputs.FIRST);
                if (first || used.contains(port.value().op())) {
                  signature.input(name, port.value());
                }
                Placeholder<?> lengths = port.lengths();
                if (lengths != null && used.contains(lengths.op())) {
                  signature.input(first ? "lengths" : name + "_lengths", lengths);
                }
              });
      outputs.forEach(signature::output);
      session.restore(checkpoint.toString());
      SavedModelBundle.exporter(folder.toString())
          .withFunction(SessionFunction.create(signature.build(), session))
          .export();
    }
  }

  private static <T extends TNumber> Operand<T> named(Ops tf, String name, Operand<T> value) {
    return tf.withName(name).identity(value);
  }
}
