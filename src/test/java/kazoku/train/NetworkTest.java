package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.ConvRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.PhasedLSTMCell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Models of several inputs and outputs, of tokens and images, and other layers on their weights.
 */
class NetworkTest {
  private static final Sequences WORDS = Sequences.tokens(new int[][] {{1, 2, 3}, {4}, {2, 2}});
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  /** A bag of one-hot tokens, which also tells the kind of a row and sees its features. */
  private static Signal tagger(Weights w, Signal x) {
    Ops tf = w.tf();
    @SuppressWarnings("unchecked")
    Operand<TInt32> tokens = (Operand<TInt32>) x.value();
    Signal hot = x.with(tf.oneHot(tokens, tf.constant(5), tf.constant(1f), tf.constant(0f)));
    Signal hidden = new RNN(new GRUCell(5, 4)).apply(w.in("rnn"), hot);
    Signal last = new RNN(new GRUCell(5, 4)).last().apply(w.in("rnn"), hot);
    @SuppressWarnings("unchecked")
    Operand<TFloat32> row = (Operand<TFloat32>) last.value();
    @SuppressWarnings("unchecked")
    Operand<TFloat32> features = (Operand<TFloat32>) x.beside("features").value();
    Signal both = last.with(tf.concat(List.of(row, features), tf.constant(1)));
    return Toys.head(4, 3)
        .apply(w.in("tags"), hidden)
        .beside("kind", Toys.head(6, 2).apply(w.in("kind"), both));
  }

  private static final Layer TAGGER = ((Layer) NetworkTest::tagger).named("tagger");
  private static final Inputs INPUTS = Inputs.tokens().rows("features", 2);
  private static final Sequences DATA =
      WORDS.beside("features", Sequences.rows(new float[][] {{1, 0}, {0, 1}, {1, 1}}));

  private static Sequences withTargets() {
    return DATA.stepLabels(new int[][] {{0, 1, 2}, {1}, {0, 0}})
        .target("kind", Targets.ofRows(new int[] {0, 1, 1}));
  }

  @Test
  void twoInputsAndTwoOutputsAreTrainedTogether() {
    Loss loss = CLASSES.and("kind", CLASSES, 0.5);
    try (Model model = Model.of(TAGGER, INPUTS, 3)) {
      double before = model.evaluate(withTargets(), loss).loss();
      double tags = model.evaluate(withTargets(), CLASSES).loss();
      assertThat(before).isGreaterThan(tags);
      model.fit(withTargets(), new Adam(0.05), loss, Toys.epochs(80));
      assertThat(model.evaluate(withTargets(), loss).loss()).isLessThan(0.1 * before);
      assertThat(model.view().classifySteps(DATA))
          .isDeepEqualTo(new int[][] {{0, 1, 2}, {1}, {0, 0}});
      assertThat(model.view().predict("kind", DATA)).hasDimensions(3, 2);
    }
  }

