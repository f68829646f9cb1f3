package kazoku.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.RNN;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/** What golden numbers do not see of the independent, typed and additive cells. */
class IndependentAndTypedTest {

  @Test
  void boundsHoldWhereTheWeightIsRead() {
    IndRNNCell cell =
        new IndRNNCell(
            1, 5, 1, 0.5, IndRNNCell.RecurrentStart.POSITIVE, false, Activation.IDENTITY);
    double[] h = run(cell, Map.of("W", zeros(5), "u", new double[] {-3, -0.1, 0, 0.2, 0.7}), 1);
    assertThat(h).containsExactly(-1, -0.5, 0, 0.5, 0.7);
    assertThatThrownBy(
            () ->
                new IndRNNCell(
                    1, 5, 1, 2, IndRNNCell.RecurrentStart.POSITIVE, true, Activation.RELU))
        .hasMessage("IndRNNCell: recurrentMinAbs must not exceed recurrentMaxAbs 1.0, got 2.0");
  }

  @Test
  void firstValues() {
    assertThat(Arrays.stream(first(new IndRNNCell(3, 50)).get("u"))).allMatch(u -> u >= 0 && u < 1);
    IndRNNCell contrib =
        new IndRNNCell(3, 50, 0, 0, IndRNNCell.RecurrentStart.SYMMETRIC, true, Activation.TANH);
    assertThat(Arrays.stream(first(contrib).get("u")).boxed())
        .allMatch(u -> u >= -1 && u < 1)
        .anyMatch(u -> u < 0);
    assertThat(first(new IndyGRUCell(3, 2)).get("b")).containsExactly(1, 1, 1, 1, 0, 0);
    assertThat(first(new IndyLSTMCell(3, 2)).get("b")).containsOnly(0);
    assertThat(first(new HGRNCell(3, 2)).get("ell")).containsOnly(0);
  }

  @Test
  void highwayOfSimpleRecurrentUnits() {
    SRUCell biased = new SRUCell(3, 40, 2, true, -1.5, true, Activation.IDENTITY);
    Map<String, double[]> first = first(biased);
    double limit = Math.sqrt(3.0 / 3);
    double alpha = Math.sqrt(1 + 2 * Math.exp(-1.5));
    double[] limits = {limit, limit * Math.sqrt(0.5), limit * Math.sqrt(0.5), limit * alpha};
    for (int block = 0; block < 4; block++) {
      int from = 40 * block;
      double largest =
          Arrays.stream(Arrays.copyOfRange(first.get("W"), from, from + 40))
              .map(Math::abs)
              .max()
              .orElseThrow();
      assertThat(largest).isBetween(0.8 * limits[block], limits[block]);
    }
    assertThat(Arrays.copyOfRange(first.get("b"), 0, 40)).containsOnly(0);
    assertThat(Arrays.copyOfRange(first.get("b"), 40, 80)).containsOnly(-1.5);
    assertThatThrownBy(() -> new SRUCell(3, 4, 1, true, 0, true, Activation.TANH))
        .hasMessage("SRUCell: rescale needs version 2, got version 1");
    assertThatThrownBy(() -> new SRUCell(3, 4, 1, false, 1, true, Activation.TANH))
        .hasMessage("SRUCell: highwayBias needs version 2, got version 1");
    assertThatThrownBy(() -> new SRUCell(3, 4, 3))
        .hasMessage("SRUCell: version must be 1 or 2, got 3");
  }

  @Test
  void zoneoutKeepsTheMemoryOrLeavesIt() {
    double rho = 0.3;
    int units = 4000;
    QRNNCell cell = new QRNNCell(1, units, 1, QRNNCell.Pooling.F, rho, false, Activation.TANH);
    // z = 0 and f = ½: the memory is halved, or kept.
    double[] h = run(cell, Map.of("K", zeros(2 * units)), 1);
    assertThat(h).containsOnly(0.5, 1);
    double kept = Arrays.stream(h).filter(c -> c == 1).count() / (double) units;
    assertThat(kept).isCloseTo(rho, within(0.05));
    assertThatThrownBy(() -> new QRNNCell(1, 2, 1, QRNNCell.Pooling.F, 1, true, Activation.TANH))
        .hasMessage("QRNNCell: zoneout must be at least 0 and less than 1, got 1.0");
  }

