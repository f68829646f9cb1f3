import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kazoku.train.Sequences;

/**
 * Utterances of nine speakers, of 7 to 29 steps: {@code examples/data/README.md} says where they
 * are from.
 *
 * @param inputs {@code [B][T][12]}
 * @param speakers who spoke them, counted from 0
 */
record Utterances(float[][][] inputs, int[] speakers) {
  static final int COEFFICIENTS = 12;
  static final int SPEAKERS = 9;

  private static final Path DATA = Path.of("examples", "data");

  /**
   * What is learnt from and what is tested on.
   *
   * @param train 270 utterances
   * @param test 370 others
   */
  record Split(Utterances train, Utterances test) {}

  /** Reads the data; makes mean 0 and standard deviation 1 of each coefficient. */
  static Split read() throws IOException {
    Utterances train = read(DATA.resolve("JapaneseVowels_TRAIN.ts"));
    Utterances test = read(DATA.resolve("JapaneseVowels_TEST.ts"));
    standardise(train.inputs, test.inputs);
    return new Split(train, test);
  }

  Sequences sequences() {
    return Sequences.of(inputs).labels(speakers);
  }

  private static Utterances read(Path file) throws IOException {
    List<float[][]> inputs = new ArrayList<>();
    List<Integer> speakers = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (line.isBlank() || line.startsWith("#") || line.startsWith("@")) {
        continue;
      }
      String[] fields = line.split(":");
      float[][] utterance = new float[fields[0].split(",").length][COEFFICIENTS];
      for (int i = 0; i < COEFFICIENTS; i++) {
        String[] steps = fields[i].split(",");
        for (int t = 0; t < steps.length; t++) {
          utterance[t][i] = Float.parseFloat(steps[t]);
        }
      }
      inputs.add(utterance);
      speakers.add(Integer.parseInt(fields[COEFFICIENTS].strip()) - 1);
    }
    return new Utterances(
        inputs.toArray(float[][][]::new), speakers.stream().mapToInt(s -> s).toArray());
  }

  /** Makes mean 0 and standard deviation 1 of each coefficient, as measured in training data. */
  private static void standardise(float[][][] train, float[][][] test) {
    for (int i = 0; i < COEFFICIENTS; i++) {
      double sum = 0;
      double squares = 0;
      int count = 0;
      for (float[][] utterance : train) {
        for (float[] step : utterance) {
          sum += step[i];
          squares += step[i] * step[i];
          count++;
        }
      }
      double mean = sum / count;
      double deviation = Math.sqrt(squares / count - mean * mean);
      for (float[][][] set : List.of(train, test)) {
        for (float[][] utterance : set) {
          for (float[] step : utterance) {
            step[i] = (float) ((step[i] - mean) / deviation);
          }
        }
      }
    }
  }
}
