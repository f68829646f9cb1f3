package spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.layers.Dense;
import kazoku.spark.Columns;
import kazoku.spark.SearchResults;
import kazoku.spark.SparkSearch;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Scores;
import kazoku.train.Sequences;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How many units, and which learning rate, tell speakers apart best? Cross-validation of some
 * settings, each fold of each a task of Spark.
 */
@Command(
    name = "SearchExample",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Searches the settings of a speaker recogniser on Spark.")
public final class SearchExample implements Callable<Integer> {
  @Option(names = "--master", description = "Spark's master")
  private String master = "local[2]";

  @Option(names = "--folds", description = "in how many folds the 270 utterances are dealt")
  private int folds = 3;

  @Option(names = "--epochs", description = "how long each model is trained")
  private int epochs = 12;

  /**
   * What is tried.
   *
   * @param units of the GRU
   * @param rate of learning
   */
  record Setting(int units, double rate) implements Serializable {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%3d units, rate %.3f", units, rate);
    }
  }

  /**
   * Runs the example.
   *
   * @param args {@code --help} says which
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new SearchExample()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<Setting> settings = new ArrayList<>();
    for (int units : new int[] {16, 64}) {
      for (double rate : new double[] {0.001, 0.003, 0.01}) {
        settings.add(new Setting(units, rate));
      }
    }
    try (SparkSession spark = Sessions.local(master).getOrCreate()) {
      int learnt = epochs;
      long start = System.nanoTime();
      SearchResults<Setting> results =
          SparkSearch.over(settings)
              .foldsByLabel(folds, 42)
              .run(
                  SpeakerData.read(spark).train(),
                  Columns.input("steps").labels("speaker"),
                  (setting, training, heldOut) -> scores(setting, learnt, training, heldOut));
      System.out.println(results);
      System.out.printf(
          Locale.ROOT,
          "best: %s%n%d trainings in %.1f s%n",
          results.highest("accuracy").setting(),
          settings.size() * folds,
          (System.nanoTime() - start) / 1e9);
    }
    return 0;
  }

  private static Scores scores(Setting setting, int epochs, Sequences training, Sequences heldOut) {
    Sequential layers =
        new Sequential(
            new RNN(new GRUCell(SpeakerData.COEFFICIENTS, setting.units())).last(),
            new Dense(
                setting.units(),
                SpeakerData.SPEAKERS,
                Activation.IDENTITY,
                Initializer.GLOROT_UNIFORM));
    try (Model model = Model.of(layers, 42)) {
      model.fit(
          training,
          new Adam(setting.rate()).clip(1),
          Loss.softmaxCrossEntropy(),
          Epochs.of(epochs).progress(Progress.NONE));
      return model.evaluate(heldOut, Loss.softmaxCrossEntropy());
    }
  }
}
