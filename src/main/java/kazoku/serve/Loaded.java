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

/** A SavedModel in a session of its own. It closes after the last call under way. */
final class Loaded implements AutoCloseable {
  private final String who;
  private final Path folder;
  private final SavedModelBundle bundle;
  private final ReadWriteLock calls = new ReentrantReadWriteLock();
  private boolean closed;

  private Loaded(String who, Path folder, SavedModelBundle bundle) {
    this.who = who;
    this.folder = folder;
    this.bundle = bundle;
  }

  static Loaded of(String who, Path folder, Serving serving) {
    if (!Files.isRegularFile(folder.resolve("saved_model.pb"))) {
      throw new IllegalArgumentException(
          who + ": there is no saved_model.pb in " + folder + "; write it with model.export");
    }
    try {
      SavedModelBundle bundle =
          SavedModelBundle.loader(folder.toString())
              .withTags(SavedModelBundle.DEFAULT_TAG)
              .withConfigProto(serving.session())
              .load();
      return new Loaded(who, folder, bundle);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          who + ": TensorFlow cannot load " + folder + ": " + e.getMessage(), e);
    }
  }

  Path folder() {
    return folder;
  }

  /** Raises a signature that is not there. */
  Signature signature(String name) {
    List<Signature> all = bundle.signatures();
    for (Signature signature : all) {
      if (signature.key().equals(name)) {
        return signature;
      }
    }
    throw new IllegalArgumentException(
        who
            + ": the signature must be one of "
            + all.stream().map(Signature::key).sorted().toList()
            + " of "
            + folder
            + ", got "
            + name);
  }

  Session.Runner runner() {
    return bundle.session().runner();
  }

  /** Where something is fed or fetched; null for nothing. */
  Output<?> output(TensorDescription description) {
    return description == null ? null : bundle.graph().outputOrThrow(description.name);
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
      return false;
    }
    return true;
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
