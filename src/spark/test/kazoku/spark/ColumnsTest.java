package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import kazoku.train.Inputs;
import kazoku.train.Sequences;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of columns, and what is refused. */
class ColumnsTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestRows.local("local[1]");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Rows as {@code SELECT} of {@code VALUES} gives them. */
  private static Dataset<Row> rows(String names, String... values) {
    return spark.sql("SELECT * FROM VALUES " + String.join(", ", values) + " AS t(" + names + ")");
  }

  private static Sequences read(Columns columns, Dataset<Row> data) {
    columns.check(data.schema());
    return columns.read(data.collectAsList());
  }

  @Test
  void stepsOfSeveralNumbers() {
    Dataset<Row> data =
        rows("id, x", "(1, array(array(1.5D, 2), array(3, 4)))", "(2, array(array(5D, 6)))");

    Sequences read = read(Columns.input("x"), data);

    assertThat(read.kind()).isEqualTo(Inputs.Kind.VECTORS);
    assertThat(read.size()).isEqualTo(2);
    assertThat(read.length(0)).isEqualTo(2);
    assertThat(read.length(1)).isEqualTo(1);
    assertThat(read.step(0, 0)).containsExactly(1.5f, 2);
    assertThat(read.step(0, 1)).containsExactly(3, 4);
    assertThat(read.step(1, 0)).containsExactly(5, 6);
  }

  @Test
  void tokensAndWhatStandsBesideThem() {
    Dataset<Row> data =
        rows(
            "words, about, time",
            "(array(3L, 4L), array(0.5F), array(array(1F), array(2F)))",
            "(array(5L), array(0.25F), array(array(3F)))");

    Sequences read =
        read(Columns.input("words").beside("what", "about").beside("when", "time"), data);

    assertThat(read.kind()).isEqualTo(Inputs.Kind.TOKENS);
    assertThat(read.token(0, 1)).isEqualTo(4);
    assertThat(read.inputs().keySet()).containsExactly("input", "what", "when");
    assertThat(read.inputs().get("what").kind()).isEqualTo(Inputs.Kind.ROWS);
    assertThat(read.inputs().get("what").step(1, 0)).containsExactly(0.25f);
    assertThat(read.inputs().get("when").step(0, 1)).containsExactly(2);
  }

  @Test
  void lengthsCutPaddingOffInputAndTargets() {
    Dataset<Row> data =
        rows(
            "words, tags, n",
            "(array(3, 4, 0, 0), array(1, 2, 0, 0), 2)",
            "(array(5, 6, 7, 0), array(0, 1, 2, 0), 3)");
    Columns columns = Columns.input("words").lengths("n").labels("tags");

    Sequences read = read(columns, data);

    assertThat(read.length(0)).isEqualTo(2);
    assertThat(read.length(1)).isEqualTo(3);
    assertThat(read.token(1, 2)).isEqualTo(7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(columns, rows("words, tags, n", "(array(3), array(1), 2)")))
        .withMessage(
            "Columns: the column n must be in 0..1, the steps of words, got a row with words: 1"
                + " elements [3], tags: 1 elements [1], n: 2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | labels",
        "2D | labels",
        "array(1, -1) | labels",
        "array(0.5D) | targets",
        "0.5F | targets",
        "array(array(1D), array(2D)) | targets"
      })
  void whatIsToBeLearnt(String value, String what) {
    Dataset<Row> data = rows("x, y, w", "(array(array(1F), array(2F)), " + value + ", 2.5)");
    Columns inputs = Columns.input("x").sampleWeights("w");
    Columns columns = what.equals("labels") ? inputs.labels("y") : inputs.targets("y");

    assertThat(read(columns, data).size()).isEqualTo(1);
    assertThat(columns.inputsOnly()).isEqualTo(Columns.input("x"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "z | there must be a column z, got [x, y, s]",
        "s | the column s must be array<array<float>>, array<int> or array<float>, got string",
        "y | the column y must be array<array<float>>, array<int> or array<float>, got double"
      })
  void inputsThatDoNotFit(String column, String message) {
    Dataset<Row> data = rows("x, y, s", "(array(array(1F)), 2.5D, 'a')");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Columns.input(column).check(data.schema()))
        .withMessage("Columns: " + message);
  }

  @Test
  void otherColumnsThatDoNotFit() {
    Dataset<Row> data = rows("x, y, r", "(array(array(1F)), 2.5D, array(1F))");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Columns.input("x").lengths("y").check(data.schema()))
        .withMessage("Columns: the column y must be whole numbers, int, got double");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Columns.input("x").labels("r").check(data.schema()))
        .withMessageEndingWith("int for each row, or array<int> for each step, got array<float>");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Columns.input("x").sampleWeights("x").check(data.schema()))
        .withMessageEndingWith("must be float, got array<array<float>>");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Columns.input("x").labels("y").targets("y"))
        .withMessage("Columns: there must be labels or targets, not both, got y and y");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CAST(NULL AS array<array<float>>) | 1",
        "array(NULL, array(1F)) | 1",
        "array(array(1F, NULL)) | 1",
        "array(array(1F)) | CAST(NULL AS int)"
      })
  void nullsAreRefusedWithTheirRow(String x, String y) {
    Dataset<Row> data = rows("id, x, y", "(6, array(array(1F)), 1)", "(7, " + x + ", " + y + ")");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(Columns.input("x").labels("y"), data))
        .withMessageStartingWith("Columns: the column ")
        .withMessageContaining(" must have no null, got a row with id: 7, x: ");
  }

  @Test
  void numbersThatAreNoTokensOrClassesAreRefused() {
    Dataset<Row> data = rows("x, y", "(array(4294967296L), 1.5D)");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(Columns.input("x"), data))
        .withMessageContaining("must be whole numbers of 32 bits, which 4294967296 is not");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(Columns.input("x").labels("y"), rows("x, y", "(array(1), 1.5D)")))
        .withMessageContaining("which 1.5 is not");
  }

  @Test
  void travelsToOtherProcesses() throws Exception {
    Columns columns = Columns.input("x").beside("a", "b").lengths("n").targets("y");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(columns);
    }

    assertThat(new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject())
        .isEqualTo(columns);
    assertThat(List.of(columns.toString())).first().asString().contains("beside={a=b}");
  }
}
