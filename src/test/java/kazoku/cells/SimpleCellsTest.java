package kazoku.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.RNN;
import kazoku.Requests;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

/** Simple recurrences: settings that are refused, and first values of weights. */
class SimpleCellsTest {

  @Test
  void reservoirHasItsSpectralRadius() {
    for (long seed = 0; seed < 10; seed++) {
      double[] U = first(esn(2, 1, 0.7, false), seed).get("U");
      double half = (U[0] + U[3]) / 2;
      double discriminant = half * half - (U[0] * U[3] - U[1] * U[2]);
      double largest =
          discriminant < 0
              ? Math.sqrt(half * half - discriminant)
              : Math.abs(half) + Math.sqrt(discriminant);
      assertThat(largest).isCloseTo(0.7, within(1e-7));
    }
  }

  @Test
  void reservoirHasItsNormAndConnectivity() {
    double[] U = first(esn(100, 0.3, 0.7, true), 1).get("U");
    double squares = 0;
    double connections = 0;
    for (double u : U) {
      squares += u * u;
      connections += u == 0 ? 0 : 1;
    }
    assertThat(Math.sqrt(squares)).isCloseTo(0.7, within(1e-12));
    assertThat(connections / U.length).isCloseTo(0.3, within(0.02));
  }

  @Test
  void reservoirWithoutCirclesIsZeroAndNotHuge() {
    int zeros = 0;
    for (long seed = 0; seed < 20; seed++) {
      double largest = 0;
      for (double u : first(esn(10, 0.05, 0.9, false), seed).get("U")) {
        largest = Math.max(largest, Math.abs(u));
      }
      assertThat(largest).isLessThan(1e4);
      zeros += largest == 0 ? 1 : 0;
    }
    assertThat(zeros).isPositive();
  }

  @Test
  void reservoirIsNotTrained() {
    try (Graph graph = new Graph()) {
      Weights weights = Weights.variables(Ops.create(graph), TFloat64.class, 1);
      build(new ESNCell(2, 3), weights);
      assertThat(weights.operands()).hasSize(3);
      assertThat(weights.trainable()).isEmpty();
    }
  }

  @Test
  void firstValues() {
    assertThat(first(new IRNNCell(1, 2, 0.5, true), 1).get("U")).containsExactly(0.5, 0, 0, 0.5);
    assertThat(first(new FastRNNCell(1, 2), 1).get("b")).containsOnly(1);
    assertThat(first(new FastRNNCell(1, 2), 1).get("alpha")).containsExactly(-3);
    assertThat(first(new FastRNNCell(1, 2), 1).get("beta")).containsExactly(3);
    SCRNCell slow =
        new SCRNCell(1, 2, 1, 0, SCRNCell.Output.FAST, 0.8, true, true, Activation.IDENTITY);
    double beta = first(slow, 1).get("beta")[0];
    assertThat(1 / (1 + Math.exp(-beta))).isCloseTo(0.8, within(1e-12));
    SelectiveUpdateRNNCell clocks =
        new SelectiveUpdateRNNCell(1, 2, 2, false, true, Activation.TANH);
    assertThat(first(clocks, 1).get("omega")).containsExactly(Math.PI / 2, Math.PI);
    assertThat(first(new RHNCell(1, 2), 1).get("b_3")).containsExactly(0, 0, -2, -2);
    assertThat(first(highway(2, 0.5, false, true), 1).get("b_1"))
        .containsExactly(0, 0, -4, -4, 0, 0);
    assertThat(first(highway(2, 0.5, false, false), 1).keySet())
        .containsExactlyInAnyOrder("W", "U_1", "U_2");
  }

  @Test
  void highwayLayersShareTheirMasks() {
    Map<String, Requests.Random> masks = Trace.of(highway(5, 0.5, true, true)).requests().random();
    assertThat(masks).containsOnlyKeys("input", "state");
    assertThat(masks.get("input").keep()).isEqualTo(0.5);
    assertThat(masks.get("state").draw()).isEqualTo(Weights.Draw.EACH_ROW);
  }

  @Test
  void refusals() {
    assertThatThrownBy(() -> new ClockworkRNNCell(2, 6))
        .hasMessage(
            "ClockworkRNNCell: hiddenSize must be a multiple of the number of periods, 4, got 6");
    assertThatThrownBy(() -> new ClockworkRNNCell(2, 6, List.of(2, 1)))
        .hasMessage("ClockworkRNNCell: periods must be at least 1 and increasing, got [2, 1]");
    assertThatThrownBy(() -> scrn(2, SCRNCell.Output.FAST, 0.5, false))
        .hasMessage("SCRNCell: outputSize must be 0 without a read-out, got 2");
    assertThatThrownBy(() -> scrn(0, SCRNCell.Output.READOUT, 0.5, false))
        .hasMessage("SCRNCell: outputSize must be at least 1, got 0");
    assertThatThrownBy(() -> scrn(0, SCRNCell.Output.FAST, 0, true))
        .hasMessage("SCRNCell: alpha must be more than 0 to be trained, got 0.0");
    assertThatThrownBy(() -> highway(0, 1, true, true))
        .hasMessage("RHNCell: depth must be at least 1, got 0");
    assertThatThrownBy(() -> highway(1, 0, true, true))
        .hasMessage("RHNCell: inputKeepProb must be in (0, 1], got 0.0");
  }

  private static RHNCell highway(int depth, double keepProb, boolean coupled, boolean useBias) {
    return new RHNCell(1, 2, depth, -4, keepProb, keepProb, coupled, useBias, Activation.TANH);
  }

  private static ESNCell esn(
      int hiddenSize, double connectivity, double spectralRadius, boolean useNorm2) {
    return new ESNCell(
        1, hiddenSize, 1, connectivity, spectralRadius, useNorm2, true, Activation.TANH);
  }

  private static SCRNCell scrn(
      int outputSize, SCRNCell.Output output, double alpha, boolean trainableAlpha) {
    return new SCRNCell(
        2, 3, 3, outputSize, output, alpha, trainableAlpha, true, Activation.IDENTITY);
  }

  private static void build(Cell cell, Weights weights) {
    long[] shape = {1, 1, cell.input().get(0)};
    Operand<TFloat64> x = weights.tf().zeros(weights.tf().constant(shape), TFloat64.class);
    new RNN(cell).run(weights, Signal.of(x));
  }

  private static Map<String, double[]> first(Cell cell, long seed) {
    try (Graph graph = new Graph()) {
      Weights weights = Weights.variables(Ops.create(graph), TFloat64.class, seed);
      build(cell, weights);
      Map<String, double[]> values = new LinkedHashMap<>();
      try (Session session = new Session(graph)) {
        session.initialize();
        weights
            .operands()
            .forEach(
                (name, weight) -> {
                  try (Result result = session.runner().fetch(weight).run()) {
                    double[] numbers = new double[(int) result.get(0).shape().size()];
                    result.get(0).asRawTensor().data().asDoubles().read(numbers);
                    values.put(name.replace("cell/", ""), numbers);
                  }
                });
      }
      return values;
    }
  }
}
