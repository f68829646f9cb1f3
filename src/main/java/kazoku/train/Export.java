package kazoku.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import kazoku.Layer;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.SessionFunction;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Operands;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/** Writes a SavedModel from a graph of its own: no training, and no initialisers. */
final class Export {
  private Export() {}

  static void write(
      Path folder,
      Layer layer,
      Map<String, Operand<TNumber>> weights,
      Path checkpoint,
      ConfigProto config)
      throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph, config)) {
      Ops tf = Ops.create(graph);
      Map<String, Operand<?>> variables = new HashMap<>();
      weights.forEach(
          (name, weight) -> variables.put(name, variable(tf, name, weight.asOutput().shape())));
      Weights given = Weights.given(tf, TFloat32.class, variables).forInference();
      Pass pass = Pass.build(tf, given, layer);
      Operand<TFloat32> output = tf.withName("output").identity(pass.output());
      session.restore(checkpoint.toString());
      Signature.Builder signature =
          Signature.builder().key("serving_default").input("input", pass.input());
      if (graph.subgraphTo(Set.of(output)).contains(pass.lengths().op())) {
        signature.input("lengths", pass.lengths());
      }
      SavedModelBundle.exporter(folder.toString())
          .withFunction(SessionFunction.create(signature.output("output", output).build(), session))
          .export();
    }
  }

  /** {@code Ops.withName} refuses a path; the builder beneath it takes one. */
  private static Operand<TFloat32> variable(Ops tf, String name, Shape shape) {
    Operation variable =
        ((Graph) tf.scope().env())
            .opBuilder(Variable.OP_NAME, name, tf.scope())
            .setAttr("shape", shape)
            .setAttr("dtype", Operands.toDataType(TFloat32.class))
            .build();
    return new Variable<>(variable);
  }
}
