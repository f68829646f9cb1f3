package kazoku.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.train.History;
import kazoku.train.Model;

/**
 * How the lesson of one worker has ended. It goes to the driver as bytes, since not every
 * serializer that Spark may be told to use knows records.
 *
 * @param rank whose it is
 * @param history what was returned in worker 0; null elsewhere, and where it failed
 * @param weights what was learnt, in worker 0; null elsewhere, and where it failed
 * @param failure null where nothing has failed here
 */
record Ending(int rank, History history, Map<String, float[]> weights, Failure failure)
    implements Serializable {

  /**
   * Why a lesson has failed: not the exception itself, which need not be known to the driver.
   *
   * @param sentence for people
   * @param what the exception's class and message
   * @param trace where it was thrown
   */
  record Failure(String sentence, String what, StackTraceElement[] trace) implements Serializable {

    static Failure of(Throwable thrown) {
      String message = thrown.getMessage();
      return new Failure(
          message == null ? thrown.toString() : message, thrown.toString(), thrown.getStackTrace());
    }

    /** As far as it is known where it was not thrown. */
    Throwable thrown() {
      Throwable thrown = new Throwable(what);
      thrown.setStackTrace(trace);
      return thrown;
    }
  }

  static Ending well(int rank, History history, Model model) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    model.weights().forEach(name -> weights.put(name, model.weight(name)));
    return new Ending(rank, history, weights, null);
  }

  static Ending badly(int rank, Failure failure) {
    return new Ending(rank, null, null, failure);
  }

  /** Of one that has nothing to tell. */
  static Ending silent(int rank) {
    return new Ending(rank, null, null, null);
  }

  /**
   * Raises what has failed: where several workers have failed at once, one sentence of each kind,
   * since some may only say that others have failed.
   *
   * @param all how each worker has ended, by rank
   */
  static void requireWell(List<Ending> all) {
    Map<String, Throwable> failures = new LinkedHashMap<>();
    List<String> sentences = new ArrayList<>();
    for (Ending ending : all) {
      Failure failure = ending.failure;
      if (failure != null && failures.putIfAbsent(failure.sentence, failure.thrown()) == null) {
        sentences.add("worker " + ending.rank + " has failed: " + failure.sentence);
      }
    }
    if (!sentences.isEmpty()) {
      IllegalStateException raised =
          new IllegalStateException("SparkTraining: " + String.join("; ", sentences));
      failures.values().forEach(raised::addSuppressed);
      throw raised;
    }
  }

  byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(this);
    } catch (IOException e) {
      throw new UncheckedIOException("SparkTraining: cannot tell how training ended", e);
    }
    return bytes.toByteArray();
  }

  static Ending of(byte[] bytes) {
    try (ObjectInputStream in = new Ours(new ByteArrayInputStream(bytes))) {
      return (Ending) in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("SparkTraining: cannot read how training ended", e);
    }
  }

  /** Finds classes where this one was found: Spark may have loaded it from a jar of the job. */
  private static final class Ours extends ObjectInputStream {
    Ours(InputStream in) throws IOException {
      super(in);
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      return Class.forName(description.getName(), false, Ending.class.getClassLoader());
    }
  }
}
