package spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.layers.Dense;
import kazoku.spark.Columns;
import kazoku.spark.SparkTraining;
import kazoku.spark.Trained;
import kazoku.train.Adam;
import kazoku.train.Callback;
import kazoku.train.Epochs;
import kazoku.train.History;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;
import kazoku.train.Training;
import kazoku.train.Workers;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Who is speaking, learnt by several workers of Spark together from utterances that are there many
 * times, and by this process alone from the same: history, accuracy, and seconds of each epoch.
 */
@Command(
    name = "TrainingExample",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Trains a speaker recogniser on Spark, and on one machine.")
public final class TrainingExample implements Callable<Integer> {
  private static final Columns COLUMNS = Columns.input("steps").labels("speaker");

  @Option(names = "--master", description = "Spark's master")
  private String master = "local[2]";

  @Option(
      names = "--executors",
      split = ",",
      description =
          "start a cluster of so many processes of one core on this machine instead; 1,2 for one"
              + " after the other")
  private List<Integer> executors = List.of();

  @Option(names = "--workers", description = "workers; by default one for each executor, or 2")
  private int workers;

  @Option(names = "--copies", description = "how often each of the 270 utterances is there")
  private int copies = 10;

  @Option(names = "--hidden", description = "units of the recurrent layer")
  private int hidden = 64;

  @Option(names = "--batch-size", description = "rows in a batch, of all workers")
  private int batchSize = 64;

  @Option(names = "--epochs", description = "epochs")
  private int epochs = 5;

  @Option(
      names = "--alone",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "compare with this process alone")
  private boolean alone;

  /**
   * Runs the example.
   *
   * @param args {@code --help} says which
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new TrainingExample()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (executors.isEmpty()) {
      try (SparkSession spark = Sessions.local(master).getOrCreate()) {
        train(spark, workers == 0 ? 2 : workers);
      }
    }
    for (int number : executors) {
      try (LocalCluster cluster = LocalCluster.start(number);
          SparkSession spark = cluster.session().getOrCreate()) {
        train(spark, workers == 0 ? number : workers);
      }
    }
    return 0;
  }

  private void train(SparkSession spark, int count) throws IOException {
    SpeakerData data = SpeakerData.read(spark);
    Dataset<Row> rows = SpeakerData.replicated(data.train(), copies);
    Course course = new Course(hidden, batchSize, epochs);
    CollectionAccumulator<Double> seconds = spark.sparkContext().collectionAccumulator("seconds");
    Trained trained =
        SparkTraining.of(rows, COLUMNS)
            .workers(count)
            .validation(data.test())
            .fit(
                course::model,
                (model, worker) ->
                    course.fit(model, worker.rows(), worker.validation(), worker, seconds::add));
    try (Model model = trained.model()) {
      print(count + " workers on " + spark.sparkContext().master(), trained.history());
      Sequences test = COLUMNS.read(data.test().collectAsList());
      System.out.printf("test: %s%n", model.evaluate(test, Loss.softmaxCrossEntropy()));
      print(seconds.value());
      if (alone) {
        compare(course, model, COLUMNS.read(rows.collectAsList()), test);
      }
    }
  }

  private static void compare(Course course, Model together, Sequences rows, Sequences test) {
    List<Double> seconds = new ArrayList<>();
    try (Model model = course.model()) {
      print("this process alone", course.fit(model, rows, test, null, seconds::add));
      print(seconds);
      double difference = 0;
      for (String name : model.weights()) {
        float[] values = together.weight(name);
        float[] others = model.weight(name);
        for (int i = 0; i < values.length; i++) {
          difference = Math.max(difference, Math.abs(values[i] - others[i]));
        }
      }
      System.out.printf("the largest difference of a weight is %.1e%n", difference);
    }
  }

  private static void print(String who, History history) {
    System.out.println(who);
    for (History.Epoch epoch : history.epochs()) {
      System.out.printf("epoch %d: %s%n", epoch.number(), epoch);
    }
  }

  private static void print(List<Double> seconds) {
    System.out.printf(
        "seconds of each epoch: %s%n%n",
        seconds.stream()
            .map(each -> String.format(Locale.ROOT, "%.2f", each))
            .collect(Collectors.joining(", ")));
  }

  /** What is trained, and how: as it travels to the workers. */
  private record Course(int hidden, int batchSize, int epochs) implements Serializable {
    Model model() {
      Layer layers =
          new Sequential(
              new RNN(new GRUCell(SpeakerData.COEFFICIENTS, hidden)).last(),
              new Dense(
                  hidden, SpeakerData.SPEAKERS, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
      return Model.of(layers, 42);
    }

    History fit(
        Model model,
        Sequences rows,
        Sequences validation,
        Workers workers,
        Consumer<Double> seconds) {
      return model.fit(
          rows,
          new Adam(3e-3).clip(1),
          Loss.softmaxCrossEntropy(),
          Epochs.of(epochs)
              .batchSize(batchSize)
              .validation(validation)
              .progress(new Clock(seconds))
              .together(workers));
    }
  }

  /** Tells how long each epoch takes, with its validation. */
  private static final class Clock implements Callback {
    private final Consumer<Double> seconds;
    private long since;

    Clock(Consumer<Double> seconds) {
      this.seconds = seconds;
    }

    @Override
    public void begin(Training training) {
      since = System.nanoTime();
    }

    @Override
    public void epoch(Training training) {
      long now = System.nanoTime();
      seconds.accept((now - since) / 1e9);
      since = now;
    }
  }
}
