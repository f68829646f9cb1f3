package kazoku.serve;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import kazoku.internal.natives.Natives;
import org.tensorflow.GraphOperation;
import org.tensorflow.Output;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.proto.ConfigProto;

/**
 * A SavedModel in a session of its own. It closes after the last call under way.
 *
 * <p>One whose weights are constants has two where nobody says which it should have: steps and few
 * sequences are run on one thread, which has no hand-overs; the shards of a batch beside each
 * other.
 */
final class Loaded implements AutoCloseable {
  static {
    Natives.leaveMemoryUnlimited();
  }

  /** What loops and conditions were made of before TensorFlow 2: not for the one thread. */
  private static final Predicate<String> OLD_CONTROL_FLOW = Set.of("Switch", "Merge")::contains;

  /** What has a value of its own in each session. */
  private static final Predicate<String> REMEMBERS =
      Pattern.compile("Variable|VarHandle|Table|Iterator|Queue|Stack").asPredicate();

  private final Path folder;
  private final SavedModelBundle bundle;
  private final boolean splits;
  private final Map<Asking, ServedSignature> asked = new ConcurrentHashMap<>();
  private final ReadWriteLock calls = new ReentrantReadWriteLock();
  private Session forBatches;
  private boolean closed;

  private Loaded(Path folder, SavedModelBundle bundle, boolean splits) {
    this.folder = folder;
    this.bundle = bundle;
    this.splits = splits;
  }

  /**
   * Loads a SavedModel.
   *
   * @param session how; empty for what suits it
   */
  static Loaded of(String who, Path folder, Optional<ConfigProto> session) {
    if (!Files.isRegularFile(folder.resolve("saved_model.pb"))) {
      throw new IllegalArgumentException(
          who + ": there is no saved_model.pb in " + folder + "; write it with model.export");
    }
    boolean variables = Files.exists(folder.resolve("variables"));
    boolean one = session.isEmpty() && !variables;
    SavedModelBundle bundle =
        bundle(who, folder, session.orElse(one ? Serving.ONE_THREAD : Serving.USUAL));
    if (one && has(bundle, OLD_CONTROL_FLOW)) {
      bundle.close();
      bundle = bundle(who, folder, Serving.USUAL);
      one = false;
    }
    return new Loaded(folder, bundle, one && !has(bundle, REMEMBERS));
  }

  private static SavedModelBundle bundle(String who, Path folder, ConfigProto session) {
    try {
      return SavedModelBundle.loader(folder.toString())
          .withTags(SavedModelBundle.DEFAULT_TAG)
          .withConfigProto(session)
          .load();
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          who + ": TensorFlow cannot load " + folder + ": " + e.getMessage(), e);
    }
  }

  private static boolean has(SavedModelBundle bundle, Predicate<String> type) {
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(bundle.graph().operations(), 0), false)
        .map(GraphOperation.class::cast)
        .anyMatch(operation -> type.test(operation.type()));
  }

  Path folder() {
    return folder;
  }

  /** Makes ready for being asked. */
  void ask(Asking asking) {
    asked.put(asking, new ServedSignature(asking, this));
  }

  /** What has been asked for. */
  ServedSignature signature(Asking asking) {
    return asked.get(asking);
  }

  /** Asks a newer version for the same, and raises one that calls to this one would fail with. */
  void requireTakesPlace(Loaded next) {
    asked.forEach(
        (asking, signature) -> {
          next.ask(asking);
          signature.requireTakesPlace(next.signature(asking));
        });
  }

  boolean has(String signature) {
    return bundle.signatures().stream().anyMatch(s -> s.key().equals(signature));
  }

  /** Raises a signature that is not there. */
  Signature signature(String who, String name) {
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

  /** A run of a step, or of few sequences. */
  Session.Runner runner() {
    return bundle.session().runner();
  }

  /** A run of sequences that are worth being split. */
  synchronized Session.Runner batchRunner() {
    if (splits && forBatches == null) {
      forBatches = new Session(bundle.graph(), Serving.USUAL);
    }
    return splits ? forBatches.runner() : runner();
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
        if (forBatches != null) {
          forBatches.close();
        }
        bundle.close();
      }
    } finally {
      calls.writeLock().unlock();
    }
  }
}
