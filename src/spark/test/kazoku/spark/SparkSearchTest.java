package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Scores;
import kazoku.train.Sequences;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SparkSearchTest {
  private static SparkSession spark;
  private static Dataset<Row> data;

  @BeforeAll
  static void begin() {
    spark = TestRows.local("local[2]");
    spark.sparkContext().setLogLevel("OFF");
    data = SumsTask.dataset(spark, SumsTask.rows(40, 1));
  }

  @AfterAll
  static void end() {
    spark.stop();
  }

  /** Trains for some epochs. */
  private static Scores trial(Integer epochs, Sequences training, Sequences heldOut) {
    try (Model model = SumsTask.model()) {
      SumsTask.fit(model, training, Epochs.of(epochs).batchSize(8).progress(Progress.NONE));
      return model.evaluate(heldOut, Loss.softmaxCrossEntropy());
    }
  }

  @Test
  void givesWhatALoopOnOneMachineGives() {
    SearchResults<Integer> results =
        SparkSearch.over(List.of(1, 4))
            .folds(3, 7)
            .run(data, SumsTask.COLUMNS, SparkSearchTest::trial);

    Sequences all = SumsTask.COLUMNS.read(data.collectAsList());
    List<Map<String, Double>> expected = new ArrayList<>();
    for (int epochs : List.of(1, 4)) {
      for (Sequences.Split fold : all.folds(3, 7)) {
        expected.add(trial(epochs, fold.training(), fold.heldOut()).values());
      }
    }
    assertThat(results.results().get(0).folds()).isEqualTo(expected.subList(0, 3));
    assertThat(results.results().get(1).folds()).isEqualTo(expected.subList(3, 6));
    SearchResults.Result<Integer> best = results.lowest("loss");
    assertThat(best.setting()).isEqualTo(4);
    double mean =
        expected.subList(3, 6).stream().mapToDouble(f -> f.get("loss")).average().orElse(0);
    assertThat(best.mean("loss")).isCloseTo(mean, within(1e-12));
    assertThat(results.toString()).matches("1  loss .* ± .*, accuracy .*\n4  loss .* ± .*");
    assertThatThrownBy(() -> best.mean("recall"))
        .hasMessageMatching("SearchResults: a score must be one of .*loss.*, got recall");
  }

  @Test
  void aTrialThatFailsDoesNotEndTheOthers() {
    SearchResults<Integer> results =
        SparkSearch.over(List.of(0, 1))
            .heldOut(0.25, 7)
            .run(data, SumsTask.COLUMNS, SparkSearchTest::trial);
    SearchResults<Integer> notANumber =
        SparkSearch.over(List.of(1))
            .heldOut(0.25, 7)
            .run(
                data,
                SumsTask.COLUMNS,
                (setting, training, heldOut) -> new Scores(Double.NaN, "accuracy", 0.5));
    assertThat(notANumber.results().get(0).failure())
        .endsWith("the loss on what is held out is NaN");
    assertThat(results.results().get(0).failure())
        .isEqualTo("Epochs: count must be at least 1, got 0");
    assertThat(results.results().get(0).mean("loss")).isNaN();
    assertThat(results.highest("accuracy").setting()).isEqualTo(1);
    assertThat(results.toString())
        .startsWith("0  failed: Epochs: count must be at least 1, got 0\n1  loss");
    SearchResults<Integer> failed =
        SparkSearch.over(List.of(0))
            .heldOut(0.25, 7)
            .run(data, SumsTask.COLUMNS, SparkSearchTest::trial);
    assertThatThrownBy(() -> failed.lowest("loss"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "SearchResults: every setting has failed, the first one so: Epochs: count must be at least 1, got 0");
  }

  @Test
  void refusesWhatCannotBeDone() {
    assertThatThrownBy(() -> SparkSearch.over(List.<Integer>of()))
        .hasMessage("SparkSearch: there must be at least one setting, got []");
    assertThatThrownBy(
            () ->
                SparkSearch.over(List.of(1))
                    .folds(41, 7)
                    .run(data, SumsTask.COLUMNS, SparkSearchTest::trial))
        .hasMessage("Sequences: folds must be in 2..40, as many as there are rows, got 41");
    assertThatThrownBy(
            () ->
                SparkSearch.over(List.of(1))
                    .run(data, Columns.input("nothing").labels("label"), SparkSearchTest::trial))
        .hasMessageStartingWith("Columns: there must be a column nothing, got");
    try (Model outside = SumsTask.model()) {
      assertThatThrownBy(
              () ->
                  SparkSearch.over(List.of(1))
                      .run(
                          data,
                          SumsTask.COLUMNS,
                          (setting, training, heldOut) ->
                              outside.evaluate(heldOut, Loss.softmaxCrossEntropy())))
          .hasMessageStartingWith("SparkSearch: the trial travels to the executors;");
    }
  }
}
