import java.util.List;
import java.util.Random;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.tensorflow.ndarray.Shape;

/**
 * A cell of one's own, trained: each unit is a sum that fades, at a rate that it learns. The task
 * is to say whether a sequence of ones and minus ones ends with more ones among its last ten steps.
 *
 * <p>Arguments, all optional: seed, epochs.
 */
public final class OwnCellExample {

  /** {@code h' = σ(a)⊙h + x·W + b}. Being linear in h, it is scanned in parallel, by itself. */
  record FadingCell(int inputSize, int hiddenSize) implements Cell {
    @Override
    public Shape input() {
      return Shape.of(inputSize);
    }

    @Override
    public List<Slot> state() {
      return List.of(Slot.of("h", hiddenSize));
    }

    @Override
    public Step step(Weights w, Expr x, State s) {
      Expr a = w.get("a", Initializer.uniform(-2, 4), hiddenSize);
      Expr W = w.input("W", inputSize, hiddenSize);
      Expr b = w.bias("b", hiddenSize);

      Expr h = a.sigmoid().times(s.get("h")).plus(x.dot(W)).plus(b);
      return new Step(h, State.of("h", h));
    }
  }

  private OwnCellExample() {}

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (8)
   */
  public static void main(String[] args) {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 8;
    Random random = new Random(seed);
    Sequences train = votes(random, 2000);
    Sequences test = votes(random, 500);
    try (Model model =
        Model.of(new Sequential(new RNN(new FadingCell(1, 16)).last(), new Dense(16, 2)), seed)) {
      System.out.print(model.summary());
      model.fit(train, new Adam(1e-2), Loss.softmaxCrossEntropy(), Epochs.of(epochs));
      System.out.println("test: " + model.evaluate(test, Loss.softmaxCrossEntropy()));
    }
  }

  /** Sequences of 11 to 30 votes, and whether the last ten are mostly ones. */
  private static Sequences votes(Random random, int rows) {
    float[][][] inputs = new float[rows][][];
    int[] labels = new int[rows];
    for (int row = 0; row < rows; row++) {
      int steps = 11 + random.nextInt(20);
      inputs[row] = new float[steps][1];
      int sum = 0;
      for (int t = 0; t < steps; t++) {
        int vote = random.nextBoolean() ? 1 : -1;
        inputs[row][t][0] = vote;
        sum += t >= steps - 10 ? vote : 0;
      }
      labels[row] = sum > 0 ? 1 : 0;
    }
    return Sequences.of(inputs).labels(labels);
  }
}
