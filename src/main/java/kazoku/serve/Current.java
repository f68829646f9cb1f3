package kazoku.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.Function;
import java.util.stream.Stream;
import kazoku.train.Model;
import kazoku.train.Sequences;

/** The version that is asked now. Another one takes its place while it is asked. */
final class Current implements AutoCloseable {
  private final String who;
  private final Serving serving;
  private final Version.Kind kind;
  private volatile Version version;

  Current(String who, Serving serving, Version.Kind kind, Path folder) {
    this.who = who;
    this.serving = serving;
    this.kind = kind;
    this.version = load(folder);
  }

  private Version load(Path folder) {
    return Version.of(who, Loaded.load(who, folder, serving, kind.signature()), kind);
  }

  /** Reads what a model exports now. */
  static <A> A exported(Model model, Function<Path, A> read) {
    try {
      Path folder = Files.createTempDirectory("kazoku");
      try {
        Path exported = folder.resolve("model");
        model.export(exported);
        return read.apply(exported);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Serving: cannot write the model for its session", e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  synchronized void swap(Path folder) {
    Version old = requireOpen();
    Version next = load(folder);
    try {
      old.requireTakesPlace(next);
    } catch (IllegalArgumentException e) {
      next.close();
      throw e;
    }
    version = next;
    old.close();
  }

  /** Raises data that does not fit. */
  void check(Sequences data) {
    call(
        open -> {
          open.check(data);
          return null;
        });
  }

  /** Asks one version. */
  <A> A call(Function<Version, A> question) {
    while (true) {
      Version asked = requireOpen();
      if (asked.enter()) {
        try {
          return question.apply(asked);
        } finally {
          asked.leave();
        }
      }
    }
  }

  Version requireOpen() {
    Version open = version;
    if (open == null) {
      throw new IllegalStateException(who + ": is closed; load another one");
    }
    return open;
  }

  @Override
  public synchronized void close() {
    Version last = version;
    version = null;
    if (last != null) {
      last.close();
    }
  }

  @Override
  public String toString() {
    Version open = version;
    return who + " " + (open == null ? "(closed)" : open.text());
  }
}
