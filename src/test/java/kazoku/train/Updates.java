package kazoku.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * An optimizer on two weights whose gradients are fed: {@code dense/W} [1, 1] and {@code dense/b}
 * 2.
 */
final class Updates implements AutoCloseable {
  private final Graph graph = new Graph();
  private final Slots slots;
  private final Session session;
  private final Placeholder<TFloat32> gradient;
  private final Placeholder<TFloat32> count;
  private final Map<String, Operand<TNumber>> weights = new LinkedHashMap<>();
  private final Op update;
  private final Checkpoint checkpoint;

  Updates(Optimizer optimizer) {
    Ops tf = Ops.create(graph);
    Operand<TFloat32> vector = Toys.variable(tf, tf.array(1f, 1f));
    Operand<TFloat32> number = Toys.variable(tf, tf.constant(2f));
    gradient = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(3)));
    count = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    Operand<TFloat32> first = tf.slice(gradient, tf.array(0), tf.array(2));
    Operand<TFloat32> last = tf.slice(gradient, tf.array(2), tf.array(1));
    slots = new Slots(tf, optimizer);
    update =
        slots.update(
            new Gradients(
                List.of(
                    new Gradient("dense/W", vector, first),
                    new Gradient("dense/b", number, tf.reshape(last, tf.constant(new int[0])))),
                count));
    put("dense/W", vector);
    put("dense/b", number);
    Map<String, Operand<TNumber>> all = new LinkedHashMap<>(weights);
    all.putAll(slots.all());
    checkpoint = Checkpoint.build(tf, all);
    session = new Session(graph, Toys.config());
    session.initialize();
  }

  @SuppressWarnings("unchecked") // Weights are numbers.
  private void put(String name, Operand<TFloat32> weight) {
    weights.put(name, (Operand<TNumber>) (Operand<?>) weight);
  }

  /** Feeds the gradients of one batch, and gives the weights after it. */
  float[] batch(double rows, double... numbers) {
    float[] values = {(float) numbers[0], (float) numbers[1], (float) numbers[2]};
    try (TFloat32 fed = TFloat32.tensorOf(Shape.of(3), DataBuffers.of(values));
        TFloat32 weight = TFloat32.scalarOf((float) rows)) {
      session.runner().feed(gradient, fed).feed(count, weight).addTarget(update).run().close();
    }
    return weights();
  }

  float[] weights() {
    return both("dense/W", "dense/b", weights);
  }

  /** The slot of both weights. */
  float[] slot(String name) {
    return both(name + "/dense/W", name + "/dense/b", slots.all());
  }

  private float[] both(String vector, String number, Map<String, Operand<TNumber>> of) {
    try (Result result = session.runner().fetch(of.get(vector)).fetch(of.get(number)).run()) {
      TFloat32 first = (TFloat32) result.get(0);
      return new float[] {
        first.getFloat(0), first.getFloat(1), ((TFloat32) result.get(1)).getFloat()
      };
    }
  }

  List<String> slots() {
    return List.copyOf(slots.all().keySet());
  }

  long step() {
    try (Result result = session.runner().fetch(slots.all().get("step")).run()) {
      return ((TInt64) result.get(0)).getLong();
    }
  }

  void exchange() {
    session.run(slots.exchange());
  }

  void save(Path path) throws IOException {
    checkpoint.save(session, path);
  }

  void restore(Path path) {
    checkpoint.restore(session, path);
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
