package kazoku.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Lowering;
import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What a {@link Model} computes for data, by its own layer or by another one on the same weights:
 * the decoding of what an encoder-decoder has learnt. It lives as long as its model.
 *
 * <p>Its methods may be called by several threads at once, while no other method of the model runs.
 */
public final class View {
  private final Model model;
  private final Layer layer;
  private final Session session;
  private final Pass pass;
  private final Map<String, Signal> outputs = new LinkedHashMap<>();
  private final Map<String, Reading> readings = new HashMap<>();

  View(Model model, Layer layer, Session session, Ops tf, Pass pass) {
    this.model = model;
    this.layer = layer;
    this.session = session;
    this.pass = pass;
    pass.outputs()
        .forEach(
            (name, signal) -> {
              outputs.put(name, fetched(tf, signal));
              readings.put(name, Reading.of(tf, signal));
            });
  }

  /** What is fed cannot be fetched, and a layer may give what it is given. */
  private static Signal fetched(Ops tf, Signal signal) {
    Operand<TInt32> lengths = signal.lengths();
    return new Signal(tf.identity(signal.value()), lengths == null ? null : tf.identity(lengths));
  }

  Layer layer() {
    return layer;
  }

  /**
   * The output for each row.
   *
   * @param data sequences; targets are not looked at
   * @return {@code [B][O]}
   * @throws IllegalArgumentException if the data does not fit, or if there is an output for each
   *     step
   */
  public float[][] predict(Sequences data) {
    return predict("", data);
  }

  /**
   * Another output for each row.
   *
   * @param output its name: {@code signal.beside(output, …)}
   * @param data sequences; targets are not looked at
   * @return {@code [B][O]}
   * @throws IllegalArgumentException as {@link #predict(Sequences)}, or if there is no such output
   */
  public float[][] predict(String output, Sequences data) {
    return numbers(output, data, false).stream().map(row -> row[0]).toArray(float[][]::new);
  }

  /**
   * The output for each valid step of each row.
   *
   * @param data sequences; targets are not looked at
   * @return {@code [B][T][O]}, T the length of the output's row
   * @throws IllegalArgumentException if the data does not fit, or if there is one output for each
   *     row
   */
  public float[][][] predictSteps(Sequences data) {
    return predictSteps("", data);
  }

  /**
   * Another output for each valid step of each row.
   *
   * @param output its name: {@code signal.beside(output, …)}
   * @param data sequences; targets are not looked at
   * @return {@code [B][T][O]}
   * @throws IllegalArgumentException as {@link #predictSteps(Sequences)}, or if there is no such
   *     output
   */
  public float[][][] predictSteps(String output, Sequences data) {
    return numbers(output, data, true).toArray(float[][][]::new);
  }

  /**
   * The class with the largest output, for each row.
   *
   * @param data sequences; targets are not looked at
   * @return {@code [B]}, counted from 0
   * @throws IllegalArgumentException as {@link #predict(Sequences)}
   */
  public int[] classify(Sequences data) {
    return Arrays.stream(predict(data)).mapToInt(Outcome::largest).toArray();
  }

  /**
   * The class with the largest output, for each valid step of each row.
   *
   * @param data sequences; targets are not looked at
   * @return {@code [B][T]}, counted from 0
   * @throws IllegalArgumentException as {@link #predictSteps(Sequences)}
   */
  public int[][] classifySteps(Sequences data) {
    return Arrays.stream(predictSteps(data))
        .map(row -> Arrays.stream(row).mapToInt(Outcome::largest).toArray())
        .toArray(int[][]::new);
  }

  /**
   * The tokens that a decoder gives for each row.
   *
   * @param data sequences; targets are not looked at
   * @return {@code [B][L]}, L as the decoder has it for each row
   * @throws IllegalArgumentException if the data does not fit, or if the output is not of tokens
   */
  public int[][] tokens(Sequences data) {
    List<int[]> all = new ArrayList<>();
    run(
        "",
        data,
        (tensor, lengths, rows) -> {
          if (!(tensor instanceof TInt32 tokens) || tensor.shape().numDimensions() != 2) {
            throw new IllegalArgumentException(
                "Model: the output is not of tokens, one for each step; use predict or"
                    + " predictSteps");
          }
          int[] flat = new int[(int) tokens.size()];
          tokens.copyTo(DataBuffers.of(flat, false, false));
          int steps = (int) tensor.shape().get(1);
          for (int i = 0; i < rows.length; i++) {
            all.add(Arrays.copyOfRange(flat, i * steps, i * steps + lengths[i]));
          }
        });
    return all.toArray(int[][]::new);
  }

  /**
   * Measures what is computed: also the tokens of a layer that decodes.
   *
   * @param data sequences with targets
   * @param metrics what is measured
   * @return each metric's value, by name
   * @throws IllegalArgumentException if the data does not fit model or metrics
   */
  public Map<String, Double> measure(Sequences data, Metric... metrics) {
    return measured(data, metrics).values();
  }

  /**
   * Counts which label is taken for which class, of rows or of all valid steps.
   *
   * @param data sequences with labels
   * @return the counts
   * @throws IllegalArgumentException if the data does not fit, or has no labels
   */
  public ConfusionMatrix confusion(Sequences data) {
    ConfusionMatrix.Counting counting = new ConfusionMatrix.Counting(new ConfusionMatrix());
    measured(data, counting);
    return counting.matrix();
  }

