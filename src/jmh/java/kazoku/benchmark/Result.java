package kazoku.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.DirectoryStream;
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
    List<Result> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.csv")) {
      for (Path file : files) {
        try (BufferedReader in = Files.newBufferedReader(file)) {
          in.readLine(); // the header
          all.addAll(read(in));
        }
      }
    }
    return all;
  }

  /** All lines, the first one included. */
  static List<Result> read(Reader lines) throws IOException {
    return FORM.builder().setSkipHeaderRecord(false).get().parse(lines).stream()
        .map(Result::of)
        .toList();
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
