package kazoku.train;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kazoku.Checks;
import org.apache.commons.csv.CSVFormat;

/**
 * Sequences in tables: a line is a step, and lines with the same name in a column are a sequence.
 *
 * <pre>{@code
 * Csv.of(Path.of("heart.csv")).sequence("patient").inputs("pulse", "oxygen").labels("ill")
 * Csv.of(Path.of("words.tsv")).separator('\t').sequence("sentence").tokens("word").stepLabels("tag")
 * Csv.of(Path.of("co2.csv")).inputs("ppm").missing(0).read().ahead(1).windows(52, 1)
 * }</pre>
 *
 * <p>The lines of a sequence stand together, in the order of its steps; without such a column each
 * file is one sequence. The first line names the columns. Files are UTF-8, quoted as RFC 4180 says,
 * and compressed where their names end with {@code .gz}. They may be larger than memory: portions
 * have 1024 sequences, {@link #gather} makes others.
 *
 * <p>What cannot be read is raised by the stream, with the file and the line: {@link
 * IllegalArgumentException} for a line that does not have as many fields as there are columns, for
 * a field that is empty or no number, for a column that is not there, for what belongs to a whole
 * row and changes within it, and for a sequence whose lines do not stand together; {@link
 * java.io.UncheckedIOException} for a file that cannot be read. Instances do not change.
 */
public final class Csv implements Source {
  private static final int SEQUENCES = 1024;

  private final Layout layout;
  private final List<Path> files;

  /** What a column is for. */
  enum Use {
    INPUTS,
    TOKENS,
    LABELS,
    STEP_LABELS,
    TARGETS,
    STEP_TARGETS
  }

  /**
   * Columns that are used together.
   *
   * @param use what for
   * @param names of the columns
   * @param classes the names of classes, in the order of their labels; none for numbers
   */
  record Columns(Use use, List<String> names, List<String> classes) {}

  /**
   * How files are read.
   *
   * @param format separator and quotes
   * @param header names of the columns; null where the first line has them
   * @param sequence which column names sequences; null for none
   * @param inputs the inputs; null if they are not given yet
   * @param targets the targets; null for none
   * @param missing what stands for fields with these texts
   */
  record Layout(
      CSVFormat format,
      List<String> header,
      String sequence,
      Columns inputs,
      Columns targets,
      Map<String, Float> missing) {}

  private Csv(List<Path> files, Layout layout) {
    this.files = files;
    this.layout = layout;
  }

  /**
   * Some files with the same columns.
   *
   * @param files at least one, in the order in which they are read
   * @return the reader, which needs to be told the inputs
   * @throws IllegalArgumentException if there is none
   */
  public static Csv of(Path... files) {
    Checks.require(files.length > 0, "Csv", "there must be at least one file", "none");
    CSVFormat format =
        CSVFormat.DEFAULT
            .builder()
            .setIgnoreEmptyLines(false)
            .setIgnoreSurroundingSpaces(true)
            .get();
    return new Csv(List.of(files), new Layout(format, null, null, null, null, Map.of()));
  }

  /**
   * The same with another separator of fields.
   *
   * @param between a comma by default
   * @return the reader
   */
  public Csv separator(char between) {
    CSVFormat format = layout.format().builder().setDelimiter(between).get();
    return with(format, layout.header(), layout.sequence(), layout.inputs(), layout.targets());
  }

  /**
   * The same for files whose first line has no names.
   *
   * @param names of all columns
   * @return the reader
   */
  public Csv header(String... names) {
    Checks.require(names.length > 0, "Csv", "a header must have at least one name", "none");
    return with(
        layout.format(), List.of(names), layout.sequence(), layout.inputs(), layout.targets());
  }

  /**
   * The same with many sequences in a file.
   *
   * @param column names the sequence that a line belongs to
   * @return the reader
   */
  public Csv sequence(String column) {
    return with(layout.format(), layout.header(), column, layout.inputs(), layout.targets());
  }

