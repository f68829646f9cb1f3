package kazoku.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Bidirectional;
import kazoku.Carried;
import kazoku.DilatedLayer;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Stacked;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.decode.Decoder;
import kazoku.layers.BatchNorm;
import kazoku.layers.Dropout;
import kazoku.wrap.DropoutWrapper;
import kazoku.wrap.TrainableInitialState;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Truncated back-propagation through time, and states that go on from batch to batch. */
class TruncationTest {
  private static final Loss NUMBERS = Loss.meanSquaredError();
  private static final Loss CLASSES = Loss.softmaxCrossEntropy();

  /** Moves no weight by as much as a bit. */
  private static final Optimizer STILL = new GradientDescent(1e-30);

  private static Map<String, float[]> weights(Model model) {
    Map<String, float[]> all = new LinkedHashMap<>();
    model.weights().forEach(name -> all.put(name, model.weight(name)));
    return all;
  }

  private static void same(Model actual, Model expected) {
    weights(expected)
        .forEach(
            (name, values) -> assertThat(actual.weight(name)).as(name).containsExactly(values));
  }

  private static Sequences sums(int rows, int... lengths) {
    Random random = new Random(5);
    float[][][] inputs = new float[rows][][];
    for (int row = 0; row < rows; row++) {
      inputs[row] = new float[lengths[row % lengths.length]][2];
      for (float[] step : inputs[row]) {
        step[0] = random.nextFloat() * 2 - 1;
        step[1] = random.nextFloat() * 2 - 1;
      }
    }
    return Sequences.of(inputs).stepTargets(Toys.sums(inputs));
  }

  private static Map<String, Layer> layers() {
    Map<String, Layer> layers = new LinkedHashMap<>();
    RNN lstm = new RNN(new LSTMCell(2, 4));
    layers.put("LSTM", new Sequential(lstm, Toys.head(4, 1)));
    layers.put(
        "GRU with a start",
        new Sequential(new RNN(new TrainableInitialState(new GRUCell(2, 4))), Toys.head(4, 1)));
    layers.put(
        "in shards",
        new Sequential(
            new RNN(new TrainableInitialState(new GRUCell(2, 4))).with(new Loop(Loop.Form.AUTO, 2)),
            Toys.head(4, 1)));
    layers.put(
        "stack with drop-out",
        new Sequential(
            new Stacked(lstm, new RNN(new GRUCell(4, 4))).withVariationalDropOut(0.8),
            new Dropout(0.1),
            Toys.head(4, 1)));
    layers.put(
        "drop-out within",
        new Sequential(
            new RNN(new DropoutWrapper(new LSTMCell(2, 4), 0.8, 0.8, 1)), Toys.head(4, 1)));
    layers.put(
        "dilated with a norm",
        new Sequential(
            new DilatedLayer(new GRUCell(2, 4), new GRUCell(4, 4)),
            new BatchNorm(4),
            Toys.head(4, 1)));
    return layers;
  }

  @Test
  void windowsFollowEachOther() {
    assertThat(new Truncation(3, 3).windows(8))
        .containsExactly(window(0, 3, 0), window(3, 6, 3), window(6, 8, 6));
    assertThat(new Truncation(2, 5).windows(9))
        .containsExactly(
            window(0, 2, 0), window(0, 4, 2), window(1, 6, 4), window(3, 8, 6), window(4, 9, 8));
    assertThat(new Truncation(5, 2).windows(11))
        .containsExactly(window(3, 5, 3), window(8, 10, 8), window(10, 11, 10));
    assertThat(new Truncation(5, 2).windows(9)).containsExactly(window(3, 5, 3), window(7, 9, 7));
    assertThat(new Truncation(4, 4).windows(4)).containsExactly(window(0, 4, 0));
    assertThat(new Truncation(4, 4).windows(0)).containsExactly(window(0, 0, 0));
  }

  private static Truncation.Window window(int begin, int end, int counted) {
    return new Truncation.Window(begin, end, counted);
  }

  private static Stream<DynamicTest> ofEachLayer(Consumer<Layer> test) {
    return layers().entrySet().stream()
        .map(layer -> DynamicTest.dynamicTest(layer.getKey(), () -> test.accept(layer.getValue())));
  }

