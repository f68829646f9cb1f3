package kazoku.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import kazoku.internal.files.Aside;
import kazoku.train.Export;
import kazoku.train.Model;
import org.tensorflow.proto.ConfigProto;

/**
 * The model that is asked now, by all who share it. Another one takes its place while it is asked,
 * for all of them at once.
 */
final class Current implements AutoCloseable {
  private final String who;
  private final Optional<ConfigProto> session;
  private volatile Loaded loaded;

  /** Whoever asks first is its owner. */
  Current(Asking first, Serving serving, Path folder) {
    this.who = first.who();
    this.session = serving.session();
    this.loaded = Loaded.of(who, folder, session);
    try {
      loaded.ask(first);
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  /** Reads what a model exports now; constants have the fastest session. */
  static <A> A exported(Model model, Function<Path, A> read) {
    try {
      Path folder = Files.createTempDirectory("kazoku");
      try {
        Path exported = folder.resolve("model");
        model.export(exported, Export.frozen());
        return read.apply(exported);
      } finally {
        Aside.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Serving: cannot write the model for its session", e);
    }
  }

  /** Asks for something more. Newer versions must give it, too. */
  synchronized void ask(Asking other) {
    requireOpen().ask(other);
  }

  synchronized void swap(Path folder) {
    Loaded old = requireOpen();
    Loaded next = Loaded.of(who, folder, session);
    try {
      old.requireTakesPlace(next);
    } catch (RuntimeException e) {
      next.close();
      throw e;
    }
    loaded = next;
    old.close();
  }

  void swap(Model model) {
    exported(
        model,
        folder -> {
          swap(folder);
          return null;
        });
  }

  /** Asks one version. */
  <A> A call(Asking asking, Function<ServedSignature, A> question) {
    while (true) {
      Loaded asked = requireOpen();
      if (asked.enter()) {
        try {
          return question.apply(asked.signature(asking));
        } finally {
          asked.leave();
        }
      }
    }
  }

  private Loaded requireOpen() {
    Loaded open = loaded;
    if (open == null) {
      throw new IllegalStateException(who + ": is closed; load another one");
    }
    return open;
  }

  Optional<ConfigProto> session() {
    return session;
  }

  @Override
  public synchronized void close() {
    Loaded last = loaded;
    loaded = null;
    if (last != null) {
      last.close();
    }
  }

  /** What it takes and gives. */
  String text(Asking asking) {
    Loaded open = loaded;
    return asking.who() + " " + (open == null ? "(closed)" : open.signature(asking).text());
  }
}
