package kazoku.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import kazoku.train.Callback;
import kazoku.train.Checkpoints;
import kazoku.train.Epochs;
import kazoku.train.History;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;
import kazoku.train.Training;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import spark.LocalCluster;

/** Workers that are processes of their own, one of which is killed. */
class TrainingOnClusterTest {
  private static final int EPOCHS = 8;
  private static final int KILLED_IN = 4;

  private static Epochs epochs(Sequences validation) {
    return Epochs.of(EPOCHS).batchSize(16).validation(validation).progress(Progress.NONE);
  }

  /** Writes down what it hears, and waits in one epoch until an executor was killed. */
  private record Scribe(Path folder) implements Callback {
    @Override
    public void begin(Training training) {
      write(folder.resolve("heard"), "begin\n");
    }

    @Override
    public void epoch(Training training) {
      int epoch = training.history().last().number();
      write(folder.resolve("heard"), epoch + "\n");
      if (epoch == KILLED_IN) {
        write(folder.resolve("ready"), "");
        await(() -> Files.exists(folder.resolve("killed")));
      }
    }
  }

  private static void write(Path file, String line) {
    try {
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(BooleanSupplier that) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!that.getAsBoolean() && System.nanoTime() < end) {
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Test
  @Timeout(240)
  void aTrainingThatLosesAnExecutorGoesOnFromItsCheckpoint(@TempDir Path folder) throws Exception {
    String shared = folder.toString();
    ExecutorService aside = Executors.newSingleThreadExecutor();
    try (LocalCluster cluster = LocalCluster.start(2);
        SparkSession spark = cluster.session().getOrCreate()) {
      Future<?> killing =
          aside.submit(
              () -> {
                await(() -> Files.exists(folder.resolve("ready")));
                cluster.killOneExecutor();
                write(folder.resolve("killed"), "");
              });
      Dataset<Row> train = SumsTask.dataset(spark, SumsTask.rows(100, 1));
      Dataset<Row> heldOut = SumsTask.dataset(spark, SumsTask.rows(31, 2));
      Trained trained =
          SparkTraining.of(train, SumsTask.COLUMNS)
              .workers(2)
              .validation(heldOut)
              .fit(
                  SumsTask::model,
                  (model, worker) ->
                      SumsTask.fit(
                          model,
                          worker.rows(),
                          epochs(worker.validation())
                              .checkpoints(Checkpoints.in(Path.of(shared, "run")).resume())
                              .with(new Scribe(Path.of(shared)))
                              .together(worker)));
      killing.get();

      List<String> heard = Files.readAllLines(folder.resolve("heard"));
      assertThat(heard).startsWith("begin", "1", "2", "3", "4", "begin").endsWith("6", "7", "8");
      assertThat(heard.subList(6, 7)).containsAnyOf("4", "5");
      try (Model alone = SumsTask.model()) {
        Sequences rows = SumsTask.COLUMNS.read(train.collectAsList());
        Sequences validation = SumsTask.COLUMNS.read(heldOut.collectAsList());
        History history = SumsTask.fit(alone, rows, epochs(validation));
        SumsTask.assertAlike(trained, history, alone);
      }
    } finally {
      aside.shutdownNow();
    }
  }
}
