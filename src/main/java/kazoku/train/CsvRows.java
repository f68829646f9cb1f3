package kazoku.train;

import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Checks;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** The sequences of one table. */
final class CsvRows implements FileRows.Reader<Sequences> {
  /** So many names are remembered to find sequences whose lines do not stand together. */
  private static final int REMEMBERED = 100_000;

  private final Path file;
  private final Csv.Layout layout;
  private final Limited text;
  private final CSVParser parser;
  private final Iterator<CSVRecord> records;
  private final Set<String> ended = new HashSet<>();
  private Map<String, Integer> places;
  private int width;
  private long line;
  private CSVRecord record;

  CsvRows(Path file, Csv.Layout layout) throws IOException {
    this.file = file;
    this.layout = layout;
    this.text =
        new Limited(
            new InputStreamReader(
                FileRows.open(file), StandardCharsets.UTF_8.newDecoder())); // raises bad bytes
    this.parser = CSVParser.parse(text, layout.format());
    this.records = parser.iterator();
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }

  @Override
  public Sequences next() throws IOException {
    if (places == null) {
      readHeader();
      read();
    }
    if (record == null) {
      return null;
    }
    String name = name();
    if (ended.contains(name)) {
      throw bad(
          "the lines of "
              + layout.sequence()
              + " "
              + name
              + " must stand together; sort the file by "
              + layout.sequence(),
          "others between them");
    }
    Steps inputs = new Steps(layout.inputs());
    Steps targets = layout.targets() == null ? null : new Steps(layout.targets());
    do {
      inputs.add();
      if (targets != null) {
        targets.add();
      }
      read();
    } while (record != null && name.equals(name()));
    if (ended.size() < REMEMBERED) {
      ended.add(name);
    }
    Sequences row = inputs.inputs();
    return targets == null ? row : row.target("", targets.targets());
  }

  private String name() {
    String name = layout.sequence() == null ? "the file" : field(layout.sequence());
    if (name.isEmpty()) {
      throw bad(layout.sequence() + " must be given", "an empty field");
    }
    return name;
  }

  private void readHeader() throws IOException {
    List<String> names = layout.header();
    if (names == null) {
      read();
      if (record == null) {
        throw bad("there must be a line with names of columns", "an empty file");
      }
      names = new ArrayList<>(record.toList());
      names.set(0, names.get(0).replace("\uFEFF", "")); // a byte order mark
    }
    places = new HashMap<>();
    width = names.size();
    Set<String> twice = new HashSet<>();
    for (int i = 0; i < width; i++) {
      if (places.put(names.get(i), i) != null) {
        twice.add(names.get(i));
      }
    }
    List<String> used = new ArrayList<>(layout.inputs().names());
    used.addAll(layout.targets() == null ? List.of() : layout.targets().names());
    used.addAll(layout.sequence() == null ? List.of() : List.of(layout.sequence()));
    for (String column : used) {
      if (!places.containsKey(column) || twice.contains(column)) {
        throw bad("there must be one column " + column, names);
      }
    }
  }

  /** Goes to the next line that is not empty. */
  private void read() throws IOException {
    do {
      line = parser.getCurrentLineNumber() + 1;
      text.begin();
      try {
        record = records.hasNext() ? records.next() : null;
      } catch (UncheckedIOException e) {
        if (e.getCause() instanceof CSVException) {
          throw bad("fields must be quoted as RFC 4180 says", e.getCause().getMessage());
        }
        throw e.getCause();
      }
    } while (record != null && width > 1 && record.size() == 1 && record.get(0).isEmpty());
    if (record != null && places != null && record.size() != width) {
      throw bad("there must be " + width + " fields, as there are columns", record.size());
    }
  }

  private String field(String column) {
    return record.get(places.get(column));
  }

  private IllegalArgumentException bad(String rule, Object value) {
    return new IllegalArgumentException(
        "Csv: %s, line %d: %s, got %s"
            .formatted(file, line, Checks.shown(rule), Checks.shown(value)));
  }

