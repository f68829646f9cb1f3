package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** One graph with a case's numbers as constants, and the comparison with its results. */
final class GoldenRun implements AutoCloseable {
  private static final double TOLERANCE = 1e-9;

  private final Golden.Case golden;
  private final Tallies tallies;
  private final Graph graph = new Graph();
  final Ops tf = Ops.create(graph);
  final Map<String, Operand<TFloat64>> values = new LinkedHashMap<>();
  final Map<String, Operand<TFloat64>> states = new LinkedHashMap<>();
  final Map<String, Operand<TNumber>> finals = new LinkedHashMap<>();
  final Weights weights;
  final Operand<TFloat64> x;
  final Operand<TInt32> lengths;
  Operand<TNumber> output;

  GoldenRun(Golden.Case golden, Tallies tallies) {
    this.golden = golden;
    this.tallies = tallies;
    golden.weights().forEach((name, value) -> values.put(name, constant(value)));
    golden.initialState().forEach((slot, value) -> states.put(slot, constant(value)));
    this.weights = Weights.given(tf, TFloat64.class, values);
    this.x = constant(golden.input());
    List<Integer> rows = new ArrayList<>();
    golden.config().path("lengths").forEach(n -> rows.add(n.asInt()));
    this.lengths = rows.isEmpty() ? null : tf.constant(rows.stream().mapToInt(i -> i).toArray());
  }

  private Operand<TFloat64> constant(Golden.Values v) {
    return tf.reshape(tf.constant(v.values()), tf.constant(v.shape()));
  }

  Map<String, Operand<TFloat64>> under(String path) {
    Map<String, Operand<TFloat64>> all = new LinkedHashMap<>();
    values.forEach((name, value) -> all.put(path + name, value));
    return all;
  }

  /** Noise, and masks as ones and zeros, time-major where there is one for each step. */
  Map<String, Operand<TFloat64>> random() {
    Map<String, Operand<TFloat64>> random = new LinkedHashMap<>();
    golden
        .config()
        .path("epsilon")
        .fields()
        .forEachRemaining(e -> random.put(e.getKey(), constant(Golden.Values.of(e.getValue()))));
    golden
        .config()
        .path("masks")
        .fields()
        .forEachRemaining(
            e -> {
              Operand<TFloat64> mask = tf.math.sign(constant(Golden.Values.of(e.getValue())));
              boolean steps = mask.asOutput().shape().numDimensions() == 3;
              random.put(
                  e.getKey(),
                  steps ? tf.linalg.transpose(mask, tf.constant(new int[] {1, 0, 2})) : mask);
            });
    return random;
  }

  void check(String name, String form) {
    String who = name + " " + golden.name() + " " + form;
    Tallies.Tally tally = tallies.of(name, golden.name(), form);
    Operand<TNumber> loss = weighted(output, "output");
    for (String slot : finals.keySet()) {
      String key = "finalState/" + slot;
      if (golden.lossWeights().containsKey(key)) {
        loss = tf.math.add(loss, weighted(finals.get(slot), key));
      }
    }
    List<String> by = new ArrayList<>(golden.gradients().keySet());
    // Without a loop TensorFlow refuses what the loss does not depend on.
    var reached = graph.subgraphTo(Set.of(loss));
    by.removeIf(
        of ->
            !reached.contains(variable(of).op())
                && Arrays.stream(golden.gradient(of)).allMatch(g -> g == 0));
    Output<?>[] xs = by.stream().map(this::variable).toArray(Output<?>[]::new);
    Output<?>[] gradients = graph.addGradients(loss.asOutput(), xs);
    try (Session session = new Session(graph, Sessions.plain())) {
      Session.Runner runner = session.runner().fetch(loss).fetch(output);
      finals.values().forEach(runner::fetch);
      for (int k = 0; k < gradients.length; k++) {
        // TensorFlow gives nothing where no gradient flows, as behind a stop.
        runner.fetch(gradients[k].isClosed() ? tf.zerosLike(xs[k]) : gradients[k]);
      }
      try (var results = runner.run()) {
        compare(tally, who + " output", results.get(1), golden.output());
        int k = 2;
        assertThat(finals.keySet()).as(who).containsAll(golden.finalState().keySet());
        for (String slot : finals.keySet()) {
          compare(tally, who + " final " + slot, results.get(k++), golden.finalState().get(slot));
        }
        for (String of : by) {
          compare(tally, who + " d " + of, results.get(k++), golden.gradients().get(of));
        }
      }
    }
  }

  private Output<?> variable(String name) {
    if (name.equals("input")) {
      return x.asOutput();
    }
    if (name.startsWith("weights/")) {
      return values.get(name.substring("weights/".length())).asOutput();
    }
    return states.get(name.substring("initialState/".length())).asOutput();
  }

  private Operand<TNumber> weighted(Operand<TNumber> value, String key) {
    Operand<TNumber> product =
        tf.math.mul(value, Vocabulary.number(constant(golden.lossWeights().get(key))));
    return tf.reduceSum(
        tf.reshape(product, tf.constant(new int[] {-1})), tf.constant(new int[] {0}));
  }

  private static void compare(
      Tallies.Tally tally, String what, Tensor actual, Golden.Values expected) {
    double worst = 0;
    assertThat(actual.shape().asArray()).as(what).isEqualTo(expected.shape());
    double[] numbers = new double[expected.values().length];
    ((TFloat64) actual).asRawTensor().data().asDoubles().read(numbers);
    for (int i = 0; i < numbers.length; i++) {
      double error = Math.abs(numbers[i] - expected.values()[i]);
      double scale = Math.max(1, Math.abs(expected.values()[i]));
      worst = Math.max(worst, error / scale);
      if (!(error <= TOLERANCE * scale)) {
        throw new AssertionError(
            what + "[" + i + "]: expected " + expected.values()[i] + ", got " + numbers[i]);
      }
    }
    tally.check(worst);
  }

  @Override
  public void close() {
    graph.close();
  }
}
