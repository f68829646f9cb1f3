package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.layers.Dense;
import kazoku.serve.Predictor;
import kazoku.train.Model;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import spark.LocalCluster;

/** Models applied by two executors that are processes of their own. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClusterTest {
  private static final Columns STEPS = Columns.input("steps");
  private static final int ROWS = 160;

  private static LocalCluster cluster;
  private static SparkSession spark;
  private static SparkPredictor predictor;
  private static float[][] expected;

  @BeforeAll
  static void start() throws IOException {
    cluster = LocalCluster.start(2);
    spark = cluster.session().getOrCreate();
    expected = new float[ROWS][];
    List<Row> rows = TestRows.of(spark, ROWS, 1).collectAsList();
    Sequential layers = new Sequential(new RNN(new GRUCell(2, 4)).last(), new Dense(4, 3));
    try (Model model = Model.of(layers, 3);
        Predictor alone = Predictor.of(model)) {
      predictor = SparkPredictor.of(spark, model, STEPS);
      for (Row row : rows) {
        expected[(int) row.getLong(0)] = alone.predict(STEPS.read(List.of(row)))[0];
      }
    }
  }

  @AfterAll
  static void stop() throws IOException {
    spark.stop();
    cluster.close();
  }

  /** The same rows one by one are the same runs of the same graph. */
  @Test
  @Order(1)
  void rowByRowTheResultsAreThoseOfOneProcessBitByBit() {
    List<Row> scored =
        predictor.batchRows(1).transform(TestRows.of(spark, ROWS, 4)).orderBy("id").collectAsList();

    assertThat(scored).hasSize(ROWS);
    for (int row = 0; row < ROWS; row++) {
      assertThat(TestRows.floats(scored.get(row), "output")).isEqualTo(expected[row]);
    }
  }

  /** How many rows are multiplied at once decides in which order products are added. */
  @Test
  @Order(2)
  void inBatchesTheyDifferInTheLastDigitsAtMost() {
    List<Row> scored =
        predictor.transform(TestRows.of(spark, ROWS, 4)).orderBy("id").collectAsList();

    assertThat(scored).hasSize(ROWS);
    for (int row = 0; row < ROWS; row++) {
      assertThat(TestRows.floats(scored.get(row), "output"))
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(expected[row]);
    }
  }

  @Test
  @Order(3)
  void eachProcessHasTheModelOnceAndNoneOfItsFiles() {
    Dataset<Row> scored =
        predictor.outputs(Map.of("output", "a")).transform(TestRows.of(spark, ROWS, 8));
    scored = predictor.outputs(Map.of("output", "b")).transform(scored);
    MapPartitionsFunction<Row, String> seen =
        rows -> {
          rows.forEachRemaining(row -> {});
          return List.of(ProcessHandle.current().pid() + " has " + SharedModels.count() + " model")
              .iterator();
        };

    List<String> all = scored.mapPartitions(seen, Encoders.STRING()).distinct().collectAsList();

    assertThat(all).hasSize(2).allMatch(text -> text.endsWith(" has 1 model"));
    assertThat(all).noneMatch(text -> text.startsWith(ProcessHandle.current().pid() + " "));
  }

  @Test
  @Order(4)
  void theLossOfAnExecutorInTheMiddleLosesAndRepeatsNothing() throws Exception {
    Losses losses = new Losses();
    spark.sparkContext().addSparkListener(losses);
    FilterFunction<Row> slowly =
        row -> {
          Thread.sleep(25);
          return true;
        };
    Dataset<Row> rows = TestRows.of(spark, ROWS, 16).filter(slowly);
    Dataset<Row> scored = predictor.batchRows(1).transform(rows);

    ExecutorService job = Executors.newSingleThreadExecutor();
    try {
      Future<List<Row>> running = job.submit(scored::collectAsList);
      assertThat(losses.begun.await(60, TimeUnit.SECONDS)).isTrue();
      cluster.killOneExecutor();
      List<Row> all = running.get(90, TimeUnit.SECONDS);

      assertThat(losses.executors).hasValue(1);
      assertThat(losses.tasks).hasPositiveValue();
      assertThat(all.stream().map(row -> row.getLong(0)))
          .containsExactlyInAnyOrderElementsOf(LongStream.range(0, ROWS).boxed().toList());
      for (Row row : all) {
        assertThat(TestRows.floats(row, "output")).isEqualTo(expected[(int) row.getLong(0)]);
      }
    } finally {
      job.shutdownNow();
    }
  }

  /** What happens to tasks. */
  private static final class Losses extends SparkListener {
    /** Each executor has done a task, and goes on with others. */
    private final CountDownLatch begun = new CountDownLatch(3);

    private final AtomicInteger executors = new AtomicInteger();
    private final AtomicInteger tasks = new AtomicInteger();

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      if (end.taskInfo().successful()) {
        begun.countDown();
      } else {
        tasks.incrementAndGet();
      }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      executors.incrementAndGet();
    }
  }
}
