package kazoku.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import kazoku.Built;
import kazoku.Layer;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/** A model's layer once more, with states that are perturbed: where gradients of losses flow to. */
final class Flow {
  private final Weights all;
  private final Weights same;
  private final Pass pass;
  private final Map<Objective, Way> ways = new HashMap<>();

  /**
   * Builds the layer.
   *
   * @param all the weights of the model
   * @param same the same, given
   * @param training what is trained
   * @param layer its layer
   */
  Flow(Weights all, Weights same, Pass training, Layer layer) {
    this.all = all;
    this.same = same.perturbed();
    this.pass = training.again(this.same, layer);
  }

  void feed(Session.Runner runner, Batch batch, TInt64 key) {
    runner.feed(same.key(), key);
    pass.feed(runner, batch);
  }

  /** Nothing summed yet. */
  Sum sum(Objective objective) {
    return new Sum(ways.computeIfAbsent(objective, this::way));
  }

  /**
   * The gradients of a loss.
   *
   * @param weights by each weight that it reaches
   * @param states their squares after each step, {@code [T]}, by slot
   * @param count how many rows or steps the loss is a mean of
   */
  private record Way(
      Map<String, Output<?>> weights,
      Map<String, Operand<TFloat64>> states,
      Operand<TFloat32> count) {}

  private Way way(Objective objective) {
    Ops tf = all.tf();
    Graph graph = (Graph) tf.scope().env();
    Objective.Means means = objective.means(same, pass);
    Set<GraphOperation> reach = graph.subgraphTo(Set.of(means.total()));
    Map<String, Output<?>> weights = new LinkedHashMap<>();
    all.trainable().forEach((name, weight) -> put(weights, name, weight, reach));
    Map<String, Output<?>> perturbations = new LinkedHashMap<>();
    for (Built built : pass.built()) {
      if (built.steps() != null) {
        built
            .steps()
            .perturbations()
            .forEach((slot, zeros) -> put(perturbations, built.path() + "/" + slot, zeros, reach));
      }
    }
    List<Output<?>> by = new ArrayList<>(weights.values());
    by.addAll(perturbations.values());
    Output<?>[] gradients =
        by.isEmpty()
            ? new Output<?>[0]
            : graph.addGradients(means.total().asOutput(), by.toArray(Output<?>[]::new));
    int next = 0;
    for (Map.Entry<String, Output<?>> weight : weights.entrySet()) {
      weight.setValue(gradients[next++]);
    }
    weights.values().removeIf(Flow::none);
    Map<String, Operand<TFloat64>> states = new LinkedHashMap<>();
    for (String name : perturbations.keySet()) {
      Output<?> gradient = gradients[next++];
      if (!none(gradient)) {
        states.put(name, squares(tf, gradient));
      }
    }
    return new Way(weights, states, means.losses().get(0).count());
  }

  private static void put(
      Map<String, Output<?>> by, String name, Operand<?> operand, Set<GraphOperation> reach) {
    if (reach.contains(operand.op())) {
      Names.put(by, name, operand.asOutput());
    }
  }

  private static boolean none(Output<?> gradient) {
    return gradient == null || gradient.isClosed();
  }

  /**
   * The sum of squares at each step, in numbers that are large enough for squares of small ones.
   */
  private static Operand<TFloat64> squares(Ops tf, Output<?> gradient) {
    int[] others =
        IntStream.range(0, gradient.shape().numDimensions()).filter(axis -> axis != 1).toArray();
    @SuppressWarnings("unchecked") // States are float32.
    Operand<TFloat32> value = (Operand<TFloat32>) (Operand<?>) gradient;
    return tf.reduceSum(tf.math.square(tf.dtypes.cast(value, TFloat64.class)), tf.constant(others));
  }

  /** Adds up the gradients of batches, each of which weighs as much as it has rows or steps. */
  final class Sum {
    private final Way way;
    private final Map<String, double[]> byWeight = new LinkedHashMap<>();
    private final Map<String, double[]> squaresByStep = new LinkedHashMap<>();
    private double total;

    private Sum(Way way) {
      this.way = way;
    }

    /** Runs a batch. */
    void add(Session.Runner runner) {
      runner.fetch(way.count);
      way.weights.values().forEach(runner::fetch);
      way.states.values().forEach(runner::fetch);
      try (Result result = runner.run()) {
        double share = ((TFloat32) result.get(0)).getFloat();
        total += share;
        int next = 1;
        for (String name : way.weights.keySet()) {
          float[] values = Model.floats((TFloat32) result.get(next++));
          double[] sum = longer(byWeight, name, values.length);
          for (int i = 0; i < values.length; i++) {
            sum[i] += share * values[i];
          }
        }
        for (String name : way.states.keySet()) {
          TFloat64 squares = (TFloat64) result.get(next++);
          double[] sum = longer(squaresByStep, name, (int) squares.size());
          for (int t = 0; t < squares.size(); t++) {
            sum[t] += share * share * squares.getDouble(t);
          }
        }
      }
    }

    private static double[] longer(Map<String, double[]> sums, String name, int size) {
      double[] sum = sums.getOrDefault(name, new double[0]);
      double[] enough = sum.length < size ? Arrays.copyOf(sum, size) : sum;
      sums.put(name, enough);
      return enough;
    }

    /** The gradients of all batches together, by the weights that the loss reaches. */
    Map<String, float[]> values() {
      Map<String, float[]> values = new LinkedHashMap<>();
      byWeight.forEach(
          (name, sum) -> {
            float[] mean = new float[sum.length];
            for (int i = 0; i < mean.length; i++) {
              mean[i] = (float) (sum[i] / Math.max(1, total));
            }
            values.put(name, mean);
          });
      return values;
    }

    /** The norms of all batches together. */
    GradientNorms norms() {
      double count = Math.max(1, total);
      Map<String, Double> norms = new LinkedHashMap<>();
      for (String name : all.trainable().keySet()) {
        double[] sum = byWeight.getOrDefault(name, new double[0]);
        norms.put(name, Math.sqrt(Arrays.stream(sum).map(g -> g * g).sum()) / count);
      }
      Map<String, double[]> steps = new LinkedHashMap<>();
      squaresByStep.forEach(
          (name, sum) ->
              steps.put(name, Arrays.stream(sum).map(g -> Math.sqrt(g) / count).toArray()));
      return new GradientNorms(norms, steps);
    }
  }
}
