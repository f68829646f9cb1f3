package kazoku.serve;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import kazoku.train.Sequences;

/**
 * One sequence that comes step by step: what has been, {@link Streams} keeps as a state.
 *
 * <p>Any thread may feed it, one at a time; another one waits. A feed that fails or is interrupted
 * leaves the state as it was. A stream that was {@linkplain Limits evicted} gives {@link
 * EvictedException}; one that is closed, {@link IllegalStateException}.
 */
public final class Stream implements AutoCloseable {
  private final Streams streams;
  private final long number;
  private final ReentrantLock lock = new ReentrantLock();
  private float[] state;
  private Supplier<RuntimeException> gone;

  Stream(Streams streams, long number, float[] state) {
    this.streams = streams;
    this.number = number;
    this.state = state;
  }

  /**
   * Takes the next step.
   *
   * @param x {@code [I]}
   * @return {@code [O]}, what the model gives for this step of the whole sequence
   * @throws IllegalArgumentException if the step does not fit
   * @throws java.util.concurrent.RejectedExecutionException if too many calls wait ({@link
   *     Serving#queue})
   */
  public float[] feed(float[] x) {
    return feed(Sequences.of(new float[][][] {{x}})).last()[0];
  }

  /**
   * Takes the next token.
   *
   * @param token at least 0
   * @return {@code [O]}
   * @throws IllegalArgumentException as {@link #feed(float[])}
   */
  public float[] feed(int token) {
    return feed(Sequences.tokens(new int[][] {{token}})).last()[0];
  }

  /**
   * Takes the next steps, of a model with several inputs or outputs, or several steps at a time.
   *
   * @param steps one row of at least one step, with other inputs beside it
   * @return the outputs for these steps
   * @throws IllegalArgumentException as {@link #feed(float[])}
   */
  public Outputs feed(Sequences steps) {
    return streams.feed(this, steps);
  }

  /**
   * The state after the last step, to go on from elsewhere or later, {@link Streams#restore}.
   *
   * @return bytes that know the names and shapes of the states and have a checksum
   */
  public byte[] save() {
    return streams.save(state());
  }

  /** Ends the stream. A second time does nothing. */
  @Override
  public void close() {
    streams.remove(this);
    leave(() -> new IllegalStateException("Stream: is closed; open another one"));
  }

  /** Ends the stream, unless it has ended. */
  synchronized void leave(Supplier<RuntimeException> reason) {
    if (gone == null) {
      gone = reason;
      state = null;
    }
  }

  /** What it goes on from; null before its first step. */
  synchronized float[] state() {
    if (gone != null) {
      throw gone.get();
    }
    return state;
  }

  synchronized void go(float[] next) {
    if (gone == null) {
      state = next;
    }
  }

  /** Held while it is fed. */
  ReentrantLock lock() {
    return lock;
  }

  boolean isOf(Streams others) {
    return streams == others;
  }

  /** In the order in which they were opened. */
  long number() {
    return number;
  }
}