  @Test
  void closedGatesAreNoQuotientOfZeros() {
    MinLSTMCell cell = new MinLSTMCell(1, 1, true, true, true);
    Map<String, double[]> weights = Map.of("W", zeros(3), "b", new double[] {0, -200, -201});
    double share = 1 / (1 + Math.exp(1));
    assertThat(run(cell, TFloat32.class, weights, 1)[0])
        .isCloseTo(1 - share + share * 0.5, within(1e-6));
  }

  @Test
  void withoutBiasThereIsNone() {
    Activation tanh = Activation.TANH;
    List<Cell> cells =
        List.of(
            new IndRNNCell(3, 4, 0, 0, IndRNNCell.RecurrentStart.POSITIVE, false, tanh),
            new IndyGRUCell(3, 4, false, tanh),
            new IndyLSTMCell(3, 4, 1, 0, false, tanh),
            new ELSTMCell(3, 4, false, tanh),
            new TRNNCell(3, 4, false),
            new TGRUCell(3, 4, false, tanh),
            new TLSTMCell(3, 4, false, tanh),
            new RANCell(3, 4, 2, true, false),
            new SRUCell(3, 4, 1, false, 0, false, tanh),
            new SRUCell(4, 4, 2, true, 0, false, tanh),
            new QRNNCell(3, 4, 2, QRNNCell.Pooling.IFO, 0, false, tanh),
            new MinGRUCell(3, 4),
            new MinLSTMCell(3, 4));
    for (Cell cell : cells) {
      assertThat(Trace.of(cell).weights().asked().keySet())
          .as(cell.toString())
          .isNotEmpty()
          .noneMatch(name -> name.startsWith("b"));
    }
  }

  private static double[] zeros(int size) {
    return new double[size];
  }

  private static double[] run(Cell cell, Map<String, double[]> values, double state) {
    return run(cell, TFloat64.class, values, state);
  }

  /** The output of one training step on one row of ones, from a state that is one number. */
  private static <T extends org.tensorflow.types.family.TFloating> double[] run(
      Cell cell, Class<T> type, Map<String, double[]> values, double state) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Map<String, Operand<?>> given = new LinkedHashMap<>();
      Trace.of(cell)
          .weights()
          .asked()
          .forEach(
              (name, weight) ->
                  given.put(
                      "cell/" + name,
                      tf.reshape(
                          tf.dtypes.cast(tf.constant(values.get(name)), type),
                          tf.constant(weight.shape().asArray()))));
      Operand<T> x =
          tf.dtypes.cast(tf.ones(tf.constant(new int[] {1, 1, 1}), TFloat64.class), type);
      Map<String, Operand<?>> initial = new LinkedHashMap<>();
      for (var slot : cell.state()) {
        initial.put(
            slot.name(),
            tf.fill(
                tf.constant(slot.shape().prepend(1).asArray()),
                tf.dtypes.cast(tf.constant(state), type)));
      }
      Weights weights = Weights.given(tf, type, given);
      Operand<TNumber> output = new RNN(cell).run(weights, Signal.of(x), initial).outputs();
      return numbers(graph, tf.dtypes.cast(output, TFloat64.class));
    }
  }

  /** The first values of a cell's weights. */
  private static Map<String, double[]> first(Cell cell) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 7);
      Operand<TFloat64> x =
          tf.ones(tf.constant(cell.input().prepend(1).prepend(1).asArray()), TFloat64.class);
      new RNN(cell).run(weights, Signal.of(x));
      Map<String, double[]> values = new LinkedHashMap<>();
      weights
          .operands()
          .forEach((name, w) -> values.put(name.substring("cell/".length()), numbers(graph, w)));
      return values;
    }
  }

  private static double[] numbers(Graph graph, Operand<?> operand) {
    try (Session session = new Session(graph)) {
      session.initialize();
      try (var results = session.runner().fetch(operand).run()) {
        double[] numbers = new double[Math.toIntExact(results.get(0).shape().size())];
        results.get(0).asRawTensor().data().asDoubles().read(numbers);
        return numbers;
      }
    }
  }
}
