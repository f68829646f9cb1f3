package kazoku.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.train.Restore;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * Writes and reads Variables that are listed, and nothing else, in TensorFlow's checkpoint form.
 *
 * @param shapes the Variables' shapes, by the names they have in the files
 * @param prefix the path, without the files' endings
 * @param save writes
 * @param restore reads
 */
record Checkpoint(Map<String, Shape> shapes, Placeholder<TString> prefix, Op save, Op restore) {

  @SuppressWarnings("unchecked") // Each tensor is read as the type of its weight.
  static Checkpoint build(Ops tf, Map<String, Operand<TNumber>> weights) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    weights.forEach((name, weight) -> shapes.put(name, weight.asOutput().shape()));
    Placeholder<TString> prefix = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
    Operand<TString> names = tf.array(weights.keySet().toArray(String[]::new));
    Operand<TString> whole =
        tf.array(Collections.nCopies(weights.size(), "").toArray(String[]::new));
    Op save = tf.train.save(prefix, names, whole, new ArrayList<Operand<?>>(weights.values()));
    List<Class<? extends TType>> types = new ArrayList<>();
    weights.values().forEach(weight -> types.add(weight.type()));
    Restore read = tf.train.restore(prefix, names, whole, types);
    List<Op> assigned = new ArrayList<>();
    for (Operand<TNumber> weight : weights.values()) {
      assigned.add(
          tf.assign(weight, (Operand<TNumber>) (Operand<?>) read.tensors().get(assigned.size())));
    }
    return new Checkpoint(shapes, prefix, save, tf.withControlDependencies(assigned).noOp());
  }

  void save(Session session, Path path) throws IOException {
    try {
      run(session, path, save);
    } catch (TensorFlowException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Reads all or, if it fails, nothing: what is there must have been checked to be these. */
  void restore(Session session, Path path) {
    run(session, path, restore);
  }

  private void run(Session session, Path path, Op what) {
    try (TString text = TString.scalarOf(path.toAbsolutePath().toString())) {
      session.runner().feed(prefix, text).addTarget(what).run().close();
    }
  }
}
