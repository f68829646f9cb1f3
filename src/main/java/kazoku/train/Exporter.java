package kazoku.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Carried;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Constant;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * The graph of a SavedModel, as {@link Export} describes it: passes of a layer over the same
 * weights, each with its signature.
 */
final class Exporter implements AutoCloseable {
  private final Subject subject;
  private final Export form;
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);
  private final Map<String, SavedModelFile.Signature> signatures = new LinkedHashMap<>();
  private final Map<String, Operand<TNumber>> variables = new LinkedHashMap<>();
  private final List<Op> first = new ArrayList<>();
  private final Checkpoint file;

  /**
   * What is exported.
   *
   * @param layer the layer
   * @param inputs what it is fed with
   * @param steps T, or −1 for any
   * @param seed the model's
   * @param learnt how many batches it has learnt
   */
  record Subject(Layer layer, Inputs inputs, long steps, long seed, long learnt) {}

  /** How the recurrences of a pass begin and end. */
  private static class States implements Carried {
    final Map<String, Operand<?>> begin = new LinkedHashMap<>();
    final Map<String, Operand<?>> end = new LinkedHashMap<>();
    boolean twice;
    boolean acrossSteps;

    @Override
    public Operand<TNumber> begin(String state, Shape row, Operand<TNumber> own) {
      twice |= begin.put(state, own) != null;
      return own;
    }

    @Override
    public void end(String state, Operand<TNumber> last) {
      end.put(state, last);
    }

    @Override
    public void refuse(String who) {
      acrossSteps = true;
    }
  }

  /** Recurrences that begin with what is fed. */
  private final class Fed extends States {
    private final boolean stepByStep;

    Fed(boolean stepByStep) {
      this.stepByStep = stepByStep;
    }

    @Override
    public boolean stepByStep() {
      return stepByStep;
    }

    @Override
    public Operand<TNumber> begin(String state, Shape row, Operand<TNumber> own) {
      Shape shape = row.prepend(Shape.UNKNOWN_SIZE);
      Placeholder<?> fed =
          tf.withName(Export.name(state)).placeholder(own.type(), Placeholder.shape(shape));
      begin.put(state, fed);
      return number(fed);
    }
  }

  /**
   * Builds the graph.
   *
   * @param constants the weights' values by name, for the frozen form; empty for the other
   */
  Exporter(Subject subject, Export form, Map<String, TFloat32> constants) {
    this.subject = subject;
    this.form = form;
    try {
      Weights weights =
          form.constant()
              ? Weights.given(tf, TFloat32.class, constants(constants), subject.seed)
              : Weights.restored(tf, TFloat32.class, subject.seed);
      Map<String, Pass.Port> ports = Pass.ports(tf, subject.inputs, subject.steps);
      if (form.isTrainable()) {
        train(weights, ports);
      } else {
        infer(weights.forInference(), ports);
      }
      if (!form.constant()) {
        variables.putAll(weights.operands());
      }
      file = variables.isEmpty() ? null : Checkpoint.build(tf, variables);
      if (form.isTrainable()) {
        signature(Export.SAVE, file.save());
        signature(Export.RESTORE, file.restore());
      }
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    }
  }

  private Map<String, Operand<?>> constants(Map<String, TFloat32> values) {
    Map<String, Operand<?>> constants = new LinkedHashMap<>();
    values.forEach(
        (name, value) ->
            constants.put(
                name,
                graph
                    .opBuilder(Constant.OP_NAME, name, tf.scope())
                    .setAttr("dtype", value.dataType())
                    .setAttr("value", value)
                    .build()
                    .output(0)));
    return constants;
  }

  // Inference

  private Pass infer(Weights weights, Map<String, Pass.Port> ports) {
    States own = new States();
    Pass whole = pass(weights.carrying(own), ports);
    signature(Export.SERVING_DEFAULT, whole, Map.of(), Map.of());
    if (takesLengths(signatures.get(Export.SERVING_DEFAULT), ports)) {
      signature(Export.UNPADDED, pass(weights, withoutLengths(ports)), Map.of(), Map.of());
    }
    if (!own.twice && !own.begin.isEmpty()) {
      SavedModelFile.Signature initial = new SavedModelFile.Signature();
      initial.inputs().putAll(signatures.get(Export.SERVING_DEFAULT).inputs());
      own.begin.forEach((state, value) -> initial.output(Export.name(state), fetched(value)));
      signatures.put(Export.INITIAL_STATE, initial);
      carried(Export.SEQUENCE, weights, ports);
      if (!own.acrossSteps) {
        // A graph that is made for some steps takes them one by one.
        boolean any = subject.steps == Shape.UNKNOWN_SIZE;
        Map<String, Pass.Port> some = any ? ports : Pass.ports(tf, subject.inputs, 1);
        carried(Export.STEP, weights, withoutLengths(some));
      }
    }
    return whole;
  }

  private Pass pass(Weights weights, Map<String, Pass.Port> ports) {
    return Pass.build(weights, subject.layer, subject.inputs, ports);
  }

  private void carried(String key, Weights weights, Map<String, Pass.Port> ports) {
    States fed = new Fed(key.equals(Export.STEP));
    Pass pass = pass(weights.carrying(fed), ports);
    signature(key, pass, fed.begin, fed.end);
  }

  private static boolean takesLengths(
      SavedModelFile.Signature signature, Map<String, Pass.Port> ports) {
    return ports.keySet().stream()
        .anyMatch(name -> signature.inputs().containsKey(Export.lengths(name)));
  }

  /** Ports at which all steps count. */
  private static Map<String, Pass.Port> withoutLengths(Map<String, Pass.Port> ports) {
    Map<String, Pass.Port> all = new LinkedHashMap<>();
    ports.forEach((name, port) -> all.put(name, new Pass.Port(port.value(), null)));
    return all;
  }

  private void signature(
      String key, Pass pass, Map<String, Operand<?>> begin, Map<String, Operand<?>> end) {
    SavedModelFile.Signature signature = new SavedModelFile.Signature();
    pass.outputs()
        .forEach(
            (path, signal) -> {
              String name = Export.output(path);
              signature.output(name, tf.withName(name).identity(signal.value()));
              if (hasLengthsOfItsOwn(pass, signal)) {
                signature.output(name + "_lengths", fetched(signal.lengths()));
              }
            });
    end.forEach((state, value) -> signature.output(Export.name(state), fetched(value)));
    fed(signature, pass);
    begin.forEach((state, value) -> signature.input(Export.name(state), value));
    signatures.put(key, signature);
  }

  private static boolean hasLengthsOfItsOwn(Pass pass, Signal signal) {
    return signal.lengths() != null
        && pass.ports().values().stream().noneMatch(port -> port.lengths() == signal.lengths());
  }

  /** The first input, and the others that are used. */
  private void fed(SavedModelFile.Signature signature, Pass pass) {
    Set<GraphOperation> used = graph.subgraphTo(new HashSet<>(signature.outputs().values()));
    pass.ports()
        .forEach(
            (name, port) -> {
              if (name.equals(Inputs.FIRST) || used.contains(port.value().op())) {
                signature.input(name, port.value());
              }
              if (port.lengths() != null && used.contains(port.lengths().op())) {
                signature.input(Export.lengths(name), port.lengths());
              }
            });
  }

  /** What is fed cannot be fetched, and a layer may give what it is given. */
  private Operand<?> fetched(Operand<?> value) {
    return tf.identity(value);
  }

  @SuppressWarnings("unchecked") // All that layers compute with are numbers.
  private static Operand<TNumber> number(Operand<?> value) {
    return (Operand<TNumber>) value;
  }

  // Training

  private void train(Weights weights, Map<String, Pass.Port> ports) {
    Variable<TInt64> learnt = tf.withName("batches").variable(Shape.scalar(), TInt64.class);
    first.add(tf.assign(learnt, tf.constant(subject.learnt)));
    Operand<TInt64> number = tf.math.add(tf.identity(learnt), tf.constant(1L));
    weights.key(tf.stack(List.of(tf.constant(subject.seed), number)));
    Pass training = pass(weights, ports);
    Weights same = Weights.given(tf, TFloat32.class, weights.operands(), subject.seed);
    Pass inference = infer(same.forInference(), ports);

    Map<String, Boolean> withSteps = new LinkedHashMap<>();
    Objective.losses(form.loss())
        .keySet()
        .forEach(output -> withSteps.put(output, training.rank(output) == 3));
    Objective objective =
        Objective.build(weights, new Objective.Key(form.loss(), withSteps), training, inference);
    Slots slots = new Slots(tf, form.optimizer());
    Update update = Update.build(weights, training, objective, form.optimizer(), slots);
    Op counted = update.finite().after(tf).assignAdd(learnt, tf.constant(1L));
    // Where batches are put together, most of the update waits for what never comes; the merge does
    // not.
    Operand<TFloat32> loss = tf.identity(objective.training().total());
    Operand<TFloat32> later = tf.withControlDependencies(update.op(), counted).identity(loss);
    SavedModelFile.Signature step = new SavedModelFile.Signature();
    step.output("loss", tf.merge(List.of(loss, later)).output());
    learning(Export.TRAIN_STEP, step, training, objective);

    Objective.Means means = objective.inference();
    SavedModelFile.Signature evaluate = new SavedModelFile.Signature();
    evaluate.output("loss", tf.identity(means.total()));
    evaluate.output("loss_count", tf.identity(means.losses().get(0).count()));
    evaluate.output("metric", tf.identity(means.metric().value(tf)));
    evaluate.output("metric_count", tf.identity(means.metric().count()));
    learning(Export.EVALUATE, evaluate, inference, objective);

    slots.all().forEach((name, slot) -> variables.put(Saved.SLOT + name, slot));
    variables.put("batches", number(learnt));
  }

  private void learning(
      String key, SavedModelFile.Signature signature, Pass pass, Objective objective) {
    fed(signature, pass);
    objective
        .targets()
        .forEach(
            (output, port) -> {
              String name = output.isEmpty() ? "target" : Export.name(output) + "_target";
              signature.input(name, port.value());
              if (port.lengths() != null) {
                signature.input(name + "_lengths", port.lengths());
              }
            });
    signatures.put(key, signature);
  }

  private void signature(String key, Op op) {
    String path = "checkpoint_path";
    signatures.put(
        key,
        new SavedModelFile.Signature()
            .input(path, file.prefix())
            .output(path, tf.withControlDependencies(op).identity(file.prefix())));
  }

  // Files

  /**
   * Fills a folder with a model that has Variables.
   *
   * @param saved values of Variables
   * @param names which there are
   * @return whether what is computed is random
   */
  boolean write(Path folder, ConfigProto config, Path saved, Collection<String> names)
      throws IOException {
    if (file != null) {
      Map<String, Operand<TNumber>> known = new LinkedHashMap<>(variables);
      known.keySet().retainAll(names);
      Checkpoint restored = Checkpoint.build(tf, known);
      Path place = Files.createDirectory(folder.resolve("variables"));
      try (Session session = new Session(graph, config)) {
        session.initialize();
        first.forEach(session::run);
        restored.restore(session, saved);
        file.save(session, place.resolve("variables"));
      }
    }
    return write(folder);
  }

  /**
   * Fills a folder with a model that has none.
   *
   * @return whether what is computed is random
   */
  boolean write(Path folder) throws IOException {
    new SavedModelFile(tf, signatures, file, form.assets().keySet()).write(folder);
    Assets.write(folder, form.assets());
    Collection<Operand<?>> outputs = signatures.get(Export.SERVING_DEFAULT).outputs().values();
    return graph.subgraphTo(new HashSet<>(outputs)).stream()
        .anyMatch(op -> op.type().contains("Random"));
  }

  /** The graph of inference alone. */
  static GraphDef graph(Subject subject) {
    try (Exporter exporter = new Exporter(subject, Export.variables(), Map.of())) {
      return exporter.graph.toGraphDef();
    }
  }

  @Override
  public void close() {
    graph.close();
  }
}