  private Tallies measured(Sequences data, Metric... metrics) {
    model.requireOpen();
    pass.check(data);
    Tallies tallies =
        new Tallies(
            output -> {
              requireOutput(output);
              return readings.get(output);
            },
            List.of(metrics));
    tallies.check(data);
    for (int[] rows : data.batches(Trainer.ROWS_AT_ONCE)) {
      Session.Runner runner = session.runner();
      tallies.fetch(runner);
      try (Batch batch = pass.batch(new Course.Rows(data, rows))) {
        pass.feed(runner, batch);
        try (Result result = runner.run()) {
          tallies.read(result, 0, new Course.Rows(data, rows));
        }
      }
    }
    return tallies;
  }

  /**
   * Writes a SavedModel with Variables: {@code export(folder, Export.variables())}.
   *
   * @param folder where to; replaced if it is a SavedModel already
   * @throws IllegalArgumentException as {@link #export(Path, Export)}
   * @throws IllegalStateException as {@link #export(Path, Export)}
   * @throws java.io.UncheckedIOException as {@link #export(Path, Export)}
   */
  public void export(Path folder) {
    export(folder, Export.variables());
  }

  /**
   * Writes a SavedModel: this layer with the weights that it asks for, as {@link Model#export(Path,
   * Export)} does.
   *
   * @param folder where to; replaced if it is a SavedModel already
   * @param form what it has
   * @throws IllegalArgumentException if the folder exists and has something else, or if the form
   *     does not fit the layer
   * @throws IllegalStateException if what was written does not answer as this view does
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void export(Path folder, Export form) {
    model.export(folder, this, form);
  }

  /**
   * Builds this layer into a graph of one's own: for inference, with the weights as they are now,
   * as constants. For those who write the graph down in a form of theirs.
   *
   * @param tf operations of the graph
   * @param lowering lays cells over time; {@code RNN::runAt} as they are laid here
   * @return where it is fed, and what it gives
   */
  public Frozen frozen(Ops tf, Lowering lowering) {
    Checks.given("View", "lowering", lowering);
    return model.frozen(tf, layer, inputs(), lowering);
  }

  Inputs inputs() {
    return pass.inputs();
  }

  /** All outputs for inputs that are fed as they are, all by the names that signatures have. */
  Map<String, ExportCheck.Numbers> answer(Map<String, Tensor> fed) {
    Session.Runner runner = session.runner();
    pass.ports()
        .forEach(
            (name, port) -> {
              runner.feed(port.value(), fed.get(name));
              if (port.lengths() != null) {
                runner.feed(port.lengths(), fed.get(Export.lengths(name)));
              }
            });
    outputs.values().forEach(signal -> runner.fetch(signal.value()));
    Map<String, ExportCheck.Numbers> answers = new LinkedHashMap<>();
    try (Result result = runner.run()) {
      for (String path : outputs.keySet()) {
        answers.put(Export.output(path), ExportCheck.Numbers.of(result.get(answers.size())));
      }
    }
    return answers;
  }

  private List<float[][]> numbers(String output, Sequences data, boolean perStep) {
    List<float[][]> all = new ArrayList<>();
    run(
        output,
        data,
        (tensor, lengths, rows) -> {
          Shape shape = tensor.shape();
          if (!(tensor instanceof TFloat32) || shape.numDimensions() != (perStep ? 3 : 2)) {
            throw new IllegalArgumentException(
                "Model: the output is "
                    + (perStep
                        ? "for each row; use predict"
                        : "for each step; use predictSteps, or tokens"));
          }
          float[] flat = Model.floats((TFloat32) tensor);
          int steps = perStep ? (int) shape.get(1) : 1;
          int size = (int) shape.get(-1);
          for (int i = 0; i < rows.length; i++) {
            float[][] row = new float[perStep ? lengths[i] : 1][];
            for (int t = 0; t < row.length; t++) {
              int from = (i * steps + t) * size;
              row[t] = Arrays.copyOfRange(flat, from, from + size);
            }
            all.add(row);
          }
        });
    return all;
  }

  private interface Reader {
    void read(Tensor tensor, int[] lengths, int[] rows);
  }

  private void run(String output, Sequences data, Reader reader) {
    model.requireOpen();
    pass.check(data);
    requireOutput(output);
    Signal signal = outputs.get(output);
    Operand<TInt32> lengths = signal.lengths();
    for (int[] rows : data.batches(Trainer.ROWS_AT_ONCE)) {
      Session.Runner runner = session.runner().fetch(signal.value());
      if (lengths != null) {
        runner.fetch(lengths);
      }
      try (Batch batch = pass.batch(new Course.Rows(data, rows))) {
        pass.feed(runner, batch);
        try (Result result = runner.run()) {
          Tensor value = result.get(0);
          int[] valid = new int[rows.length];
          if (lengths != null) {
            ((TInt32) result.get(1)).copyTo(DataBuffers.of(valid, false, false));
          } else if (value.shape().numDimensions() > 1) {
            Arrays.fill(valid, (int) value.shape().get(1));
          }
          reader.read(value, valid, rows);
        }
      }
    }
  }

  private void requireOutput(String output) {
    Checks.require(
        outputs.containsKey(output),
        "Model",
        "an output beside the first must be one of "
            + outputs.keySet().stream().filter(name -> !name.isEmpty()).toList(),
        output);
  }
}