  @TestFactory
  Stream<DynamicTest> oneWindowIsTheSameAsWholeSequences() {
    Sequences data = sums(20, 6, 1, 4, 0, 5);
    return ofEachLayer(
        layer -> {
          try (Model whole = Model.of(layer, 42);
              Model cut = Model.of(layer, 42);
              Model further = Model.of(layer, 42)) {
            Adam adam = new Adam(0.01);
            Epochs epochs = Toys.epochs(3).metrics(Metric.meanAbsoluteError());
            History history = whole.fit(data, adam, NUMBERS, epochs);
            assertThat(cut.fit(data, adam, NUMBERS, epochs.truncate(6))).isEqualTo(history);
            same(cut, whole);
            assertThat(further.fit(data, adam, NUMBERS, epochs.truncate(9, 100)))
                .isEqualTo(history);
            same(further, whole);
          }
        });
  }

  // By hand

  /** {@code h_t = tanh(x·W + h·U + b)}, whose first state is learnt, and how it is trained. */
  private static final class Hand {
    double w;
    double u;
    double b;
    double start;
    double sum;
    int counts;
    final float[][][] x;
    final float[][][] y;
    final double rate;

    Hand(Model model, float[][][] x, float[][][] y, double rate) {
      w = model.weight("rnn/cell/cell/W")[0];
      u = model.weight("rnn/cell/cell/U")[0];
      b = model.weight("rnn/cell/cell/b")[0];
      start = model.weight("rnn/cell/initial/h")[0];
      this.x = x;
      this.y = y;
      this.rate = rate;
    }

    /** The states of a row from one step to another, beginning with the state before. */
    double[] forward(int row, double before, int from, int to) {
      int end = Math.max(from, Math.min(to, x[row].length));
      double[] h = new double[end - from + 1];
      h[0] = before;
      for (int t = from; t < end; t++) {
        h[t - from + 1] = Math.tanh(x[row][t][0] * w + h[t - from] * u + b);
      }
      return h;
    }

    double[] moved(double[] state, int from, int to) {
      return IntStream.range(0, x.length)
          .mapToDouble(
              row -> {
                double[] h = forward(row, state == null ? start : state[row], from, to);
                return h[h.length - 1];
              })
          .toArray();
    }

    /** An update; a state of null begins anew, with the one that is learnt. */
    void update(double[] state, int begin, int end, int counted) {
      double[] gradient = new double[4];
      int count = 0;
      for (int row = 0; row < x.length; row++) {
        double[] h = forward(row, state == null ? start : state[row], begin, end);
        double back = 0;
        for (int t = begin + h.length - 2; t >= begin; t--) {
          double now = h[t - begin + 1];
          if (t >= counted) {
            double error = now - y[row][t][0];
            back += 2 * error;
            sum += error * error;
            count++;
          }
          double inner = back * (1 - now * now);
          gradient[0] += inner * x[row][t][0];
          gradient[1] += inner * h[t - begin];
          gradient[2] += inner;
          back = inner * u;
        }
        gradient[3] += state == null ? back : 0;
      }
      counts += count;
      w -= rate * gradient[0] / count;
      u -= rate * gradient[1] / count;
      b -= rate * gradient[2] / count;
      start -= rate * gradient[3] / count;
    }

    float[] values() {
      return new float[] {(float) w, (float) u, (float) b, (float) start};
    }
  }

  private static final float[][][] X = {
    {{0.5f}, {-1}, {0.25f}, {2}, {-0.75f}, {1}, {0.1f}, {-0.3f}, {0.8f}, {-0.6f}, {0.4f}},
    {{1}, {0.7f}, {-0.2f}, {0.9f}},
    {{-0.4f}, {0.6f}, {1.5f}, {-1}, {0.2f}, {0.3f}, {-0.9f}},
    {}
  };
  private static final float[][][] Y =
      Arrays.stream(X)
          .map(
              row ->
                  Arrays.stream(row)
                      .map(step -> new float[] {0.5f - 0.3f * step[0]})
                      .toArray(float[][]::new))
          .toArray(float[][][]::new);

  private interface Updates {
    void make(Hand hand);
  }

