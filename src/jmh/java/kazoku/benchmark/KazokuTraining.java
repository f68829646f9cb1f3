package kazoku.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/** A layer in a graph with all its gradients, as a training step has it. */
final class KazokuTraining implements Peer {
  private final Graph graph = new Graph();
  private final Session session;
  private final Placeholder<TFloat32> x;
  private final TFloat32 input;
  private final Map<String, Output<?>> fetched = new LinkedHashMap<>();

  KazokuTraining(Case what, Way way, int threads) {
    Ops tf = Ops.create(graph);
    Weights weights = Weights.variables(tf, 1);
    Shape batch = Shape.of(what.batch(), what.steps(), what.inputSize());
    x =
        tf.placeholder(
            TFloat32.class,
            Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, way.steps(what), what.inputSize())));
    Operand<TNumber> outputs =
        way.layer(what, threads).run(weights.in("rnn"), Signal.of(x)).outputs();
    Map<String, Operand<TNumber>> trained = weights.trainable();
    List<Output<?>> by = new ArrayList<>();
    by.add(x.asOutput());
    trained.values().forEach(weight -> by.add(weight.asOutput()));
    Output<?>[] gradients =
        graph.addGradients(
            tf.reduceSum(outputs, tf.constant(new int[] {0, 1, 2})).asOutput(),
            by.toArray(Output<?>[]::new));
    fetched.put(OUTPUT, outputs.asOutput());
    fetched.put(INPUT_GRADIENT, gradients[0]);
    int at = 1;
    for (String name : trained.keySet()) {
      fetched.put("d" + symbol(name), gradients[at++]);
    }
    session = new Session(graph, way.session(threads));
    session.initialize();
    weights
        .operands()
        .forEach(
            (name, variable) ->
                write(tf, variable, Numbers.weight(what, symbol(name), size(variable))));
    input = tensor(batch, Numbers.input(what));
  }

  /** A weight's name within the cell. */
  static String symbol(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  private static int size(Operand<?> operand) {
    return (int) operand.asOutput().shape().size();
  }

  private void write(Ops tf, Operand<TNumber> variable, float[] values) {
    Placeholder<TFloat32> value =
        tf.placeholder(TFloat32.class, Placeholder.shape(variable.asOutput().shape()));
    try (TFloat32 fed = tensor(variable.asOutput().shape(), values)) {
      session
          .runner()
          .feed(value, fed)
          .addTarget(tf.assign(variable, tf.dtypes.cast(value, variable.asOutput().type())))
          .run()
          .close();
    }
  }

  private static TFloat32 tensor(Shape shape, float[] values) {
    return TFloat32.tensorOf(shape, to -> to.copyFrom(DataBuffers.of(values)));
  }

  @Override
  public void run() {
    Session.Runner runner = session.runner().feed(x, input);
    fetched.values().forEach(value -> runner.addTarget(value.op()));
    runner.run().close();
  }

  @Override
  public Map<String, float[]> results() {
    Session.Runner runner = session.runner().feed(x, input);
    fetched.values().forEach(runner::fetch);
    Map<String, float[]> results = new LinkedHashMap<>();
    try (Result result = runner.run()) {
      int at = 0;
      for (String name : fetched.keySet()) {
        TFloat32 tensor = (TFloat32) result.get(at++);
        float[] numbers = new float[(int) tensor.size()];
        tensor.copyTo(DataBuffers.of(numbers, false, false));
        results.put(name, numbers);
      }
    }
    return results;
  }

  @Override
  public void close() {
    input.close();
    session.close();
    graph.close();
  }
}
