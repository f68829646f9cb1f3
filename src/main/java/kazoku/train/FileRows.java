package kazoku.train;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;

/**
 * What some files have, one after the other; one file is open at a time.
 *
 * @param <R> rows, or what they are made of
 */
final class FileRows<R> implements Iterator<R> {
  private final Iterator<Path> files;
  private final Opening<R> opening;
  private Path file;
  private Reader<R> reader;
  private R next;

  /**
   * What reads a file.
   *
   * @param <R> what it reads
   */
  interface Reader<R> extends Closeable {
    /** What comes next; null at the end. */
    R next() throws IOException;
  }

  /**
   * What opens a file.
   *
   * @param <R> what is read there
   */
  interface Opening<R> {
    Reader<R> open(Path file) throws IOException;
  }

  private FileRows(List<Path> files, Opening<R> opening) {
    this.files = files.iterator();
    this.opening = opening;
  }

  /** Begins to read. */
  static <R> Stream<R> stream(List<Path> files, Opening<R> opening) {
    FileRows<R> rows = new FileRows<>(files, opening);
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(rows, Spliterator.ORDERED), false)
        .onClose(rows::close);
  }

  /** A file's bytes, without compression where its name ends with {@code .gz}. */
  static InputStream open(Path file) throws IOException {
    InputStream bytes = Files.newInputStream(file);
    if (!file.toString().endsWith(".gz")) {
      return bytes;
    }
    try {
      return new GZIPInputStream(bytes, 1 << 16);
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null && (reader != null || files.hasNext())) {
        if (reader == null) {
          file = files.next();
          reader = opening.open(file);
        }
        next = reader.next();
        if (next == null) {
          close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read: " + e, e);
    }
    return next != null;
  }

  @Override
  public R next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    R row = next;
    next = null;
    return row;
  }

  private void close() {
    if (reader != null) {
      try {
        reader.close();
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be closed: " + e, e);
      }
      reader = null;
    }
  }
}
