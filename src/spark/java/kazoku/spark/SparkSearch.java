package kazoku.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.train.Scores;
import kazoku.train.Sequences;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Trains a model for each of some settings, on all machines of a Spark cluster side by side, and
 * says how well each does on data that is held out: hyper-parameter search and cross-validation.
 *
 * <pre>{@code
 * record Setting(int units, double rate) implements Serializable {}
 *
 * SearchResults<Setting> results =
 *     SparkSearch.over(List.of(new Setting(50, 3e-3), new Setting(100, 3e-3), new Setting(100, 1e-2)))
 *         .foldsByLabel(5, 42)
 *         .run(
 *             utterances,
 *             Columns.input("steps").labels("speaker"),
 *             (setting, training, heldOut) -> {
 *               try (Model model = Model.of(layers(setting.units()), 42)) {
 *                 model.fit(training, new Adam(setting.rate()), Loss.softmaxCrossEntropy(), Epochs.of(20));
 *                 return model.evaluate(heldOut, Loss.softmaxCrossEntropy());
 *               }
 *             });
 * Setting best = results.highest("accuracy").setting();
 * }</pre>
 *
 * <p>The data is collected on the driver and broadcast: it must fit into the memory of the driver
 * and of each executor, which has it once. Each fold of each setting is a task of its own, so as
 * many run at once as the cluster has cores. Results do not depend on which task ends first, or
 * where; they are those of a loop over settings and {@link Sequences#folds} on one machine.
 *
 * @param <S> what a trial is made of: anything that can travel
 */
public final class SparkSearch<S extends Serializable> {
  private static final String WHO = "SparkSearch";

  private final List<S> settings;
  private final Splitting splitting;

  /**
   * Trains a model and says how well it does. It travels to the executors: make layers, optimizers
   * and losses inside.
   *
   * @param <S> what it is made of
   */
  @FunctionalInterface
  public interface Trial<S extends Serializable> extends Serializable {

    /**
     * Makes, trains, evaluates and closes a model.
     *
     * @param setting how
     * @param training what is learnt from
     * @param heldOut what is not
     * @return how well the model does on what is held out: {@code model.evaluate(heldOut, …)}
     */
    Scores scores(S setting, Sequences training, Sequences heldOut);
  }

  /** How data is held out. */
  @FunctionalInterface
  private interface Splitting extends Serializable {
    List<Sequences.Split> of(Sequences data);
  }

  /**
   * What one fold of one setting has come to.
   *
   * @param scores by name; null if it has failed
   * @param failure why it has; null if it has not
   */
  record Outcome(Map<String, Double> scores, String failure) implements Serializable {}

  private SparkSearch(List<S> settings, Splitting splitting) {
    this.settings = settings;
    this.splitting = splitting;
  }

  /**
   * A search that holds out each of five parts once.
   *
   * @param settings what is tried, at least one: a grid, random draws, whatever you like
   * @param <S> what they are
   * @return the search
   */
  public static <S extends Serializable> SparkSearch<S> over(List<S> settings) {
    Checks.require(
        settings != null && !settings.isEmpty(),
        WHO,
        "there must be at least one setting",
        settings);
    settings.forEach(setting -> Travelling.require(WHO, "a setting", setting));
    return new SparkSearch<>(List.copyOf(settings), data -> data.folds(5, 0));
  }

  /**
   * Holds out each of k parts of the rows once (k-fold cross-validation), {@link Sequences#folds}.
   *
   * @param k how many parts
   * @param seed draws them
   * @return the search
   */
  public SparkSearch<S> folds(int k, long seed) {
    return new SparkSearch<>(settings, data -> data.folds(k, seed));
  }

  /**
   * The same with about as many rows of each class in every part, {@link Sequences#foldsByLabel}.
   *
   * @param k how many parts
   * @param seed draws them
   * @return the search
   */
  public SparkSearch<S> foldsByLabel(int k, long seed) {
    return new SparkSearch<>(settings, data -> data.foldsByLabel(k, seed));
  }

  /**
   * Holds out one part of the rows, {@link Sequences#split}.
   *
   * @param fraction how much of them, in (0, 1)
   * @param seed draws it
   * @return the search
   */
  public SparkSearch<S> heldOut(double fraction, long seed) {
    return new SparkSearch<>(settings, data -> List.of(data.split(fraction, seed)));
  }

  /**
   * Tries all settings, and waits for the end. A trial that fails (its loss is not finite, say)
   * does not end the search: its result says why.
   *
   * @param rows the data; its order, if it is not always the same, decides what is in which part
   * @param columns which columns are inputs and targets
   * @param trial trains and evaluates
   * @return a result for each setting, in their order
   * @throws IllegalArgumentException if columns are missing or of another type, if the data cannot
   *     be split, or if the trial takes something in that cannot travel
   */
  public SearchResults<S> run(Dataset<Row> rows, Columns columns, Trial<S> trial) {
    Checks.given(WHO, "rows", rows);
    Checks.given(WHO, "columns", columns);
    Travelling.require(WHO, "the trial", trial);
    columns.check(rows.schema());
    Collected data =
        new Collected(Dealing.needed(rows, columns).collectAsList(), columns, splitting);
    int folds = data.splits().size();
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext());
    Broadcast<Collected> shared = spark.broadcast(data);
    try {
      int tasks = Math.multiplyExact(settings.size(), folds);
      List<S> all = new ArrayList<>(settings);
      List<Outcome> outcomes =
          spark
              .parallelize(IntStream.range(0, tasks).boxed().toList(), tasks)
              .map(
                  task ->
                      outcome(
                          trial, all.get(task / folds), shared.value().splits().get(task % folds)))
              .collect();
      return new SearchResults<>(
          IntStream.range(0, settings.size())
              .mapToObj(
                  k ->
                      SearchResults.Result.of(
                          settings.get(k), outcomes.subList(k * folds, (k + 1) * folds)))
              .toList());
    } finally {
      shared.destroy();
    }
  }

  private static <S extends Serializable> Outcome outcome(
      Trial<S> trial, S setting, Sequences.Split split) {
    TensorFlowThreads.limit(
        SparkEnv.get()
            .conf()
            .getInt("spark.executor.cores", Runtime.getRuntime().availableProcessors()));
    try {
      Scores scores = trial.scores(setting, split.training(), split.heldOut());
      Checks.given(WHO, "the scores that the trial returns", scores);
      return Double.isNaN(scores.loss())
          ? new Outcome(null, WHO + ": the loss on what is held out is NaN")
          : new Outcome(new LinkedHashMap<>(scores.values()), null);
    } catch (RuntimeException e) {
      if (TaskContext.get().isInterrupted()) {
        throw e;
      }
      return new Outcome(null, e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  /** Rows as they travel; each process reads and splits them once. */
  private static final class Collected implements Serializable {
    private static final long serialVersionUID = 1;
    private final ArrayList<Row> rows;
    private final Columns columns;
    private final Splitting splitting;
    private transient List<Sequences.Split> splits;

    Collected(List<Row> rows, Columns columns, Splitting splitting) {
      this.rows = new ArrayList<>(rows);
      this.columns = columns;
      this.splitting = splitting;
    }

    synchronized List<Sequences.Split> splits() {
      if (splits == null) {
        splits = splitting.of(columns.read(rows));
      }
      return splits;
    }
  }
}
