package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.History;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Scores;
import kazoku.train.Sequences;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SparkTrainingTest {
  private static final Columns COLUMNS = Columns.input("steps").labels("the.class");
  private static SparkSession spark;

  @BeforeAll
  static void begin() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
    spark.sparkContext().setLogLevel("OFF");
  }

  @AfterAll
  static void end() {
    spark.stop();
  }

  private static Layer layers() {
    return new Sequential(
        new RNN(new GRUCell(3, 8)).last(),
        new Dense(8, 4, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
  }

  private static Model model() {
    return Model.of(layers(), 42);
  }

  private static Epochs epochs(Sequences validation) {
    return Epochs.of(4).batchSize(16).validation(validation).progress(Progress.NONE);
  }

  private static History fit(Model model, Sequences rows, Epochs epochs) {
    return model.fit(rows, new Adam(3e-3), Loss.softmaxCrossEntropy(), epochs);
  }

  private static History together(Model model, Worker worker) {
    return fit(model, worker.rows(), epochs(worker.validation()).together(worker));
  }

  /** The class is the size of the sum, as good as a network of this size can tell. */
  private static List<Row> rows(int count, long seed) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      float[][] steps = new float[3 + random.nextInt(6)][3];
      double sum = 0;
      for (float[] step : steps) {
        for (int i = 0; i < step.length; i++) {
          step[i] = (float) random.nextGaussian();
          sum += step[i];
        }
      }
      rows.add(RowFactory.create(steps, sum < -3 ? 0 : sum < 0 ? 1 : sum < 3 ? 2 : 3));
    }
    return rows;
  }

  private static Dataset<Row> dataset(List<Row> rows, int partitions) {
    StructType schema =
        new StructType()
            .add("steps", DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.FloatType)))
            .add("the.class", DataTypes.IntegerType);
    return spark.createDataFrame(rows, schema).repartition(partitions).cache();
  }

  @Test
  void twoWorkersLearnWhatOneMachineLearns() {
    Dataset<Row> train = dataset(rows(100, 1), 3);
    Dataset<Row> heldOut = dataset(rows(31, 2), 2);
    Trained trained =
        SparkTraining.of(train, COLUMNS)
            .workers(2)
            .validation(heldOut)
            .fit(SparkTrainingTest::model, SparkTrainingTest::together);

    try (Model alone = model();
        Model model = trained.model()) {
      Sequences validation = COLUMNS.read(heldOut.collectAsList());
      History history = fit(alone, COLUMNS.read(train.collectAsList()), epochs(validation));
      assertAlike(trained.history(), history);
      assertThat(trained.weights().keySet()).containsExactlyElementsOf(alone.weights());
      for (String name : alone.weights()) {
        assertThat(trained.weights().get(name))
            .as(name)
            .containsExactly(alone.weight(name), within(1e-5f));
        assertThat(model.weight(name)).isEqualTo(trained.weights().get(name));
      }
      assertThat(model.evaluate(validation, Loss.softmaxCrossEntropy()).loss())
          .isCloseTo(history.last().validation().loss(), within(1e-5));
    }
  }

  static void assertAlike(History history, History expected) {
    assertThat(history.epochs()).hasSameSizeAs(expected.epochs());
    for (int k = 0; k < history.epochs().size(); k++) {
      History.Epoch epoch = history.epochs().get(k);
      assertThat(epoch.number()).isEqualTo(k + 1);
      assertAlike(epoch.training(), expected.epochs().get(k).training());
      assertAlike(epoch.validation(), expected.epochs().get(k).validation());
    }
  }

  private static void assertAlike(Scores scores, Scores expected) {
    assertThat(scores.values().keySet()).isEqualTo(expected.values().keySet());
    for (Map.Entry<String, Double> score : expected.values().entrySet()) {
      assertThat(scores.value(score.getKey()))
          .as(score.getKey())
          .isCloseTo(score.getValue(), within(1e-5));
    }
  }

  @Test
  void theRowsOfAllWorkersAreTheDatasetInItsOrder() {
    Dataset<Row> train = dataset(rows(11, 3), 4);
    int[] all = train.collectAsList().stream().mapToInt(row -> row.getInt(1)).toArray();
    List<int[]> dealt = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      dealt.add(
          Dealing.rows("data", train, COLUMNS, 2).collectPartitions(new int[] {rank})[0].stream()
              .mapToInt(row -> row.getInt(1))
              .toArray());
    }
    assertThat(dealt.get(0)).hasSize(6);
    assertThat(IntStream.concat(Arrays.stream(dealt.get(0)), Arrays.stream(dealt.get(1))).toArray())
        .isEqualTo(all);
  }

  private static final AtomicInteger TRIES = new AtomicInteger();

  @Test
  void aLessonThatFailsEndsTheJobAtOnceAndSaysWhy() {
    SparkTraining training = SparkTraining.of(dataset(rows(40, 4), 2), COLUMNS).workers(2);
    TRIES.set(0);
    assertThatThrownBy(
            () ->
                training.fit(
                    SparkTrainingTest::model,
                    (model, worker) -> {
                      TRIES.incrementAndGet();
                      if (worker.rank() == 1) {
                        throw new IllegalArgumentException("no such lesson");
                      }
                      return together(model, worker);
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("SparkTraining: worker 1 has failed: no such lesson")
        .satisfies(
            raised -> {
              Throwable thrown = raised.getSuppressed()[0];
              assertThat(thrown).hasMessageContaining("IllegalArgumentException");
              assertThat(thrown.getStackTrace()[0].getClassName()).contains("SparkTrainingTest");
            });
    assertThat(TRIES).hasValue(2);
  }

  @Test
  void aNumberThatIsNoneEndsTheJob() {
    List<Row> rows = rows(40, 5);
    rows.set(33, RowFactory.create(new float[][] {{1, 2, Float.NaN}}, 2));
    SparkTraining training = SparkTraining.of(dataset(rows, 1), COLUMNS).workers(2);
    assertThatThrownBy(() -> training.fit(SparkTrainingTest::model, SparkTrainingTest::together))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("worker 1 has failed: ")
        .hasMessageContaining("NaN");
  }

  @Test
  void aRowThatIsNoneEndsTheJob() {
    List<Row> rows = rows(40, 6);
    rows.set(3, RowFactory.create(new float[][] {{1, 2, 3}}, null));
    SparkTraining training = SparkTraining.of(dataset(rows, 1), COLUMNS).workers(2);
    assertThatThrownBy(() -> training.fit(SparkTrainingTest::model, SparkTrainingTest::together))
        .hasMessageStartingWith("SparkTraining: worker 0 has failed: ")
        .hasMessageContaining("class");
  }

  @Test
  void workersThatTrainAloneAreRefused() {
    SparkTraining training = SparkTraining.of(dataset(rows(40, 7), 2), COLUMNS).workers(2);
    assertThatThrownBy(
            () ->
                training.fit(
                    SparkTrainingTest::model,
                    (model, worker) -> fit(model, worker.rows(), epochs(null))))
        .hasMessageContaining(
            "must train together with the other workers, epochs.together(worker)");
  }

  @Test
  void whatCannotBeTrainedIsRefusedAtOnce() {
    SparkTraining training = SparkTraining.of(dataset(rows(2, 8), 1), COLUMNS);
    assertThatThrownBy(
            () -> training.workers(3).fit(SparkTrainingTest::model, SparkTrainingTest::together))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "SparkTraining: all workers must run at once, and with master local[2] 2 can at most;"
                + " take fewer workers, or a larger cluster, got 3");
    assertThatThrownBy(
            () ->
                SparkTraining.of(dataset(rows(1, 8), 1), COLUMNS)
                    .workers(2)
                    .fit(SparkTrainingTest::model, SparkTrainingTest::together))
        .hasMessage(
            "SparkTraining: data must have at least one row for each of the 2 workers, got 1");
    assertThatThrownBy(() -> training.workers(0))
        .hasMessage("SparkTraining: workers must be at least 1, got 0");
    Layer layers = layers();
    assertThatThrownBy(() -> training.fit(() -> Model.of(layers, 42), SparkTrainingTest::together))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("make layers, optimizers, losses and callbacks inside of it")
        .hasMessageContaining("kazoku.Sequential");
    assertThatThrownBy(
            () -> SparkTraining.of(dataset(rows(2, 8), 1), Columns.input("stpes").labels("the.class")))
        .hasMessageContaining("stpes");
  }
}
