package kazoku.family;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;
import kazoku.Cell;
import kazoku.cells.About;

/**
 * The README's table of cells, made from what they say of themselves. The main method writes it:
 * {@code mvn -q test-compile exec:exec -Dexample=kazoku.family.ReadmeTable}.
 */
public final class ReadmeTable {
  private static final String HEAD = "| cell | idea | source |\n|---|---|---|\n";

  private ReadmeTable() {}

  /**
   * Replaces the table in README.md.
   *
   * @param args none
   * @throws IOException if the file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    Path readme = Path.of("README.md");
    String text = Files.readString(readme);
    Path aside = Path.of("README.md.aside");
    Files.writeString(aside, text.replace(written(text), made()));
    Files.move(aside, readme, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The table as it stands in a text. */
  static String written(String readme) {
    int begin = readme.indexOf(HEAD);
    int end = begin < 0 ? -1 : readme.indexOf("\n\n", begin);
    if (end < 0) {
      throw new IllegalStateException("README.md: has no table that begins with\n" + HEAD);
    }
    return readme.substring(begin, end + 1);
  }

  /** The table as it should be. */
  static String made() {
    List<Class<? extends Cell>> cells = Family.all();
    return cells.stream()
        .map(
            cell -> {
              About about = cell.getAnnotation(About.class);
              if (about == null) {
                throw new IllegalStateException(
                    cell.getSimpleName() + ": says nothing @About itself");
              }
              return "| `%s` | %s | %s |\n"
                  .formatted(cell.getSimpleName(), about.idea(), about.source());
            })
        .collect(Collectors.joining("", HEAD, ""));
  }
}
