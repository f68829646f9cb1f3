package kazoku.benchmark;

import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** What a run of a session costs by itself: a graph that gives back the negative of its input. */
final class OneOperation implements Peer {
  private final Graph graph = new Graph();
  private final Session session;
  private final Placeholder<TFloat32> x;
  private final TFloat32 input;
  private final Output<TFloat32> y;

  OneOperation(Case what, Way way, int threads) {
    Ops tf = Ops.create(graph);
    x = tf.placeholder(TFloat32.class);
    y = tf.math.neg(x).asOutput();
    session = new Session(graph, way.session(threads));
    input = TFloat32.tensorOf(Shape.of(1, what.inputSize()), to -> {});
  }

  @Override
  public void run() {
    session.runner().feed(x, input).fetch(y).run().close();
  }

  @Override
  public Map<String, float[]> results() {
    return Map.of();
  }

  @Override
  public void close() {
    input.close();
    session.close();
    graph.close();
  }
}
