package kazoku.train;

import java.io.IOException;
import java.nio.file.Path;
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
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** Writes a SavedModel from a graph of its own: no training, and no initialisers. */
final class Export {
  private Export() {}

  static void write(Path folder, Layer layer, Path checkpoint, ConfigProto config, long steps)
      throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph, config)) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.restored(tf, TFloat32.class).forInference();
      Pass pass = Pass.build(tf, weights, layer, steps);
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
}
