package kazoku.gallery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Function;
import kazoku.Cell;
import kazoku.draw.Figure;
import kazoku.family.Family;

/**
 * The gallery of all cells, {@code docs/family.html}, made from what they are and what they say of
 * themselves. The main method writes it: {@code mvn -q test-compile exec:exec
 * -Dexample=kazoku.gallery.Gallery}.
 */
public final class Gallery {
  static final Path FILE = Path.of("docs/family.html");

  private Gallery() {}

  /**
   * Writes the page.
   *
   * @param args none
   * @throws IOException if it cannot be written
   */
  public static void main(String[] args) throws IOException {
    Path aside = FILE.resolveSibling("family.html.aside");
    Files.writeString(aside, made(cell -> Figure.of(cell).svg()));
    Files.move(aside, FILE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * The page as it should be.
   *
   * @param figures draws a cell, in SVG
   */
  static String made(Function<Cell, String> figures) {
    return new Page(Family.all().parallelStream().map(type -> Card.of(type, figures)).toList())
        .html();
  }
}
