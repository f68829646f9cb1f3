package kazoku.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat64;

/**
 * Every cell against its golden file, every case: outputs, final states, and the gradients by
 * weights, input and initial state, in float64.
 */
class GoldenTest {
  private static final Tallies TALLIES = new Tallies();

  @AfterAll
  static void table() {
    TALLIES.print();
  }

  static final List<Loop> LOOPS =
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
                      try (GoldenRun run = new GoldenRun(c, TALLIES)) {
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
    try (GoldenRun run = new GoldenRun(c, TALLIES)) {
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
}
