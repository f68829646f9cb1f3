package kazoku.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import kazoku.internal.files.Aside;
import kazoku.serve.Predictor;

/**
 * The models of this process. Each is in memory once, however many tasks ask it. Those that nobody
 * asks now are kept for the next task, the last few of them: others are closed, so that a process
 * that sees one version after the other does not fill its memory.
 */
final class SharedModels {
  /** How many models are kept that nobody asks. */
  static final int KEPT = 4;

  /** By key, the one that was asked longest ago first. */
  private static final Map<String, Shared> ALL = new LinkedHashMap<>(16, 0.75f, true);

  private SharedModels() {}

  private static final class Shared {
    private int users;
    private Predictor predictor;

    /** Others who ask for the same model wait for the first. */
    synchronized Predictor loaded(Supplier<byte[][]> parts) {
      if (predictor == null) {
        predictor = load(parts.get());
      }
      return predictor;
    }

    synchronized void close() {
      if (predictor != null) {
        predictor.close();
      }
    }
  }

  /**
   * Asks a model.
   *
   * @param key says which
   * @param parts its files, which are looked at if it is not in memory
   * @param question what is asked
   */
  static <A> A ask(String key, Supplier<byte[][]> parts, Function<Predictor, A> question) {
    Shared shared = enter(key);
    try {
      return question.apply(shared.loaded(parts));
    } finally {
      leave(shared).forEach(Shared::close);
    }
  }

  private static synchronized Shared enter(String key) {
    Shared shared = ALL.computeIfAbsent(key, absent -> new Shared());
    shared.users++;
    return shared;
  }

  /** Which models are to be closed. */
  private static synchronized List<Shared> leave(Shared left) {
    left.users--;
    long idle = ALL.values().stream().filter(shared -> shared.users == 0).count();
    List<Shared> closed = new ArrayList<>();
    Iterator<Shared> oldestFirst = ALL.values().iterator();
    while (idle > KEPT) {
      Shared shared = oldestFirst.next();
      if (shared.users == 0) {
        oldestFirst.remove();
        closed.add(shared);
        idle--;
      }
    }
    return closed;
  }

  /** How many models are in memory. */
  static synchronized int count() {
    return ALL.size();
  }

  /** The files are there for as long as TensorFlow reads them. */
  private static Predictor load(byte[][] parts) {
    try {
      Path folder = Files.createTempDirectory("kazoku-spark");
      try {
        PackedModel.unpack(parts, folder);
        return Predictor.load(folder);
      } finally {
        Aside.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("SparkPredictor: cannot write the model aside", e);
    }
  }
}
