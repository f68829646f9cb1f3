package kazoku.gallery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The class comment of a cell, in HTML.
 *
 * @param idea the first paragraph, without the block of equations
 * @param notes what follows, but for the source: paragraphs, and blocks of equations as {@code
 *     <pre>}
 * @param source where the cell is from, and where implementations differ
 * @param parameters the text of each {@code @param}
 */
record Comment(String idea, List<String> notes, String source, Map<String, String> parameters) {
  private static final Path CELLS = Path.of("src/main/java/kazoku/cells");
  private static final Pattern CLASS_COMMENT =
      Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s*@About\\(", Pattern.DOTALL);
  static final String BLOCK = "<pre>";
  private static final Pattern BLOCKS = Pattern.compile("<pre>.*?</pre>", Pattern.DOTALL);
  private static final Pattern INLINE = Pattern.compile("\\{@(code|link)\\s+([^{}]*)}");
  private static final String SOURCE = "Source: ";

  static Comment of(Class<?> cell) {
    String who = cell.getSimpleName();
    Matcher comment = CLASS_COMMENT.matcher(read(CELLS.resolve(who + ".java")));
    if (!comment.find()) {
      throw new IllegalStateException(who + ": has no class comment before @About");
    }
    String[] parts = plain(comment.group(1)).split("(?m)^@param ");
    List<String> blocks = blocks(parts[0]);
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int k = 1; k < parts.length; k++) {
      String[] words = parts[k].split("\\s+", 2);
      parameters.put(words[0], html(words[1]));
    }
    String source =
        blocks.stream()
            .filter(block -> block.startsWith(SOURCE))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException(who + ": does not say its source"));
    List<String> notes =
        blocks.subList(1, blocks.size()).stream().filter(block -> !block.equals(source)).toList();
    return new Comment(blocks.get(0), notes, source.substring(SOURCE.length()), parameters);
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A comment without its stars. */
  static String plain(String comment) {
    return comment.replaceAll("(?m)^[ \t]*\\* ?", "").strip();
  }

  /** Paragraphs, and blocks that are set as they are. */
  private static List<String> blocks(String text) {
    List<String> blocks = new ArrayList<>();
    Matcher block = BLOCKS.matcher(text);
    int from = 0;
    while (block.find()) {
      addParagraphs(text.substring(from, block.start()), blocks);
      blocks.add(block.group());
      from = block.end();
    }
    addParagraphs(text.substring(from), blocks);
    return blocks;
  }

  private static void addParagraphs(String text, List<String> blocks) {
    for (String paragraph : text.split("<p>")) {
      if (!paragraph.isBlank()) {
        blocks.add(html(paragraph));
      }
    }
  }

  /** Javadoc's tags as HTML; what is called by the name of a cell leads to its card. */
  static String html(String text) {
    return INLINE
        .matcher(text)
        .replaceAll(
            tag -> {
              String content = tag.group(2).replaceAll("\\s+", " ").strip();
              return Matcher.quoteReplacement(
                  tag.group(1).equals("code") ? Html.code(content) : link(content));
            })
        .replaceAll("\\s+", " ")
        .strip();
  }

  private static String link(String content) {
    String[] parts = content.split(" ", 2);
    String target = parts[0].substring(parts[0].lastIndexOf('.') + 1);
    String text = parts.length > 1 ? parts[1] : target.replaceAll("^[^#]*#", "");
    return target.matches("\\w+Cell")
        ? "<a href=\"#" + target + "\">" + Html.escape(text) + "</a>"
        : Html.code(text);
  }
}
