package kazoku.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Built;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Lowering;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Structure;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.draw.Block;
import kazoku.draw.Chart;
import kazoku.draw.Figure;
import kazoku.internal.files.Aside;
import kazoku.internal.natives.Natives;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.types.TFloat32;

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
  static {
    Natives.leaveMemoryUnlimited();
  }

  private final ConfigProto config;
  private final long seed;
  private final long steps;
  private final Graph graph = new Graph();
  private final Session session;
  private final Weights weights;
  private final Pass training;
  private final Pass inference;
  private final View view;
  private View stochastic;
  private Flow flow;
  private Probes probes;
  private final Checkpoint checkpoint;
  private final Copies copies;
  private final Trainer trainer;
  private volatile boolean closed;

  private Model(Layer layer, Inputs inputs, long seed, ConfigProto config, long steps) {
    Layer named = named(layer);
    this.config = config;
    this.seed = seed;
    this.steps = steps;
    try {
      Ops tf = Ops.create(graph);
      weights = Weights.variables(tf, seed);
      Carry carry = new Carry(tf);
      training = Pass.build(tf, weights.carrying(carry), named, inputs, steps);
      Checks.require(
          !weights.operands().isEmpty(),
          "Model",
          "the layer must have weights, which a model trains and saves; apply one without in a"
              + " graph, or behind others",
          layer.name());
      inference = training.again(weights.forInference(), named);
      checkpoint = Checkpoint.build(tf, weights.operands());
      copies = Copies.of(tf, weights.operands());
      session = new Session(graph, config);
      session.initialize();
      trainer = new Trainer(graph, session, weights, carry, training, inference, seed);
      view = new View(this, named, session, tf, inference);
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    }
  }

  /** Weights stand under the name of their layer, also where there is only one. */
  private static Layer named(Layer layer) {
    return layer instanceof Sequential ? layer : new Sequential(layer);
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
    return of(layer, Inputs.of(layer), seed, config);
  }

  /**
   * A model with several inputs.
   *
   * @param layer what the model computes: takes the first input, with the others beside it
   * @param inputs what it is fed with
   * @param seed the seed
   * @return the model; close it
   */
  public static Model of(Layer layer, Inputs inputs, long seed) {
    return of(layer, inputs, seed, oneThreadEach());
  }

  /**
   * A model with several inputs and a session of one's own making.
   *
   * @param layer what the model computes: takes the first input, with the others beside it
   * @param inputs what it is fed with
   * @param seed the seed
   * @param config the session's configuration
   * @return the model; close it
   */
  public static Model of(Layer layer, Inputs inputs, long seed, ConfigProto config) {
    Checks.given("Model", "layer", layer);
    Checks.given("Model", "inputs", inputs);
    return new Model(layer, inputs, seed, config, Shape.UNKNOWN_SIZE);
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
    return new Model(layer, Inputs.of(layer), seed, oneThreadEach(), steps);
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
   * @throws IllegalArgumentException if the data does not fit model or loss, or if a weight that is
   *     trained does not reach the loss
   * @throws IllegalStateException if the loss or a gradient of a batch is no finite number; it says
   *     what was the first that is not, and weights, slots and moving statistics are as they were
   *     before that batch
   */
  public synchronized History fit(Source data, Optimizer optimizer, Loss loss, Epochs epochs) {
    requireOpen();
    return Fit.of(trainer, this, data, optimizer, loss, epochs).run();
  }

  /**
   * Looks for a good learning rate: trains for some batches while the rate rises by the same factor
   * from batch to batch, up to where the loss diverges (L. N. Smith 2017, <a
   * href="https://arxiv.org/abs/1506.01186">arXiv:1506.01186</a>, the learning rate range test). It
   * is a copy that is trained, with the weights that this model has now and an optimizer that
   * remembers nothing: the model stays as it is, bit for bit.
   *
   * <pre>{@code
   * RateCurve curve = model.findLearningRate(train, new Adam(1), loss, epochs);
   * model.fit(train, new Adam(curve.steepest()), loss, epochs);
   * }</pre>
   *
   * @param data sequences with targets
   * @param optimizer how weights follow gradients; its own rate and schedule do not matter
   * @param loss what is made small
   * @param epochs of them size and order of batches, and where they are truncated
   * @return the loss at each of 100 rates from 1e-6 to 10, and what to make of it
   * @throws IllegalArgumentException if the data does not fit model or loss
   */
  public RateCurve findLearningRate(Source data, Optimizer optimizer, Loss loss, Epochs epochs) {
    return findLearningRate(data, optimizer, loss, epochs, RateRange.DEFAULT);
  }

  /**
   * Looks for a good learning rate in a range of one's own.
   *
   * @param data sequences with targets
   * @param optimizer how weights follow gradients; its own rate and schedule do not matter
   * @param loss what is made small
   * @param epochs of them size and order of batches, and where they are truncated
   * @param range which rates are tried
   * @return the loss at each rate, and what to make of it
   * @throws IllegalArgumentException if the data does not fit model or loss
   */
  public synchronized RateCurve findLearningRate(
      Source data, Optimizer optimizer, Loss loss, Epochs epochs, RateRange range) {
    requireOpen();
    try (Model copy = new Model(view.layer(), inference.inputs(), seed, config, steps)) {
      copy.copies.write(copy.session, copies.read(session));
      copy.trainer.passes(trainer.passes());
      copy.trainer.learnt(trainer.learnt());
      return range.search(copy.trainer, data, optimizer, loss, epochs.batching());
    }
  }

  /**
   * The learning rate of the next update, by the optimizer of the last or running {@link #fit}. Any
   * thread may ask, also while training runs.
   *
   * @return the rate
   * @throws IllegalStateException before the first call of {@code fit}
   */
  public double learningRate() {
    requireOpen();
    return trainer.learningRate();
  }

  /**
   * Sets the learning rate of the next update, and scales the schedule with it: from now on each of
   * its rates is multiplied by {@code rate/}(what it says now). Any thread may do it, also while
   * training runs, and so may a {@link Callback}. It holds as long as training goes on with an
   * equal optimizer.
   *
   * @param rate the rate, at least 0
   * @throws IllegalStateException before the first call of {@code fit}, or where the schedule says
   *     0
   */
  public void learningRate(double rate) {
    requireOpen();
    trainer.learningRate(rate);
  }

  /**
   * Puts the averages that the optimizer of the last {@link #fit} keeps ({@link Optimizer#average})
   * in the place of the weights, for all that looks at weights: {@link #evaluate}, {@link
   * #predict}, {@link #weight}, {@link #save}, {@link #export}. Fixed weights stay. {@code fit} and
   * {@link #load} put the weights back first.
   *
   * @param use whether averages are used; false puts the weights back, bit for bit
   * @throws IllegalStateException if that optimizer keeps none
   */
  public synchronized void useAverages(boolean use) {
    requireOpen();
    trainer.useAverages(use);
  }

  /**
   * Measures the model; changes nothing.
   *
   * @param data sequences with targets
   * @param loss what is measured
   * @param metrics what else is measured
   * @return mean loss and metric, and the other metrics by name
   * @throws IllegalArgumentException if the data does not fit model, loss or metrics
   */
  public synchronized Scores evaluate(Source data, Loss loss, Metric... metrics) {
    requireOpen();
    return trainer.evaluate(data, loss, List.of(metrics));
  }

  /**
   * How large the gradients of a loss are, by each weight and by the state of each recurrent layer
   * after each step: whether they vanish or explode. Computed as in training, over all the data at
   * once, with drop-out; nothing is updated. The first call builds the layers once more in the
   * model's graph.
   *
   * @param data sequences with targets
   * @param loss what is differentiated
   * @return the norms
   * @throws IllegalArgumentException if the data does not fit model or loss
   */
  public GradientNorms gradients(Source data, Loss loss) {
    return flow(data, loss).norms();
  }

  /** The gradients of all data together. */
  synchronized Flow.Sum flow(Source data, Loss loss) {
    requireOpen();
    if (flow == null) {
      flow = new Flow(weights, existing(), training, view.layer());
    }
    return trainer.gradients(data, loss, flow);
  }

  /**
   * What a recurrent layer computes at each step of a sequence: its gates, candidates, states.
   * Computed as in evaluation, from the weights as they are now. The first call builds the layers
   * once more in the model's graph.
   *
   * @param layer the path of the layer, {@code rnn}; where it has several cells, that of one,
   *     {@code bidirectional/backward} or {@code stacked/1}
   * @param data one sequence: {@code test.select(7)}; targets are not looked at
   * @return the quantities by name, at each step
   * @throws IllegalArgumentException if there is no such layer, if it has several cells, if the
   *     data has not one row, or does not fit
   */
  public synchronized Activity activity(String layer, Sequences data) {
    requireOpen();
    if (probes == null) {
      probes = new Probes(existing(), inference, view.layer());
    }
    return probes.activity(session, layer, data);
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
    return view.predict(data);
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
    return view.predictSteps(data);
  }

  /**
   * The class with the largest output, for each row.
   *
   * @param data sequences; targets are not looked at
   * @return {@code [B]}, counted from 0
   * @throws IllegalArgumentException as {@link #predict}
   */
  public int[] classify(Sequences data) {
    return view.classify(data);
  }

  /**
   * What the model's own layer computes, with all its outputs.
   *
   * @return the view
   */
  public View view() {
    return view;
  }

  /**
   * What the model's own layer computes as in training, with drop-out and noise: asked for the same
   * data again and again it answers differently, and by how much says how uncertain it is (Y. Gal,
   * Z. Ghahramani 2016, <a href="https://arxiv.org/abs/1506.02142">arXiv:1506.02142</a>).
   *
   * @return the view
   */
  public synchronized View stochastic() {
    requireOpen();
    if (stochastic == null) {
      Pass pass = inference.again(existing(), view.layer());
      stochastic = new View(this, view.layer(), session, weights.tf(), pass);
    }
    return stochastic;
  }

  /** The weights of this model; another one cannot be asked for. */
  private Weights existing() {
    return Weights.given(weights.tf(), TFloat32.class, weights.operands(), seed);
  }

  /**
   * Another layer on this model's weights and inputs: the decoding of what an encoder-decoder has
   * learnt. It follows the weights as they are trained. Each call builds the layer once more in the
   * model's graph: keep the view.
   *
   * @param layer what it computes; its weights must all be weights of the model
   * @return the view
   * @throws IllegalArgumentException if it asks for a weight that the model has not
   */
  public View view(Layer layer) {
    return view(layer, inference.inputs());
  }

  /**
   * Another layer on this model's weights, with inputs of its own.
   *
   * @param layer what it computes; its weights must all be weights of the model
   * @param inputs what it is fed with
   * @return the view
   * @throws IllegalArgumentException if it asks for a weight that the model has not
   */
  public synchronized View view(Layer layer, Inputs inputs) {
    requireOpen();
    Layer named = named(layer);
    Ops tf = weights.tf();
    Weights same = Weights.given(tf, TFloat32.class, weights.operands(), seed).forInference();
    Pass pass =
        inputs == inference.inputs()
            ? inference.again(same, named)
            : Pass.build(tf, same, named, inputs, steps);
    return new View(this, named, session, tf, pass);
  }

  /** A layer on the weights as they are now, in a graph of one's own: {@link View#frozen}. */
  synchronized Frozen frozen(Ops tf, Layer layer, Inputs inputs, Lowering lowering) {
    requireOpen();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    weights.operands().forEach((name, weight) -> shapes.put(name, weight.asOutput().shape()));
    return Frozen.build(tf, layer, inputs, shapes, copies.read(session), lowering);
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
   * The shape of one weight.
   *
   * @param name its full name
   * @return the shape
   * @throws IllegalArgumentException if there is no such weight
   */
  public Shape shape(String name) {
    return weights.operand(name).asOutput().shape();
  }

  /**
   * What the model computes.
   *
   * @return the layer; a single one in a row of its own, as weights stand under its name
   */
  public Sequential layer() {
    return (Sequential) view.layer();
  }

  /**
   * What the model is fed with.
   *
   * @return the inputs
   */
  public Inputs inputs() {
    return inference.inputs();
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
   * Draws weights as heat maps: {@code model.chart("^rnn/").write(Path.of("weights.svg"))}. The
   * columns of a cell's weight are cut in blocks by what is made with them, the gates. A weight of
   * more than two axes is a matrix of its last one.
   *
   * @param pattern a regular expression that is found in the full names of those that are drawn;
   *     all if it is empty
   * @return the picture
   * @throws IllegalArgumentException if there is no such weight, or this is no regular expression
   */
  public Chart chart(String pattern) {
    Names.check("Model", "pattern", pattern);
    Chart chart = Chart.ofMatrices("weights");
    for (String name : Names.found("Model", "pattern", pattern, weights())) {
      Shape shape = shape(name);
      float[] values = weight(name);
      int columns = shape.numDimensions() == 0 ? 1 : Math.toIntExact(shape.get(-1));
      float[][] rows = new float[values.length / columns][];
      Arrays.setAll(rows, k -> Arrays.copyOfRange(values, k * columns, (k + 1) * columns));
      chart = chart.matrix(name, Checks.text(shape), rows, blocks(name));
    }
    return chart;
  }

  private List<Block> blocks(String name) {
    for (Built built : training.built()) {
      if (built.what() instanceof Cell cell && name.startsWith(built.path() + "/")) {
        return Block.of(Trace.of(cell), name.substring(built.path().length() + 1));
      }
    }
    return List.of();
  }

  /**
   * Puts values in the place of weights: of all, or of some. What an optimizer remembers stays.
   *
   * @param values in row-major order, by the weights' full names
   * @throws IllegalArgumentException if there is no weight of a name, if there are not as many
   *     numbers as it has, or if one is not finite; nothing has changed then
   */
  public synchronized void weights(Map<String, float[]> values) {
    requireOpen();
    values.forEach(
        (name, numbers) -> {
          long size = weights.operand(name).asOutput().shape().size();
          Checks.require(
              numbers.length == size,
              "Model",
              name + " must have " + size + " numbers",
              numbers.length);
          for (float number : numbers) {
            Checks.require(
                Float.isFinite(number), "Model", name + " must have finite numbers only", number);
          }
        });
    trainer.useAverages(false);
    copies.write(session, values);
  }

  /**
   * Writes the weights to a folder: as a TensorFlow checkpoint, the files {@code weights.index} and
   * {@code weights.data-…}, with their names and shapes in {@code checkpoint.txt} and the sums of
   * all files in {@code SHA256SUMS}. The folder is written aside and then moved into place.
   *
   * @param folder where to; replaced if it has weights already
   * @throws IllegalArgumentException if it exists and has something else
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public synchronized void save(Path folder) {
    requireOpen();
    Aside.folder(
        "Model",
        folder,
        Saved.INDEX,
        aside ->
            Saved.write(
                aside,
                checkpoint.shapes(),
                path -> checkpoint.save(session, path),
                Map.of(),
                null));
  }

  /**
   * Reads the weights of a folder that {@link #save} wrote, or {@link Checkpoints}. All is checked
   * before anything is changed.
   *
   * @param folder where they are
   * @throws IllegalArgumentException if they are not there, have other names or shapes, or are not
   *     as they were written
   */
  public synchronized void load(Path folder) {
    requireOpen();
    if (!Files.exists(folder.resolve(Saved.INDEX)) && !Files.exists(folder.resolve(Saved.SUMS))) {
      throw new IllegalArgumentException(
          "Model: there is no " + Saved.INDEX + " in " + folder + "; write it with save");
    }
    Saved saved;
    try {
      saved = Saved.read(folder);
    } catch (Saved.Damage e) {
      throw new IllegalArgumentException(
          "Model: " + e.getMessage() + "; take an undamaged copy", e);
    }
    saved.requireValues(checkpoint.shapes(), Saved.SLOT, Saved.BEST);
    trainer.useAverages(false);
    checkpoint.restore(session, saved.values());
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
    view.export(folder);
  }

  /**
   * Writes a SavedModel, with the signatures that {@link Export} names, and no initialisers. The
   * folder is written aside, loaded in a session of its own, and compared with this model, on
   * random input of two shapes and to 1e-6 (what is drawn at random is computed only); then it is
   * moved into place. Whatever fails, nothing is left behind.
   *
   * @param folder where to; replaced if it is a SavedModel already
   * @param form what it has
   * @throws IllegalArgumentException if the folder exists and has something else, or if the form
   *     does not fit the model
   * @throws IllegalStateException if what was written does not answer as the model does, or if it
   *     is to be {@linkplain Export#trainable trained} while {@linkplain #useAverages averages} are
   *     in the place of the weights
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void export(Path folder, Export form) {
    view.export(folder, form);
  }

  synchronized void export(Path folder, View of, Export form) {
    requireOpen();
    Checks.given("Model", "form", form);
    Checks.require(
        of != stochastic,
        "Model",
        "what is exported must compute as in inference; export model.view()",
        "model.stochastic()");
    if (form.isTrainable() && trainer.averaged()) {
      throw new IllegalStateException(
          "Model: what is trained further must be the weights, and not their averages; call"
              + " useAverages(false)");
    }
    Aside.folder(
        "Model",
        folder,
        SavedModelFile.NAME,
        aside -> {
          boolean draws =
              form.constant() ? frozen(aside, of, form) : withVariables(aside, of, form);
          ExportCheck.run(aside, config, of, steps, checkpoint.shapes().values(), draws);
        });
  }

  private Exporter.Subject subject(View of) {
    return new Exporter.Subject(of.layer(), of.inputs(), steps, seed, trainer.learnt());
  }

  private boolean frozen(Path aside, View of, Export form) throws IOException {
    Session.Runner runner = session.runner();
    weights.operands().values().forEach(runner::fetch);
    try (Result result = runner.run()) {
      Map<String, TFloat32> values = new LinkedHashMap<>();
      for (String name : weights.operands().keySet()) {
        values.put(name, (TFloat32) result.get(values.size()));
      }
      try (Exporter exporter = new Exporter(subject(of), form, values)) {
        return exporter.write(aside);
      }
    }
  }

  private boolean withVariables(Path aside, View of, Export form) throws IOException {
    Checkpoint begun = form.isTrainable() ? trainer.begun(form.optimizer()) : null;
    Checkpoint all = begun == null ? checkpoint : begun;
    Path folder = Files.createTempDirectory("weights");
    try (Exporter exporter = new Exporter(subject(of), form, Map.of())) {
      Path values = folder.resolve(Saved.VALUES);
      all.save(session, values);
      return exporter.write(aside, config, values, all.shapes().keySet());
    } finally {
      Aside.delete(folder);
    }
  }

  /** What is exported. */
  GraphDef graph() {
    return Exporter.graph(subject(view));
  }

  /**
   * What the model is made of, as it is trained.
   *
   * @return a table of the layers, at most 100 columns wide: under which name their weights stand,
   *     what they are, the shape of what they give (B rows, T steps), and how many numbers of
   *     theirs are trained and how many fixed; below each the shapes of its weights and of its
   *     state, and how its steps are built, and why
   */
  public String summary() {
    return new Summary(structure()).toString();
  }

  /**
   * The figure of what the model is made of: {@code model.figure().theme(Theme.DARK)}. It says what
   * {@link #summary} says.
   *
   * @return the figure
   * @see Figure#network(Structure)
   */
  public Figure figure() {
    requireOpen();
    return Figure.network(structure());
  }

  /**
   * Draws what the model is made of: {@code model.draw(Path.of("model.svg"))}.
   *
   * @param file where to; its name ends in {@code .svg}
   * @throws IllegalArgumentException if the name ends in something else
   * @throws java.io.UncheckedIOException if it cannot be written
   * @see #figure
   */
  public void draw(Path file) {
    figure().write(file);
  }

  private Structure structure() {
    Map<String, Signal> inputs = new LinkedHashMap<>();
    training.ports().forEach((name, port) -> inputs.put(name, Signal.of(port.value())));
    return Structure.of(weights, training.built(), inputs, training.outputs());
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

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("Model: is closed; make a new one, and load its weights");
    }
  }

  static float[] floats(TFloat32 tensor) {
    float[] values = new float[(int) tensor.size()];
    tensor.copyTo(DataBuffers.of(values, false, false));
    return values;
  }
}
