package kazoku.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Stream;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** What golden numbers do not see of the cells near the GRU. */
class GRUBranchTest {

  @Test
  void refusals() {
    assertThatThrownBy(
            () ->
                new GRUDCell(
                    2, 3, GRUDCell.Mode.REFERENCE, UpdateConvention.WRITE, true, Activation.TANH))
        .hasMessage("GRUDCell: mode REFERENCE needs updateConvention KEEP, got WRITE");
    assertThatThrownBy(() -> new MiRU1Cell(2, 3, 1, true, Activation.TANH))
        .hasMessage("MiRU1Cell: lambda must be in [0, 1), got 1.0");
    assertThatThrownBy(() -> new MiRU2Cell(2, 3, 0.5, -1, true, Activation.TANH))
        .hasMessage("MiRU2Cell: theta must be in [0, 1], got -1.0");
    assertThatThrownBy(() -> new TauGRUCell(2, 3, 0, true, Activation.TANH))
        .hasMessage("TauGRUCell: delay must be at least 1, got 0");
    assertThatThrownBy(
            () -> new FastGRNNCell(2, 3, -1, 0, true, Activation.TANH, Activation.SIGMOID))
        .hasMessage("FastGRNNCell: wRank must be at least 0, got -1.0");
  }

  static Stream<Cell> withoutBias() {
    return Stream.of(
        new BRCell(2, 3, false),
        new NBRCell(2, 3, false),
        new SGRNCell(2, 3, false, Activation.TANH),
        new SGUCell(2, 3, HardSigmoid.SIXTH, false),
        new DSGUCell(2, 3, HardSigmoid.FIFTH, false),
        new FastGRNNCell(2, 3, 0, 0, false, Activation.TANH, Activation.SIGMOID),
        new MiRU1Cell(2, 3, 0.5, false, Activation.TANH),
        new MiRU2Cell(2, 3, 0.5, 0.5, false, Activation.TANH),
        new TauGRUCell(2, 3, 2, false, Activation.TANH),
        new GRUDCell(2, 3, GRUDCell.Mode.PAPER, UpdateConvention.KEEP, false, Activation.TANH));
  }

  @ParameterizedTest
  @MethodSource
  void withoutBias(Cell cell) {
    assertThat(Trace.of(cell).weights().asked().keySet()).noneMatch(name -> name.startsWith("b"));
  }

  /** The second input is never observed, so its stamp stays the first one of the sequence. */
  @Test
  void stampsBeginWithTheSequence() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 5);
      Signal x =
          Signal.of(tf.constant(new float[][][] {{{1, 2}, {3, 4}, {5, 6}}}))
              .beside("mask", tf.constant(new float[][][] {{{0, 0}, {1, 0}, {0, 0}}}))
              .beside("time", tf.constant(new float[][][] {{{100}, {103}, {104}}}));
      RNN rnn = new RNN(new GRUDCell(2, 3));
      RecurrentLayer.Result result = rnn.run(weights, x);
      RecurrentLayer.Result given =
          rnn.run(weights, x, Map.of("sLast", tf.constant(new float[][] {{100, 100}})));
      try (Session session = new Session(graph)) {
        session.initialize();
        assertThat(floats(session, result.finalState().get("sLast"))).containsExactly(103, 100);
        assertThat(floats(session, result.outputs()))
            .containsExactly(floats(session, given.outputs()));
      }
    }
  }

  private static float[] floats(Session session, Operand<?> operand) {
    try (var result = session.runner().fetch(operand).run()) {
      TFloat32 tensor = (TFloat32) result.get(0);
      float[] values = new float[Math.toIntExact(tensor.size())];
      tensor.asRawTensor().data().asFloats().read(values);
      return values;
    }
  }
}
