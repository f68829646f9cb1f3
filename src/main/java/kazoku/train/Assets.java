package kazoku.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kazoku.Checks;

/**
 * The texts that travel with a SavedModel, one file of lines each in its folder {@code assets}:
 * {@code Assets.of(folder).labels().get(best)}.
 *
 * @param folder the SavedModel
 */
public record Assets(Path folder) {
  static final String FOLDER = "assets";
  static final String VOCABULARY = "vocabulary";
  static final String LABELS = "labels";

  /** No text of a model is nearly as long. */
  private static final long LONGEST = 1L << 28;

  public Assets {
    Checks.given("Assets", "folder", folder);
  }

  /**
   * The texts of a SavedModel.
   *
   * @param folder the SavedModel
   * @return its texts, which are read when they are asked for
   */
  public static Assets of(Path folder) {
    return new Assets(folder);
  }

  /**
   * Which texts there are.
   *
   * @return their names, for {@link #lines}; none if there is no folder {@code assets}
   * @throws UncheckedIOException if the folder cannot be read
   */
  public Set<String> names() {
    Path assets = folder.resolve(FOLDER);
    if (!Files.isDirectory(assets)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(assets)) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .map(file -> file.getFileName().toString())
          .filter(file -> file.matches("[A-Za-z0-9_\\-]+\\.txt"))
          .map(file -> file.substring(0, file.length() - ".txt".length()))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException("Assets: cannot read " + assets, e);
    }
  }

  /**
   * The tokens' texts ({@link Export#vocabulary}).
   *
   * @return one for each number, from 0
   * @throws IllegalArgumentException as {@link #lines}
   */
  public List<String> vocabulary() {
    return lines(VOCABULARY);
  }

  /**
   * The classes' names ({@link Export#labels}).
   *
   * @return one for each class, from 0
   * @throws IllegalArgumentException as {@link #lines}
   */
  public List<String> labels() {
    return lines(LABELS);
  }

  /**
   * Lines of text ({@link Export#asset}).
   *
   * @param name what they are; the file is {@code assets/NAME.txt}
   * @return the lines
   * @throws IllegalArgumentException if the name is none, or if the file is not there, is no file
   *     of its own (a link), is longer than 256 MB or is not in UTF-8
   * @throws UncheckedIOException if it cannot be read
   */
  public List<String> lines(String name) {
    check(name);
    Path file = file(folder, name);
    Checks.require(
        Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS),
        "Assets",
        "there must be a file " + file + "; give its lines to Export.asset",
        "none");
    try {
      long size = Files.size(file);
      Checks.require(
          size <= LONGEST, "Assets", file + " must have at most " + LONGEST + " bytes", size);
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString()
          .lines()
          .toList();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("Assets: " + file + " must be UTF-8, and is not", e);
    } catch (IOException e) {
      throw new UncheckedIOException("Assets: cannot read " + file, e);
    }
  }

  static void check(String name) {
    Checks.require(
        name != null && name.matches("[A-Za-z0-9_\\-]+"),
        "Assets",
        "a name must have letters, digits, _ and - only",
        name);
  }

  private static Path file(Path folder, String name) {
    return folder.resolve(FOLDER).resolve(name + ".txt");
  }

  static void write(Path folder, Map<String, List<String>> all) throws IOException {
    if (!all.isEmpty()) {
      Files.createDirectory(folder.resolve(FOLDER));
    }
    for (Map.Entry<String, List<String>> asset : all.entrySet()) {
      StringBuilder text = new StringBuilder();
      asset.getValue().forEach(line -> text.append(line).append('\n'));
      Files.writeString(file(folder, asset.getKey()), text);
    }
  }
}
