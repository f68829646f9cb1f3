package kazoku.cells;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/** Orthogonal and unitary transitions are so after training, too: a state keeps its length. */
class OrthogonalityTest {
  private static final int UNITS = 7;

  /** What makes a step the bare transition, without input and gates; 0 for weights not named. */
  private static final Map<String, Double> BARE =
      Map.of("b_r", 200.0, "b_g", -200.0, "UnitaryRNNCell/b", 1e-5);

  @TestFactory
  Stream<DynamicTest> theStateKeepsItsLength() {
    List<Cell> cells = new ArrayList<>(List.of(new UnitaryRNNCell(3, UNITS)));
    for (Parametrization parametrization : Parametrization.values()) {
      cells.add(new OrthogonalRNNCell(3, UNITS, parametrization));
      cells.add(new GORUCell(3, UNITS, parametrization));
    }
    return cells.stream()
        .map(
            cell ->
                DynamicTest.dynamicTest(
                    cell.toString(),
                    () -> {
                      Map<String, double[]> first = train(cell, 0);
                      Map<String, double[]> trained = train(cell, 30);
                      String turns = cell instanceof UnitaryRNNCell ? "cell/R" : "cell/A";
                      assertThat(trained.get(turns)).isNotEqualTo(first.get(turns));
                      assertThat(stretch(cell, trained)).isLessThan(1e-12);
                    }));
  }

  /** The weights after some steps of gradient descent. */
  private static Map<String, double[]> train(Cell cell, int steps) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 3);
      Operand<TFloat64> x = tf.constant(random(new Random(1), 4, 6, 3));
      Operand<TNumber> outputs = new RNN(cell).run(weights, Signal.of(x)).outputs();
      Operand<TNumber> far =
          tf.math.square(tf.math.sub(outputs, Vocabulary.number(tf.constant(0.5))));
      Operand<TNumber> loss =
          tf.math.mean(tf.reshape(far, tf.constant(new int[] {-1})), tf.constant(new int[] {0}));
      Map<String, Operand<TNumber>> all = weights.operands();
      Output<?>[] gradients =
          graph.addGradients(
              loss.asOutput(),
              all.values().stream().map(Operand::asOutput).toArray(Output<?>[]::new));
      List<Op> updates = new ArrayList<>();
      int k = 0;
      for (Operand<TNumber> weight : all.values()) {
        Operand<TNumber> g = Vocabulary.number(gradients[k++]);
        updates.add(tf.assignSub(weight, tf.math.mul(g, Vocabulary.number(tf.constant(0.2)))));
      }
      try (Session session = new Session(graph)) {
        session.initialize();
        for (int step = 0; step < steps; step++) {
          Session.Runner runner = session.runner();
          updates.forEach(runner::addTarget);
          runner.run().close();
        }
        Map<String, double[]> values = new LinkedHashMap<>();
        all.forEach((name, weight) -> values.put(name, fetch(session, List.of(weight)).get(0)));
        return values;
      }
    }
  }

  /** By how much the bare transition changes the length of random states, at most. */
  private static double stretch(Cell cell, Map<String, double[]> trained) {
    int rows = 20;
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Map<String, Operand<?>> given = new LinkedHashMap<>();
      kazoku.Trace.of(cell)
          .weights()
          .asked()
          .forEach(
              (name, weight) -> {
                double[] values = trained.get("cell/" + name).clone();
                if (!List.of("A", "R", "theta").contains(name)) {
                  String full = cell.getClass().getSimpleName() + "/" + name;
                  Arrays.fill(values, BARE.getOrDefault(full, BARE.getOrDefault(name, 0.0)));
                }
                given.put(
                    "cell/" + name,
                    tf.reshape(tf.constant(values), tf.constant(weight.shape().asArray())));
              });
      Random random = new Random(2);
      Map<String, Operand<?>> before = new LinkedHashMap<>();
      for (Slot slot : cell.state()) {
        before.put(slot.name(), tf.constant(random(random, 1, rows, UNITS)[0]));
      }
      Map<String, Operand<TNumber>> after =
          new RNN(cell)
              .run(
                  Weights.given(tf, TFloat64.class, given),
                  Signal.of(tf.zeros(tf.constant(new int[] {rows, 1, 3}), TFloat64.class)),
                  before)
              .finalState();
      try (Session session = new Session(graph)) {
        double[] from = squares(fetch(session, List.copyOf(before.values())), rows);
        double[] to = squares(fetch(session, List.copyOf(after.values())), rows);
        double worst = 0;
        for (int i = 0; i < rows; i++) {
          worst = Math.max(worst, Math.abs(Math.sqrt(to[i] / from[i]) - 1));
        }
        return worst;
      }
    }
  }

  /** The squared length of each row, over all slots. */
  private static double[] squares(List<double[]> slots, int rows) {
    double[] sums = new double[rows];
    for (double[] values : slots) {
      for (int i = 0; i < values.length; i++) {
        sums[i / UNITS] += values[i] * values[i];
      }
    }
    return sums;
  }

  private static List<double[]> fetch(Session session, List<? extends Operand<?>> operands) {
    Session.Runner runner = session.runner();
    operands.forEach(runner::fetch);
    try (Result result = runner.run()) {
      List<double[]> all = new ArrayList<>();
      result.forEach(
          entry -> {
            double[] values = new double[Math.toIntExact(entry.getValue().shape().size())];
            entry.getValue().asRawTensor().data().asDoubles().read(values);
            all.add(values);
          });
      return all;
    }
  }

  private static double[][][] random(Random random, int first, int second, int third) {
    double[][][] values = new double[first][second][third];
    for (double[][] rows : values) {
      for (double[] row : rows) {
        Arrays.setAll(row, i -> random.nextGaussian());
      }
    }
    return values;
  }
}
