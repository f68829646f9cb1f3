package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import kazoku.Activation;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.layers.Conv1D.Padding;
import kazoku.layers.Trial.Given;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

/** Layers around layers, and networks of several inputs and outputs. */
class StructureTest {
  private static final Given STEPS =
      Given.waves(3, 3, 2).lengths(3, 2, 0).mask(1, 0, 1, 1, 1, 1, 1, 1, 1);

  /** Two rows of at most two words of three letters. */
  private static final Given WORDS =
      Given.of(new double[] {1, 2, 0, 3, 0, 0, 2, 2, 2, 0, 0, 0}, 2, 2, 3).lengths(2, 1);

  @Test
  void aFunctionIsALayer() {
    Given given = Given.waves(2, 3, 4);
    try (Trial tanh = new Trial(new ActivationLayer(Activation.TANH), given);
        Trial softmax = new Trial(new ActivationLayer(Activation.SOFTMAX), given)) {
      Trial.close(tanh.output(), Arrays.stream(given.values()).map(Math::tanh).toArray());
      tanh.checkGradients("x");
      double[] y = softmax.output();
      assertThat(y[0] + y[1] + y[2] + y[3]).isCloseTo(1, within(1e-12));
      softmax.checkGradients("x");
    }
    assertThatThrownBy(() -> new ActivationLayer(null))
        .hasMessage("ActivationLayer: activation must be given, got null");
  }

  @Test
  void eachStepIsARowForTheLayerInside() {
    Layer dense = new Dense(2, 3, Activation.TANH);
    try (Trial plain = new Trial(dense, Given.waves(3, 3, 2), true, Map.of());
        Trial folded = new Trial(new TimeDistributed(dense), Given.waves(3, 3, 2))) {
      Trial.close(folded.output(), plain.output());
      folded.checkGradients("x", "it/layer/W", "it/layer/b");
      assertThat(folded.shape()).isEqualTo(Shape.of(3, 3, 3));
    }
  }

  @Test
  void theLayerInsideSeesValidStepsOnly() {
    Layer norm = new BatchNorm(2);
    try (Trial plain = new Trial(norm, STEPS);
        Trial folded = new Trial(new TimeDistributed(norm), STEPS.padding(Double.NaN))) {
      double[] y = folded.output();
      double[] expected = plain.output();
      for (int i = 0; i < y.length; i++) {
        boolean valid = plain.valid()[i / 2] == 1;
        assertThat(y[i]).isCloseTo(valid ? expected[i] : 0, within(1e-10));
      }
      assertThat(folded.valid()).isEqualTo(plain.valid());
      assertThat(folded.gradients("x").get("x")).doesNotContain(Double.NaN);
    }
    try (Trial folded = new Trial(new TimeDistributed(norm), STEPS)) {
      folded.checkGradients("x", "it/layer/gamma");
    }
  }

  @Test
  void lettersBecomeWords() {
    Layer letters = new Sequential(new Embedding(4, 3, 0), new RNN(new GRUCell(3, 2)).last());
    try (Trial all = new Trial(new TimeDistributed(letters), WORDS);
        Trial one = new Trial(letters, Given.of(new double[] {1, 2, 3, 2, 2, 2}, 2, 3));
        Trial two = new Trial(letters, Given.of(new double[] {1, 2, 3, 0}, 2, 2))) {
      Shape shape = all.shape();
      assertThat(shape).isEqualTo(Shape.of(2, 2, 2));
      double[] y = all.output();
      Trial.close(Arrays.copyOf(y, 4), two.output());
      Trial.close(Arrays.copyOfRange(y, 4, 6), Arrays.copyOfRange(one.output(), 2, 4));
      assertThat(y[6]).isZero();
      all.checkGradients("it/layer/embedding/E");
    }
  }

  @Test
  void noStepsAndNoRowsAreCutInStepsToo() {
    Layer folded = new TimeDistributed(new Dense(2, 3));
    for (Given given :
        new Given[] {
          Given.of(new double[0], 2, 0, 2),
          Given.of(new double[0], 0, 3, 2),
          Given.of(new double[0], 2, 0, 2).lengths(0, 0),
          Given.waves(2, 2, 2).lengths(0, 0)
        }) {
      try (Trial trial = new Trial(folded, given)) {
        assertThat(trial.shape()).isEqualTo(given.shape().take(2).append(3));
        assertThat(trial.gradients("x").get("x")).hasSize((int) given.shape().size());
      }
    }
  }

  @Test
  void theInputIsAddedToTheOutput() {
    Layer dense = new Dense(2, 2, Activation.TANH);
    try (Trial plain = new Trial(dense, STEPS);
        Trial residual = new Trial(new Residual(dense), STEPS)) {
      double[] expected = plain.output();
      Arrays.setAll(expected, i -> expected[i] + STEPS.values()[i]);
      Trial.close(residual.output(), expected);
      residual.checkGradients("x", "it/layer/W", "it/layer/b");
      assertThat(residual.valid()).isEqualTo(plain.valid());
    }
    assertThat(new Residual(dense).input()).isEqualTo(Shape.of(2));
  }

