import java.util.Arrays;
import java.util.List;
import java.util.Random;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Initializer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Trace;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;

/**
 * Trains several cells on the same task with the same budget. The task is the adding problem: each
 * step has a number and a mark, two steps are marked, the answer is the sum of their numbers. Who
 * always answers 1 has a mean squared error of 0.167.
 *
 * <p>Arguments: epochs, then the names of cells that can be made of an input and a hidden size; by
 * default 10 epochs of some old and some young members of the family.
 */
public final class CompareCells {
  private static final int STEPS = 40;
  private static final int UNITS = 32;
  private static final int ROWS_AT_ONCE = 50;

  private CompareCells() {}

  /**
   * Runs the example.
   *
   * @param args epochs, names of cells
   * @throws ReflectiveOperationException if there is no cell of a name
   */
  public static void main(String[] args) throws ReflectiveOperationException {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 10;
    List<String> names =
        args.length > 1
            ? Arrays.asList(args).subList(1, args.length)
            : List.of(
                "ElmanRNNCell",
                "LSTMCell",
                "GRUCell",
                "MGUCell",
                "IndRNNCell",
                "UnICORNNCell",
                "LEMCell",
                "SRUCell",
                "MinGRUCell",
                "HGRNCell");
    Random random = new Random(1);
    Sequences train = additions(random, 2000);
    Sequences test = additions(random, 500);
    int batches = epochs * (train.size() / ROWS_AT_ONCE);
    System.out.printf("%-24s %10s %12s %12s%n", "cell", "parameters", "ms a batch", "test error");
    for (String name : names) {
      Cell cell =
          (Cell)
              Class.forName("kazoku.cells." + name)
                  .getConstructor(int.class, int.class)
                  .newInstance(2, UNITS);
      int width = (int) Trace.of(cell).outputShape().get(0);
      Dense head = new Dense(width, 1, Activation.IDENTITY, Initializer.GLOROT_UNIFORM);
      RNN rnn = new RNN(cell).last().with(Loop.DEFAULT.shards(2));
      try (Model model = Model.of(new Sequential(rnn, head), 42)) {
        long start = System.nanoTime();
        model.fit(
            train,
            new Adam(5e-3).clip(1),
            Loss.meanSquaredError(),
            Epochs.of(epochs).batchSize(ROWS_AT_ONCE).progress(Progress.NONE));
        double milliseconds = (System.nanoTime() - start) / 1e6 / batches;
        System.out.printf(
            "%-24s %,10d %12.1f %12.4f%n",
            name,
            Trace.of(cell).parameters(),
            milliseconds,
            model.evaluate(test, Loss.meanSquaredError()).loss());
      }
    }
  }

  private static Sequences additions(Random random, int rows) {
    float[][][] inputs = new float[rows][STEPS][2];
    float[][] sums = new float[rows][1];
    for (int row = 0; row < rows; row++) {
      for (float[] step : inputs[row]) {
        step[0] = random.nextFloat();
      }
      int first = random.nextInt(STEPS / 2);
      int second = STEPS / 2 + random.nextInt(STEPS / 2);
      inputs[row][first][1] = 1;
      inputs[row][second][1] = 1;
      sums[row][0] = inputs[row][first][0] + inputs[row][second][0];
    }
    return Sequences.of(inputs).targets(sums);
  }
}
