package kazoku.train;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * What happened in training, epoch by epoch.
 *
 * @param epochs the epochs, in order
 */
public record History(List<Epoch> epochs) implements Serializable {

  public History {
    epochs = List.copyOf(epochs);
  }

  /**
   * A pass over the training data, or as many batches as were asked for.
   *
   * @param number counted from 1
   * @param training means over the epoch, while weights changed
   * @param validation on the validation data after the epoch; null without such data
   * @param learningRate the rate of the next update
   */
  public record Epoch(int number, Scores training, Scores validation, double learningRate)
      implements Serializable {
    @Override
    public String toString() {
      return training + (validation == null ? "" : "; validation: " + validation);
    }
  }

  /**
   * The training loss of each epoch.
   *
   * @return one number an epoch
   */
  public double[] losses() {
    return epochs.stream().mapToDouble(e -> e.training().loss()).toArray();
  }

  /**
   * The last epoch.
   *
   * @return the epoch
   */
  public Epoch last() {
    return epochs.get(epochs.size() - 1);
  }

  /**
   * Draws the learning curves: a panel for the loss and one for each metric, validation dashed. A
   * loss whose largest value is more than 100 times its least has a logarithmic axis. Also while
   * training runs: {@code epochs.with(training -> training.history().draw(file))}. It needs XChart
   * ({@code org.knowm.xchart:xchart}) among your dependencies, and no screen.
   *
   * @param file {@code curves.png} or {@code curves.svg}; written aside and then moved into place
   * @throws IllegalArgumentException if its name ends otherwise
   * @throws IllegalStateException if there is no epoch yet, or no XChart
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void draw(Path file) {
    if (epochs.isEmpty()) {
      throw new IllegalStateException(
          "History: there is no epoch to draw yet; draw after the first");
    }
    new Plot(last().training().values().keySet().stream().map(this::panel).toList()).write(file);
  }

  private Plot.Panel panel(String score) {
    double[] training = values(score, Epoch::training);
    double[] validation = values(score, Epoch::validation);
    Plot.Axis up =
        score.equals("loss") ? Plot.Axis.fitting("", training, validation) : Plot.Axis.linear("");
    return new Plot.Panel(score, Plot.Axis.linear("epoch"), up)
        .line("training", Plot.Style.SOLID, numbers(), training)
        .line("validation", Plot.Style.DASHED, numbers(), validation);
  }

  private double[] numbers() {
    return epochs.stream().mapToDouble(Epoch::number).toArray();
  }

  private double[] values(String score, Function<Epoch, Scores> of) {
    return epochs.stream()
        .map(of)
        .mapToDouble(scores -> scores == null ? Double.NaN : scores.value(score))
        .toArray();
  }
}
