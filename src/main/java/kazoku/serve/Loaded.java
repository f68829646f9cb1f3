package kazoku.serve;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.tensorflow.Output;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * One signature of a SavedModel in a session of its own. It closes after the last call under way.
 */
final class Loaded implements AutoCloseable {
  private final SavedModelBundle bundle;
  private final Signature signature;
  private final ReadWriteLock calls = new ReentrantReadWriteLock();
  private boolean closed;

  private Loaded(SavedModelBundle bundle, Signature signature) {
    this.bundle = bundle;
    this.signature = signature;
  }

  static Loaded load(String who, Path folder, Serving serving, String usual) {
    if (!Files.isRegularFile(folder.resolve("saved_model.pb"))) {
      throw new IllegalArgumentException(
          who + ": there is no saved_model.pb in " + folder + "; write it with model.export");
    }
    SavedModelBundle bundle = bundle(who, folder, serving);
    String wanted = serving.signatureOr(usual);
    List<Signature> all = bundle.signatures();
    for (Signature signature : all) {
      if (signature.key().equals(wanted)) {
        return new Loaded(bundle, signature);
      }
    }
    bundle.close();
    throw new IllegalArgumentException(
        who
            + ": the signature must be one of "
            + all.stream().map(Signature::key).sorted().toList()
            + " of "
            + folder
            + ", got "
            + wanted);
  }

  private static SavedModelBundle bundle(String who, Path folder, Serving serving) {
    try {
      return SavedModelBundle.loader(folder.toString())
          .withTags(SavedModelBundle.DEFAULT_TAG)
          .withConfigProto(serving.session())
          .load();
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          who + ": TensorFlow cannot load " + folder + ": " + e.getMessage(), e);
    }
  }

  Signature signature() {
    return signature;
  }

  Session.Runner runner() {
    return bundle.session().runner();
  }

  /** Where something is fed or fetched; null for nothing. */
  Output<?> output(TensorDescription description) {
    if (description == null) {
      return null;
    }
    String[] name = description.name.split(":");
    return bundle.graph().operationOrThrow(name[0]).output(Integer.parseInt(name[1]));
  }

  /**
   * Begins a call.
   *
   * @return false if it is closed or closing
   */
  boolean enter() {
    if (!calls.readLock().tryLock()) {
      return false;
    }
    if (closed) {
      calls.readLock().unlock();
    }
    return !closed;
  }

  void leave() {
    calls.readLock().unlock();
  }

  /** Waits for the calls under way. */
  @Override
  public void close() {
    calls.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        bundle.close();
      }
    } finally {
      calls.writeLock().unlock();
    }
  }
}
