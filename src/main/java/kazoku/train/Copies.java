package kazoku.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** Copies the values of Variables out of a session, and back. */
final class Copies {
  private final Map<String, Place> places = new LinkedHashMap<>();

  /**
   * A Variable.
   *
   * @param variable the Variable
   * @param given where a value is fed
   * @param assign takes what is fed
   */
  private record Place(Operand<TFloat32> variable, Placeholder<TFloat32> given, Op assign) {}

  /** Of float32 Variables, as a model's weights are. */
  static Copies of(Ops tf, Map<String, ? extends Operand<?>> variables) {
    Copies copies = new Copies();
    variables.forEach((name, variable) -> copies.add(tf, name, float32(variable)));
    return copies;
  }

  @SuppressWarnings("unchecked") // See above.
  private static Operand<TFloat32> float32(Operand<?> variable) {
    return (Operand<TFloat32>) variable;
  }

  private void add(Ops tf, String name, Operand<TFloat32> variable) {
    Placeholder<TFloat32> given =
        tf.placeholder(TFloat32.class, Placeholder.shape(variable.asOutput().shape()));
    places.put(name, new Place(variable, given, tf.assign(variable, given)));
  }

  /** All values, by name, in row-major order. */
  Map<String, float[]> read(Session session) {
    Session.Runner runner = session.runner();
    places.values().forEach(place -> runner.fetch(place.variable));
    Map<String, float[]> values = new LinkedHashMap<>();
    try (Result result = runner.run()) {
      places
          .keySet()
          .forEach(name -> values.put(name, Model.floats((TFloat32) result.get(values.size()))));
    }
    return values;
  }

  /** Puts values in their places, all of them or none. */
  void write(Session session, Map<String, float[]> values) {
    Session.Runner runner = session.runner();
    List<TFloat32> tensors = new ArrayList<>();
    try {
      values.forEach(
          (name, value) -> {
            Place place = places.get(name);
            TFloat32 tensor =
                TFloat32.tensorOf(place.variable.asOutput().shape(), DataBuffers.of(value));
            tensors.add(tensor);
            runner.feed(place.given, tensor).addTarget(place.assign);
          });
      runner.run().close();
    } finally {
      tensors.forEach(TFloat32::close);
    }
  }
}