  /**
   * The same with steps of numbers, {@link Sequences#of}.
   *
   * @param columns the numbers of a step, at least one
   * @return the reader
   */
  public Csv inputs(String... columns) {
    return inputs(columns(Use.INPUTS, columns));
  }

  /**
   * The same with steps that are tokens, {@link Sequences#tokens}.
   *
   * @param column has whole numbers from 0
   * @return the reader
   */
  public Csv tokens(String column) {
    return inputs(columns(Use.TOKENS, column));
  }

  /**
   * The same with a class for each sequence, {@link Sequences#labels}.
   *
   * @param column has the same class on all lines of a sequence
   * @param classes what stands there for labels 0, 1, …; none for whole numbers from 0
   * @return the reader
   */
  public Csv labels(String column, String... classes) {
    return targets(new Columns(Use.LABELS, List.of(column), List.of(classes)));
  }

  /**
   * The same with a class for each step, {@link Sequences#stepLabels}.
   *
   * @param column has the class
   * @param classes what stands there for labels 0, 1, …; none for whole numbers from 0, or −1
   * @return the reader
   */
  public Csv stepLabels(String column, String... classes) {
    return targets(new Columns(Use.STEP_LABELS, List.of(column), List.of(classes)));
  }

  /**
   * The same with numbers to be learnt about each sequence, {@link Sequences#targets}.
   *
   * @param columns have the same numbers on all lines of a sequence; at least one
   * @return the reader
   */
  public Csv targets(String... columns) {
    return targets(columns(Use.TARGETS, columns));
  }

  /**
   * The same with numbers to be learnt about each step, {@link Sequences#stepTargets}.
   *
   * @param columns have the numbers; at least one
   * @return the reader
   */
  public Csv stepTargets(String... columns) {
    return targets(columns(Use.STEP_TARGETS, columns));
  }

  /**
   * The same with a number in the place of missing ones. By default one that is missing is an
   * error; a target that is missing always is.
   *
   * @param number stands for inputs that are missing
   * @param texts what stands in their fields if these are not empty: {@code "NA"}
   * @return the reader
   */
  public Csv missing(double number, String... texts) {
    Map<String, Float> missing = new HashMap<>();
    Stream.concat(Stream.of(""), Arrays.stream(texts))
        .forEach(text -> missing.put(text, (float) number));
    return new Csv(
        files,
        new Layout(
            layout.format(),
            layout.header(),
            layout.sequence(),
            layout.inputs(),
            layout.targets(),
            Map.copyOf(missing)));
  }

  private static Columns columns(Use use, String... names) {
    Checks.require(names.length > 0, "Csv", "there must be at least one column", "none");
    Checks.require(
        new HashSet<>(List.of(names)).size() == names.length,
        "Csv",
        "a column must be named once",
        Arrays.toString(names));
    return new Columns(use, List.of(names), List.of());
  }

  private Csv inputs(Columns inputs) {
    return with(layout.format(), layout.header(), layout.sequence(), inputs, layout.targets());
  }

  private Csv targets(Columns targets) {
    return with(layout.format(), layout.header(), layout.sequence(), layout.inputs(), targets);
  }

  private Csv with(
      CSVFormat format, List<String> header, String sequence, Columns inputs, Columns targets) {
    return new Csv(files, new Layout(format, header, sequence, inputs, targets, layout.missing()));
  }

  /** Begins to read; portions have 1024 sequences. */
  @Override
  public Stream<Sequences> portions() {
    return gather(SEQUENCES).portions();
  }

  @Override
  public Source gather(int sequences) {
    if (layout.inputs() == null) {
      throw new IllegalStateException(
          "Csv: there are no inputs; name their columns, csv.inputs(\"a\", \"b\")");
    }
    Source single = () -> FileRows.stream(files, file -> new CsvRows(file, layout));
    return single.gather(sequences);
  }
}
