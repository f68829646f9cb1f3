import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Who is speaking? Learns to tell nine speakers apart by 270 utterances of 7 to 29 steps, and is
 * tested on 370 others; then exports the model as a SavedModel and asks it again.
 *
 * <p>Arguments, all optional: seed, epochs, folder of the SavedModel.
 */
public final class SpeakerExample {
  /** Standard deviation of the noise on training data, whose own is 1. */
  private static final double NOISE = 0.5;

  private SpeakerExample() {}

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (12), folder (target/speaker-model)
   * @throws IOException if the data cannot be read
   */
  public static void main(String[] args) throws IOException {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 12;
    Path folder = Path.of(args.length > 2 ? args[2] : "target/speaker-model");

    Utterances.Split data = Utterances.read();
    Utterances train = data.train();
    Utterances test = data.test();

    Layer layers =
        new Sequential(
            new RNN(new LSTMCell(Utterances.COEFFICIENTS, 100)).last(),
            new Dense(100, Utterances.SPEAKERS, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
    try (Model model = Model.of(layers, seed)) {
      System.out.print(model.summary());
      model.fit(
          noisy(train, seed).sequences(),
          new Adam(3e-3).clip(1),
          Loss.softmaxCrossEntropy(),
          Epochs.of(epochs).batchSize(16));

      Sequences heldOut = test.sequences();
      System.out.printf("%ntest: %s%n%n", model.evaluate(heldOut, Loss.softmaxCrossEntropy()));
      printConfusion(test.speakers(), model.classify(heldOut));

      model.export(folder);
      compare(model.predict(heldOut), served(folder, test.inputs()), folder);
    }
  }

  /** Five times as many utterances, with noise: so few voices are quickly learnt by heart. */
  private static Utterances noisy(Utterances train, long seed) {
    int copies = 5;
    Random random = new Random(seed);
    float[][][] inputs = new float[copies * train.inputs().length][][];
    int[] speakers = new int[inputs.length];
    for (int row = 0; row < inputs.length; row++) {
      int original = row / copies;
      speakers[row] = train.speakers()[original];
      float[][] utterance = train.inputs()[original];
      inputs[row] = new float[utterance.length][Utterances.COEFFICIENTS];
      for (int t = 0; t < utterance.length; t++) {
        for (int i = 0; i < Utterances.COEFFICIENTS; i++) {
          inputs[row][t][i] = (float) (utterance[t][i] + NOISE * random.nextGaussian());
        }
      }
    }
    return new Utterances(inputs, speakers);
  }

  private static void printConfusion(int[] speakers, int[] predicted) {
    int[][] counts = new int[Utterances.SPEAKERS][Utterances.SPEAKERS];
    for (int row = 0; row < speakers.length; row++) {
      counts[speakers[row]][predicted[row]]++;
    }
    StringBuilder table =
        new StringBuilder("speaker, taken for    1    2    3    4    5    6    7    8    9\n");
    for (int speaker = 0; speaker < Utterances.SPEAKERS; speaker++) {
      table.append("%7d           ".formatted(speaker + 1));
      for (int count : counts[speaker]) {
        table.append(count == 0 ? "    ." : "%5d".formatted(count));
      }
      table.append('\n');
    }
    System.out.println(table);
  }

  /** What the SavedModel says, through TensorFlow-Java alone. */
  private static float[][] served(Path folder, float[][][] inputs) {
    int steps = 0;
    for (float[][] utterance : inputs) {
      steps = Math.max(steps, utterance.length);
    }
    float[][][] padded = new float[inputs.length][steps][Utterances.COEFFICIENTS];
    int[] lengths = new int[inputs.length];
    for (int row = 0; row < inputs.length; row++) {
      lengths[row] = inputs[row].length;
      System.arraycopy(inputs[row], 0, padded[row], 0, lengths[row]);
    }
    try (SavedModelBundle bundle = SavedModelBundle.load(folder.toString());
        TFloat32 input = TFloat32.tensorOf(StdArrays.ndCopyOf(padded));
        TInt32 length = TInt32.tensorOf(StdArrays.ndCopyOf(lengths));
        Result result =
            bundle.function("serving_default").call(Map.of("input", input, "lengths", length))) {
      TFloat32 output = (TFloat32) result.get("output").orElseThrow();
      Shape shape = output.shape();
      float[][] logits = new float[(int) shape.get(0)][(int) shape.get(1)];
      StdArrays.copyFrom(output, logits);
      return logits;
    }
  }

  private static void compare(float[][] before, float[][] after, Path folder) {
    double difference = 0;
    for (int row = 0; row < before.length; row++) {
      for (int k = 0; k < Utterances.SPEAKERS; k++) {
        difference = Math.max(difference, Math.abs(before[row][k] - after[row][k]));
      }
    }
    if (!(difference < 1e-4)) {
      throw new IllegalStateException("the SavedModel differs by " + difference);
    }
    System.out.printf(
        "%s, loaded again, gives the same outputs: the largest difference is %.1e%n",
        folder, difference);
  }
}
