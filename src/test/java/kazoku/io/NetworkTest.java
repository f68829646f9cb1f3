package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.ElmanRNNCell;
import kazoku.layers.Dense;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.junit.jupiter.api.Test;

class NetworkTest {
  private static final Network RNN =
      new Network(
          new RNN(new ElmanRNNCell(1, 2)).last(),
          Map.of(
              "cell/W", Values.of(new float[] {1, 2}, 1, 2),
              "cell/U", Values.of(new float[] {3, 4, 5, 6}, 2, 2),
              "cell/b", Values.of(new float[] {7, 8}, 2)));
  private static final Network DENSE =
      new Network(
          new Dense(2, 1),
          Map.of(
              "W", Values.of(new float[] {1, 2}, 2, 1),
              "b", Values.of(new float[] {3}, 1)));

  @Test
  void aModelHasItsWeights() {
    try (Model model = RNN.model(1)) {
      assertThat(model.weight("rnn/cell/U")).containsExactly(3, 4, 5, 6);
      assertThat(Network.of(model).weights())
          .containsOnlyKeys("rnn/cell/W", "rnn/cell/U", "rnn/cell/b");
    }
  }

  @Test
  void inARowWeightsStandUnderTheirLayersNames() {
    try (Model model = Network.sequential(RNN.named("encoder"), DENSE).model(1)) {
      assertThat(model.layer()).isInstanceOf(Sequential.class);
      assertThat(model.weight("encoder/cell/b")).containsExactly(7, 8);
      assertThat(model.weight("dense/b")).containsExactly(3);
      assertThat(model.predict(Sequences.of(new float[][][] {{{1}}}))[0][0])
          .isCloseTo(6, org.assertj.core.data.Offset.offset(1e-5f));
      try (Model again = Network.of(model).model(2)) {
        assertThat(again.weight("encoder/cell/U")).containsExactly(3, 4, 5, 6);
      }
    }
  }

  @Test
  void namesAndShapesMustBeTheLayers() {
    Dense dense = new Dense(2, 1);
    Values w = Values.of(new float[] {1, 2}, 2, 1);
    Values b = Values.of(new float[] {3}, 1);
    fails(
        new Network(dense, Map.of("W", w)),
        "Network: values of no weight may be missing, got [dense/b]");
    fails(
        new Network(dense, Map.of("W", w, "b", b, "c", b)),
        "Network: there may be values of the layer's weights only, got [dense/c]");
    fails(
        new Network(dense, Map.of("W", Values.of(new float[] {1, 2}, 1, 2), "b", b)),
        "Network: W must have the shape [2, 1], got [1, 2]");
    fails(
        new Network(dense, Map.of("W", w, "b", Values.of(new float[] {Float.NaN}, 1))),
        "Model: dense/b must have finite numbers only, got NaN");
  }

  private static void fails(Network network, String sentence) {
    assertThatThrownBy(() -> network.model(1).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }
}
