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
import org.tensorflow.proto.GraphDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/** Writes a SavedModel from a graph of its own: no training, and no initialisers. */
final class Export {
  private Export() {}

  /**
   * What the graph has.
   *
   * @param pass the pass
   * @param outputs its outputs, by the names that they are exported by
   */
  private record Exported(Pass pass, Map<String, Operand<?>> outputs) {}

  static void write(
      Path folder, Layer layer, Inputs inputs, Path checkpoint, ConfigProto config, long steps)
      throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph, config)) {
      Ops tf = Ops.create(graph);
      Exported exported = build(tf, layer, inputs, steps);
      Pass pass = exported.pass;
      Map<String, Operand<?>> outputs = exported.outputs;
      Signature.Builder signature = Signature.builder().key("serving_default");
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

  /** The graph that is exported. */
  static GraphDef graph(Layer layer, Inputs inputs, long steps) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      build(tf, layer, inputs, steps);
      return graph.toGraphDef();
    }
  }

  private static Exported build(Ops tf, Layer layer, Inputs inputs, long steps) {
    Weights weights = Weights.restored(tf, TFloat32.class).forInference();
    Pass pass = Pass.build(tf, weights, layer, inputs, steps);
    Map<String, Operand<?>> outputs = new LinkedHashMap<>();
    pass.outputs()
        .forEach(
            (name, signal) -> {
              String key = name.isEmpty() ? "output" : name;
              outputs.put(key, named(tf, key, signal.value()));
            });
    return new Exported(pass, outputs);
  }

  private static <T extends TNumber> Operand<T> named(Ops tf, String name, Operand<T> value) {
    return tf.withName(name).identity(value);
  }
}
