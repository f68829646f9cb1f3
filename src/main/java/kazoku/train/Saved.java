package kazoku.train;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kazoku.Checks;
import org.tensorflow.ndarray.Shape;

/**
 * A folder that a model was saved to: values of Variables as a TensorFlow checkpoint, {@code
 * weights.index} and {@code weights.data-…}; {@code checkpoint.txt}, which says what they are; a
 * training's {@code history.csv}; and {@code SHA256SUMS} of all of them.
 *
 * @param folder the folder
 * @param facts the lines of {@code checkpoint.txt}, {@code name: value}
 * @param history of the training that wrote it; null if none did
 */
record Saved(Path folder, Map<String, String> facts, History history) {
  static final String VALUES = "weights";
  static final String INDEX = VALUES + ".index";

  /** How the names of an optimizer's slots begin. */
  static final String SLOT = "slot:";

  /** How the names of copies of the best epoch's values begin. */
  static final String BEST = "best:";

  private static final String FACTS = "checkpoint.txt";
  private static final String HISTORY = "history.csv";
  static final String SUMS = "SHA256SUMS";
  private static final String FORMAT = "format";
  private static final int VERSION = 1;
  private static final String SHAPE = "shape of ";
  private static final Pattern SUM = Pattern.compile("([0-9a-f]{64})  (.+)");

  /** A folder whose files are not as they were written; the message says which and how. */
  static final class Damage extends Exception {
    private static final long serialVersionUID = 1;

    Damage(Path folder, String what) {
      super(folder + " is damaged: " + what);
    }
  }

  /** Writes the values. */
  interface Values {
    void write(Path prefix) throws IOException;
  }