  /** The steps of a sequence, from columns that are used together. */
  private final class Steps {
    private final Csv.Columns columns;
    private final List<float[]> numbers = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();
    private List<String> before;

    Steps(Csv.Columns columns) {
      this.columns = columns;
    }

    /** Adds the current line. */
    void add() {
      switch (columns.use()) {
        case INPUTS, STEP_TARGETS -> numbers.add(numbers());
        case TOKENS, STEP_LABELS -> labels.add(label());
        case TARGETS, LABELS -> {
          List<String> now = columns.names().stream().map(CsvRows.this::field).toList();
          if (before == null) {
            before = now;
            if (columns.use() == Csv.Use.LABELS) {
              labels.add(label());
            } else {
              numbers.add(numbers());
            }
          }
          if (!now.equals(before)) {
            throw bad(
                String.join(", ", columns.names())
                    + " must be "
                    + String.join(", ", before)
                    + ", as on the sequence's lines before",
                String.join(", ", now));
          }
        }
      }
    }

    private float[] numbers() {
      float[] step = new float[columns.names().size()];
      for (int i = 0; i < step.length; i++) {
        step[i] = number(columns.names().get(i));
      }
      return step;
    }

    private float number(String column) {
      String field = field(column);
      boolean inputs = columns.use() == Csv.Use.INPUTS;
      Float instead = inputs ? layout.missing().get(field) : null;
      if (instead != null) {
        return instead;
      }
      if (field.isEmpty()) {
        throw bad(
            column
                + " must be given"
                + (inputs ? ", or what stands for it where it is missing, csv.missing(0)" : ""),
            "an empty field");
      }
      try {
        float number = Float.parseFloat(field);
        if (Float.isFinite(number) && field.chars().allMatch(CsvRows::ofNumbers)) {
          return number;
        }
      } catch (NumberFormatException e) {
        // As any other field that is none.
      }
      throw bad(column + " must be a finite number", field);
    }

    private int label() {
      String column = columns.names().get(0);
      String field = field(column);
      List<String> classes = columns.classes();
      if (!classes.isEmpty()) {
        if (!classes.contains(field)) {
          throw bad(column + " must be one of " + classes, field);
        }
        return classes.indexOf(field);
      }
      try {
        int label = Integer.parseInt(field);
        if (label >= (columns.use() == Csv.Use.STEP_LABELS ? -1 : 0)) {
          return label;
        }
      } catch (NumberFormatException e) {
        // As any other field that is none.
      }
      throw bad(column + " must be a whole number from 0", field);
    }

    Sequences inputs() {
      return columns.use() == Csv.Use.INPUTS
          ? Sequences.of(new float[][][] {steps()})
          : Sequences.tokens(new int[][] {classes()});
    }

    Targets targets() {
      return switch (columns.use()) {
        case LABELS -> Targets.ofRows(classes());
        case STEP_LABELS -> Targets.ofSteps(new int[][] {classes()});
        case TARGETS -> Targets.ofRows(steps());
        default -> Targets.ofSteps(new float[][][] {steps()});
      };
    }

    private float[][] steps() {
      return numbers.toArray(float[][]::new);
    }

    private int[] classes() {
      return labels.stream().mapToInt(label -> label).toArray();
    }
  }

  /** Java would take hexadecimal numbers and endings that tell the type, too. */
  private static boolean ofNumbers(int character) {
    return character >= '0' && character <= '9' || "+-.eE".indexOf(character) >= 0;
  }

  /** Bounds the memory that a line can take whose quote is not closed. */
  private static final class Limited extends FilterReader {
    private static final long LONGEST = 1 << 24;
    private long read;

    Limited(Reader in) {
      super(in);
    }

    void begin() {
      read = 0;
    }

    private int counted(int more) throws CSVException {
      read += more;
      if (read > LONGEST) {
        throw new CSVException("more than %,d characters in a line; is a quote open?", LONGEST);
      }
      return more;
    }

    @Override
    public int read() throws IOException {
      counted(1);
      return super.read();
    }

    @Override
    public int read(char[] buffer, int from, int length) throws IOException {
      return counted(super.read(buffer, from, length));
    }
  }
}
