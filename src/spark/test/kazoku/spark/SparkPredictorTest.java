package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.serve.Predictor;
import kazoku.train.Inputs;
import kazoku.train.Model;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models applied to Datasets, in one process with two tasks at a time. */
class SparkPredictorTest {
  private static final Columns STEPS = Columns.input("steps");

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestRows.local("local[2]");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Two numbers a step → three numbers a row. */
  private static Model rowModel(long seed) {
    return Model.of(new Sequential(new RNN(new GRUCell(2, 4)).last(), new Dense(4, 3)), seed);
  }

  /** Tokens below 10 → two numbers a step. */
  private static Model tokenModel() {
    return Model.of(
        new Sequential(new Embedding(10, 3), new RNN(new GRUCell(3, 4)), new Dense(4, 2)), 7);
  }

  /** Steps, and what is said about a row beside them → an output for steps and one for the row. */
  private static Model twoByTwo() {
    Layer layer =
        (w, x) -> {
          RNN rnn = new RNN(new GRUCell(2, 4));
          return new Dense(4, 2)
              .apply(w.in("steps"), rnn.apply(w.in("rnn"), x))
              .beside("whole", new Dense(3, 2).apply(w.in("whole"), x.beside("more")));
        };
    return Model.of(layer, Inputs.vectors(2).rows("more", 3), 7);
  }

  @Test
  void rowsThatAreRunTogetherAreAsInOneProcessBitByBit() {
    Dataset<Row> rows = TestRows.of(spark, 50, 1);
    try (Model model = rowModel(3);
        Predictor alone = Predictor.of(model)) {
      float[][] expected = alone.predict(STEPS.read(rows.collectAsList()));

      List<Row> scored = SparkPredictor.of(spark, model, STEPS).transform(rows).collectAsList();

      for (int row = 0; row < expected.length; row++) {
        assertThat(TestRows.floats(scored.get(row), "output")).isEqualTo(expected[row]);
        assertThat(scored.get(row).<String>getAs("name")).isEqualTo("row " + row);
      }
    }
  }

  @Test
  void otherPartitionsAndBatchesChangeTheLastDigitsAtMost() {
    Dataset<Row> rows = TestRows.of(spark, 50, 3);
    try (Model model = rowModel(3);
        Predictor alone = Predictor.of(model)) {
      float[][] expected = alone.predict(STEPS.read(rows.orderBy("id").collectAsList()));

      List<Row> scored =
          SparkPredictor.of(spark, model, STEPS)
              .batchRows(7)
              .transform(rows)
              .orderBy("id")
              .collectAsList();

      assertThat(scored).hasSize(50);
      for (int row = 0; row < expected.length; row++) {
        assertThat(TestRows.floats(scored.get(row), "output"))
            .usingComparatorWithPrecision(1e-6f)
            .containsExactly(expected[row]);
      }
    }
  }

  @Test
  void tokensGiveAsManyStepsAsAreValid() {
    Dataset<Row> rows =
        spark.sql("SELECT * FROM VALUES (array(1, 2, 3, 0), 3), (array(4, 0), 1) AS t(words, n)");
    try (Model model = tokenModel();
        Predictor alone = Predictor.of(model)) {
      float[][][] expected = alone.predictSteps(new int[][] {{1, 2, 3}, {4}});
      Columns columns = Columns.input("words").lengths("n");

      Dataset<Row> scored =
          SparkPredictor.of(spark, model, columns).batchRows(1).transform(rows.coalesce(1));

      assertThat(scored.schema().apply("output").dataType().catalogString())
          .isEqualTo("array<array<float>>");
      List<Row> all = scored.collectAsList();
      for (int row = 0; row < 2; row++) {
        float[][] steps = TestRows.steps(all.get(row), "output");
        assertThat(steps).hasDimensions(expected[row].length, 2);
        for (int t = 0; t < steps.length; t++) {
          assertThat(steps[t])
              .usingComparatorWithPrecision(1e-6f)
              .containsExactly(expected[row][t]);
        }
      }
    }
  }

  @Test
  void severalInputsAndOutputsHaveColumnsOfTheirOwn() {
    Dataset<Row> rows =
        TestRows.of(spark, 6, 2).selectExpr("*", "array(0.5F, float(id), 1F) AS about");
    Columns columns = STEPS.beside("more", "about");
    try (Model model = twoByTwo()) {
      SparkPredictor predictor = SparkPredictor.of(spark, model, columns);

      assertThat(predictor.transform(rows).columns())
          .containsExactly("id", "steps", "name", "about", "output", "whole");
      Map<String, String> names = new LinkedHashMap<>();
      names.put("whole", "of row");
      names.put("output", "of steps");
      SparkPredictor renamed = predictor.outputs(names);
      assertThat(renamed.transform(rows).columns()).endsWith("about", "of row", "of steps");

      spark.udf().register("both", renamed.udf());
      rows.createOrReplaceTempView("rows");
      Row whole = renamed.batchRows(1).transform(rows).orderBy("id").collectAsList().get(5);
      Row one = spark.sql("SELECT both(steps, about) AS s FROM rows WHERE id = 5").head();
      Row struct = one.getStruct(0);
      assertThat(TestRows.floats(struct, "of row")).isEqualTo(TestRows.floats(whole, "of row"));
      assertThat(TestRows.steps(struct, "of steps"))
          .isDeepEqualTo(TestRows.steps(whole, "of steps"));
    }
  }

