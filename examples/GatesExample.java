import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Initializer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.LSTMCell;
import kazoku.draw.Chart;
import kazoku.draw.Theme;
import kazoku.layers.Dense;
import kazoku.train.Activity;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;

/**
 * What do the gates of an LSTM do? Trains one to tell nine speakers apart, and beside it an Elman
 * network, which has no gates; then draws gates, memory and weights, and how the gradient of the
 * loss comes back through the steps of each.
 *
 * <p>Arguments, all optional: seed, epochs, folder of the pictures.
 */
public final class GatesExample {
  private static final int UNITS = 32;

  /** Units whose gates are drawn. */
  private static final int SHOWN = 10;

  /** Gradients are compared where all utterances have as many steps. */
  private static final int STEPS = 20;

  private static final Loss LOSS = Loss.softmaxCrossEntropy();

  private GatesExample() {}

  /**
   * Runs the example.
   *
   * @param args seed (42), epochs (15), folder (target/gates)
   * @throws IOException if the data cannot be read or a picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 42;
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 15;
    Path folder = Files.createDirectories(Path.of(args.length > 2 ? args[2] : "target/gates"));

    Utterances.Split data = Utterances.read();
    Sequences test = data.test().sequences();
    Sequences alike = ofEqualLength(data.test());
    try (Model lstm = network(new LSTMCell(Utterances.COEFFICIENTS, UNITS), seed);
        Model elman = network(new ElmanRNNCell(Utterances.COEFFICIENTS, UNITS), seed)) {
      Chart gradients = Chart.overSteps("gradient of the loss by the state after each step");
      gradients = gradients(gradients, "before training", lstm, elman, alike);
      for (Model model : List.of(lstm, elman)) {
        model.fit(
            data.train().sequences(),
            new Adam(5e-3).clip(1),
            LOSS,
            Epochs.of(epochs).batchSize(16).progress(Progress.NONE));
      }
      System.out.println("LSTM   " + lstm.evaluate(test, LOSS));
      System.out.println("Elman  " + elman.evaluate(test, LOSS));
      gradients = gradients(gradients, "after training", lstm, elman, alike);

      Steps steps = Steps.of(lstm, test);
      int[] units = steps.byForgetGate();
      steps.print(units);

      int longest = longest(data.test());
      Activity activity = lstm.activity("rnn", test.select(longest));
      Map<String, Chart> pictures =
          Map.of(
              "gates.svg", gates(activity, units, longest),
              "unit.svg", activity.unit(units[0], "i", "f", "o", "g", "c", "h"),
              "gradients.svg", gradients,
              "weights.svg", lstm.chart("rnn/cell/U"));
      pictures.forEach((name, chart) -> chart.theme(Theme.AUTO).write(folder.resolve(name)));
      System.out.println("\ndrawn: " + folder + "/gates.svg, unit.svg, gradients.svg, weights.svg");
    }
  }

  private static Model network(Cell cell, long seed) {
    return Model.of(
        new Sequential(
            new RNN(cell).last(),
            new Dense(UNITS, Utterances.SPEAKERS, Activation.IDENTITY, Initializer.GLOROT_UNIFORM)),
        seed);
  }

  /** The utterances that are long enough, cut. */
  private static Sequences ofEqualLength(Utterances all) {
    int[] rows =
        IntStream.range(0, all.inputs().length)
            .filter(row -> all.inputs()[row].length >= STEPS)
            .toArray();
    float[][][] inputs = new float[rows.length][][];
    Arrays.setAll(inputs, k -> Arrays.copyOf(all.inputs()[rows[k]], STEPS));
    return Sequences.of(inputs)
        .labels(Arrays.stream(rows).map(row -> all.speakers()[row]).toArray());
  }

  private static int longest(Utterances all) {
    return IntStream.range(0, all.inputs().length)
        .boxed()
        .max(Comparator.comparing(row -> all.inputs()[row].length))
        .orElseThrow();
  }