  @Test
  void aRowIsRepeated() {
    try (Trial trial = new Trial(new Repeat(2), Given.of(new double[] {1, 2, 3, 4}, 2, 2))) {
      assertThat(trial.output()).containsExactly(1, 2, 1, 2, 3, 4, 3, 4);
      assertThat(trial.shape()).isEqualTo(Shape.of(2, 2, 2));
      trial.checkGradients("x");
    }
    assertThatThrownBy(() -> new Repeat(0)).hasMessage("Repeat: steps must be at least 1, got 0");
  }

  @Test
  void signalsAreMerged() {
    Layer twice = new Dense(2, 2);
    Layer concat = (w, x) -> Merge.concat(w.tf(), x, twice.apply(w, x), x);
    Layer sum = (w, x) -> Merge.sum(w.tf(), x, twice.apply(w, x), x);
    Layer product = (w, x) -> Merge.product(w.tf(), x, twice.apply(w, x), x);
    try (Trial plain = new Trial(twice, STEPS);
        Trial c = new Trial(concat, STEPS);
        Trial s = new Trial(sum, STEPS);
        Trial p = new Trial(product, STEPS)) {
      double[] y = plain.output();
      double[] x = STEPS.values();
      for (int i = 0; i < y.length; i++) {
        int at = i / 2 * 6 + i % 2;
        assertThat(c.output()[at]).isEqualTo(x[i]);
        assertThat(c.output()[at + 2]).isEqualTo(y[i]);
        assertThat(c.output()[at + 4]).isEqualTo(x[i]);
        assertThat(s.output()[i]).isCloseTo(2 * x[i] + y[i], within(1e-12));
        assertThat(p.output()[i]).isCloseTo(x[i] * x[i] * y[i], within(1e-12));
      }
      assertThat(c.valid()).isEqualTo(plain.valid());
      c.checkGradients("x", "it/W");
      s.checkGradients("x", "it/W");
      p.checkGradients("x", "it/W");
    }
  }

  @Test
  void aRowIsMergedWithEachStep() {
    Layer layer =
        (w, x) -> Merge.concat(w.tf(), x, Merge.atEachStep(w.tf(), Pooling.mean().apply(w, x), x));
    try (Trial trial = new Trial(layer, STEPS)) {
      double[] y = trial.output();
      double[] x = STEPS.values();
      for (int t = 0; t < 3; t++) {
        assertThat(y[4 * t]).isEqualTo(x[2 * t]);
        assertThat(y[4 * t + 2]).isCloseTo((x[0] + x[4]) / 2, within(1e-12));
      }
      trial.checkGradients("x");
      assertThat(trial.lengths()).containsExactly(3, 2, 0);
      assertThat(trial.signal().mask()).isNotNull();
    }
  }

  /** Words with their letters, tagged one by one; and what the sentence wants. */
  private static Signal tagger(Weights w, Signal x) {
    Layer letters = new Sequential(new Embedding(4, 3, 0), new RNN(new GRUCell(3, 2)).last());
    Signal words = new Embedding(5, 3, 0).apply(w.in("words"), x);
    Signal spelled = new TimeDistributed(letters).apply(w.in("letters"), x.beside("letters"));
    Signal both = Merge.concat(w.tf(), words, spelled);
    Signal steps = new RNN(new GRUCell(5, 4)).apply(w.in("rnn"), both);
    Signal row = Pooling.max().apply(w, steps);
    Signal intent = new Dense(4, 2).apply(w.in("intent"), row);
    return new Dense(4, 3).apply(w.in("tags"), steps).beside("intent", intent);
  }

  @Test
  void aNetworkOfTwoInputsAndTwoOutputsIsALambda() {
    Layer network = StructureTest::tagger;
    assertThat(network.name()).isEqualTo("layer");
    Layer joined =
        (w, x) -> {
          Signal tokens = Signal.of(w.tf().constant(new int[][] {{1, 4}, {2, 0}}));
          Signal y = network.apply(w.in(network.name()), tokens.beside("letters", x));
          Operand<TFloat64> tags = Trial.value(y.zeroPadded(w.tf()), TFloat64.class);
          Signal pooled = y.with(tags);
          Signal all = Pooling.sum().apply(w, pooled);
          return Merge.concat(w.tf(), all, y.beside("intent"));
        };
    try (Trial trial = new Trial(joined, WORDS)) {
      assertThat(trial.shape()).isEqualTo(Shape.of(2, 5));
      trial.checkGradients(
          "it/layer/words/E",
          "it/layer/letters/layer/embedding/E",
          "it/layer/rnn/cell/U",
          "it/layer/intent/W",
          "it/layer/tags/b");
    }
  }

