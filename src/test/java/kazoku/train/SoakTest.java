package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import kazoku.OwnProcess;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.layers.Dropout;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** Training and predicting for long, with batches of all sizes, needs no more and more memory. */
class SoakTest {
  private static final int STEPS = 2_000;

  /** What malloc keeps of what was freed moves by a megabyte or two. */
  private static final long MOVES = 16L << 20;

  @Test
  void memoryStaysFlat() throws IOException, InterruptedException {
    List<String> said = OwnProcess.run(SoakTest.class);
    long[] moved =
        said.stream()
            .filter(line -> line.startsWith("moved "))
            .flatMap(line -> java.util.Arrays.stream(line.substring(6).split(" ")))
            .mapToLong(Long::parseLong)
            .toArray();
    System.out.printf(
        "%,d training steps and %,d predictions: %.1f MB and %.1f MB more than before%n",
        STEPS, STEPS, moved[0] / 1e6, moved[1] / 1e6);
    assertThat(moved[0]).isLessThan(MOVES);
    assertThat(moved[1]).isLessThan(MOVES);
  }

  /**
   * Trains and predicts, and prints by how many bytes the process grew in each. Before it is
   * measured, memory has found its size: TensorFlow and malloc keep some of what was freed.
   *
   * @param args none
   */
  public static void main(String[] args) {
    try (Model model =
        Model.of(
            new Sequential(new RNN(new GRUCell(2, 32)).last(), new Dropout(0.9), Toys.head(32, 2)),
            42)) {
      for (int i = 0; i < 3; i++) {
        train(model);
      }
      long before = memory();
      train(model);
      long trained = memory() - before;
      predict(model);
      before = memory();
      predict(model);
      System.out.println("moved " + trained + " " + (memory() - before));
    }
  }

  private static void train(Model model) {
    Source batches =
        () ->
            IntStream.range(0, STEPS)
                .mapToObj(
                    i -> {
                      float[][][] inputs = inputs(i);
                      return Sequences.of(inputs).labels(Toys.signs(inputs));
                    });
    Epochs one = Epochs.of(1).batchSize(64).batches(STEPS).progress(Progress.NONE);
    model.fit(batches, new Adam(1e-3).clip(1), Loss.softmaxCrossEntropy(), one);
  }

  private static void predict(Model model) {
    for (int i = 0; i < STEPS; i++) {
      model.predict(Sequences.of(inputs(i)));
    }
  }

  /** 1 to 64 rows of 0 to 100 steps, mostly of few. */
  private static float[][][] inputs(int number) {
    Random random = new Random(number);
    float[][][] inputs = new float[1 + random.nextInt(64)][][];
    int longest = 1 + (int) (100 * Math.pow(random.nextDouble(), 4));
    for (int row = 0; row < inputs.length; row++) {
      inputs[row] = new float[random.nextInt(longest + 1)][2];
      for (float[] step : inputs[row]) {
        step[0] = random.nextFloat() * 2 - 1;
        step[1] = random.nextFloat() * 2 - 1;
      }
    }
    return inputs;
  }

  private static long memory() {
    System.gc();
    return Pointer.physicalBytes();
  }
}