  private static void equalsHand(Epochs epochs, Updates updates) {
    Layer layer = new RNN(new TrainableInitialState(new ElmanRNNCell(1, 1)));
    try (Model model = Model.of(layer, 3)) {
      Hand hand = new Hand(model, X, Y, 0.2);
      updates.make(hand);
      History history =
          model.fit(
              Sequences.of(X).stepTargets(Y), new GradientDescent(0.2), NUMBERS, epochs.inOrder());
      float[] actual = {
        model.weight("rnn/cell/cell/W")[0],
        model.weight("rnn/cell/cell/U")[0],
        model.weight("rnn/cell/cell/b")[0],
        model.weight("rnn/cell/initial/h")[0]
      };
      assertThat(actual).containsExactly(hand.values(), within(2e-6f));
      assertThat(history.losses()[0]).isCloseTo(hand.sum / hand.counts, within(1e-6));
    }
  }

  @Test
  void eachWindowGoesOnFromTheOneBefore() {
    equalsHand(
        Toys.epochs(1).truncate(4),
        hand -> {
          double[] at4 = hand.moved(null, 0, 4);
          hand.update(null, 0, 4, 0);
          double[] at8 = hand.moved(at4, 4, 8);
          hand.update(at4, 4, 8, 4);
          hand.update(at8, 8, 11, 8);
          assertThat(hand.counts).isEqualTo(22);
        });
  }

  @Test
  void gradientsGoBackFurtherThanTheStepsThatCount() {
    equalsHand(
        Toys.epochs(1).truncate(2, 5),
        hand -> {
          hand.update(null, 0, 2, 0);
          hand.update(null, 0, 4, 2);
          double[] at1 = hand.moved(null, 0, 1);
          hand.update(at1, 1, 6, 4);
          double[] at3 = hand.moved(at1, 1, 3);
          hand.update(at3, 3, 8, 6);
          double[] at5 = hand.moved(at3, 3, 5);
          hand.update(at5, 5, 10, 8);
          hand.update(hand.moved(at5, 5, 6), 6, 11, 10);
          assertThat(hand.counts).isEqualTo(22);
        });
  }

  @Test
  void stepsThatGradientsDoNotReachOnlyMoveTheState() {
    equalsHand(
        Toys.epochs(1).truncate(4, 3),
        hand -> {
          double[] at1 = hand.moved(null, 0, 1);
          double[] at4 = hand.moved(at1, 1, 4);
          hand.update(at1, 1, 4, 1);
          double[] at5 = hand.moved(at4, 4, 5);
          double[] at8 = hand.moved(at5, 5, 8);
          hand.update(at5, 5, 8, 5);
          hand.update(at8, 8, 11, 8);
          assertThat(hand.counts).isEqualTo(22 - 3 - 2);
        });
  }

  // Scores

  @Test
  void theLossOfEachStepCountsOnce() {
    Sequences data = sums(5, 9, 4, 0, 7).sampleWeights(1, 2, 1, 0.5, 1);
    Layer layer = new Sequential(new RNN(new GRUCell(2, 3)), Toys.head(3, 1));
    try (Model model = Model.of(layer, 1)) {
      Metric error = Metric.meanAbsoluteError();
      Scores expected = model.evaluate(data, NUMBERS, error);
      for (Truncation cut :
          List.of(new Truncation(3, 3), new Truncation(2, 5), new Truncation(1, 4))) {
        Epochs epochs = Toys.epochs(1).metrics(error).truncate(cut.every(), cut.through());
        Scores scores = model.fit(data, STILL, NUMBERS, epochs).last().training();
        assertThat(scores.loss()).as("%s", cut).isCloseTo(expected.loss(), within(1e-6));
        expected
            .values()
            .forEach(
                (name, value) -> assertThat(scores.value(name)).isCloseTo(value, within(1e-6)));
      }
    }
  }

  @Test
  void eachWindowIsAnUpdate() {
    Sequences data = sums(6, 9, 4);
    Layer layer = new Sequential(new RNN(new GRUCell(2, 3)), Toys.head(3, 1));
    List<Integer> batches = new ArrayList<>();
    Callback counts =
        new Callback() {
          @Override
          public void batch(Training training) {
            batches.add(training.batch());
          }

          @Override
          public void epoch(Training training) {}
        };
    try (Model model = Model.of(layer, 1)) {
      model.fit(
          data,
          new GradientDescent(Schedule.exponential(1, 1, 0.5)),
          NUMBERS,
          Toys.epochs(1).batchSize(3).inOrder().truncate(4, 2).with(counts));
      assertThat(model.learningRate()).isEqualTo(Math.pow(0.5, 2 * 3));
      assertThat(batches).containsExactly(1, 2);
    }
  }

