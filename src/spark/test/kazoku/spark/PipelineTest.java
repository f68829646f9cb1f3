package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.cells.GRUCell;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Export;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class PipelineTest {
  @TempDir static Path folder;

  private static SparkSession spark;
  private static Dataset<Row> data;

  private static final class Hidden implements SequenceClassifier.Network {
    @Override
    public Layer layers() {
      return SumsTask.layers();
    }
  }

  /** Known by name. */
  public static final class SumsNetwork implements SequenceClassifier.Network {
    @Override
    public Layer layers() {
      return SumsTask.layers();
    }
  }

  @BeforeAll
  static void begin() {
    spark = TestRows.local("local[2]");
    spark.sparkContext().setLogLevel("OFF");
    data =
        SumsTask.dataset(spark, SumsTask.rows(60, 1))
            .withColumnRenamed("the.class", "class")
            .cache();
  }

  @AfterAll
  static void end() {
    spark.stop();
  }

  private static SequenceClassifier classifier() {
    SequenceClassifier classifier = SequenceClassifier.of(SumsNetwork.class);
    classifier.set(classifier.labelCol(), "class");
    classifier.set(classifier.epochs(), 3);
    classifier.set(classifier.learningRate(), 3e-3);
    return classifier;
  }

  private static List<Row> answers(Dataset<Row> scored) {
    return scored.select("output", "prediction").collectAsList();
  }

  @Test
  void aPipelineLearnsAndIsSavedWithItsModel() throws Exception {
    SequenceClassifier classifier = classifier();
    classifier.set(classifier.workers(), 2);
    PipelineStage later =
        new Binarizer().setInputCol("prediction").setOutputCol("high").setThreshold(1.5);
    PipelineModel model =
        new Pipeline().setStages(new PipelineStage[] {classifier, later}).fit(data);
    List<Row> answers = answers(model.transform(data));

    try (Model alone = SumsTask.model()) {
      alone.fit(
          Columns.input("steps").labels("class").read(data.collectAsList()),
          new Adam(3e-3).clip(1),
          Loss.softmaxCrossEntropy(),
          Epochs.of(3).progress(Progress.NONE));
      float[][] expected = alone.predict(Columns.input("steps").read(data.collectAsList()));
      for (int row = 0; row < expected.length; row++) {
        List<Float> scores = answers.get(row).getList(0);
        int highest = 0;
        for (int k = 0; k < expected[row].length; k++) {
          assertThat(scores.get(k)).isCloseTo(expected[row][k], within(1e-4f));
          highest = scores.get(k) > scores.get(highest) ? k : highest;
        }
        assertThat(answers.get(row).getDouble(1)).isEqualTo(highest);
      }
    }

    String path = folder.resolve("pipeline").toUri().toString();
    model.write().save(path);
    model.write().overwrite().save(path);
    PipelineModel read = PipelineModel.load(path);
    assertThat(read.stages()[0].uid()).isEqualTo(classifier.uid());
    assertThat(answers(read.transform(data))).isEqualTo(answers);
    SequenceModel stage = (SequenceModel) read.stages()[0];
    stage.set(stage.outputCol(), "scores").set(stage.predictionCol(), "");
    assertThat(stage.transform(data).columns()).containsExactly("steps", "class", "scores");
  }

  @Test
  void aClassifierIsSavedWithItsParameters() throws Exception {
    String path = folder.resolve("classifier").toUri().toString();
    SequenceClassifier classifier = classifier();
    classifier.write().save(path);
    SequenceClassifier read = SequenceClassifier.load(path);
    assertThat(read.explainParams()).isEqualTo(classifier.explainParams());
    assertThat(read.explainParams())
        .contains("epochs: passes over the data (default: 10, current: 3)");
    ParamMap other = new ParamMap().put(classifier.epochs(), 7);
    assertThat(classifier.copy(other).explainParams()).contains("current: 7");
  }

  @Test
  void parametersAreChosenByCrossValidation() {
    SequenceClassifier classifier = classifier();
    classifier.set(classifier.epochs(), 10);
    CrossValidator validator =
        new CrossValidator()
            .setEstimator(classifier)
            .setEvaluator(
                new MulticlassClassificationEvaluator()
                    .setLabelCol("class")
                    .setMetricName("accuracy"))
            .setEstimatorParamMaps(
                new ParamGridBuilder()
                    .addGrid(classifier.learningRate(), new double[] {1e-5, 0.03})
                    .build())
            .setNumFolds(2)
            .setSeed(1);
    CrossValidatorModel best = validator.fit(data);
    assertThat(best.avgMetrics()[1]).isGreaterThan(best.avgMetrics()[0]);
  }

  @Test
  void aSavedModelIsAStage() {
    Path exported = folder.resolve("steps-model");
    try (Model model = Model.of(new RNN(new GRUCell(3, 2)), 1)) {
      model.export(exported, Export.frozen());
    }
    SequenceModel stage = SequenceModel.of(spark, exported);
    assertThatThrownBy(() -> stage.transformSchema(data.schema()))
        .hasMessage(
            "SequenceModel: the output must be numbers for each row, array<float>, for a"
                + " prediction; or set predictionCol to \"\", got array<array<float>>");
    stage.set(stage.predictionCol(), "");
    assertThat(stage.transform(data).first().getList(2)).hasSameSizeAs(data.first().getList(0));
  }

  @Test
  void refusesWhatDoesNotFit() {
    SequenceClassifier classifier = classifier();
    classifier.set(classifier.labelCol(), "speaker");
    assertThatThrownBy(() -> classifier.transformSchema(data.schema()))
        .hasMessage("Columns: there must be a column speaker, got [steps, class]");
    assertThatThrownBy(() -> new SequenceClassifier("none").transformSchema(data.schema()))
        .hasMessage("SequenceClassifier: network must be set, got none");
    classifier.set(classifier.labelCol(), "class").set(classifier.outputCol(), "Steps");
    assertThatThrownBy(() -> classifier.transformSchema(data.schema()))
        .hasMessage(
            "SequenceClassifier: there must be no column Steps before this stage makes it; set"
                + " outputCol to another name, got [steps, class]");
    assertThatThrownBy(() -> classifier.set(classifier.epochs(), 0))
        .hasMessageContaining("epochs given invalid value 0");
    assertThatThrownBy(() -> SequenceClassifier.of(Hidden.class))
        .hasMessageStartingWith("SequenceClassifier: network must be a public class");
  }
}
