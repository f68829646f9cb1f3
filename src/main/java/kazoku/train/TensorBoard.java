package kazoku.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Checks;

/**
 * Writes event files for TensorBoard, by TensorFlow's own operations: {@code
 * epochs.with(TensorBoard.in(Path.of("logs", "gru64")))}, and then {@code tensorboard --logdir
 * logs}. They are flushed after each epoch.
 *
 * <pre>
 * run         tag                     step
 * train       epoch/loss, …           epoch   all scores of the training data
 *             epoch/learning rate     epoch   of the next update
 *             weights/rnn/cell/U, …   epoch   histograms, if asked for; step 0 has the first values
 *             gradients/rnn/cell/U, … epoch   histograms, if asked for
 *             model                   0       text: {@link Model#summary}
 *             graph                           what the model computes for {@link Model#predict}
 * validation  epoch/loss, …           epoch   all scores of the validation data; the same charts
 * batches     batch/loss              batch   of each batch, if asked for, counted from the model's
 *             batch/learning rate     batch   making ({@link Training#learnt})
 * </pre>
 *
 * <p>Numbers are float32, as TensorFlow's summaries are. A training that is resumed ({@link
 * Checkpoints#resume}), or begun again, in the same folder begins new files; what the older ones
 * have for the same steps or later ones TensorBoard discards. Give trainings that are to be
 * compared a folder each. One callback is for one training at a time.
 *
 * <p>Keras' {@code TensorBoard} has the same runs, {@code epoch_loss} for tags and counts epochs
 * from 0; PyTorch's {@code SummaryWriter} is called by hand.
 */
public final class TensorBoard implements Callback {
  private final Path folder;
  private final boolean batches;
  private final int histograms;
  private final Source gradientData;
  private final Loss gradientLoss;
  private final Map<String, Events> runs = new LinkedHashMap<>();

  private TensorBoard(
      Path folder, boolean batches, int histograms, Source gradientData, Loss gradientLoss) {
    this.folder = folder;
    this.batches = batches;
    this.histograms = histograms;
    this.gradientData = gradientData;
    this.gradientLoss = gradientLoss;
  }

  /**
   * Scores, learning rate, graph and text.
   *
   * @param folder where to; made if there is none
   * @return the callback, which raises {@link java.io.UncheckedIOException} when training begins if
   *     it cannot write there
   */
  public static TensorBoard in(Path folder) {
    Checks.given("TensorBoard", "folder", folder);
    return new TensorBoard(folder, false, 0, null, null);
  }

  /**
   * The same with the loss and the learning rate of each batch.
   *
   * @return the callback
   */
  public TensorBoard batches() {
    return new TensorBoard(folder, true, histograms, gradientData, gradientLoss);
  }

  /**
   * The same with histograms of all weights.
   *
   * @param every after how many epochs each, at least 1
   * @return the callback
   */
  public TensorBoard histograms(int every) {
    Checks.atLeastOne("TensorBoard", "histograms", every);
    return new TensorBoard(folder, batches, every, null, null);
  }

  /**
   * The same with histograms of all weights, and of the gradients of a loss by them.
   *
   * @param every after how many epochs each, at least 1
   * @param data what the gradients are of, with targets; a few rows of the training data will do
   * @param loss the loss
   * @return the callback
   */
  public TensorBoard histograms(int every, Source data, Loss loss) {
    Checks.atLeastOne("TensorBoard", "histograms", every);
    Checks.given("TensorBoard", "data", data);
    Checks.given("TensorBoard", "loss", loss);
    return new TensorBoard(folder, batches, every, data, loss);
  }

  @Override
  public void begin(Training training) {
    int epoch = training.epoch();
    long first = epoch == 0 ? 0 : epoch + 1;
    open("train", first);
    if (training.validates()) {
      open("validation", first);
    }
    if (batches) {
      open("batches", training.learnt() + 1);
    }
    Model model = training.model();
    runs.get("train").graph(model.graph(), epoch);
    runs.get("train").text("model", "    " + model.summary().replace("\n", "\n    "), epoch);
    if (epoch == 0) {
      histograms(training);
    }
  }

  private void open(String run, long first) {
    runs.put(run, new Events(folder.resolve(run), first));
  }

  @Override
  public void batch(Training training) {
    if (batches) {
      Events run = runs.get("batches");
      run.scalar("batch/loss", training.loss(), training.learnt());
      run.scalar("batch/learning rate", training.learningRate(), training.learnt());
    }
  }

  @Override
  public void epoch(Training training) {
    History.Epoch epoch = training.history().last();
    scores("train", epoch.training(), epoch.number());
    runs.get("train").scalar("epoch/learning rate", epoch.learningRate(), epoch.number());
    if (epoch.validation() != null) {
      scores("validation", epoch.validation(), epoch.number());
    }
    histograms(training);
    runs.values().forEach(Events::flush);
  }

  private void scores(String run, Scores scores, int epoch) {
    scores.values().forEach((name, score) -> runs.get(run).scalar("epoch/" + name, score, epoch));
  }

  private void histograms(Training training) {
    int epoch = training.epoch();
    if (histograms > 0 && epoch % histograms == 0) {
      Model model = training.model();
      for (String name : model.weights()) {
        runs.get("train").histogram("weights/" + name, model.weight(name), epoch);
      }
      if (gradientData != null) {
        model
            .flow(gradientData, gradientLoss)
            .values()
            .forEach((name, g) -> runs.get("train").histogram("gradients/" + name, g, epoch));
      }
    }
  }

  @Override
  public void end(Training training) {
    runs.values().forEach(Events::close);
    runs.clear();
  }
}
