package spark;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.layers.Dense;
import kazoku.spark.Columns;
import kazoku.spark.SparkPredictor;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Who is speaking, asked of many utterances at once: a small model is trained on this machine, and
 * applied to a Dataset by all cores or executors of Spark.
 */
@Command(
    name = "ScoringExample",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Trains a speaker recogniser and applies it to a Dataset on Spark.")
public final class ScoringExample implements Callable<Integer> {
  @Option(names = "--master", description = "Spark's master")
  private String master = "local[2]";

  @Option(
      names = "--executors",
      description = "start a cluster of so many processes of one core on this machine instead")
  private int executors;

  @Option(names = "--copies", description = "how often each of the 370 test utterances is there")
  private int copies = 100;

  @Option(names = "--batch-rows", description = "rows that are run together, 1 to 256")
  private int batchRows = 256;

  @Option(names = "--sql", description = "ask by a function of SQL, row by row")
  private boolean sql;

  /**
   * Runs the example.
   *
   * @param args {@code --help} says which
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new ScoringExample()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (executors == 0) {
      try (SparkSession spark = Sessions.local(master).getOrCreate()) {
        score(spark);
      }
      return 0;
    }
    try (LocalCluster cluster = LocalCluster.start(executors);
        SparkSession spark = cluster.session().getOrCreate()) {
      score(spark);
    }
    return 0;
  }

  private void score(SparkSession spark) throws IOException {
    SpeakerData data = SpeakerData.read(spark);
    SparkPredictor predictor = trained(spark, data.train()).batchRows(batchRows);
    spark.udf().register("scores", predictor.udf());
    UnaryOperator<Dataset<Row>> scorer =
        sql
            ? rows -> rows.selectExpr("id", "speaker", "scores(steps) AS output")
            : predictor::transform;

    Dataset<Row> utterances = SpeakerData.replicated(data.test(), copies);
    accuracy(scorer.apply(utterances.where("id % 5 = 0"))); // each process loads the model

    long start = System.nanoTime();
    Row result = accuracy(scorer.apply(utterances));
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%,d utterances scored, accuracy %.4f%n%.1f s, %,.0f utterances a second%n",
        result.getLong(0),
        result.getDouble(1),
        seconds,
        result.getLong(0) / seconds);
  }

  private static SparkPredictor trained(SparkSession spark, Dataset<Row> train) {
    Sequential layers =
        new Sequential(
            new RNN(new GRUCell(SpeakerData.COEFFICIENTS, 64)).last(),
            new Dense(64, SpeakerData.SPEAKERS, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
    Columns columns = Columns.input("steps").labels("speaker");
    try (Model model = Model.of(layers, 42)) {
      model.fit(
          columns.read(train.collectAsList()),
          new Adam(3e-3).clip(1),
          Loss.softmaxCrossEntropy(),
          Epochs.of(12));
      return SparkPredictor.of(spark, model, columns);
    }
  }

  /** How many utterances there are, and of how many the speaker has the highest score. */
  private static Row accuracy(Dataset<Row> scored) {
    return scored
        .selectExpr("count(*)", "avg(int(array_position(output, array_max(output)) - 1 = speaker))")
        .head();
  }
}
