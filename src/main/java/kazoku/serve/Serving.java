package kazoku.serve;

import java.time.Duration;
import java.util.Optional;
import kazoku.Checks;
import org.tensorflow.proto.ConfigProto;

/**
 * How a model is served: by which signature, in what session, and whether concurrent callers share
 * runs.
 *
 * <p>By default each operation runs on one thread and each caller runs a call of its own: with
 * several callers, which a service has, that gives more answers a second than operations that share
 * the cores, and there is nothing to wait for. A model whose weights are constants, {@code
 * Export.frozen()}, has TensorFlow's single-threaded executor, which takes no others: it runs one
 * sequence in about two thirds of the time, and a step of one stream in half of it. {@code
 * Predictor.of(model, …)} and {@code Streams.of(model, …)} have it, too.
 *
 * <p>TensorFlow gives a process the threads that its first session asks for, so that what {@link
 * #session} says of threads only holds where no session was made before; nothing is said to
 * TensorFlow about the process.
 *
 * @param signature the signature's name; empty for {@code serving_default}, or {@code step} of
 *     {@link Streams}
 * @param session the session's configuration; empty for the one that suits how the weights are
 *     exported, which may differ from one version to the next
 * @param maxRows how many concurrent calls of one row may share a run; with 1 they never do
 * @param maxWait how long a call may wait for others to share its run
 * @param queue how many calls may wait; one more is rejected
 */
public record Serving(
    String signature, Optional<ConfigProto> session, int maxRows, Duration maxWait, int queue) {

  /** The default signature and session, no shared runs, at most 1024 that wait. */
  public static final Serving DEFAULT = new Serving("", Optional.empty(), 1, Duration.ZERO, 1024);

  /** An operation on one thread, as many at a time as there are processors. */
  static final ConfigProto USUAL =
      ConfigProto.newBuilder()
          .setIntraOpParallelismThreads(1)
          .setInterOpParallelismThreads(Runtime.getRuntime().availableProcessors())
          .build();

  /** A run on one thread: without reference variables and old control flow only. */
  static final ConfigProto ONE_THREAD =
      USUAL.toBuilder()
          .setExperimental(
              ConfigProto.Experimental.newBuilder().setExecutorType("SINGLE_THREADED_EXECUTOR"))
          .build();

  public Serving {
    Checks.given("Serving", "signature", signature);
    Checks.given("Serving", "session", session);
    Checks.atLeastOne("Serving", "maxRows", maxRows);
    Checks.require(
        maxWait != null && !maxWait.isNegative() && maxWait.compareTo(Duration.ofMinutes(1)) <= 0,
        "Serving",
        "maxWait must be from 0 to a minute",
        maxWait);
    Checks.atLeastOne("Serving", "queue", queue);
  }

  /**
   * Another signature.
   *
   * @param name its name
   * @return the settings
   */
  public Serving signature(String name) {
    return new Serving(name, session, maxRows, maxWait, queue);
  }

  /**
   * A session of one's own making, for all versions.
   *
   * @param config its configuration
   * @return the settings
   */
  public Serving session(ConfigProto config) {
    Checks.given("Serving", "session", config);
    return new Serving(signature, Optional.of(config), maxRows, maxWait, queue);
  }

  /**
   * Gathers concurrent calls of one row: those that wait are run together, rows of about equal
   * length (none twice as long as another) in the order in which they came. A run begins when it is
   * full or when its first call has waited long enough. {@link Duration#ZERO} never holds a call
   * back while a thread is free; then runs are shared under load only.
   *
   * @param rows how many at most, at least 1
   * @param wait how long a call may wait for others, at most a minute
   * @return the settings
   */
  public Serving batching(int rows, Duration wait) {
    return new Serving(signature, session, rows, wait, queue);
  }

  /**
   * Bounds how many calls wait to be gathered. One more fails with {@link
   * java.util.concurrent.RejectedExecutionException} at once, so that an overloaded service says so
   * and does not fill its memory.
   *
   * @param calls how many, at least 1
   * @return the settings
   */
  public Serving queue(int calls) {
    return new Serving(signature, session, maxRows, maxWait, calls);
  }

  /** The signature's name. */
  String signatureOr(String usual) {
    return signature.isEmpty() ? usual : signature;
  }
}
