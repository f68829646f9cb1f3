package kazoku.benchmark;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/**
 * What one turn of a peer has given: a line of {@code jvm.csv} or {@code python.csv}.
 *
 * @param name the case's
 * @param peer its title
 * @param version of the library
 * @param threads how many it had
 * @param best the least time or memory, or the highest rate
 * @param median of all calls of the turn
 */
record Result(String name, String peer, String version, int threads, double best, double median) {
  private static final CSVFormat FORM =
      CSVFormat.DEFAULT
          .builder()
          .setHeader("name", "peer", "version", "threads", "best", "median")
          .setSkipHeaderRecord(true)
          .setRecordSeparator('\n')
          .get();

  /** All that stand in files of a folder. */
  static List<Result> readAll(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      List<Result> all = new ArrayList<>();
      for (Path file : files.filter(file -> file.toString().endsWith(".csv")).sorted().toList()) {
        try (Reader in = Files.newBufferedReader(file)) {
          FORM.parse(in).stream().map(Result::of).forEach(all::add);
        }
      }
      return all;
    }
  }

  private static Result of(CSVRecord line) {
    return new Result(
        line.get("name"),
        line.get("peer"),
        line.get("version"),
        Integer.parseInt(line.get("threads")),
        Double.parseDouble(line.get("best")),
        Double.parseDouble(line.get("median")));
  }

  /** Adds it to a file. */
  void append(Path file) throws IOException {
    boolean fresh = !Files.exists(file);
    try (Writer out =
            Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        CSVPrinter printer =
            new CSVPrinter(out, FORM.builder().setSkipHeaderRecord(!fresh).get())) {
      printer.printRecord(name, peer, version, threads, best, median);
    }
  }
}
