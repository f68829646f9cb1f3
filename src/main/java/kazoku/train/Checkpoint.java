package kazoku.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
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
 * @param prefix the path, without the files' endings
 * @param save writes
 * @param restore reads
 */
record Checkpoint(Placeholder<TString> prefix, Op save, Op restore) {

  @SuppressWarnings("unchecked") // Each tensor is read as the type of its weight.
  static Checkpoint build(Ops tf, Map<String, Operand<TNumber>> weights) {
    Placeholder<TString> prefix = tf.placeholder(TString.class);
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
    return new Checkpoint(prefix, save, tf.withControlDependencies(assigned).noOp());
  }

  void save(Session session, Path path) {
    run(session, path, save);
  }

  void restore(Session session, Path path) {
    try {
      run(session, path, restore);
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Model: the weights in " + path.getParent() + " are not this model's: " + e.getMessage(),
          e);
    }
  }

  private void run(Session session, Path path, Op what) {
    try (TString text = TString.scalarOf(path.toAbsolutePath().toString())) {
      session.runner().feed(prefix, text).addTarget(what).run().close();
    }
  }
}
