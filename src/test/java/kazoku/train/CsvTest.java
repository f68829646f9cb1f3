package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import kazoku.Fuzz;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTest {
  @TempDir Path folder;

  @TempDir(factory = Fuzz.Memory.class)
  Path fast;

  private Path file;

  private static final String HEARTS =
      """
      patient,pulse,oxygen,ill,phase,dose,effect
      ann,60,0.98,1,rest,2,1.5
      ann,75.5,97e-2,1,run,2,2.5
      bob,-1,1,0,run,3,0
      """;

  @BeforeEach
  void name() {
    file = folder.resolve("data.csv");
  }

  @Test
  void linesOfASequenceAreItsSteps() throws IOException {
    Csv hearts = csv(HEARTS).sequence("patient").inputs("pulse", "oxygen");
    Sequences data = hearts.labels("ill").read();
    assertThat(data.size()).isEqualTo(2);
    assertThat(steps(data)).isEqualTo("[60.0, 0.98] [75.5, 0.97] | [-1.0, 1.0]");
    assertThat(labels(data)).isEqualTo("[1] [0]");
    assertThat(labels(hearts.stepLabels("phase", "rest", "run").read())).isEqualTo("[0, 1] [1]");
    assertThat(numbers(hearts.targets("dose").read())).isEqualTo("[2.0] | [3.0]");
    assertThat(numbers(hearts.stepTargets("effect", "dose").read()))
        .isEqualTo("[1.5, 2.0] [2.5, 2.0] | [0.0, 3.0]");
    assertThat(labels(csv("x,y\n1,2\n1,-1\n").inputs("x").stepLabels("y").read()))
        .isEqualTo("[2, -1]");
    assertThat(labels(csv(HEARTS).sequence("patient").tokens("dose").read().ahead(1)))
        .isEqualTo("[2] []");
  }

  @Test
  void aFileIsOneSequenceIfNoColumnNamesThem() throws IOException {
    write(HEARTS);
    Path other = folder.resolve("other.csv");
    Files.writeString(other, HEARTS);
    Sequences data = Csv.of(file, other).inputs("dose").read();
    assertThat(steps(data)).isEqualTo("[2.0] [2.0] [3.0] | [2.0] [2.0] [3.0]");
  }

  @Test
  void readsWhatOtherProgramsWrite() throws IOException {
    String excel =
        "\uFEFFname;\"the \"\"x\"\"\nin cm\";y\r\n\"a;\nb\"; 1 ;2\r\n\r\n\"a;\nb\";3;4\r\n\r\n";
    Csv x = csv(excel).separator(';').sequence("name").inputs("the \"x\"\nin cm");
    assertThat(steps(x.read())).isEqualTo("[1.0] [3.0]");
    assertThat(steps(csv("1\t2\n3\t4").separator('\t').header("a", "b").inputs("b", "a").read()))
        .isEqualTo("[2.0, 1.0] [4.0, 3.0]");
    Path zipped = folder.resolve("data.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(HEARTS.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(steps(Csv.of(zipped).inputs("dose").read())).isEqualTo("[2.0] [2.0] [3.0]");
  }

  @Test
  void missingNumbersAreAnErrorOrANumber() throws IOException {
    String text = "x,y\n1,2\n,3\nNA,4\n";
    refuses(
        csv(text).inputs("x"),
        "line 3: x must be given, or what stands for it where it is missing, csv.missing(0), got an"
            + " empty field");
    refuses(csv(text).inputs("x").missing(0), "line 4: x must be a finite number, got NA");
    assertThat(steps(csv(text).inputs("x").missing(-1, "NA").read()))
        .isEqualTo("[1.0] [-1.0] [-1.0]");
    refuses(
        csv(text).inputs("y").stepTargets("x").missing(0),
        "line 3: x must be given, got an empty field");
    assertThat(steps(csv("x\n1\n\n3\n").inputs("x").missing(0).read()))
        .isEqualTo("[1.0] [0.0] [3.0]");
  }

  @Test
  void portionsHaveSoManySequences() throws IOException {
    StringBuilder text = new StringBuilder("id,x,y\n");
    for (int i = 0; i < 2500; i++) {
      text.append("%d,%d,%d\n%1$d,%2$d,%3$d\n".formatted(i, i, i % 2));
    }
    Csv csv = csv(text.toString()).sequence("id").inputs("x").labels("y");
    assertThat(sizes(csv)).containsExactly(1024, 1024, 452);
    assertThat(sizes(csv.gather(2000))).containsExactly(2000, 500);
    assertThat(csv.read().size()).isEqualTo(2500);
    try (Model model = Model.of(Toys.head(1, 2), 42)) {
      assertThat(
              model
                  .fit(
                      csv.inputs("x").stepLabels("y"),
                      new Adam(0.01),
                      Loss.softmaxCrossEntropy(),
                      Toys.epochs(2))
                  .losses())
          .hasSize(2);
    }
  }

  @Test
  void readsNoFurtherThanItMust() throws IOException {
    Path zipped = folder.resolve("long.csv.gz");
    try (Writer out = gz(zipped)) {
      out.write("id,x\n");
      for (int i = 0; i < 200_000; i++) {
        out.write(i / 4 + "," + i + "\n");
      }
    }
    byte[] all = Files.readAllBytes(zipped);
    Files.write(zipped, Arrays.copyOf(all, all.length / 2));
    Source rows = Csv.of(zipped).sequence("id").inputs("x").gather(10);
    try (Stream<Sequences> portions = rows.portions()) {
      Iterator<Sequences> read = portions.iterator();
      assertThat(read.next().size()).isEqualTo(10);
      assertThatThrownBy(() -> read.forEachRemaining(portion -> {}))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith(zipped + " cannot be read: java.io.EOFException");
    }
  }

  private static Writer gz(Path file) throws IOException {
    return new OutputStreamWriter(
        new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8);
  }

  @Test
  void saysWhereATableIsWrong() throws IOException {
    refuses(
        csv("a,b\n1,2\n3\n").inputs("a"),
        "line 3: there must be 2 fields, as there are columns, got 1");
    refuses(
        csv("a,b\n1,2\n\n3,4,5").inputs("a"),
        "line 4: there must be 2 fields, as there are columns, got 3");
    refuses(csv("a,b\n1,2\n").inputs("c"), "line 1: there must be one column c, got [a, b]");
    refuses(csv("a,a\n1,2\n").inputs("a"), "line 1: there must be one column a, got [a, a]");
    refuses(
        csv("").inputs("a"),
        "line 1: there must be a line with names of columns, got an empty file");
    for (String number : List.of("x", "NaN", "Infinity", "1f", "0x1p3", "1e99", "1,5", "--1")) {
      refuses(
          csv("a\n1\n\"" + number + "\"\n").inputs("a"),
          "line 3: a must be a finite number, got " + number);
    }
    for (String label : List.of("-1", "1.0", "x", "3000000000")) {
      refuses(
          csv("a,b\n1," + label + "\n").inputs("a").labels("b"),
          "line 2: b must be a whole number from 0, got " + label);
    }
    refuses(
        csv("a,b\n1,cat\n2,cow\n").inputs("a").stepLabels("b", "cat", "dog"),
        "line 3: b must be one of [cat, dog], got cow");
    refuses(
        csv("a,b\n1,0\n2,1\n").inputs("a").labels("b"),
        "line 3: b must be 0, as on the sequence's lines before, got 1");
    refuses(
        csv("a,b\nx,0\ny,1\nx,2\n").sequence("a").inputs("b"),
        "line 4: the lines of a x must stand together; sort the file by a, got others between"
            + " them");
    refuses(
        csv("a,b\n,0\n").sequence("a").inputs("b"), "line 2: a must be given, got an empty field");
    assertThatThrownBy(csv("a\n1\n\"2\"3\n").inputs("a")::read)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "Csv: " + file + ", line 3: fields must be quoted as RFC 4180 says, got Invalid");
  }

  @Test
  void aQuoteThatIsNotClosedTakesNoMoreMemoryThanALine() throws IOException {
    Path zipped = folder.resolve("quote.csv.gz");
    try (Writer out = gz(zipped)) {
      out.write("a\n1\n\"2\n");
      for (int i = 0; i < 20_000_000; i++) {
        out.write("3\n");
      }
    }
    assertThatThrownBy(() -> Csv.of(zipped).inputs("a").read())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Csv: "
                + zipped
                + ", line 3: fields must be quoted as RFC 4180 says, got more than 16,777,216"
                + " characters in a line; is a quote open?");
  }

  @Test
  void saysWhichFileCannotBeRead() throws IOException {
    assertThatThrownBy(() -> Csv.of(file).inputs("a").read())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith(file + " cannot be read: java.nio.file.NoSuchFileException");
    Files.write(file, new byte[] {'a', '\n', '1', '\n', (byte) 0xFF, '\n'});
    assertThatThrownBy(() -> Csv.of(file).inputs("a").read())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(
            file + " cannot be read: java.nio.charset.MalformedInputException: Input length = 1");
    Path zipped = folder.resolve("data.csv.gz");
    Files.writeString(zipped, HEARTS);
    assertThatThrownBy(() -> Csv.of(zipped).inputs("dose").read())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(zipped + " cannot be read: java.util.zip.ZipException: Not in GZIP format");
    assertThatThrownBy(() -> csv(HEARTS).portions())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Csv: there are no inputs; name their columns, csv.inputs(\"a\", \"b\")");
    assertThatThrownBy(() -> csv("a\n").inputs("a").read())
        .hasMessage("Source: there must be at least one row, got none");
  }

  /** Any bytes give rows or one of the exceptions that are told. */
  @Test
  void damagedTablesAreRefusedOrRead() throws IOException {
    byte[] good = HEARTS.getBytes(StandardCharsets.UTF_8);
    Path plain = fast.resolve("data.csv");
    assertThat(fuzz(good).read(1, plain, CsvTest::readHearts)).isBetween(0.3, 0.95);
    Path zipped = fast.resolve("data.csv.gz");
    try (Writer out = gz(zipped)) {
      out.write(HEARTS);
    }
    byte[] packed = Files.readAllBytes(zipped);
    assertThat(fuzz(packed).read(2, zipped, CsvTest::readHearts)).isBetween(0.8, 0.999);
  }

  private static Fuzz fuzz(byte[] file) {
    return Fuzz.of("Csv: |Source: |.* cannot be read: ", file);
  }

  private static void readHearts(Path path) {
    Csv.of(path).sequence("patient").inputs("pulse", "oxygen").labels("ill").read();
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }

  private Csv csv(String text) throws IOException {
    write(text);
    return Csv.of(file);
  }

  private void refuses(Csv csv, String sentence) {
    assertThatThrownBy(csv::read)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Csv: " + file + ", " + sentence);
  }

  private static List<Integer> sizes(Source source) {
    try (Stream<Sequences> portions = source.portions()) {
      return portions.map(Sequences::size).toList();
    }
  }

  private static String steps(Sequences data) {
    return Rows.text(data.column("input"));
  }

  private static String labels(Sequences data) {
    return Rows.text(data.requireTargets("").column());
  }

  private static String numbers(Sequences data) {
    return Rows.text(data.requireTargets("").column());
  }
}
