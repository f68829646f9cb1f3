package kazoku.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders and files that are written aside and then moved into place: none is ever half there. */
final class Aside {
  private Aside() {}

  /** Fills a folder or a file. */
  interface Writer {
    void write(Path place) throws IOException;
  }

  /**
   * Writes a file, in the place of an older one if there is one.
   *
   * @param target the file
   * @param writer writes the file anew
   */
  static void file(Path target, Writer writer) {
    Path place = target.toAbsolutePath().normalize();
    try {
      Files.createDirectories(place.getParent());
      Path aside = Files.createTempDirectory(place.getParent(), ".aside");
      try {
        Path fresh = aside.resolve(place.getFileName());
        writer.write(fresh);
        Files.move(fresh, place, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        delete(aside);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Model: cannot write " + target, e);
    }
  }

  /**
   * Writes a folder, in the place of an older one of the same kind if there is one.
   *
   * @param target the folder
   * @param mark a file that every folder of this kind has
   * @param writer fills a new folder
   */
  static void write(Path target, String mark, Writer writer) {
    Path place = target.toAbsolutePath().normalize();
    if (Files.exists(place) && !replaceable(place, mark)) {
      throw new IllegalArgumentException(
          "Model: " + target + " is there already and has no " + mark + "; choose another folder");
    }
    try {
      Files.createDirectories(place.getParent());
      Path aside = Files.createTempDirectory(place.getParent(), ".aside");
      try {
        Path fresh = Files.createDirectory(aside.resolve("new"));
        writer.write(fresh);
        if (Files.exists(place)) {
          Files.move(place, aside.resolve("old"));
        }
        Files.move(fresh, place);
      } finally {
        delete(aside);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Model: cannot write " + target, e);
    }
  }

  private static boolean replaceable(Path place, String mark) {
    String[] files = place.toFile().list();
    return files != null && (files.length == 0 || List.of(files).contains(mark));
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
