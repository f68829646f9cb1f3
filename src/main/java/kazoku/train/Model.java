package kazoku.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Sequential;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * A layer with a graph, a session and weights of its own: it is trained, evaluated, asked and
 * exported with plain Java arrays.
 *
 * <pre>{@code
 * try (Model model =
 *     Model.of(new Sequential(new RNN(new GRUCell(12, 64)).last(), new Dense(64, 9)), 42)) {
 *   model.fit(train, new Adam(5e-3), Loss.softmaxCrossEntropy(), Epochs.of(40));
 *   float[][] logits = model.predict(test);
 * }
 * }</pre>
 *
 * <p>Everything random comes from one seed: two models with the same layer and seed that are
 * trained with the same data have the same weights, bit for bit, on the same machine. Weights are
 * named by the layers' names, {@code rnn/cell/U} and {@code dense/W}.
 *
 * <p>{@link #predict} may be called by several threads at once, while no other method runs. A
 * closed model gives {@link IllegalStateException}.
 */
public final class Model implements AutoCloseable {
  private static final String WEIGHTS = "weights";

  private final Layer layer;
  private final ConfigProto config;
  private final long steps;
  private final Graph graph = new Graph();
  private final Session session;
  private final Weights weights;
  private final Pass inference;
  private final Checkpoint checkpoint;
  private final Trainer trainer;
  private volatile boolean closed;

  private Model(Layer layer, long seed, ConfigProto config, long steps) {
    this.layer = layer instanceof Sequential ? layer : new Sequential(layer);
    this.config = config;
    this.steps = steps;
    try {
      Ops tf = Ops.create(graph);
      weights = Weights.variables(tf, seed);
      Pass training = Pass.build(tf, weights, this.layer, steps);
      inference = training.again(weights.forInference(), this.layer);
      checkpoint = Checkpoint.build(tf, weights.operands());
      session = new Session(graph, config);
      session.initialize();
      trainer = new Trainer(graph, session, weights, training, inference, seed);
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    }
  }

  /**
   * A model with fresh weights. Its session runs each operation on one thread, and independent
   * operations (the shards of a batch, the directions of a network) side by side on all cores; that
   * suits cells up to a few hundred units. TensorFlow gives a process the threads that its first
   * session asks for.
   *
   * @param layer what the model computes: takes {@code [B, T, I]} with lengths, gives {@code [B,
   *     O]} or {@code [B, T, O]}
   * @param seed the seed of the first weights and of the order of training data
   * @return the model; close it
   * @throws IllegalArgumentException if the layers do not fit each other
   */
  public static Model of(Layer layer, long seed) {
    return of(layer, seed, oneThreadEach());
  }

  private static ConfigProto oneThreadEach() {
    return ConfigProto.newBuilder()
        .setIntraOpParallelismThreads(1)
        .setInterOpParallelismThreads(Runtime.getRuntime().availableProcessors())
        .build();
  }

  /**
   * A model with fresh weights and a session of one's own making.
   *
   * @param layer what the model computes
   * @param seed the seed
   * @param config the session's configuration
   * @return the model; close it
   */
  public static Model of(Layer layer, long seed, ConfigProto config) {
    Checks.given("Model", "layer", layer);
    return new Model(layer, seed, config, Shape.UNKNOWN_SIZE);
  }

  /**
   * A model with fresh weights, whose graph is made for a fixed number of steps; all batches are
   * padded to it. Layers whose steps are written out ({@link kazoku.Loop#UNROLLED}) need it, and so
   * does training on Windows. What is exported is made for this number of steps, too.
   *
   * @param layer what the model computes
   * @param seed the seed
   * @param steps the number of steps of the longest row, at least 1
   * @return the model; close it
   */
  public static Model ofSteps(Layer layer, long seed, int steps) {
    Checks.given("Model", "layer", layer);
    Checks.atLeastOne("Model", "steps", steps);
    return new Model(layer, seed, oneThreadEach(), steps);
  }

  /**
   * Trains the model. The order of rows is drawn anew for each epoch; each batch is padded to its
   * longest row. Called again with an equal optimizer, training goes on where it was.
   *
   * @param data sequences with targets
   * @param optimizer how weights follow gradients
   * @param loss what is made small
   * @param epochs how long, in which batches, and who hears of it
   * @return scores of each epoch
   * @throws IllegalArgumentException if the data does not fit model or loss
   * @throws IllegalStateException if the loss is no longer a finite number; the weights are lost
   *     then
   */
  public synchronized History fit(Sequences data, Optimizer optimizer, Loss loss, Epochs epochs) {
    requireOpen();
    return trainer.fit(data, optimizer, loss, epochs);
  }

  /**
   * Measures the model; changes nothing.
   *
   * @param data sequences with targets
   * @param loss what is measured
   * @return mean loss and metric
   * @throws IllegalArgumentException if the data does not fit model or loss
   */
  public synchronized Scores evaluate(Sequences data, Loss loss) {
    requireOpen();
    return trainer.evaluate(data, loss);
  }

  /**
   * The model's output for each row.
   *
   * @param data sequences; targets are not looked at
   * @return {@code [B][O]}
   * @throws IllegalArgumentException if the data does not fit, or if the model gives an output for
   *     each step
   */
  public float[][] predict(Sequences data) {
    return outputs(data, 2).stream().map(row -> row[0]).toArray(float[][]::new);
  }

  /**
   * The model's output for each valid step of each row.
   *
   * @param data sequences; targets are not looked at
   * @return {@code [B][T][O]}, T as in the data
   * @throws IllegalArgumentException if the data does not fit, or if the model gives one output for
   *     each row
   */
  public float[][][] predictSteps(Sequences data) {
    return outputs(data, 3).toArray(float[][][]::new);
  }

  /**
   * The class with the largest output, for each row.
   *
   * @param data sequences; targets are not looked at
   * @return {@code [B]}, counted from 0
   * @throws IllegalArgumentException as {@link #predict}
   */
  public int[] classify(Sequences data) {
    return Arrays.stream(predict(data))
        .mapToInt(
            y -> IntStream.range(0, y.length).reduce(0, (best, k) -> y[k] > y[best] ? k : best))
        .toArray();
  }

  private List<float[][]> outputs(Sequences data, int rank) {
    requireOpen();
    inference.check(data);
    List<float[][]> outputs = new ArrayList<>();
    for (int[] rows : data.batches(Trainer.ROWS_AT_ONCE)) {
      try (Batch batch = inference.batch(data, rows);
          Result result =
              session
                  .runner()
                  .feed(inference.input(), batch.input())
                  .feed(inference.lengths(), batch.lengths())
                  .fetch(inference.output())
                  .run()) {
        Shape shape = result.get(0).shape();
        if (shape.numDimensions() != rank) {
          throw new IllegalArgumentException(
              "Model: the output is "
                  + (rank == 2 ? "for each step; use predictSteps" : "for each row; use predict"));
        }
        float[] flat = floats((TFloat32) result.get(0));
        int steps = rank == 3 ? (int) shape.get(1) : 1;
        int size = (int) shape.get(-1);
        for (int i = 0; i < rows.length; i++) {
          float[][] row = new float[rank == 3 ? data.length(rows[i]) : 1][];
          for (int t = 0; t < row.length; t++) {
            int from = (i * steps + t) * size;
            row[t] = Arrays.copyOfRange(flat, from, from + size);
          }
          outputs.add(row);
        }
      }
    }
    return outputs;
  }

  /**
   * The names of the weights, in the order in which the layers ask for them.
   *
   * @return full names, {@code dense/W}
   */
  public List<String> weights() {
    return List.copyOf(weights.operands().keySet());
  }

  /**
   * A copy of one weight's values.
   *
   * @param name its full name
   * @return the values in row-major order
   * @throws IllegalArgumentException if there is no such weight
   */
  public float[] weight(String name) {
    requireOpen();
    try (Result result = session.runner().fetch(weights.operand(name)).run()) {
      return floats((TFloat32) result.get(0));
    }
  }

  /**
   * Writes the weights as a TensorFlow checkpoint: the files {@code weights.index} and {@code
   * weights.data-…} in a folder. The folder is written aside and then moved into place.
   *
   * @param folder where to; replaced if it has weights already
   * @throws IllegalArgumentException if it exists and has something else
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public synchronized void save(Path folder) {
    requireOpen();
    Aside.write(
        folder, WEIGHTS + ".index", aside -> checkpoint.save(session, aside.resolve(WEIGHTS)));
  }

  /**
   * Reads weights that {@link #save} wrote.
   *
   * @param folder where they are
   * @throws IllegalArgumentException if they are not there, or have other names or shapes
   */
  public synchronized void load(Path folder) {
    requireOpen();
    if (!Files.exists(folder.resolve(WEIGHTS + ".index"))) {
      throw new IllegalArgumentException(
          "Model: there is no " + WEIGHTS + ".index in " + folder + "; write it with save");
    }
    checkpoint.restore(session, folder.resolve(WEIGHTS));
  }

  /**
   * Writes a SavedModel with the signature {@code serving_default}: inputs {@code input} {@code [B,
   * T, I]} and, where a layer looks at them, {@code lengths} {@code [B]}; output {@code output}. It
   * has the pass for inference only, and no initialisers. The folder is written aside and then
   * moved into place.
   *
   * @param folder where to; replaced if it is a SavedModel already
   * @throws IllegalArgumentException if it exists and has something else
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public synchronized void export(Path folder) {
    requireOpen();
    Aside.write(
        folder,
        "saved_model.pb",
        aside -> {
          Path values = Files.createTempDirectory("weights");
          try {
            checkpoint.save(session, values.resolve(WEIGHTS));
            Export.write(aside, layer, values.resolve(WEIGHTS), config, steps);
          } finally {
            Aside.delete(values);
          }
        });
  }

  /**
   * What the model is made of.
   *
   * @return a table of the weights with their shapes and sizes, and the sum of their sizes
   */
  public String summary() {
    StringBuilder text = new StringBuilder();
    long sum = 0;
    for (Map.Entry<String, Operand<TNumber>> weight : weights.operands().entrySet()) {
      Shape shape = weight.getValue().asOutput().shape();
      sum += shape.size();
      text.append(
          "%-32s %-16s %,12d%n"
              .formatted(weight.getKey(), Arrays.toString(shape.asArray()), shape.size()));
    }
    return text.append("%-32s %-16s %,12d%n".formatted("all weights", "", sum)).toString();
  }

  /** Closes session and graph; a second time does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      session.close();
      graph.close();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("Model: is closed; make a new one, and load its weights");
    }
  }

  private static float[] floats(TFloat32 tensor) {
    float[] values = new float[(int) tensor.size()];
    tensor.copyTo(DataBuffers.of(values, false, false));
    return values;
  }
}