  /**
   * Fills an empty folder.
   *
   * @param shapes of the values
   * @param facts what else is said of them
   * @param history of a training; null if it is none
   */
  static void write(
      Path folder,
      Map<String, Shape> shapes,
      Values values,
      Map<String, String> facts,
      History history)
      throws IOException {
    values.write(folder.resolve(VALUES));
    Map<String, String> all = new LinkedHashMap<>();
    all.put(FORMAT, String.valueOf(VERSION));
    all.putAll(facts);
    shapes.forEach((name, shape) -> all.put(SHAPE + name, Checks.text(shape)));
    StringBuilder text = new StringBuilder();
    all.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    Files.writeString(folder.resolve(FACTS), text);
    if (history != null) {
      HistoryFile.write(folder.resolve(HISTORY), history);
    }
    StringBuilder sums = new StringBuilder();
    for (String name : files(folder)) {
      sums.append(sum(folder.resolve(name))).append("  ").append(name).append('\n');
    }
    Files.writeString(folder.resolve(SUMS), sums);
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static String sum(Path file) throws IOException {
    try (InputStream bytes = Files.newInputStream(file);
        DigestInputStream summed = new DigestInputStream(bytes, sha256())) {
      byte[] buffer = new byte[1 << 16];
      while (summed.read(buffer) >= 0) {
        // The stream sums what is read.
      }
      return HexFormat.of().formatHex(summed.getMessageDigest().digest());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java has it.
    }
  }

  /**
   * Reads a folder whose files are all as they were written.
   *
   * @throws Damage if they are not
   * @throws IllegalArgumentException if a newer library wrote it
   */
  static Saved read(Path folder) throws Damage {
    try {
      verify(folder);
      Map<String, String> facts = lines(folder);
      String format = facts.getOrDefault(FORMAT, "");
      require(folder, format.matches("\\d{1,9}"), FACTS + " does not say its format");
      Checks.require(
          Integer.parseInt(format) <= VERSION,
          "Model",
          folder
              + " was written by a newer version of this library, which is needed to read it; the"
              + " format must be at most "
              + VERSION,
          format);
      Path history = folder.resolve(HISTORY);
      return new Saved(folder, facts, Files.exists(history) ? HistoryFile.read(history) : null);
    } catch (IOException e) {
      throw new Damage(folder, "it cannot be read, " + e);
    }
  }

  /**
   * Reads a folder that a training wrote.
   *
   * @throws Damage if its files are not as they were written, or say nothing of a training
   * @throws IllegalArgumentException if a newer library wrote it
   */
  static Saved ofTraining(Path folder) throws Damage {
    Saved saved = read(folder);
    require(folder, saved.history != null, HISTORY + " is missing");
    return saved;
  }

  private static void verify(Path folder) throws IOException, Damage {
    Map<String, String> sums = new TreeMap<>();
    require(folder, Files.isRegularFile(folder.resolve(SUMS)), SUMS + " is missing");
    String text = new String(Files.readAllBytes(folder.resolve(SUMS)), StandardCharsets.UTF_8);
    require(folder, text.endsWith("\n"), SUMS + " is cut off");
    List<String> there = files(folder);
    for (String line : text.split("\n")) {
      Matcher sum = SUM.matcher(line);
      require(folder, sum.matches(), SUMS + " has a line that is none, " + line);
      sums.put(sum.group(2), sum.group(1));
    }
    for (String name : List.of(FACTS, INDEX)) {
      require(folder, sums.containsKey(name), SUMS + " does not list " + name);
    }
    for (String name : there) {
      boolean ours = name.startsWith(VALUES + ".") || name.equals(HISTORY);
      require(folder, !ours || sums.containsKey(name), SUMS + " does not list " + name);
    }
    for (Map.Entry<String, String> sum : sums.entrySet()) {
      boolean file =
          there.contains(sum.getKey()) && Files.isRegularFile(folder.resolve(sum.getKey()));
      require(folder, file, sum.getKey() + " is missing");
      require(
          folder,
          sum(folder.resolve(sum.getKey())).equals(sum.getValue()),
          sum.getKey() + " has another SHA-256 than " + SUMS + " says");
    }
  }

  private static void require(Path folder, boolean holds, String otherwise) throws Damage {
    if (!holds) {
      throw new Damage(folder, otherwise);
    }
  }

  private static Map<String, String> lines(Path folder) throws IOException, Damage {
    Map<String, String> lines = new LinkedHashMap<>();
    for (String line : Files.readAllLines(folder.resolve(FACTS))) {
      String[] parts = line.split(": ", 2);
      require(folder, parts.length == 2, FACTS + " has a line that is none, " + line);
      lines.put(parts[0], parts[1]);
    }
    return Collections.unmodifiableMap(lines);
  }

  /**
   * A count among the facts.
   *
   * @param most what it must not exceed
   */
  long count(String name, long most) {
    String text = facts.getOrDefault(name, "nothing");
    boolean whole = text.matches("\\d{1,18}") && Long.parseLong(text) <= most;
    Checks.require(
        whole,
        "Checkpoints",
        folder + " must say " + name + ", a whole number from 0; take an undamaged copy",
        text);
    return Long.parseLong(text);
  }

  /** The path of the values, without the files' endings. */
  Path values() {
    return folder.resolve(VALUES);
  }

  /**
   * Refuses values that are of another model.
   *
   * @param expected the values that must be there, and no others but those whose names begin with
   *     one of some prefixes
   */
  void requireValues(Map<String, Shape> expected, String... others) {
    Map<String, String> there = new LinkedHashMap<>();
    facts.forEach(
        (name, value) -> {
          if (name.startsWith(SHAPE)) {
            there.put(name.substring(SHAPE.length()), value);
          }
        });
    expected.forEach(
        (name, shape) -> {
          Checks.require(
              there.containsKey(name),
              "Model",
              folder + " must have a value " + name + ", as this model has",
              there.keySet());
          Checks.require(
              there.get(name).equals(Checks.text(shape)),
              "Model",
              name + " in " + folder + " must be " + Checks.text(shape) + ", as in this model",
              there.get(name));
        });
    there
        .keySet()
        .forEach(
            name ->
                Checks.require(
                    expected.containsKey(name)
                        || Stream.of(others).anyMatch(prefix -> name.startsWith(prefix)),
                    "Model",
                    folder + " is of another model: it has a value that this one has not",
                    name));
  }
}