  @Test
  void tellsTheStepOfTheRowThatIsNotFinite() {
    float[][][] inputs = new float[2][9][2];
    inputs[1][5][0] = Float.NaN;
    Layer layer = new Sequential(new RNN(new GRUCell(2, 3)), Toys.head(3, 1));
    try (Model model = Model.of(layer, 1)) {
      assertThatThrownBy(
              () ->
                  model.fit(
                      Sequences.of(inputs).stepTargets(new float[2][9][1]),
                      new Adam(0.01),
                      NUMBERS,
                      Toys.epochs(1).inOrder().truncate(4)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("in epoch 1, batch 1, the input is NaN in row 1, step 5;");
    }
  }

  // States that go on

  /** The same streams in batches of some steps. */
  private static List<Sequences> cut(Sequences streams, int steps) {
    return IntStream.range(0, streams.longest() / steps)
        .mapToObj(i -> streams.part(i * steps, (i + 1) * steps))
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> batchesThatGoOnAreTheWindowsOfWholeStreams() {
    Sequences streams = sums(3, 24);
    return ofEachLayer(
        layer -> {
          try (Model whole = Model.of(layer, 42);
              Model batches = Model.of(layer, 42);
              Model portions = Model.of(layer, 42)) {
            Epochs epochs = Toys.epochs(2).inOrder().batchSize(3);
            Adam adam = new Adam(0.01);
            whole.fit(streams, adam, NUMBERS, epochs.truncate(4));
            batches.fit(Sequences.concat(cut(streams, 4)), adam, NUMBERS, epochs.stateful());
            same(batches, whole);
            Source source = () -> cut(streams, 12).stream();
            portions.fit(source, adam, NUMBERS, epochs.stateful().truncate(4).batchSize(32));
            same(portions, whole);
          }
        });
  }

  @Test
  void statesBeginAnewWithEachEpochAndEachPass() {
    Sequences streams = sums(2, 8);
    Sequences batches = Sequences.concat(cut(streams, 4));
    Layer layer = new Sequential(new RNN(new GRUCell(2, 3)), Toys.head(3, 1));
    try (Model model = Model.of(layer, 1)) {
      Epochs epochs = Toys.epochs(3).batchSize(2).stateful();
      double whole = model.evaluate(streams, NUMBERS).loss();
      double apart = model.evaluate(batches, NUMBERS).loss();
      assertThat(model.fit(batches, STILL, NUMBERS, epochs).losses())
          .containsExactly(new double[] {whole, whole, whole}, within(1e-6));
      // Of three batches the first two are one pass, and the third begins another.
      double first = model.evaluate(streams.part(0, 4), NUMBERS).loss();
      assertThat(model.fit(batches, STILL, NUMBERS, epochs.batches(3)).losses()[0])
          .isCloseTo((2 * whole + first) / 3, within(1e-6));
      assertThat(Math.abs(whole - apart)).isGreaterThan(1e-3);
    }
  }

  @Test
  void goesOnToTargetsOfRows() {
    Layer layer = new Sequential(new RNN(new GRUCell(2, 3)).last(), Toys.head(3, 1));
    Sequences streams = sums(2, 8);
    Sequences batches = Sequences.concat(cut(streams, 4).stream().map(Sequences::last).toList());
    try (Model model = Model.of(layer, 1)) {
      double loss =
          model.fit(batches, STILL, NUMBERS, Toys.epochs(1).batchSize(2).stateful()).losses()[0];
      double middle = model.evaluate(streams.part(0, 4).last(), NUMBERS).loss();
      double end = model.evaluate(streams.last(), NUMBERS).loss();
      assertThat(loss).isCloseTo((middle + end) / 2, within(1e-6));
    }
  }

  // Learning

  /** The class of a row is said by its first step only, and asked for at every step. */
  private static Sequences memories(int rows, int steps, long seed) {
    Random random = new Random(seed);
    float[][][] inputs = new float[rows][steps][2];
    int[][] labels = new int[rows][steps];
    for (int row = 0; row < rows; row++) {
      int label = random.nextInt(2);
      inputs[row][0][0] = 2 * label - 1;
      for (int t = 0; t < steps; t++) {
        inputs[row][t][1] = random.nextFloat() - 0.5f;
        labels[row][t] = label;
      }
    }
    return Sequences.of(inputs).stepLabels(labels);
  }

  @Test
  void learnsWhatIsFurtherBackThanAWindow() {
    Sequences data = memories(64, 24, 1);
    Sequences test = memories(64, 24, 2);
    Layer layer = new Sequential(new RNN(new LSTMCell(2, 8)), Toys.head(8, 2));
    try (Model carried = Model.of(layer, 42);
        Model apart = Model.of(layer, 42)) {
      Adam adam = new Adam(0.02);
      carried.fit(data, adam, CLASSES, Toys.epochs(12).truncate(4));
      assertThat(carried.evaluate(test, CLASSES).metric()).isGreaterThan(0.99);
      Scores last =
          apart
              .fit(data.windows(4, 4), adam, CLASSES, Toys.epochs(12).batchSize(48))
              .last()
              .training();
      assertThat(last.metric()).isLessThan(0.75);
    }
  }

  @Test
  void aLanguageModelOfTokensGoesOn() {
    int[] text = new int[401];
    for (int i = 0; i < text.length; i++) {
      text[i] = 2 + "abcbdb".charAt(i % 6) - 'a';
    }
    Sequences streams = Sequences.tokens(new int[][] {text}).ahead(1).streams(4);
    try (Model model = Model.of(new Decoder(new GRUCell(4, 12), 6, 0, 1, 9), 42)) {
      History history =
          model.fit(
              streams,
              new Adam(0.02),
              CLASSES,
              Toys.epochs(30).inOrder().truncate(5).metrics(Metric.perplexity()));
      assertThat(history.last().training().value("perplexity")).isLessThan(1.05);
    }
  }

  /** As on Windows, where loops have no gradient; windows are padded to the steps of the model. */
  @Test
  void everyStepWrittenOutLearnsTheSame() {
    Sequences data = sums(12, 6, 3, 5);
    RNN rnn = new RNN(new LSTMCell(2, 4));
    try (Model one = Model.of(new Sequential(rnn, Toys.head(4, 1)), 42);
        Model other =
            Model.ofSteps(new Sequential(rnn.with(Loop.UNROLLED), Toys.head(4, 1)), 42, 7)) {
      one.fit(data, new Adam(0.01), NUMBERS, Toys.epochs(2).truncate(2, 3));
      other.fit(data, new Adam(0.01), NUMBERS, Toys.epochs(2).truncate(2, 3));
      float[][][] expected = one.predictSteps(data);
      float[][][] actual = other.predictSteps(data);
      for (int row = 0; row < expected.length; row++) {
        for (int t = 0; t < expected[row].length; t++) {
          assertThat(actual[row][t]).containsExactly(expected[row][t], within(1e-4f));
        }
      }
    }
  }

  // Refusals

  private static void refuses(ThrowingCallable call, String sentence) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }

  @Test
  void refusesTargetsThatAreNotForSteps() {
    String rule =
        "Epochs: to truncate, targets must be for each step, since a row's end is in its last"
            + " window only; train on whole sequences, got ";
    try (Model model = Model.of(Toys.classifier(), 42)) {
      refuses(
          () -> model.fit(Toys.labelled(8, 1), new Adam(0.01), CLASSES, Toys.epochs(1).truncate(3)),
          rule + "labels for each row");
    }
    Layer both =
        ((Layer)
                (w, x) -> {
                  Signal steps = new RNN(new GRUCell(2, 3)).apply(w.in("rnn"), x);
                  return steps.beside(
                      "end", new RNN(new GRUCell(3, 2)).last().apply(w.in("end"), steps));
                })
            .named("both");
    Sequences data = sums(4, 3).stepLabels(new int[4][3]).target("end", Targets.ofRows(new int[4]));
    try (Model model = Model.of(both, 42)) {
      refuses(
          () ->
              model.fit(
                  data,
                  new Adam(0.01),
                  CLASSES,
                  Toys.epochs(1).metrics(Metric.accuracy().of("end")).truncate(2)),
          rule + "labels for each row");
    }
  }

  @Test
  void refusesLayersThatLookAcrossStepsAndTrainsThemOnWholeSequences() {
    Sequences data = sums(8, 3);
    Layer layer = new Sequential(new Bidirectional(new GRUCell(2, 3)), Toys.head(6, 1));
    Layer own =
        ((Layer)
                (w, x) -> {
                  w.acrossSteps("Backwards");
                  return x.with(w.tf().reverse(x.value(), w.tf().array(1)));
                })
            .named("own");
    Layer twice =
        ((Layer)
                (w, x) -> {
                  RNN rnn = new RNN(new GRUCell(2, 2));
                  return rnn.apply(w.in("rnn"), rnn.apply(w.in("rnn"), x));
                })
            .named("twice");
    Map<Layer, String> sentences = new LinkedHashMap<>();
    sentences.put(layer, Carried.refusal("Bidirectional"));
    sentences.put(
        new Sequential(new RNN(new GRUCell(2, 3)), own, Toys.head(3, 1)),
        "Backwards: looks across the steps of a sequence and cannot go on from a carried state;"
            + " give it whole sequences, or windows that stand for themselves");
    sentences.put(
        new Sequential(twice, Toys.head(2, 1)),
        "twice/rnn/cell/h: is the state of a layer that is applied twice, and cannot be carried for"
            + " both; give each a path of its own, or give the model whole sequences");
    sentences.forEach(
        (refused, sentence) -> {
          try (Model model = Model.of(refused, 42)) {
            Adam adam = new Adam(0.01);
            refuses(() -> model.fit(data, adam, NUMBERS, Toys.epochs(1).truncate(2)), sentence);
            refuses(() -> model.fit(data, adam, NUMBERS, Toys.epochs(1).stateful()), sentence);
            assertThat(model.fit(data, adam, NUMBERS, Toys.epochs(1)).epochs()).hasSize(1);
          }
        });
  }

  @Test
  void refusesBatchesThatDoNotGoOn() {
    Layer layer = new Sequential(new RNN(new GRUCell(2, 3)), Toys.head(3, 1));
    try (Model model = Model.of(layer, 42)) {
      Epochs epochs = Toys.epochs(1).batchSize(4).stateful();
      String rule =
          "Epochs: stateful training needs as many rows in every batch, since each goes on where"
              + " one of the batch before ended; choose a batchSize that divides the rows of each"
              + " portion, got 4 for ";
      float[][] before = weights(model).values().toArray(float[][]::new);
      refuses(() -> model.fit(sums(10, 3), new Adam(0.01), NUMBERS, epochs), rule + 10);
      assertThat(weights(model).values().toArray(float[][]::new)).isDeepEqualTo(before);
      Source source = () -> Stream.of(sums(8, 3), sums(2, 3));
      refuses(() -> model.fit(source, new Adam(0.01), NUMBERS, epochs), rule + 2);
    }
    refuses(
        () -> Epochs.of(1).stateful().byLength(),
        "Epochs: stateful training must take rows as they are given, since each goes on where"
            + " another ended; use inOrder, got BY_LENGTH");
    refuses(
        () -> Epochs.of(1).truncate(0), "Epochs: steps between updates must be at least 1, got 0");
    refuses(
        () -> Epochs.of(1).truncate(2, 0),
        "Epochs: steps of back-propagation must be at least 1, got 0");
  }

  @Test
  void refusesInputsOfOtherLengths() {
    Layer layer =
        ((Layer) (w, x) -> x.with(new RNN(new GRUCell(2, 1)).apply(w.in("rnn"), x).value()))
            .named("first");
    Inputs inputs = Inputs.vectors(2).vectors("other", 2);
    try (Model model = Model.of(layer, inputs, 42)) {
      Sequences data = sums(2, 3);
      Sequences besides = data.beside("other", Sequences.of(new float[2][4][2]));
      refuses(
          () -> model.fit(besides, new Adam(0.01), NUMBERS, Toys.epochs(1).truncate(2)),
          "Sequences: other must have as many steps as the first input, to be cut along; row 0 has"
              + " not its 3, got 4");
    }
  }
}
