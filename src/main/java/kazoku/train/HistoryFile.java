package kazoku.train;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/** A history as a table: a line for each epoch, numbers to the last bit. */
final class HistoryFile {
  private static final String TRAINING = "training ";
  private static final String LOSS = "loss";
  private static final String VALIDATION = "validation ";

  private HistoryFile() {}

  static void write(Path file, History history) throws IOException {
    try (Writer text = Files.newBufferedWriter(file);
        CSVPrinter table = new CSVPrinter(text, CSVFormat.RFC4180)) {
      List<Object> names = new ArrayList<>(List.of("epoch", "learning rate"));
      History.Epoch last = history.last();
      names.addAll(names(TRAINING, last.training()));
      if (last.validation() != null) {
        names.addAll(names(VALIDATION, last.validation()));
      }
      table.printRecord(names);
      for (History.Epoch epoch : history.epochs()) {
        List<Object> line = new ArrayList<>(List.of(epoch.number(), epoch.learningRate()));
        line.addAll(numbers(epoch.training()));
        if (epoch.validation() != null) {
          line.addAll(numbers(epoch.validation()));
        }
        table.printRecord(line);
      }
    }
  }

  private static List<String> names(String prefix, Scores scores) {
    List<String> names = new ArrayList<>(List.of(prefix + LOSS, prefix + scores.metricName()));
    scores.others().keySet().forEach(name -> names.add(prefix + name));
    return names;
  }

  private static List<Double> numbers(Scores scores) {
    List<Double> numbers = new ArrayList<>(List.of(scores.loss(), scores.metric()));
    numbers.addAll(scores.others().values());
    return numbers;
  }

  /**
   * Reads a history.
   *
   * @throws IOException if it is none, or cannot be read
   */
  static History read(Path file) throws IOException {
    try (Reader text = Files.newBufferedReader(file);
        CSVParser table = CSVParser.parse(text, CSVFormat.RFC4180)) {
      return history(table.getRecords().stream().map(CSVRecord::toList).toList());
    } catch (UncheckedIOException | IllegalArgumentException e) {
      throw new IOException(file.getFileName() + " is no history", e);
    }
  }

  private static History history(List<List<String>> lines) {
    require(lines.size() > 1, "epochs");
    List<String> names = lines.get(0);
    require(names.contains(TRAINING + LOSS), "a training loss");
    List<History.Epoch> epochs = new ArrayList<>();
    for (List<String> line : lines.subList(1, lines.size())) {
      require(line.size() == names.size(), "as many numbers as names");
      epochs.add(
          new History.Epoch(
              Integer.parseInt(line.get(0)),
              scores(names, line, TRAINING),
              scores(names, line, VALIDATION),
              Double.parseDouble(line.get(1))));
    }
    return new History(epochs);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("a history must have " + what);
    }
  }

  /** Two columns may have one name: the first is the loss, the second the loss's own metric. */
  private static Scores scores(List<String> names, List<String> line, String prefix) {
    int first = names.indexOf(prefix + LOSS);
    if (first < 0) {
      return null;
    }
    int end = first + 1;
    while (end < names.size() && names.get(end).startsWith(prefix)) {
      end++;
    }
    require(first > 1 && end > first + 1, "a loss and its metric");
    Map<String, Double> others = new LinkedHashMap<>();
    for (int k = first + 2; k < end; k++) {
      others.put(names.get(k).substring(prefix.length()), Double.parseDouble(line.get(k)));
    }
    return new Scores(
        Double.parseDouble(line.get(first)),
        names.get(first + 1).substring(prefix.length()),
        Double.parseDouble(line.get(first + 1)),
        others);
  }
}
