package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import kazoku.Layer;
import kazoku.train.Epochs;
import kazoku.train.History;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SparkTrainingTest {
  private static final Columns COLUMNS = SumsTask.COLUMNS;
  private static SparkSession spark;

  @BeforeAll
  static void begin() {
    spark = TestRows.local("local[2]");
    spark.sparkContext().setLogLevel("OFF");
  }

  @AfterAll
  static void end() {
    spark.stop();
  }

  private static Epochs epochs(Sequences validation) {
    return Epochs.of(4).batchSize(16).validation(validation).progress(Progress.NONE);
  }

  private static History together(Model model, Worker worker) {
    return SumsTask.fit(model, worker.rows(), epochs(worker.validation()).together(worker));
  }

  private static Dataset<Row> dataset(List<Row> rows, int partitions) {
    return SumsTask.dataset(spark, rows).repartition(partitions).cache();
  }

  @Test
  void twoWorkersLearnWhatOneMachineLearns() {
    Dataset<Row> train = dataset(SumsTask.rows(100, 1), 3);
    Dataset<Row> heldOut = dataset(SumsTask.rows(31, 2), 2);
    Trained trained =
        SparkTraining.of(train, COLUMNS)
            .workers(2)
            .validation(heldOut)
            .fit(SumsTask::model, SparkTrainingTest::together);

    try (Model alone = SumsTask.model();
        Model model = trained.model()) {
      Sequences validation = COLUMNS.read(heldOut.collectAsList());
      History history =
          SumsTask.fit(alone, COLUMNS.read(train.collectAsList()), epochs(validation));
      SumsTask.assertAlike(trained, history, alone);
      assertThat(model.evaluate(validation, Loss.softmaxCrossEntropy()).loss())
          .isCloseTo(history.last().validation().loss(), within(1e-5));
    }
  }

  @Test
  void theRowsOfAllWorkersAreTheDatasetInItsOrder() {
    Dataset<Row> train = dataset(SumsTask.rows(11, 3), 4);
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
    SparkTraining training = SparkTraining.of(dataset(SumsTask.rows(40, 4), 2), COLUMNS).workers(2);
    TRIES.set(0);
    assertThatThrownBy(
            () ->
                training.fit(
                    SumsTask::model,
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

  /** How many lessons run, and whether one has come to its first epoch. */
  private static final AtomicInteger RUNNING = new AtomicInteger();

  private static final CountDownLatch LEARNING = new CountDownLatch(1);

  private static History endless(Model model, Worker worker) {
    RUNNING.incrementAndGet();
    try {
      return SumsTask.fit(
          model,
          worker.rows(),
          Epochs.of(1_000_000)
              .progress(Progress.NONE)
              .with(training -> LEARNING.countDown())
              .together(worker));
    } finally {
      RUNNING.decrementAndGet();
    }
  }

  @Test
  void aJobThatIsCancelledEndsItsWorkers() throws Exception {
    SparkTraining training = SparkTraining.of(dataset(SumsTask.rows(40, 9), 2), COLUMNS).workers(2);
    CompletableFuture<Trained> running =
        CompletableFuture.supplyAsync(
            () -> training.fit(SumsTask::model, SparkTrainingTest::endless));
    LEARNING.await();
    spark.sparkContext().cancelAllJobs();
    assertThatThrownBy(running::get).hasMessageContaining("cancelled");
    while (RUNNING.get() > 0) {
      Thread.sleep(20);
    }
  }

  @Test
  void aNumberThatIsNoneEndsTheJob() {
    List<Row> rows = SumsTask.rows(40, 5);
    rows.set(33, RowFactory.create(new float[][] {{1, 2, Float.NaN}}, 2));
    SparkTraining training = SparkTraining.of(dataset(rows, 1), COLUMNS).workers(2);
    assertThatThrownBy(() -> training.fit(SumsTask::model, SparkTrainingTest::together))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("worker 1 has failed: ")
        .hasMessageContaining("NaN");
  }

  @Test
  void aRowThatIsNoneEndsTheJob() {
    List<Row> rows = SumsTask.rows(40, 6);
    rows.set(3, RowFactory.create(new float[][] {{1, 2, 3}}, null));
    SparkTraining training = SparkTraining.of(dataset(rows, 1), COLUMNS).workers(2);
    assertThatThrownBy(() -> training.fit(SumsTask::model, SparkTrainingTest::together))
        .hasMessageStartingWith("SparkTraining: worker 0 has failed: ")
        .hasMessageContaining("class");
  }

  @Test
  void workersThatTrainAloneAreRefused() {
    SparkTraining training = SparkTraining.of(dataset(SumsTask.rows(40, 7), 2), COLUMNS).workers(2);
    assertThatThrownBy(
            () ->
                training.fit(
                    SumsTask::model,
                    (model, worker) -> SumsTask.fit(model, worker.rows(), epochs(null))))
        .hasMessageContaining(
            "must train together with the other workers, epochs.together(worker)");
  }

  @Test
  void whatCannotBeTrainedIsRefusedAtOnce() {
    SparkTraining training = SparkTraining.of(dataset(SumsTask.rows(2, 8), 1), COLUMNS);
    assertThatThrownBy(() -> training.workers(3).fit(SumsTask::model, SparkTrainingTest::together))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "SparkTraining: all workers must run at once, and with master local[2] 2 can at most;"
                + " take fewer workers, or a larger cluster, got 3");
    assertThatThrownBy(
            () ->
                SparkTraining.of(dataset(SumsTask.rows(1, 8), 1), COLUMNS)
                    .workers(2)
                    .fit(SumsTask::model, SparkTrainingTest::together))
        .hasMessage(
            "SparkTraining: data must have at least one row for each of the 2 workers, got 1");
    assertThatThrownBy(() -> training.workers(0))
        .hasMessage("SparkTraining: workers must be at least 1, got 0");
    Layer layers = SumsTask.layers();
    assertThatThrownBy(() -> training.fit(() -> Model.of(layers, 42), SparkTrainingTest::together))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("make layers, optimizers, losses and callbacks inside of it")
        .hasMessageContaining("kazoku.Sequential");
    assertThatThrownBy(
            () ->
                SparkTraining.of(
                    dataset(SumsTask.rows(2, 8), 1), Columns.input("stpes").labels("the.class")))
        .hasMessageContaining("stpes");
  }
}
