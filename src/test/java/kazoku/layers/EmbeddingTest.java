package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.layers.Trial.Given;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/** Tokens become rows of a table, and the padding token ends up in the mask. */
class EmbeddingTest {
  private static final double[] TOKENS = {2, 0, 1, 2, 2, 0};
  private static final Given GIVEN = Given.of(TOKENS, 2, 3);

  @Test
  void tokensOfAnyTypeStandForRows() {
    double[] table = Trial.waves(2, 12);
    double[] expected = new double[24];
    for (int i = 0; i < 24; i++) {
      expected[i] = table[(int) TOKENS[i / 4] * 4 + i % 4];
    }
    try (Trial trial = new Trial(new Embedding(3, 4), GIVEN)) {
      assertThat(trial.output()).isEqualTo(expected);
      assertThat(trial.shape()).isEqualTo(Shape.of(2, 3, 4));
      assertThat(trial.valid()).isNull();
    }
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Weights w =
          Weights.given(
              tf, TFloat64.class, Map.of("E", tf.reshape(tf.constant(table), tf.array(3, 4))));
      Operand<TFloat64> tokens = tf.reshape(tf.constant(TOKENS), tf.array(2, 3));
      for (Class<? extends TNumber> type : java.util.List.of(TInt32.class, TInt64.class)) {
        Signal given = Signal.of(tf.dtypes.cast(tokens, type));
        Signal y = new Embedding(3, 4, 0).apply(w, given);
        Operand<TFloat64> all =
            tf.concat(
                java.util.List.of(
                    tf.reshape(Trial.value(y, TFloat64.class), tf.array(-1)),
                    tf.reshape(tf.dtypes.cast(y.mask(), TFloat64.class), tf.array(-1))),
                tf.constant(0));
        double[] copy = new double[30];
        try (Result result = session.runner().fetch(all).run()) {
          ((TFloat64) result.get(0)).copyTo(DataBuffers.of(copy, false, false));
        }
        assertThat(copy).startsWith(expected).endsWith(1, 0, 1, 1, 1, 0);
      }
    }
  }

  @Test
  void theGradientGoesToTheRowsThatWereRead() {
    try (Trial trial = new Trial(new Embedding(4, 2), GIVEN)) {
      trial.checkGradients("it/E");
      assertThat(trial.gradients("it/E").get("it/E")).endsWith(0, 0);
    }
  }

  @Test
  void thePaddingTokenIsNotValid() {
    Embedding padded = new Embedding(3, 4, 2);
    try (Trial trial = new Trial(padded, GIVEN)) {
      assertThat(trial.valid()).containsExactly(0, 1, 1, 0, 0, 1);
    }
    try (Trial trial = new Trial(padded, GIVEN.lengths(2, 3).mask(1, 1, 1, 1, 1, 0))) {
      assertThat(trial.valid()).containsExactly(0, 1, 0, 0, 0, 0);
    }
  }

  @Test
  void layersAfterItPassThePaddingOver() {
    Layer last = new Sequential(new Embedding(3, 4, 0), new RNN(new GRUCell(4, 3)).last());
    try (Trial holes = new Trial(last, Given.of(new double[] {0, 1, 2, 0, 1, 0}, 1, 6));
        Trial dense = new Trial(last, Given.of(new double[] {1, 2, 1}, 1, 3))) {
      Trial.close(holes.output(), dense.output());
      holes.checkGradients("it/embedding/E");
      assertThat(holes.gradients("it/embedding/E").get("it/embedding/E")).startsWith(0, 0, 0, 0);
    }
  }

  @Test
  void oneTokenARowHasNoMask() {
    try (Trial trial = new Trial(new Embedding(3, 4, 0), Given.of(new double[] {1, 0}, 2))) {
      assertThat(trial.shape()).isEqualTo(Shape.of(2, 4));
      assertThat(trial.signal().mask()).isNull();
    }
  }

  @Test
  void theTableStartsWithinATwentieth() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, 1);
      new Embedding(50, 20).apply(w.in("e"), Signal.of(tf.array(1, 2)));
      session.initialize();
      try (Result result = session.runner().fetch(w.operand("e/E")).run()) {
        float[] table = new float[1000];
        ((TFloat32) result.get(0)).copyTo(DataBuffers.of(table, false, false));
        java.util.Arrays.sort(table);
        assertThat(table[0]).isBetween(-0.05f, -0.049f);
        assertThat(table[999]).isBetween(0.049f, 0.05f);
      }
    }
  }

  @Test
  void emptyBatches() {
    Embedding padded = new Embedding(3, 4, 0);
    try (Trial noSteps = new Trial(padded, Given.of(new double[0], 2, 0));
        Trial noRows = new Trial(padded, Given.of(new double[0], 0, 3))) {
      assertThat(noSteps.shape()).isEqualTo(Shape.of(2, 0, 4));
      assertThat(noRows.shape()).isEqualTo(Shape.of(0, 3, 4));
      assertThat(noRows.gradients("it/E").get("it/E")).containsOnly(0);
    }
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> new Embedding(0, 4))
        .hasMessage("Embedding: vocabularySize must be at least 1, got 0");
    assertThatThrownBy(() -> new Embedding(3, 4, 3))
        .hasMessage("Embedding: padding must be a token, less than 3, or -1 for none, got 3");
    assertThatThrownBy(() -> new Embedding(3, 4, 0, (Initializer) null))
        .hasMessage("Embedding: initializer must be given, got null");
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, 1);
      Operand<TInt32> tokens = tf.array(1, 2);
      assertThatThrownBy(() -> new Embedding(3, 4).apply(w, tokens))
          .hasMessage(
              "embedding: the output is TFloat32 and not of the input's type; use apply(w,"
                  + " Signal.of(x)).value(), got TInt32");
    }
    try (Trial trial = new Trial(new Embedding(3, 4), Given.of(new double[] {1, 3}, 1, 2))) {
      assertThatThrownBy(trial::output).hasMessageContaining("not in [0, 3)");
    }
  }
}
