package service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.LSTMCell;
import kazoku.layers.ActivationLayer;
import kazoku.layers.Dense;
import kazoku.layers.GaussianNoise;
import kazoku.layers.Normalization;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Export;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;

/**
 * A model to try the service with: who of nine speakers says an utterance of 7 to 29 steps. Its
 * SavedModel takes the data as they were recorded and gives probabilities; names of the speakers
 * and some utterances of the test travel with it.
 */
public final class SpeakerModel {
  private static final Path DATA = Path.of("examples", "data");
  private static final Path FOLDER = Path.of("target", "service", "speaker");
  private static final int COEFFICIENTS = 12;
  private static final int SPEAKERS = 9;
  private static final int EXAMPLES_OF_EACH = 4;

  private SpeakerModel() {}

  /** Utterances, {@code [B][T][12]}, and who spoke them, counted from 0. */
  record Utterances(float[][][] inputs, int[] speakers) {
    static Utterances train() throws IOException {
      return read(DATA.resolve("JapaneseVowels_TRAIN.ts"));
    }

    static Utterances test() throws IOException {
      return read(DATA.resolve("JapaneseVowels_TEST.ts"));
    }

    private static Utterances read(Path file) throws IOException {
      List<float[][]> inputs = new ArrayList<>();
      List<Integer> speakers = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank() && !line.startsWith("#") && !line.startsWith("@")) {
          String[] fields = line.split(":");
          inputs.add(transposed(fields));
          speakers.add(Integer.parseInt(fields[COEFFICIENTS].strip()) - 1);
        }
      }
      return new Utterances(
          inputs.toArray(float[][][]::new), speakers.stream().mapToInt(s -> s).toArray());
    }

    private static float[][] transposed(String[] fields) {
      float[][] utterance = new float[fields[0].split(",").length][COEFFICIENTS];
      for (int i = 0; i < COEFFICIENTS; i++) {
        String[] steps = fields[i].split(",");
        for (int t = 0; t < steps.length; t++) {
          utterance[t][i] = Float.parseFloat(steps[t]);
        }
      }
      return utterance;
    }

    Sequences sequences() {
      return Sequences.of(inputs).labels(speakers);
    }
  }

  /** The folder of versions in target/service; the first one is trained if there is none. */
  static Path prepared() throws IOException {
    if (Versions.newest(FOLDER).isEmpty()) {
      export(FOLDER.resolve("1"), 42, 30);
    }
    return FOLDER;
  }

  /**
   * Trains a model and exports it, for a service that runs to take it as its next version.
   *
   * @param args folder (target/service/speaker/2), seed (1), epochs (30)
   * @throws IOException if the data cannot be read
   */
  public static void main(String[] args) throws IOException {
    Path folder = args.length > 0 ? Path.of(args[0]) : FOLDER.resolve("2");
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
    int epochs = args.length > 2 ? Integer.parseInt(args[2]) : 30;
    export(folder, seed, epochs);
  }

  /** Trains a model and exports it. */
  static void export(Path folder, long seed, int epochs) throws IOException {
    Utterances train = Utterances.train();
    Utterances test = Utterances.test();
    List<Layer> layers =
        List.of(
            Normalization.of(train.inputs()),
            new GaussianNoise(0.5),
            new RNN(new LSTMCell(COEFFICIENTS, 64)).last(),
            new Dense(64, SPEAKERS, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
    System.out.println("Training a model of nine speakers …");
    try (Model model = Model.of(new Sequential(layers), seed)) {
      model.fit(
          train.sequences(),
          new Adam(3e-3).clip(1),
          Loss.softmaxCrossEntropy(),
          Epochs.of(epochs).batchSize(16).progress(Progress.NONE));
      System.out.println("test: " + model.evaluate(test.sequences(), Loss.softmaxCrossEntropy()));
      List<Layer> probabilities = new ArrayList<>(layers);
      probabilities.add(new ActivationLayer(Activation.SOFTMAX));
      model
          .view(new Sequential(probabilities))
          .export(folder, Export.frozen().labels(names()).asset("examples", examples(test)));
    }
  }

  private static List<String> names() {
    return IntStream.rangeClosed(1, SPEAKERS).mapToObj(n -> "speaker " + n).toList();
  }

  /** Utterances of each speaker, as JSON. */
  private static List<String> examples(Utterances test) {
    List<String> examples = new ArrayList<>();
    int[] taken = new int[SPEAKERS];
    for (int row = 0; row < test.speakers().length; row++) {
      int speaker = test.speakers()[row];
      if (taken[speaker]++ < EXAMPLES_OF_EACH) {
        examples.add(example(names().get(speaker), taken[speaker], test.inputs()[row]));
      }
    }
    return examples;
  }

  private static String example(String speaker, int number, float[][] utterance) {
    return Json.object(
        json -> {
          json.writeStringField("name", speaker + ", utterance " + number);
          json.writeStringField("class", speaker);
          json.writeArrayFieldStart("instance");
          for (float[] step : utterance) {
            json.writeStartArray();
            for (float coefficient : step) {
              json.writeNumber(coefficient);
            }
            json.writeEndArray();
          }
          json.writeEndArray();
        });
  }
}
