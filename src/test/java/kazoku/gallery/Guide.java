package kazoku.gallery;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The field guide of {@code kazoku.cells}: its chapters. */
final class Guide {
  private static final Path FILE = Path.of("src/main/java/kazoku/cells/package-info.java");
  private static final Pattern CHAPTER =
      Pattern.compile("<h2>(.*?)</h2>\\s*(.*?)(?=<h2>|$)", Pattern.DOTALL);
  private static final Pattern ENTRY = Pattern.compile("<li>\\{@link kazoku\\.cells\\.(\\w+)}");

  /**
   * A chapter.
   *
   * @param title its heading
   * @param about what its cells have in common, in HTML
   * @param cells their simple names, in order
   */
  record Chapter(String title, String about, List<String> cells) {
    String id() {
      return title.toLowerCase(java.util.Locale.ROOT).replaceAll("\\W+", "-");
    }
  }

  private Guide() {}

  /** The chapters that list cells. */
  static List<Chapter> chapters() {
    String comment = Comment.read(FILE);
    String text = Comment.plain(comment.substring(0, comment.lastIndexOf("*/")));
    List<Chapter> chapters = new ArrayList<>();
    Matcher chapter = CHAPTER.matcher(text);
    while (chapter.find()) {
      List<String> cells = new ArrayList<>();
      Matcher entry = ENTRY.matcher(chapter.group(2));
      while (entry.find()) {
        cells.add(entry.group(1));
      }
      if (!cells.isEmpty()) {
        String about = chapter.group(2).split("<ul>")[0].replace("<p>", "");
        chapters.add(new Chapter(chapter.group(1), Comment.html(about), cells));
      }
    }
    return chapters;
  }
}