  @Test
  void severalInputsAndOutputsAreExported(@TempDir Path folder) {
    try (Model model = Model.of(TAGGER, INPUTS, 3)) {
      model.export(folder.resolve("tagger"));
      float[][][] tags = model.predictSteps(DATA);
      try (SavedModelBundle bundle = SavedModelBundle.load(folder.resolve("tagger").toString());
          TInt32 row = TInt32.tensorOf(StdArrays.ndCopyOf(new int[][] {{2, 2}}));
          TInt32 lengths = TInt32.vectorOf(2);
          TFloat32 features = TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {{1, 1}}));
          var result =
              bundle.call(Map.of("input", row, "lengths", lengths, "features", features))) {
        assertThat(result.size()).isEqualTo(2);
        TFloat32 output = (TFloat32) result.get("output").orElseThrow();
        for (int t = 0; t < 2; t++) {
          for (int k = 0; k < 3; k++) {
            assertThat(output.getFloat(0, t, k)).isCloseTo(tags[2][t][k], within(1e-6f));
          }
        }
        assertThat(result.get("kind").orElseThrow().shape().asArray()).containsExactly(1, 2);
      }
    }
  }

  @Test
  void masksReachTheLossByThemselves() {
    // Passes the steps on whose first number is positive.
    Layer positive =
        ((Layer)
                (w, x) -> {
                  w.bias("unused", 1);
                  Ops tf = w.tf();
                  @SuppressWarnings("unchecked")
                  Operand<TFloat32> values = (Operand<TFloat32>) x.value();
                  Operand<TFloat32> first =
                      tf.squeeze(
                          tf.slice(values, tf.array(0, 0, 0), tf.array(-1, -1, 1)),
                          org.tensorflow.op.core.Squeeze.axis(2L));
                  Operand<TBool> mask = tf.math.greater(first, tf.constant(0f));
                  return x.masked(mask);
                })
            .named("positive");
    Sequences data =
        Sequences.of(new float[][][] {{{1}, {-5}, {3}}, {{-2}}})
            .stepTargets(new float[][][] {{{2}, {0}, {5}}, {{0}}});
    try (Model model = Model.of(positive, 1)) {
      assertThat(model.evaluate(data, Loss.meanSquaredError()).loss())
          .isCloseTo((1 + 4) / 2.0, within(1e-6));
    }
  }

  @Test
  void otherLayersComputeWithTheSameWeights() {
    Layer steps = new Sequential(new RNN(new GRUCell(2, 3)), Toys.head(3, 2));
    Layer last = new Sequential(new RNN(new GRUCell(2, 3)).last(), Toys.head(3, 2));
    float[][][] inputs = Toys.inputs(5, 1);
    Sequences data = Sequences.of(inputs);
    try (Model model = Model.of(steps, 1)) {
      View view = model.view(last);
      model.fit(data.stepLabels(labels(inputs)), new Adam(0.1), CLASSES, Toys.epochs(2));
      float[][][] all = model.predictSteps(data);
      float[][] ends = view.predict(data);
      for (int row = 0; row < 5; row++) {
        assertThat(ends[row]).containsExactly(all[row][all[row].length - 1], within(1e-6f));
      }
      assertThatThrownBy(
              () -> model.view(new Sequential(new RNN(new GRUCell(2, 3)).named("other"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("other/cell/W: no value was given");
    }
  }

  private static int[][] labels(float[][][] inputs) {
    int[][] labels = new int[inputs.length][];
    for (int row = 0; row < labels.length; row++) {
      labels[row] = new int[inputs[row].length];
    }
    return labels;
  }

  @Test
  void cellsGetWhatTheyAskForBesideTheInput() {
    Layer layer = new RNN(new PhasedLSTMCell(2, 3)).last();
    Sequences data =
        Sequences.of(new float[][][] {{{1, 2}, {0, 1}}, {{3, 1}}})
            .beside("time", Sequences.of(new float[][][] {{{0.5f}, {2}}, {{1}}}));
    try (Model model = Model.of(layer, Inputs.vectors(2).vectors("time", 1), 1)) {
      assertThat(model.predict(data)).hasDimensions(2, 3);
    }
  }

  @Test
  void stepsThatAreImagesAreGivenFlat() {
    Layer layer = new RNN(new ConvRNNCell(1, 2, List.of(3, 4), List.of(3, 3)));
    Sequences data = Sequences.of(new float[2][3][12]);
    try (Model model = Model.of(layer, 1)) {
      assertThat(model.view(new Sequential(layer, flat(3 * 4 * 2))).predictSteps(data))
          .hasDimensions(2, 3);
    }
  }

  private static Layer flat(int size) {
    return ((Layer)
            (w, x) -> {
              Ops tf = w.tf();
              Operand<TInt32> leading = tf.slice(tf.shape(x.value()), tf.array(0), tf.array(2));
              @SuppressWarnings("unchecked")
              Operand<TNumber> value = (Operand<TNumber>) x.value();
              return x.with(
                  tf.reshape(value, tf.concat(List.of(leading, tf.array(size)), tf.constant(0))));
            })
        .named("flat");
  }

  @Test
  void refusesWhatDoesNotFit() {
    refuses(
        () -> Inputs.tokens().tokens("input"),
        "Inputs: each input must have a name of its own, got input");
    refuses(() -> Inputs.vectors(0), "Inputs: the size of input must be at least 1, got 0");
    refuses(
        () -> WORDS.beside("features", Sequences.rows(new float[][] {{1}})),
        "Sequences: features must have 3 rows, as the first input has, got 1");
    refuses(
        () -> Sequences.tokens(new int[][] {{-1}}),
        "Sequences: tokens must be 0 or more, but row 0 has another, got -1");
    try (Model model = Model.of(TAGGER, INPUTS, 3)) {
      refuses(
          () -> model.predictSteps(WORDS),
          "Model: there must be an input features beside the first; give it,"
              + " sequences.beside(\"features\", …)");
      refuses(
          () -> model.predictSteps(Sequences.of(new float[1][1][1])),
          "Model: input must be tokens, got vectors");
      refuses(
          () ->
              model.evaluate(
                  DATA.stepLabels(new int[][] {{0, 1, 2}, {1}, {0, 0}}),
                  CLASSES.and("kind", CLASSES, 1)),
          "Sequences: there are no targets for kind; give them, sequences.target(\"kind\", …)");
      refuses(
          () -> model.view().predict("mood", DATA),
          "Model: an output beside the first must be one of [kind], got mood");
    }
  }

  private static void refuses(Runnable what, String sentence) {
    assertThatThrownBy(what::run).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }
}
