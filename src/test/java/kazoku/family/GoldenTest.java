package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.internal.Recurrence;
import kazoku.internal.Vocabulary;
import kazoku.layers.Dense;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Every cell against its golden file, every case: outputs, final states, and the gradients by
 * weights, input and initial state, in float64.
 */
class GoldenTest {
  private static final double TOLERANCE = 1e-9;

  /** Cell → what its checks have shown, for the table that is printed in the end. */
  private static final Map<String, Tally> TALLIES = new TreeMap<>();

  private static final class Tally {
    private final Set<String> cases = new LinkedHashSet<>();
    private final Set<String> forms = new LinkedHashSet<>();
    private int checks;
    private double worst;
  }

  @AfterAll
  static void table() {
    System.out.printf("%n%-28s %5s %7s %10s  %s%n", "cell", "cases", "checks", "worst", "forms");
    TALLIES.forEach(
        (name, t) ->
            System.out.printf(
                "%-28s %5d %7d %10.1e  %s%n",
                name, t.cases.size(), t.checks, t.worst, String.join(" ", t.forms)));
    System.out.printf(
        "%d cells and layers, %d cases, %d checks, worst difference %.1e%n%n",
        TALLIES.size(),
        TALLIES.values().stream().mapToInt(t -> t.cases.size()).sum(),
        TALLIES.values().stream().mapToInt(t -> t.checks).sum(),
        TALLIES.values().stream().mapToDouble(t -> t.worst).max().orElse(0));
  }

  private static final List<Loop> LOOPS =
      List.of(
          new Loop(Loop.Form.WHILE, 1),
          new Loop(Loop.Form.WHILE, 2),
          new Loop(Loop.Form.UNROLLED, 1),
          new Loop(Loop.Form.UNROLLED, 2));

  @TestFactory
  Stream<DynamicTest> cells() {
    return Stream.concat(Family.cells().stream(), Family.wrappers().stream())
        .flatMap(type -> tests(type.getSimpleName(), c -> Configured.record(type, c.config())));
  }

  @TestFactory
  Stream<DynamicTest> recurrence() {
    return tests("RNN", GoldenTest::innerCell);
  }

  @TestFactory
  Stream<DynamicTest> dense() {
    return Golden.read("Dense").cases().stream()
        .map(
            c ->
                DynamicTest.dynamicTest(
                    "Dense " + c.name(),
                    () -> {
                      try (Run run = new Run(c)) {
                        Dense dense = Configured.record(Dense.class, c.config());
                        run.output = Vocabulary.number(dense.apply(run.weights, run.x));
                        run.check("Dense", "once");
                      }
                    }));
  }

  private interface Maker {
    Cell make(Golden.Case golden);
  }

  /** All ways to lay a cell over time, and the scan for those that are linear in their state. */
  private static List<Loop> loops(Cell cell) {
    List<Loop> loops = new ArrayList<>(LOOPS);
    if (Recurrence.isLinear(Trace.of(cell))) {
      loops.add(new Loop(Loop.Form.SCAN, 1));
      loops.add(new Loop(Loop.Form.SCAN, 2));
    }
    return loops;
  }

  private static Stream<DynamicTest> tests(String name, Maker maker) {
    return Golden.read(name).cases().stream()
        .flatMap(
            c ->
                loops(maker.make(c)).stream()
                    .map(
                        loop ->
                            DynamicTest.dynamicTest(
                                name + " " + c.name() + " " + loop,
                                () -> check(name, c, maker.make(c), loop))));
  }

  private static Cell innerCell(Golden.Case c) {
    try {
      return (Cell)
          Class.forName("kazoku.cells." + c.config().get("cell").asText())
              .getConstructor(int.class, int.class)
              .newInstance(
                  c.config().get("inputSize").asInt(), c.config().get("hiddenSize").asInt());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static void check(String name, Golden.Case c, Cell cell, Loop loop) {
    boolean bare = !name.equals("RNN");
    JsonNode config = c.config();
    RNN rnn =
        new RNN(
            cell,
            config.path("reverse").asBoolean(),
            false,
            RNN.MaskedOutput.valueOf(config.path("maskedOutput").asText("ZERO")),
            false,
            loop);
    try (Run run = new Run(c)) {
      // A cell's file names weights and slots without the path that RNN puts before them.
      Map<String, Operand<TFloat64>> given = run.under("cell/");
      run.random().forEach((of, value) -> given.put("cell/" + of, value));
      Weights weights = bare ? Weights.given(run.tf, TFloat64.class, given) : run.weights;
      Map<String, Operand<TFloat64>> initial = new LinkedHashMap<>();
      run.states.forEach((slot, value) -> initial.put(bare ? slot : slot.substring(5), value));
      // Gradients are taken in evaluation, too.
      Weights mode = c.training() ? weights : weights.forEvaluation();
      Signal alone = Packed.unpack(run.tf, cell, run.x, run.lengths);
      Signal input = Packed.remember(run.tf, alone, c, run.values.get("memory"));
      RecurrentLayer.Result result = rnn.run(mode, input, initial);
      run.output = result.outputs();
      result.finalState().forEach((s, value) -> run.finals.put(bare ? s : "cell/" + s, value));
      weights.penalties().values().stream()
          .reduce((a, b) -> run.tf.math.add(a, b))
          .ifPresent(kl -> run.finals.put("kl", kl));
      run.check(name, loop.form() + "/" + loop.shards());
    }
  }

  /** One graph with a case's numbers as constants, and the comparison with its results. */
  private static final class Run implements AutoCloseable {
    private final Golden.Case golden;
    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final Map<String, Operand<TFloat64>> values = new LinkedHashMap<>();
    private final Map<String, Operand<TFloat64>> states = new LinkedHashMap<>();
    private final Map<String, Operand<TNumber>> finals = new LinkedHashMap<>();
    private final Weights weights;
    private final Operand<TFloat64> x;
    private final Operand<TInt32> lengths;
    private Operand<TNumber> output;

    Run(Golden.Case golden) {
      this.golden = golden;
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
      Tally tally = TALLIES.computeIfAbsent(name, n -> new Tally());
      tally.cases.add(golden.name());
      tally.forms.add(form);
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

    private static void compare(Tally tally, String what, Tensor actual, Golden.Values expected) {
      tally.checks++;
      assertThat(actual.shape().asArray()).as(what).isEqualTo(expected.shape());
      double[] numbers = new double[expected.values().length];
      ((TFloat64) actual).asRawTensor().data().asDoubles().read(numbers);
      for (int i = 0; i < numbers.length; i++) {
        double error = Math.abs(numbers[i] - expected.values()[i]);
        double scale = Math.max(1, Math.abs(expected.values()[i]));
        tally.worst = Math.max(tally.worst, error / scale);
        if (!(error <= TOLERANCE * scale)) {
          throw new AssertionError(
              what + "[" + i + "]: expected " + expected.values()[i] + ", got " + numbers[i]);
        }
      }
    }

    @Override
    public void close() {
      graph.close();
    }
  }
}
