package kazoku.spark;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import kazoku.Checks;
import kazoku.train.History;
import kazoku.train.Model;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.reflect.ClassTag;

/**
 * Trains one model on many machines, synchronously: every worker has a part of the rows, each
 * computes gradients of its rows of a batch, all make the same update of their mean.
 *
 * <pre>{@code
 * Trained trained =
 *     SparkTraining.of(rows, Columns.input("steps").labels("speaker"))
 *         .workers(2)
 *         .validation(heldOut)
 *         .fit(
 *             () -> Model.of(layers(), 42),
 *             (model, worker) ->
 *                 model.fit(
 *                     worker.rows(),
 *                     new Adam(3e-3),
 *                     Loss.softmaxCrossEntropy(),
 *                     Epochs.of(5).validation(worker.validation()).together(worker)));
 * try (Model model = trained.model()) {
 *   model.export(Path.of("speaker-model"));
 * }
 * }</pre>
 *
 * <p>It is a barrier stage of Spark: all workers run at the same time, one task each, and if one is
 * lost, Spark runs all of them again ({@code spark.stage.maxConsecutiveAttempts}, 4 by default).
 * With {@link kazoku.train.Checkpoints} in a folder that all machines see, training then goes on
 * after the last epoch that was saved. An exception in the lesson of one worker is not tried again:
 * it ends the job.
 *
 * <p>Rows keep the order of the Dataset: worker 0 has the first of them, and so on. A Dataset whose
 * order is not the same each time it is computed ({@code repartition}, joins) is to be put in
 * order, {@code orderBy}, or checkpointed first, if training is to be repeatable. It is computed
 * twice, once to count the rows; {@code cache} it if that is long. Each worker keeps its rows in
 * memory.
 *
 * @param data what is learnt from
 * @param columns which columns are inputs and targets
 * @param validation what is held out, with the same columns; null (the default) for nothing
 * @param workers how many tasks, at least 1, the default; as many must be able to run at once
 */
public record SparkTraining(
    Dataset<Row> data, Columns columns, Dataset<Row> validation, int workers) {

  /** Makes the model, in each worker and then on the driver: with the same seed each time. */
  @FunctionalInterface
  public interface ModelSupplier extends Supplier<Model>, Serializable {}

  /**
   * What every worker does. It travels to the workers: make layers, optimizers, losses and
   * callbacks inside, and take in numbers and texts from outside.
   */
  @FunctionalInterface
  public interface Lesson extends Serializable {

    /**
     * Trains the model, together with the others.
     *
     * @param model this worker's own; it is closed afterwards
     * @param worker its rows, and what {@code epochs.together} needs
     * @return what {@code model.fit} returns
     */
    History fit(Model model, Worker worker);
  }

  public SparkTraining {
    Checks.given("SparkTraining", "data", data);
    Checks.given("SparkTraining", "columns", columns);
    Checks.atLeastOne("SparkTraining", "workers", workers);
    columns.check(data.schema());
    if (validation != null) {
      columns.check(validation.schema());
    }
  }

  /**
   * A training with one worker.
   *
   * @param data what is learnt from
   * @param columns which columns are inputs and targets
   * @return the training
   * @throws IllegalArgumentException if a column is missing or of another type
   */
  public static SparkTraining of(Dataset<Row> data, Columns columns) {
    return new SparkTraining(data, columns, null, 1);
  }

  /**
   * The same with more workers.
   *
   * @param number how many tasks
   * @return the training
   */
  public SparkTraining workers(int number) {
    return new SparkTraining(data, columns, validation, number);
  }

  /**
   * The same with data that is held out, for {@link Worker#validation}.
   *
   * @param heldOut what is held out, with the same columns
   * @return the training
   * @throws IllegalArgumentException if a column is missing or of another type
   */
  public SparkTraining validation(Dataset<Row> heldOut) {
    return new SparkTraining(data, columns, heldOut, workers);
  }

  /**
   * Trains, and waits for the end.
   *
   * @param model makes the model
   * @param lesson trains it
   * @return the history, and the model with what was learnt
   * @throws IllegalArgumentException if the cluster cannot run so many workers at once, as far as
   *     it is certain, if there are fewer rows than workers, or if model or lesson take something
   *     in that cannot travel
   * @throws IllegalStateException if a lesson has failed; it says why
   */
  public Trained fit(ModelSupplier model, Lesson lesson) {
    Travelling.require("SparkTraining", "the maker of the model", model);
    Travelling.require("SparkTraining", "the lesson", lesson);
    Slots.of(data.sparkSession().sparkContext()).require(workers);
    RDD<byte[]> endings =
        shares()
            .rdd()
            .barrier()
            .mapPartitions(
                new TrainingTask(columns, model, lesson), false, ClassTag.apply(byte[].class));
    // Spark does not try a barrier stage again that gives results; one before a shuffle it does.
    List<Ending> all =
        endings.toJavaRDD().coalesce(1, true).collect().stream()
            .map(Ending::of)
            .sorted(Comparator.comparingInt(Ending::rank))
            .toList();
    Ending.requireWell(all);
    return new Trained(all.get(0).history(), all.get(0).weights(), model);
  }

  private JavaRDD<TrainingTask.Share> shares() {
    JavaRDD<Row> rows = Dealing.rows("data", data, columns, workers);
    if (validation == null) {
      return rows.mapPartitions(some -> List.of(new TrainingTask.Share(some, null)).iterator());
    }
    return rows.zipPartitions(
        Dealing.rows("validation", validation, columns, workers),
        (some, heldOut) -> List.of(new TrainingTask.Share(some, heldOut)).iterator());
  }
}