  @Test
  void aFunctionOfSqlGivesWhatTransformDoes() {
    Dataset<Row> rows = TestRows.of(spark, 10, 2);
    try (Model model = rowModel(3)) {
      SparkPredictor predictor = SparkPredictor.of(spark, model, STEPS).batchRows(1);
      List<Row> expected = predictor.transform(rows).orderBy("id").collectAsList();
      spark.udf().register("scores", predictor.udf());
      rows.createOrReplaceTempView("rows");

      List<Row> scored =
          spark.sql("SELECT scores(steps) AS output FROM rows ORDER BY id").collectAsList();

      for (int row = 0; row < 10; row++) {
        assertThat(TestRows.floats(scored.get(row), "output"))
            .isEqualTo(TestRows.floats(expected.get(row), "output"));
      }
      assertThatThrownBy(() -> spark.sql("SELECT scores(name) FROM rows").collect())
          .hasStackTraceContaining("the column steps must have an array where it has row ");
      assertThatThrownBy(() -> spark.sql("SELECT scores(NULL) FROM rows").collect())
          .hasStackTraceContaining("the column steps must have no null");
    }
  }

  @Test
  void versionsOfAModelStandBesideEachOther(@TempDir Path folder) {
    Dataset<Row> rows = TestRows.of(spark, 4, 1);
    Path exported = folder.resolve("model");
    List<float[][]> expected = new ArrayList<>();
    List<SparkPredictor> versions = new ArrayList<>();
    for (int seed = 0; seed < SharedModels.KEPT + 1; seed++) {
      try (Model model = rowModel(seed);
          Predictor alone = Predictor.of(model)) {
        model.export(exported);
        versions.add(
            SparkPredictor.of(spark, exported, STEPS).outputs(Map.of("output", "version " + seed)));
        expected.add(alone.predict(STEPS.read(rows.collectAsList())));
      }
    }

    Dataset<Row> scored = rows;
    for (SparkPredictor version : versions) {
      scored = version.transform(scored);
    }

    for (int time = 0; time < 2; time++) {
      List<Row> all = scored.collectAsList();
      for (int version = 0; version < versions.size(); version++) {
        for (int row = 0; row < all.size(); row++) {
          assertThat(TestRows.floats(all.get(row), "version " + version))
              .usingComparatorWithPrecision(1e-6f)
              .containsExactly(expected.get(version)[row]);
        }
      }
    }
    assertThat(SharedModels.count()).isEqualTo(SharedModels.KEPT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "steps | SELECT array(1, 2) AS steps | SparkPredictor: the column steps must be"
            + " array<array<float>> for the model's input input vectors [?, ?, 2], got array<int>",
        "x | SELECT array(array(1F)) AS steps | Columns: there must be a column x, got [steps]",
        "steps | SELECT 1 AS OUTPUT, array(array(1F)) AS steps | SparkPredictor: there must be no"
            + " column output before the model's output is; give it another name,"
            + " outputs(Map.of(\"output\", …)), got [OUTPUT, steps]"
      })
  void datasetsThatDoNotFitAreRefusedAtOnce(String column, String query, String message) {
    Dataset<Row> rows = spark.sql(query);
    try (Model model = rowModel(3)) {
      SparkPredictor predictor = SparkPredictor.of(spark, model, Columns.input(column));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> predictor.transform(rows))
          .withMessage(message);
    }
  }

  @Test
  void whatTheModelHasNotIsRefusedAtOnce() {
    try (Model one = rowModel(3);
        Model two = twoByTwo()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SparkPredictor.of(spark, one, STEPS.beside("more", "about")))
          .withMessage(
              "SparkPredictor: columns must have one input, and beside it the others of the model's"
                  + " inputs [input], got beside it [more]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SparkPredictor.of(spark, two, STEPS))
          .withMessageContaining("inputs [input, more], got beside it []");
      SparkPredictor predictor = SparkPredictor.of(spark, one, STEPS);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> predictor.outputs(Map.of("scores", "a")))
          .withMessage("SparkPredictor: an output must be one of [output], got scores");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> predictor.batchRows(257))
          .withMessage("SparkPredictor: batchRows must be in 1..256, got 257");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SparkPredictor.of(spark, Path.of("nowhere"), STEPS))
        .withMessageContaining("there is no saved_model.pb in nowhere");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "array(array(1F, 2F), NULL) | Columns: the column steps must have no null, got",
        "array(array(1F, 2F, 3F)) | input must have 2 numbers a step, got 3; in",
        "array(array(1F, float('NaN'))) | input must have finite numbers only",
        "NULL | Columns: the column steps must have no null, got"
      })
  void rowsThatDoNotFitAreShown(String steps, String message) {
    Dataset<Row> rows =
        TestRows.of(spark, 9, 1)
            .drop("name")
            .selectExpr("id", "IF(id = 6, " + steps + ", steps) AS steps");
    try (Model model = rowModel(3)) {
      Dataset<Row> scored = SparkPredictor.of(spark, model, STEPS).transform(rows);

      assertThatThrownBy(scored::collect)
          .hasRootCauseInstanceOf(IllegalArgumentException.class)
          .hasStackTraceContaining(message)
          .hasStackTraceContaining("a row with id: 6, steps: ");
    }
  }

  @Test
  void aTokenThatTheModelDoesNotKnowIsShown() {
    Dataset<Row> rows = spark.sql("SELECT id, array(int(id), 3) AS words FROM range(5, 15, 1, 1)");
    try (Model model = tokenModel()) {
      Dataset<Row> scored = SparkPredictor.of(spark, model, Columns.input("words")).transform(rows);

      assertThatThrownBy(scored::collect)
          .hasStackTraceContaining("a row with id: 10, words: 2 elements [10, 3]");
    }
  }

  @Test
  void noRowsAreNoTrouble() {
    try (Model model = rowModel(3)) {
      Dataset<Row> none = TestRows.of(spark, 5, 2).where("id > 100");

      assertThat(SparkPredictor.of(spark, model, STEPS).transform(none).count()).isZero();
    }
  }
}
