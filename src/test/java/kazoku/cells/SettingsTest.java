package kazoku.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Level;
import kazoku.State;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

/** What golden numbers do not see: settings that are refused, and first values of weights. */
class SettingsTest {

  @Test
  void minimalGatedUnitRefusesContradictions() {
    assertThatThrownBy(() -> mgu(true, false, MGUCell.GateInputs.ALL, true))
        .hasMessage("MGUCell: resetAfter needs resetGate, got resetGate false");
    assertThatThrownBy(() -> mgu(false, true, MGUCell.GateInputs.BIAS, false))
        .hasMessage("MGUCell: gateInputs BIAS needs useBias, got useBias false");
  }

  @Test
  void antisymmetricNeedsAStep() {
    assertThatThrownBy(() -> new AntisymmetricRNNCell(2, 3, 0, 0, true, Activation.TANH))
        .hasMessage("AntisymmetricRNNCell: epsilon must be more than 0, got 0.0");
  }

  @Test
  void layerNormFlagsAreThoseOfContrib() {
    assertThatThrownBy(() -> layerNorm(LayerNormLSTMCell.Mode.PAPER, 1, 0, 0))
        .hasMessage(
            "LayerNormLSTMCell: forgetBias, usePeepholes, cellClip, numProj and projClip need mode"
                + " CONTRIB, got mode PAPER");
    assertThatThrownBy(() -> layerNorm(LayerNormLSTMCell.Mode.ADDONS, 0, 2, 0))
        .hasMessageContaining("got mode ADDONS");
    assertThatThrownBy(() -> layerNorm(LayerNormLSTMCell.Mode.CONTRIB, 0, 0, 1))
        .hasMessage("LayerNormLSTMCell: projClip needs numProj, got numProj 0");
  }

  @Test
  void firstValues() {
    assertThat(first(new PeepholeLSTMCell(3, 2)).get("b")).containsExactly(0, 0, 1, 1, 0, 0, 0, 0);
    assertThat(first(new PeepholeLSTMCell(3, 2, 1, 0, true, Activation.TANH)).get("b"))
        .containsOnly(0);
    assertThat(first(new LayerNormLSTMCell(3, 2, LayerNormLSTMCell.Mode.ADDONS)).get("b"))
        .containsExactly(0, 0, 1, 1, 0, 0, 0, 0);
    assertThat(first(new LayerNormLSTMCell(3, 2, LayerNormLSTMCell.Mode.PAPER)).get("b"))
        .containsOnly(0);
    assertThat(first(new LayerNormLSTMCell(3, 2))).doesNotContainKey("b");
    assertThat(first(new GRUCell(3, 2)).get("b")).containsOnly(0);
    assertThat(
            first(
                    new ElmanRNNCell(
                        3,
                        2,
                        false,
                        Integration.MULTIPLY_GENERAL,
                        false,
                        0,
                        0,
                        true,
                        Activation.TANH))
                .get("beta_1"))
        .containsOnly(1);
    for (double p : first(new PeepholeLSTMCell(3, 2)).get("p_o")) {
      assertThat(Math.abs(p)).isPositive().isLessThanOrEqualTo(Math.sqrt(1.5));
    }
  }

  @Test
  void antisymmetricVariance() {
    double[] U = first(new AntisymmetricRNNCell(3, 100)).get("U");
    double variance = Arrays.stream(U).map(u -> u * u).average().orElseThrow();
    assertThat(variance).isBetween(0.0095, 0.0105);
  }

  private static MGUCell mgu(
      boolean resetAfter, boolean resetGate, MGUCell.GateInputs inputs, boolean useBias) {
    return new MGUCell(
        2, 3, UpdateConvention.WRITE, resetAfter, resetGate, inputs, useBias, Activation.TANH);
  }

  private static LayerNormLSTMCell layerNorm(
      LayerNormLSTMCell.Mode mode, double forgetBias, int numProj, double projClip) {
    return new LayerNormLSTMCell(
        2, 3, mode, forgetBias, false, 0, numProj, projClip, 1, 1e-3, Activation.TANH);
  }

  /** The first values of a cell's weights. */
  static Map<String, double[]> first(Cell cell) {
    try (Graph graph = new Graph()) {
      Weights weights = Weights.variables(Ops.create(graph), TFloat64.class, 7);
      State state = State.of(Map.of());
      for (var slot : cell.state()) {
        state = state.with(slot.name(), Vocabulary.leaf(slot.name(), slot.shape(), Level.STEP));
      }
      Expr x = Vocabulary.leaf("x", cell.input(), Level.SEQUENCE);
      cell.step(weights, x, state);
      Map<String, double[]> values = new LinkedHashMap<>();
      try (Session session = new Session(graph)) {
        session.initialize();
        weights
            .operands()
            .forEach(
                (name, operand) -> {
                  try (var result = session.runner().fetch(operand).run()) {
                    double[] all = new double[(int) result.get(0).shape().size()];
                    ((TFloat64) result.get(0)).asRawTensor().data().asDoubles().read(all);
                    values.put(name, all);
                  }
                });
      }
      return values;
    }
  }
}