  /** Adds lines, and says how much of the gradient comes back to the first step. */
  private static Chart gradients(
      Chart chart, String when, Model lstm, Model elman, Sequences data) {
    Map<String, double[]> ofLstm = lstm.gradients(data, LOSS).steps();
    List<double[]> lines =
        List.of(
            ofLstm.get("rnn/cell/h"),
            ofLstm.get("rnn/cell/c"),
            elman.gradients(data, LOSS).steps().get("rnn/cell/h"));
    float[][] norms = new float[STEPS][lines.size()];
    for (int t = 0; t < STEPS; t++) {
      for (int k = 0; k < lines.size(); k++) {
        norms[t][k] = (float) lines.get(k)[t];
      }
    }
    System.out.printf(
        "gradient by h after step 0, as a part of that after step %d, %-15s LSTM %.2g, Elman %.2g%n",
        STEPS - 1, when + ":", rest(lines.get(0)), rest(lines.get(2)));
    return chart.logarithmicLines("", "norm, " + when, norms, "LSTM, h", "LSTM, c", "Elman, h");
  }

  private static double rest(double[] norms) {
    return norms[0] / norms[norms.length - 1];
  }

  /** Gates over one utterance: the units that keep longest, and below them those that least do. */
  private static Chart gates(Activity activity, int[] byForgetGate, int row) {
    int[] units =
        IntStream.range(0, UNITS)
            .filter(k -> k < SHOWN / 2 || k >= UNITS - SHOWN / 2)
            .map(k -> byForgetGate[k])
            .toArray();
    String[] rows = Arrays.stream(units).mapToObj(String::valueOf).toArray(String[]::new);
    Chart chart = Chart.overSteps("gates of an LSTM over test utterance " + row);
    List<String> words = List.of("input gate", "forget gate", "candidate", "output gate", "memory");
    List<String> names = List.of("i", "f", "g", "o", "c");
    for (int n = 0; n < names.size(); n++) {
      float[][] values = activity.get(names.get(n));
      float[][] sorted = new float[values.length][units.length];
      for (int t = 0; t < values.length; t++) {
        for (int k = 0; k < units.length; k++) {
          sorted[t][k] = values[t][units[k]];
        }
      }
      chart = chart.heat(names.get(n), words.get(n), sorted, rows);
    }
    return chart;
  }

  /** The gates at all steps of many utterances, {@code [N][H]}. */
  private record Steps(Map<String, List<float[]>> gates) {
    static Steps of(Model model, Sequences data) {
      Map<String, List<float[]>> gates =
          Map.of("i", new ArrayList<>(), "f", new ArrayList<>(), "o", new ArrayList<>());
      for (int row = 0; row < data.size(); row++) {
        Activity activity = model.activity("rnn", data.select(row));
        gates.forEach((name, steps) -> steps.addAll(List.of(activity.get(name))));
      }
      return new Steps(gates);
    }

    /** What is left of a unit's memory after a step, as the geometric mean of its forget gate. */
    double kept(int unit) {
      return Math.exp(
          gates.get("f").stream()
              .mapToDouble(step -> Math.log(step[unit]))
              .average()
              .orElseThrow());
    }

    /** The units, those first that keep most. */
    int[] byForgetGate() {
      return IntStream.range(0, UNITS)
          .boxed()
          .sorted(Comparator.comparing(unit -> -kept(unit)))
          .mapToInt(unit -> unit)
          .toArray();
    }

    void print(int[] units) {
      System.out.println("\ngate     mean  below 0.1  above 0.9");
      for (String name : List.of("i", "f", "o")) {
        double[] values =
            gates.get(name).stream()
                .flatMapToDouble(step -> IntStream.range(0, UNITS).mapToDouble(unit -> step[unit]))
                .toArray();
        System.out.printf(
            "%-6s  %5.2f  %8.1f%%  %8.1f%%%n",
            name,
            Arrays.stream(values).average().orElseThrow(),
            100.0 * Arrays.stream(values).filter(v -> v < 0.1).count() / values.length,
            100.0 * Arrays.stream(values).filter(v -> v > 0.9).count() / values.length);
      }
      System.out.println("\nunit  keeps a step  half of its memory is gone after");
      for (int k : new int[] {0, 1, 2, UNITS - 2, UNITS - 1}) {
        double kept = kept(units[k]);
        System.out.printf(
            "%4d  %12.3f  %.1f steps%n", units[k], kept, Math.log(0.5) / Math.log(kept));
      }
    }
  }
}
