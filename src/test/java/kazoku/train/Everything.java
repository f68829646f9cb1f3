package kazoku.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import kazoku.layers.BatchNorm;
import kazoku.layers.Dropout;
import kazoku.layers.GaussianNoise;

/**
 * A training that has something of all that must be remembered: drop-out and noise, moving
 * statistics, a schedule, averages, several batches for an update, epochs that end within a pass,
 * validation, metrics, early stopping, a rate that falls on a plateau.
 */
final class Everything {
  private Everything() {}

  static Layer layer() {
    return new Sequential(
        new BatchNorm(2),
        new GaussianNoise(0.1),
        new RNN(new LSTMCell(2, 6)).last(),
        new Dropout(0.4),
        Toys.head(6, 2));
  }

  static Model model() {
    return Model.of(layer(), 7, Toys.config());
  }

  static Sequences data() {
    return Toys.labelled(53, 1);
  }

  static Optimizer optimizer() {
    return new Adam(Schedule.cosine(0.05, 400, 0.001).warmUp(5)).average(0.9).every(3);
  }

  static Epochs epochs(int count) {
    return Epochs.of(count)
        .batchSize(8)
        .batches(5)
        .validation(Toys.labelled(20, 2))
        .metrics(Metric.rocAuc())
        .stopEarly(EarlyStopping.after(100))
        .with(OnPlateau.after(1).factor(0.9))
        .progress(Progress.NONE);
  }

  static History fit(Model model, Epochs epochs) {
    return model.fit(data(), optimizer(), Loss.softmaxCrossEntropy(), epochs);
  }

  /** All bits of the weights, of the averages, and of the history. */
  static List<String> bits(Model model, History history) {
    List<String> bits = new ArrayList<>();
    for (boolean averages : new boolean[] {false, true}) {
      model.useAverages(averages);
      model.weights().forEach(name -> bits.add(name + Arrays.toString(model.weight(name))));
    }
    model.useAverages(false);
    bits.add("rate " + model.learningRate());
    history.epochs().forEach(epoch -> bits.add(text(epoch)));
    return bits;
  }

  private static String text(History.Epoch epoch) {
    return epoch.number()
        + " "
        + epoch.learningRate()
        + " "
        + epoch.training().values()
        + " "
        + epoch.validation().values();
  }

  /**
   * Trains in a process of its own.
   *
   * @param args the folder of checkpoints, how many epochs, the file for the bits
   * @throws IOException if the file cannot be written
   */
  public static void main(String[] args) throws IOException {
    Epochs epochs =
        epochs(Integer.parseInt(args[1]))
            .checkpoints(
                Checkpoints.in(Path.of(args[0]))
                    .keepLast(3)
                    .keepBest(Goal.smallest("loss"))
                    .resume());
    Callback says =
        new Callback() {
          @Override
          public void begin(Training training) {
            System.out.println("goes on after epoch " + training.epoch());
          }

          @Override
          public void epoch(Training training) {}
        };
    try (Model model = model()) {
      Files.write(Path.of(args[2]), bits(model, fit(model, epochs.with(says))));
    }
  }
}
