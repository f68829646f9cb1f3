package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Activation;
import kazoku.Bidirectional;
import kazoku.Bidirectional.Merge;
import kazoku.Cell;
import kazoku.DilatedLayer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Stacked;
import kazoku.Weights;
import kazoku.Window;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.layers.Embedding;
import kazoku.layers.Pooling;
import kazoku.wrap.EmbeddingWrapper;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** What recurrent layers made of others do, beside their golden numbers. */
class StructureTest {
  private static final int ROWS = 3;
  private static final int STEPS = 5;

  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);
  private final Weights weights = Weights.variables(tf, TFloat64.class, 9);
  private final Operand<TInt32> lengths = tf.constant(new int[] {4, 0, 5});

  @AfterEach
  void close() {
    graph.close();
  }

  private Operand<TFloat64> numbers(long... shape) {
    double[] values = new double[Math.toIntExact(Shape.of(shape).size())];
    Arrays.setAll(values, i -> Math.sin(i + 1.0 + shape.length));
    return tf.reshape(tf.constant(values), tf.constant(shape));
  }

  private List<double[]> fetch(Operand<?>... operands) {
    try (Session session = new Session(graph, Sessions.plain())) {
      session.initialize();
      return fetch(session, operands);
    }
  }

  private static List<double[]> fetch(Session session, Operand<?>... operands) {
    Session.Runner runner = session.runner();
    for (Operand<?> operand : operands) {
      runner.fetch(operand);
    }
    List<double[]> all = new ArrayList<>();
    try (Result result = runner.run()) {
      result.forEach(
          entry -> {
            double[] copy = new double[Math.toIntExact(entry.getValue().shape().size())];
            entry.getValue().asRawTensor().data().asDoubles().read(copy);
            all.add(copy);
          });
    }
    return all;
  }

  private void same(Operand<?> actual, Operand<?> expected) {
    List<double[]> both = fetch(actual, expected);
    assertThat(both.get(0)).hasSameSizeAs(both.get(1)).isNotEmpty();
    for (int i = 0; i < both.get(0).length; i++) {
      assertThat(Math.abs(both.get(0)[i] - both.get(1)[i])).as("element %d", i).isLessThan(1e-12);
    }
  }

  // Names

  @Test
  void weightsAndSlotsHaveThePathsOfTheirLayers() {
    Signal x = Signal.of(numbers(ROWS, STEPS, 2));
    RecurrentLayer.Result result =
        Stacked.bidirectional(new GRUCell(2, 3), new GRUCell(6, 3)).run(weights.in("a"), x);
    assertThat(result.finalState().keySet())
        .containsExactly("0/forward/h", "0/backward/h", "1/forward/h", "1/backward/h");
    new Stacked(new RNN(new GRUCell(2, 3)), new DilatedLayer(new GRUCell(3, 3)))
        .run(weights.in("b"), x);
    assertThat(weights.asked().keySet())
        .contains("a/0/forward/W", "a/1/backward/U", "b/0/cell/b", "b/1/0/W")
        .hasSize(4 * 3 + 2 * 3);
  }

  // Both directions

  @Test
  void aPairStandsSideBySide() {
    Signal x = new Signal(numbers(ROWS, STEPS, 2), lengths);
    Bidirectional pair = new Bidirectional(new LSTMCell(2, 3)).with(Merge.NONE);
    for (Bidirectional layer : List.of(pair, pair.last())) {
      Signal signal = layer.apply(weights.in("pair"), x);
      Operand<TNumber> stacked = layer.run(weights.in("pair"), x).outputs();
      Signal back = signal.beside("backward");
      List<double[]> all = fetch(stacked, signal.value(), back.value());
      double[] ahead = all.get(1);
      assertThat(Arrays.copyOf(all.get(0), ahead.length)).containsExactly(ahead);
      assertThat(Arrays.copyOfRange(all.get(0), ahead.length, 2 * ahead.length))
          .containsExactly(all.get(2));
      Operand<TInt32> expected = layer.lastOnly() ? null : lengths;
      assertThat(signal.lengths()).isSameAs(expected);
      assertThat(back.lengths()).isSameAs(expected);
    }
  }

  @Test
  void theLastOutputsAreThoseThatEachCellComputesLast() {
    Signal x = new Signal(numbers(1, STEPS, 2), tf.constant(new int[] {4}));
    Bidirectional layer = new Bidirectional(new LSTMCell(2, 3));
    List<double[]> both =
        fetch(
            layer.run(weights.in("both"), x).outputs(),
            layer.last().run(weights.in("both"), x).outputs());
    double[] all = both.get(0);
    assertThat(Arrays.copyOf(both.get(1), 3)).containsExactly(Arrays.copyOfRange(all, 18, 21));
    assertThat(Arrays.copyOfRange(both.get(1), 3, 6))
        .containsExactly(Arrays.copyOfRange(all, 3, 6));
  }

  @Test
  void timeMajorIsTheSame() {
    Operand<TFloat64> x = numbers(2, 3, 2);
    Operand<TBool> mask =
        tf.constant(StdArrays.ndCopyOf(new boolean[][] {{true, false, true}, {false, true, true}}));
    Operand<TBool> major =
        tf.constant(
            StdArrays.ndCopyOf(new boolean[][] {{true, false}, {false, true}, {true, true}}));
    Operand<TFloat64> exchanged = tf.linalg.transpose(x, tf.array(1, 0, 2));
    Bidirectional layer = new Bidirectional(new GRUCell(2, 3)).with(RNN.MaskedOutput.REPEAT);
    Stacked stack = new Stacked(layer.onTimeMajor(), new RNN(new GRUCell(6, 2)).onTimeMajor());
    Weights w = weights.in("layer");
    Operand<TNumber> a = stack.run(w, Signal.of(exchanged).masked(major)).outputs();
    Operand<TNumber> b =
        new Stacked(layer, new RNN(new GRUCell(6, 2))).run(w, Signal.of(x).masked(mask)).outputs();
    same(tf.linalg.transpose(a, tf.array(1, 0, 2)), b);
  }

  @Test
  void aStateAndTheLastOutputsHaveTheirGradientsTogether() {
    Operand<TFloat64> x = numbers(2, 3, 2);
    RecurrentLayer.Result result =
        new Stacked(new RNN(new GRUCell(2, 3)), new Bidirectional(new GRUCell(3, 3)).last())
            .run(weights.in("layer"), Signal.of(x));
    List<Output<?>> ys = new ArrayList<>();
    result.finalState().values().forEach(v -> ys.add(v.asOutput()));
    ys.add(result.outputs().asOutput());
    Output<?>[] by = {x.asOutput()};
    Operand<?> sum = null;
    for (int k = 0; k < ys.size(); k++) {
      Output<?> one = graph.addGradients("y" + k, new Output<?>[] {ys.get(k)}, by, null)[0];
      sum = sum == null ? one : added(sum, one);
    }
    same(graph.addGradients("ys", ys.toArray(Output<?>[]::new), by, null)[0], sum);
  }

  @SuppressWarnings("unchecked")
  private Operand<TNumber> added(Operand<?> a, Operand<?> b) {
    return tf.math.add((Operand<TNumber>) a, (Operand<TNumber>) b);
  }

  // Stacks

  /** The stack with given masks, in training, against the same written out. */
  private void dropOut(Stacked stack, Operand<TFloat64> mask) {
    Weights w = Weights.variables(tf, TFloat64.class, 9);
    Signal x = new Signal(numbers(ROWS, STEPS, 2), lengths);
    List<RecurrentLayer> layers = stack.layers();
    RecurrentLayer.Result low = layers.get(0).run(w.in("stack/0"), x);
    Operand<?> kept = tf.math.div(dropped(low.outputs(), mask), tf.constant(0.5));
    @SuppressWarnings("unchecked")
    Operand<TNumber> seen = (Operand<TNumber>) kept;
    Operand<TNumber> expected = layers.get(1).run(w.in("stack/1"), x.with(seen)).outputs();
    if (stack.residual()) {
      expected = tf.math.add(expected, low.outputs());
    }
    Map<String, Operand<?>> given = new LinkedHashMap<>(w.operands());
    given.put("stack/1", mask);
    Weights fixed = Weights.given(tf, TFloat64.class, given);
    same(stack.run(fixed.in("stack"), x).outputs(), expected);
  }

  @SuppressWarnings("unchecked")
  private Operand<TFloat64> dropped(Operand<?> value, Operand<TFloat64> mask) {
    return tf.math.mul((Operand<TFloat64>) value, mask);
  }

  @Test
  void whatGoesFromLayerToLayerIsDroppedOutInTraining() {
    Stacked stack = new Stacked(new RNN(new GRUCell(2, 3)), new RNN(new LSTMCell(3, 3)));
    Operand<TFloat64> eachStep =
        tf.math.floor(tf.math.add(numbers(ROWS, STEPS, 3), tf.constant(1.0)));
    dropOut(stack.withDropOut(0.5), eachStep);
  }

  @Test
  void variationalMasksAreSharedByAllSteps() {
    Stacked stack = new Stacked(new RNN(new GRUCell(2, 3)), new RNN(new LSTMCell(3, 3)));
    Operand<TFloat64> eachRow = tf.math.floor(tf.math.add(numbers(ROWS, 3), tf.constant(1.0)));
    Weights w = weights.in("v");
    Operand<TFloat64> spread =
        tf.math.mul(
            tf.expandDims(eachRow, tf.constant(1)),
            tf.fill(tf.array(ROWS, STEPS, 3), tf.constant(1.0)));
    Map<String, Operand<?>> given = new LinkedHashMap<>();
    Signal x = new Signal(numbers(ROWS, STEPS, 2), lengths);
    stack.run(w, x);
    given.putAll(weights.operands());
    given.put("v/1", spread);
    Weights each = Weights.given(tf, TFloat64.class, given).in("v");
    given.put("v/1", eachRow);
    Weights row = Weights.given(tf, TFloat64.class, given).in("v");
    same(
        stack.withVariationalDropOut(0.5).run(row, x).outputs(),
        stack.withDropOut(0.5).run(each, x).outputs());
  }

  @Test
  void drawnMasksDifferFromRunToRunAndAreNoneInEvaluation() {
    Signal x = Signal.of(numbers(ROWS, STEPS, 2));
    Stacked plain = Stacked.bidirectional(new GRUCell(2, 3), new GRUCell(6, 3));
    Stacked stack = plain.withDropOut(0.5);
    Weights w = weights.in("stack");
    Operand<?> trained = stack.run(w, x).outputs();
    Operand<?> evaluated = stack.run(w.forEvaluation(), x).outputs();
    Operand<?> without = plain.run(w, x).outputs();
    try (Session session = new Session(graph, Sessions.plain())) {
      session.initialize();
      double[] once = fetch(session, trained).get(0);
      assertThat(fetch(session, trained).get(0)).isNotEqualTo(once);
      assertThat(fetch(session, evaluated).get(0)).containsExactly(fetch(session, without).get(0));
    }
  }

  @Test
  void residualsAddWhatALayerTakes() {
    Stacked stack = new Stacked(new RNN(new GRUCell(2, 3)), new RNN(new LSTMCell(3, 3)));
    Operand<TFloat64> all = tf.fill(tf.array(ROWS, STEPS, 3), tf.constant(1.0));
    dropOut(stack.withResiduals().withDropOut(0.5), all);
  }

  // Dilated layers

  @Test
  void aDilatedLayerGoesOnWhereItsLanesMeet() {
    Operand<TFloat64> x = numbers(ROWS, 7, 2);
    DilatedLayer layer = new DilatedLayer(new LSTMCell(2, 3), new GRUCell(3, 2));
    Weights w = weights.in("layer");
    RecurrentLayer.Result whole = layer.run(w, Signal.of(x));
    RecurrentLayer.Result head =
        layer.run(w, Signal.of(tf.slice(x, tf.array(0, 0, 0), tf.array(-1, 4, -1))));
    RecurrentLayer.Result rest =
        layer.run(
            w, Signal.of(tf.slice(x, tf.array(0, 4, 0), tf.array(-1, 3, -1))), head.finalState());
    same(tf.concat(List.of(head.outputs(), rest.outputs()), tf.constant(1)), whole.outputs());
    whole.finalState().forEach((slot, value) -> same(rest.finalState().get(slot), value));
  }

  @Test
  void dilatedByOneIsAStackOfRecurrences() {
    Signal x = new Signal(numbers(ROWS, STEPS, 2), lengths);
    DilatedLayer layer =
        new DilatedLayer(List.of(new LSTMCell(2, 3), new GRUCell(3, 2)), List.of(1, 1));
    RecurrentLayer.Result dilated = layer.run(weights.in("layer"), x);
    Weights w = weights.in("layer");
    RecurrentLayer.Result low = new RNN(new LSTMCell(2, 3)).runAt(w.in("0"), x, Map.of());
    same(
        dilated.outputs(),
        new RNN(new GRUCell(3, 2)).runAt(w.in("1"), x.with(low.outputs()), Map.of()).outputs());
    same(
        layer.last().run(w, x).outputs(),
        new RNN(new GRUCell(3, 2))
            .last()
            .runAt(w.in("1"), x.with(low.outputs()), Map.of())
            .outputs());
  }

  /** Padding of tokens is often a number that no table has. */
  @Test
  void tokensInPaddingNeedNotBeInTheTable() {
    Operand<TInt32> tokens =
        tf.constant(StdArrays.ndCopyOf(new int[][] {{1, 2, -1, 99}, {0, -1, -1, -1}}));
    Operand<TInt32> clean =
        tf.constant(StdArrays.ndCopyOf(new int[][] {{1, 2, 0, 0}, {0, 0, 0, 0}}));
    Operand<TInt32> two = tf.constant(new int[] {2, 1});
    Cell cell = new EmbeddingWrapper(new GRUCell(2, 3), 5, true);
    for (RecurrentLayer layer :
        List.of(
            new RNN(cell),
            new Bidirectional(cell),
            new DilatedLayer(List.of(cell), List.of(3)).last())) {
      Weights w = weights.in(layer.name());
      same(
          layer.run(w, new Signal(tokens, two)).outputs(),
          layer.run(w, new Signal(clean, two)).outputs());
    }
    Embedding table = new Embedding(5, 2);
    Weights w = weights.in("table");
    same(
        Pooling.mean().apply(w, table.apply(w, new Signal(tokens, two))).value(),
        Pooling.mean().apply(w, table.apply(w, new Signal(clean, two))).value());
  }

  // Mistakes

  private static void says(String sentence, ThrowingCallable mistake) {
    assertThatThrownBy(mistake).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }

  private Operand<TFloat64> input(long... shape) {
    return tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(shape)));
  }

  @Test
  void directionsThatDoNotFit() {
    LSTMCell cell = new LSTMCell(3, 4);
    says("Bidirectional: forward must be given, got null", () -> new Bidirectional(null));
    says(
        "Bidirectional: both cells must take the same input, [3], got [2]",
        () -> new Bidirectional(cell, new LSTMCell(2, 4)));
    says(
        "Bidirectional: SUM needs outputs of one shape, [4], got [5]",
        () -> new Bidirectional(cell, new GRUCell(3, 5)).with(Merge.SUM));
    List<Integer> kernel = List.of(3, 3);
    says(
        "Bidirectional: both cells must have outputs that differ in the last axis only, [4, 4, 2],"
            + " got [2, 2, 2]",
        () ->
            new Bidirectional(
                new ConvLSTMCell(1, 2, List.of(4, 4), kernel),
                new ConvLSTMCell(
                    1,
                    2,
                    List.of(4, 4),
                    kernel,
                    2,
                    1,
                    Window.Padding.SAME,
                    0,
                    false,
                    false,
                    0,
                    0,
                    Activation.TANH,
                    Activation.SIGMOID)));
    Bidirectional both = new Bidirectional(cell);
    says(
        "Bidirectional: a slot must have the path of a layer before its name, one of [forward,"
            + " backward], got h",
        () -> both.run(weights, Signal.of(input(-1, -1, 3)), Map.of("h", input(-1, 4))));
    says(
        "RNN(LSTMCell): a slot must be one of [c, h], got k",
        () -> both.run(weights, Signal.of(input(-1, -1, 3)), Map.of("forward/k", input(-1, 4))));
    says(
        "RNN(LSTMCell): input must be [B, T, 3], got [?, ?, 2]",
        () -> both.run(weights, Signal.of(input(-1, -1, 2))));
  }

  @Test
  void stacksThatDoNotFit() {
    RNN low = new RNN(new LSTMCell(3, 4));
    RNN high = new RNN(new GRUCell(4, 5));
    says("Stacked: there must be at least one layer, got []", () -> new Stacked());
    says(
        "Stacked: each layer but the highest must give all steps, got last outputs only of layer 0",
        () -> new Stacked(low.last(), high));
    says(
        "Stacked: with residual connections each layer must give all steps, got last outputs only"
            + " of layer 1",
        () -> new Stacked(low, high.last()).withResiduals());
    says(
        "Stacked: all layers must be time-major, or none, got [false, true]",
        () -> new Stacked(low, high.onTimeMajor()));
    says(
        "Stacked: variational drop-out needs sequences [B, T, …], got time-major layers",
        () -> new Stacked(low.onTimeMajor(), high.onTimeMajor()).withVariationalDropOut(0.5));
    says(
        "Stacked: each layer must give one output a step, got Merge.NONE of layer 0",
        () -> new Stacked(new Bidirectional(new LSTMCell(3, 4)).with(Merge.NONE)));
    says("Stacked: keepProb must be in (0, 1], got 0.0", () -> new Stacked(low).withDropOut(0));
    Signal x = Signal.of(input(-1, -1, 3));
    says(
        "Stacked: layer 1: input must be [B, T, 4], got [?, ?, 8]",
        () -> new Stacked(new Bidirectional(new LSTMCell(3, 4)), high).run(weights.in("a"), x));
    says(
        "Stacked: with residual connections layer 1 must give what it takes, [?, ?, 4], got [?, ?,"
            + " 5]",
        () -> new Stacked(low, high).withResiduals().run(weights.in("b"), x));
    says(
        "Stacked: a slot must have the path of a layer before its name, one of [0, 1], got 2/h",
        () -> new Stacked(low, high).run(weights.in("c"), x, Map.of("2/h", input(-1, 5))));
  }

  @Test
  void dilationsThatDoNotFit() {
    Cell cell = new LSTMCell(3, 4);
    says(
        "DilatedLayer: there must be at least one cell, got []",
        () -> new DilatedLayer(List.of(), List.of()));
    says(
        "DilatedLayer: there must be as many dilations as cells, 1, got [1, 2]",
        () -> new DilatedLayer(List.of(cell), List.of(1, 2)));
    says(
        "DilatedLayer: dilations must be at least 1, got [0]",
        () -> new DilatedLayer(List.of(cell), List.of(0)));
    says(
        "DilatedLayer: the input of cell 1 must be the output of the one below, [4], got [3]",
        () -> new DilatedLayer(cell, cell));
    DilatedLayer layer = new DilatedLayer(List.of(cell), List.of(2));
    says(
        "DilatedLayer: input must be [B, T, 3], got [2, 5, 4]",
        () -> layer.run(weights, Signal.of(input(2, 5, 4))));
    says(
        "DilatedLayer: lengths must have one number a row, [2], got [3]",
        () -> layer.run(weights, new Signal(input(2, 5, 3), lengths)));
    says(
        "DilatedLayer: initial state 0/h must be [2, 2, 4], got [2, 4]",
        () -> layer.run(weights, Signal.of(input(2, 5, 3)), Map.of("0/h", input(2, 4))));
    says(
        "RNN(LSTMCell): a slot must be one of [c, h], got k",
        () -> layer.run(weights, Signal.of(input(2, 5, 3)), Map.of("0/k", input(2, 2, 4))));
    says(
        "RNN(LSTMCell): the unrolled form (which training takes on Windows) needs to know the"
            + " number of steps while building; give the input a fixed T, got [?, ?, 3]",
        () -> layer.with(Loop.UNROLLED).run(weights, Signal.of(input(2, -1, 3))));
    DilatedLayer timed = new DilatedLayer(List.of(new PhasedLSTMCell(3, 4)), List.of(2));
    assertThatThrownBy(() -> timed.run(weights.in("timed"), Signal.of(input(2, 5, 3))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("RNN(PhasedLSTMCell): time must stand beside the input, ");
  }
}
