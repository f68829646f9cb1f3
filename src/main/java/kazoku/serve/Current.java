package kazoku.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import kazoku.internal.files.Aside;
import kazoku.train.Export;
import kazoku.train.Model;

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
    return Version.of(who, Loaded.of(who, folder, serving), serving, kind);
  }

  /** Reads what a model exports now; constants suit every session. */
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

  void swap(Model model) {
    exported(
        model,
        folder -> {
          swap(folder);
          return null;
        });
  }

  /** Lets the version that is there raise what does not fit. */
  void check(Consumer<Version> check) {
    call(
        open -> {
          check.accept(open);
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