  @Test
  void aTaggerOfManyLayersBuildsInFloat32WithOpenSizes() {
    Layer layers =
        new Sequential(
            new Embedding(50, 8, 0),
            new Dropout(0.2, Weights.Draw.EACH_ROW),
            new Residual(
                new Sequential(
                    new LayerNorm(8), new Conv1D(8, 8, 3, Padding.CAUSAL, Activation.GELU))),
            new BatchNorm(8),
            new RNN(new GRUCell(8, 6)),
            new GaussianNoise(0.1),
            Pooling.max(),
            new Repeat(3),
            new Dense(6, 2));
    assertThat(layers.input()).isEqualTo(Shape.scalar());
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TInt32> tokens = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, -1)));
      Weights w = Weights.variables(tf, 1);
      Signal y = layers.apply(w, Signal.of(tokens));
      assertThat(y.value().asOutput().shape().asArray()).containsExactly(-1, 3, 2);
      assertThat(y.value().type()).isEqualTo(TFloat32.class);
      assertThat(w.asked())
          .containsKeys("embedding/E", "residual/layer/conv1D/W", "batchNorm/mean", "dense/b");
      graph.addGradients(
          y.value().asOutput(),
          w.trainable().values().stream()
              .map(Operand::asOutput)
              .toArray(org.tensorflow.Output<?>[]::new));
      layers.apply(w.forInference(), Signal.of(tokens));
    }
  }

  @Test
  void rowLayersTakeNoStepsAndNoRows() {
    for (Layer layer :
        new Layer[] {
          new Dense(2, 2),
          new LayerNorm(2),
          new BatchNorm(2),
          new Dropout(0.5),
          new Dropout(0.5, Weights.Draw.EACH_ROW),
          new GaussianNoise(1),
          new ActivationLayer(Activation.SOFTMAX),
          new Residual(new Dense(2, 2))
        }) {
      try (Trial noSteps = new Trial(layer, Given.of(new double[0], 2, 0, 2).lengths(0, 0));
          Trial noRows = new Trial(layer, Given.of(new double[0], 0, 3, 2))) {
        assertThat(noSteps.shape()).isEqualTo(Shape.of(2, 0, 2));
        assertThat(noSteps.gradients("x").get("x")).isEmpty();
        assertThat(noRows.shape()).isEqualTo(Shape.of(0, 3, 2));
        assertThat(noRows.gradients("x").get("x")).isEmpty();
      }
    }
  }

  @Test
  void everyLayerHasANameThatIsAPath() {
    Layer lambda = (w, x) -> x;
    Layer anonymous =
        new Layer() {
          @Override
          public Signal apply(Weights w, Signal x) {
            return x;
          }
        };
    assertThat(lambda.name()).isEqualTo("layer");
    assertThat(anonymous.name()).isEqualTo("layer");
    assertThat(new TimeDistributed(lambda).name()).isEqualTo("timeDistributed");
    assertThat(new Sequential(lambda, new Dense(2, 3)).layers()).hasSize(2);
  }

  @Test
  void mistakesAreNamed() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, 1);
      Signal steps = Signal.of(tf.zeros(tf.array(2, 3, 4), TFloat32.class));
      Signal rows = Signal.of(tf.zeros(tf.array(2, 4), TFloat32.class));
      Signal double64 = Signal.of(tf.zeros(tf.array(2, 4), TFloat64.class));
      assertThatThrownBy(() -> new Residual(new Dense(4, 3)).apply(w.in("a"), steps))
          .hasMessage(
              "Residual: the layer inside must keep the shape of its input, [2, 3, 4], got [2, 3,"
                  + " 3]");
      assertThatThrownBy(() -> Merge.concat(tf, steps, rows))
          .hasMessage(
              "Merge.concat: all signals must have one shape but for the last axis, [2, 3, 4];"
                  + " bring rows to steps with Merge.atEachStep, got [2, 4]");
      assertThatThrownBy(() -> Merge.sum(tf, rows, steps))
          .hasMessage(
              "Merge.sum: all signals must have one shape, [2, 4]; bring rows to steps with"
                  + " Merge.atEachStep, got [2, 3, 4]");
      assertThatThrownBy(() -> Merge.sum(tf))
          .hasMessage("Merge.sum: there must be at least one signal, got none");
      assertThatThrownBy(() -> Merge.product(tf, rows, double64))
          .hasMessage("Merge.product: all signals must be TFloat32, got TFloat64");
      assertThatThrownBy(
              () -> new TimeDistributed(new Dense(4, 3)).apply(w, Signal.of(tf.array(1f, 2f))))
          .hasMessage("TimeDistributed: input must be a sequence [B, T, …], got [2]");
    }
  }
}
