package kazoku.gallery;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The field guide of {@code kazoku.cells}: its chapters, and what it says of each cell. */
final class Guide {
  private static final Path FILE = Path.of("src/main/java/kazoku/cells/package-info.java");
  private static final Pattern CHAPTER =
      Pattern.compile("<h2>(.*?)</h2>\\s*(.*?)(?=<h2>|$)", Pattern.DOTALL);
  private static final Pattern ENTRY =
      Pattern.compile("<li>\\{@link kazoku\\.cells\\.(\\w+)}: ([^<]*)", Pattern.DOTALL);

  /**
   * A chapter.
   *
   * @param title its heading
   * @param about what its cells have in common, in HTML
   * @param cells what is said of each, by simple name, in order
   */
  record Chapter(String title, String about, Map<String, String> cells) {
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
      Map<String, String> cells = new LinkedHashMap<>();
      Matcher entry = ENTRY.matcher(chapter.group(2));
      while (entry.find()) {
        cells.put(entry.group(1), Comment.html(entry.group(2)));
      }
      if (!cells.isEmpty()) {
        String about = chapter.group(2).split("<ul>")[0].replace("<p>", "");
        chapters.add(new Chapter(chapter.group(1), Comment.html(about), cells));
      }
    }
    return chapters;
  }
}
