package kazoku.train;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.internal.files.Aside;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/**
 * Writes a line for each epoch to a file that other programs can read, also while training runs:
 * {@code epochs.with(CsvLog.to(Path.of("training.csv")))}.
 *
 * <pre>
 * epoch                counted from 1
 * seconds              how long it took, with its validation and the callbacks before this one
 * learning rate        of the next update
 * training loss, …     all scores of the training data
 * validation loss, …   all scores of the validation data, if there is any
 * </pre>
 *
 * <p>Comma-separated values with a header, by RFC 4180; numbers have all their digits, and do not
 * depend on the country. A new training begins the file anew. A resumed one ({@link
 * Checkpoints#resume}) goes on in it: lines of epochs after the checkpoint are cut, and epochs that
 * are not in the file are written without seconds. One callback is for one training at a time.
 *
 * <p>Keras' {@code CSVLogger} begins anew, or appends if it is told to, without looking at what is
 * there; PyTorch has none.
 */
public final class CsvLog implements Callback {
  private static final List<String> FIRST = List.of("epoch", "seconds", "learning rate");
  private static final CSVFormat FORM = CSVFormat.RFC4180;

  private final Path file;
  private long since;

  private CsvLog(Path file) {
    this.file = file;
  }

  /**
   * A log.
   *
   * @param file the file; its folder is made if there is none
   * @return the callback, which raises {@link IllegalArgumentException} when training begins if the
   *     file is there and is no log, and {@link UncheckedIOException} where it cannot write
   */
  public static CsvLog to(Path file) {
    Checks.given("CsvLog", "file", file);
    return new CsvLog(file);
  }

  @Override
  public void begin(Training training) {
    Map<String, String> seconds = seconds();
    StringBuilder text = new StringBuilder();
    print(text, header(training));
    for (History.Epoch epoch : training.history().epochs()) {
      print(text, line(epoch, seconds.getOrDefault(Integer.toString(epoch.number()), "")));
    }
    Aside.file("CsvLog", file, aside -> Files.writeString(aside, text));
    since = System.nanoTime();
  }

  @Override
  public void epoch(Training training) {
    long now = System.nanoTime();
    StringBuilder text = new StringBuilder();
    print(text, line(training.history().last(), Double.toString((now - since) / 1e9)));
    since = now;
    try {
      Files.writeString(file, text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("CsvLog: cannot write " + file, e);
    }
  }

  private static List<String> header(Training training) {
    List<String> header = new ArrayList<>(FIRST);
    training.scoreNames().forEach(name -> header.add("training " + name));
    if (training.validates()) {
      training.scoreNames().forEach(name -> header.add("validation " + name));
    }
    return header;
  }

  private static List<String> line(History.Epoch epoch, String seconds) {
    List<String> line = new ArrayList<>();
    line.add(Integer.toString(epoch.number()));
    line.add(seconds);
    line.add(Double.toString(epoch.learningRate()));
    epoch.training().values().values().forEach(score -> line.add(score.toString()));
    if (epoch.validation() != null) {
      epoch.validation().values().values().forEach(score -> line.add(score.toString()));
    }
    return line;
  }

  private static void print(StringBuilder text, List<String> values) {
    try {
      FORM.printRecord(text, values.toArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How long epochs took, by their numbers, as the file that is there has it. */
  private Map<String, String> seconds() {
    Map<String, String> seconds = new HashMap<>();
    if (!Files.exists(file)) {
      return seconds;
    }
    try {
      String text = Files.readString(file);
      // Who was stopped while writing has left half a line.
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      List<CSVRecord> lines = FORM.parse(new StringReader(whole)).getRecords();
      List<String> header = lines.isEmpty() ? List.of() : lines.get(0).toList();
      Checks.require(
          text.isEmpty() || header.size() > 3 && header.subList(0, 3).equals(FIRST),
          "CsvLog",
          file
              + " is there already and must begin with the columns "
              + FIRST
              + "; choose another file",
          header);
      lines.stream()
          .filter(line -> line.size() >= 2)
          .forEach(line -> seconds.put(line.get(0), line.get(1)));
      return seconds;
    } catch (IOException | UncheckedIOException e) {
      throw new IllegalArgumentException(
          "CsvLog: " + file + " is there already and is no log; choose another file", e);
    }
  }
}
