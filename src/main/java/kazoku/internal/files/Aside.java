package kazoku.internal.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders and files that are written aside and then moved into place: none is ever half there. */
public final class Aside {
  private static final String PREFIX = ".aside";

  private Aside() {}

  /** Fills a folder or a file. */
  public interface Writer {
    /**
     * Fills it.
     *
     * @param place what is not there yet, if it is a file; an empty folder otherwise
     * @throws IOException if that fails
     */
    void write(Path place) throws IOException;
  }

  /**
   * Writes a file, in the place of an older one if there is one.
   *
   * @param who who writes, for people
   * @param target the file
   * @param writer writes the file anew; what it writes beside it is deleted
   * @throws UncheckedIOException if it cannot be written
   */
  public static void file(String who, Path target, Writer writer) {
    Path place = target.toAbsolutePath().normalize();
    try {
      Files.createDirectories(place.getParent());
      Path aside = Files.createTempDirectory(place.getParent(), PREFIX);
      try {
        Path fresh = aside.resolve(place.getFileName());
        writer.write(fresh);
        Files.move(fresh, place, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        delete(aside);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(who + ": cannot write " + target, e);
    }
  }

  /**
   * Writes a folder, in the place of an older one of the same kind if there is one.
   *
   * @param who who writes, for people
   * @param target the folder
   * @param mark a file that every folder of this kind has
   * @param writer fills a new folder
   * @throws IllegalArgumentException if something else is there
   * @throws UncheckedIOException if it cannot be written
   */
  public static void folder(String who, Path target, String mark, Writer writer) {
    Path place = target.toAbsolutePath().normalize();
    if (Files.exists(place) && !replaceable(place, mark)) {
      throw new IllegalArgumentException(
          who + ": " + target + " is there already and has no " + mark + "; choose another folder");
    }
    try {
      replace(place, writer);
    } catch (IOException e) {
      throw new UncheckedIOException(who + ": cannot write " + target, e);
    }
  }

  /**
   * Writes a folder, in the place of whatever is there; it is on the disk when it is there.
   *
   * @param place the folder
   * @param writer fills a new folder
   * @throws IOException if it cannot be written
   */
  public static void replace(Path place, Writer writer) throws IOException {
    Files.createDirectories(place.getParent());
    Path aside = Files.createTempDirectory(place.getParent(), PREFIX);
    try {
      Path fresh = Files.createDirectory(aside.resolve("new"));
      writer.write(fresh);
      try (Stream<Path> files = Files.walk(fresh)) {
        for (Path file : files.toList()) {
          force(file);
        }
      }
      Path old = aside.resolve("old");
      if (Files.exists(place)) {
        Files.move(place, old);
      }
      try {
        Files.move(fresh, place);
      } catch (IOException e) {
        if (Files.exists(old)) {
          Files.move(old, place);
        }
        throw e;
      }
      force(place.getParent());
    } finally {
      delete(aside);
    }
  }

  /** Waits until the disk has it; some systems cannot do it for folders. */
  private static void force(Path path) throws IOException {
    boolean folder = Files.isDirectory(path);
    try (FileChannel channel =
        FileChannel.open(path, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      if (!folder) {
        throw e;
      }
    }
  }

  /**
   * Deletes a folder, which is never half there.
   *
   * @param place the folder
   * @throws IOException if it cannot be deleted
   */
  public static void remove(Path place) throws IOException {
    Path aside = Files.createTempDirectory(place.getParent(), PREFIX);
    Files.move(place, aside.resolve("old"));
    delete(aside);
  }

  /**
   * Deletes what a process has left aside that was killed.
   *
   * @param folder where it wrote
   * @throws IOException if it cannot be deleted
   */
  public static void clean(Path folder) throws IOException {
    List<Path> left;
    try (Stream<Path> all = Files.list(folder)) {
      left = all.filter(path -> path.getFileName().toString().startsWith(PREFIX)).toList();
    }
    for (Path path : left) {
      delete(path);
    }
  }

  private static boolean replaceable(Path place, String mark) {
    String[] files = place.toFile().list();
    return files != null && (files.length == 0 || List.of(files).contains(mark));
  }

  /**
   * Deletes a folder with all that is in it.
   *
   * @param folder the folder
   * @throws IOException if it cannot be deleted
   */
  public static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
