package kazoku.train;

import java.util.List;

/**
 * What happened in training, epoch by epoch.
 *
 * @param epochs the epochs, in order
 */
public record History(List<Epoch> epochs) {

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
  public record Epoch(int number, Scores training, Scores validation, double learningRate) {
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
}
