package kazoku;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kazoku.cells.LSTMCell;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Progress;
import kazoku.train.Sequences;
import kazoku.train.View;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * What steps ask for beside their input: random values, memories of rows, additions to the loss.
 */
class RequestsTest {
  private static final int B = 3;
  private static final int T = 4;

  /** Gives random values as its output; the state counts. */
  private record Random(Weights.Draw draw, boolean normal) implements Cell {
    @Override
    public Shape input() {
      return Shape.of(1);
    }

    @Override
    public List<Slot> state() {
      return List.of(Slot.of("s", 1));
    }

    @Override
    public Step step(Weights w, Expr x, State s) {
      Expr drawn = normal ? w.noise("noise", draw, 5) : w.uniform("noise", draw, 5);
      Expr count = s.get("s").plus(1);
      return new Step(drawn.plus(count.times(0)), State.of("s", count));
    }
  }

  private static double[] drawn(Session session, Operand<?> output) {
    try (Result result = session.runner().fetch(output).run()) {
      return doubles(result.get(0));
    }
  }

  private static double[] doubles(Tensor tensor) {
    double[] all = new double[(int) tensor.size()];
    ((TFloat64) tensor).copyTo(DataBuffers.of(all, false, false));
    return all;
  }

  private static Operand<?> outputs(Ops tf, Cell cell, long seed) {
    Weights w = Weights.variables(tf, TFloat64.class, seed);
    return new RNN(cell).run(w, Signal.of(tf.zeros(tf.array(B, T, 1), TFloat64.class))).outputs();
  }

  private static double[] at(double[] all, int row, int step) {
    return Arrays.copyOfRange(all, (row * T + step) * 5, (row * T + step + 1) * 5);
  }

  @Test
  void randomValuesAreDrawnForWhatTheyAreAskedFor() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<?> steps = outputs(tf, new Random(Weights.Draw.EACH_STEP, true), 1);
      Operand<?> rows = outputs(tf, new Random(Weights.Draw.EACH_ROW, false), 1);
      Operand<?> once = outputs(tf, new Random(Weights.Draw.ONCE, true), 1);
      double[] eachStep = drawn(session, steps);
      assertThat(at(eachStep, 0, 0)).isNotEqualTo(at(eachStep, 0, 1));
      assertThat(at(eachStep, 0, 0)).isNotEqualTo(at(eachStep, 1, 0));
      double[] eachRow = drawn(session, rows);
      assertThat(at(eachRow, 0, 0)).isEqualTo(at(eachRow, 0, T - 1));
      assertThat(at(eachRow, 0, 0)).isNotEqualTo(at(eachRow, 1, 0));
      assertThat(Arrays.stream(eachRow)).allMatch(v -> v >= 0 && v < 1);
      double[] forAll = drawn(session, once);
      assertThat(at(forAll, 0, 0)).isEqualTo(at(forAll, B - 1, T - 1));
      assertThat(drawn(session, steps)).isNotEqualTo(eachStep);
      assertThat(drawn(session, rows)).isNotEqualTo(eachRow);
      assertThat(drawn(session, once)).isNotEqualTo(forAll);
    }
  }

  @Test
  void oneSeedRepeatsAllRunsAndAnotherGivesOthers() {
    Cell cell = new Random(Weights.Draw.EACH_STEP, true);
    double[][] first = twoRuns(cell, 1);
    assertThat(twoRuns(cell, 1)).isDeepEqualTo(first);
    assertThat(twoRuns(cell, 2)[0]).isNotEqualTo(first[0]);
  }

  /** A key that is fed repeats a run, in whatever session, and two names are drawn apart. */
  @Test
  void valuesAreAFunctionOfTheKeyAndTheName() {
    double[][] first = keyed(7, 1);
    assertThat(keyed(7, 1)).isDeepEqualTo(first);
    assertThat(first[0]).isNotEqualTo(first[1]);
    for (double[][] other : List.of(keyed(7, 2), keyed(8, 1))) {
      assertThat(other[0]).isNotEqualTo(first[0]);
      assertThat(other[0]).isNotEqualTo(first[1]);
      assertThat(other[1]).isNotEqualTo(first[1]);
    }
  }

  private static double[][] keyed(long seed, long run) {
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TInt64 key = TInt64.vectorOf(seed, run)) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, TFloat64.class, 1);
      Signal x = Signal.of(tf.zeros(tf.array(B, T, 1), TFloat64.class));
      RNN rnn = new RNN(new Random(Weights.Draw.EACH_STEP, true));
      Operand<?> a = rnn.run(w.in("a"), x).outputs();
      Operand<?> b = rnn.run(w.in("b"), x).outputs();
      try (Result result = session.runner().feed(w.key(), key).fetch(a).fetch(b).run()) {
        return new double[][] {doubles(result.get(0)), doubles(result.get(1))};
      }
    }
  }

  /** Over many runs and names, masks have their mean and know nothing of each other. */
  @Test
  void masksOfManyRunsAndNamesAreIndependent() {
    int runs = 400;
    int count = 64;
    double[][] masks = new double[2 * runs][];
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, TFloat64.class, 1);
      Signal x = Signal.of(tf.zeros(tf.array(1, 1, count), TFloat64.class));
      Operand<?> a = new Masked(count).apply(w.in("a"), x).value();
      Operand<?> b = new Masked(count).apply(w.in("b"), x).value();
      for (int run = 0; run < runs; run++) {
        try (TInt64 key = TInt64.vectorOf(1, run);
            Result result = session.runner().feed(w.key(), key).fetch(a).fetch(b).run()) {
          masks[2 * run] = doubles(result.get(0));
          masks[2 * run + 1] = doubles(result.get(1));
        }
      }
    }
    for (int apart = 0; apart <= 4; apart++) {
      double sum = 0;
      int pairs = 2 * runs - apart;
      for (int k = 0; k < pairs; k++) {
        for (int i = 0; i < count; i++) {
          sum += (masks[k][i] - 0.3) * (masks[k + apart][i] - 0.3);
        }
      }
      // The standard deviation of the mean is below 0.21 / √(count · pairs).
      double correlation = sum / (count * pairs) / 0.21;
      assertThat(correlation).isCloseTo(apart == 0 ? 1 : 0, within(5 / Math.sqrt(count * pairs)));
    }
  }

  /** Gives a mask as its output. */
  private record Masked(int size) implements RowLayer {
    @Override
    public Shape input() {
      return Shape.of(size);
    }

    @Override
    public Expr equation(Weights w, Expr x) {
      return x.plus(w.mask("mask", 0.3, Weights.Draw.EACH_STEP, size));
    }
  }

  @Test
  void aNameIsDrawnInOneWay() {
    Weights w = Weights.symbolic().in("cell");
    Expr mask = w.mask("m", 0.5, Weights.Draw.EACH_STEP, 3);
    assertThat(w.mask("m", 0.5, Weights.Draw.EACH_STEP, 3)).isSameAs(mask);
    assertThatThrownBy(() -> w.mask("m", 0.4, Weights.Draw.EACH_STEP, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "cell/m: is MASK of ones with probability 0.5 drawn EACH_STEP already; another draw"
                + " needs another name, got MASK of ones with probability 0.4 drawn EACH_STEP");
    assertThatThrownBy(() -> w.mask("m", 0.5, Weights.Draw.ONCE, 3))
        .hasMessageEndingWith("got MASK of ones with probability 0.5 drawn ONCE");
    assertThatThrownBy(() -> w.noise("m", Weights.Draw.EACH_STEP, 3))
        .hasMessageEndingWith("got NORMAL drawn EACH_STEP");
  }

  private static double[][] twoRuns(Cell cell, long seed) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Operand<?> output = outputs(Ops.create(graph), cell, seed);
      return new double[][] {drawn(session, output), drawn(session, output)};
    }
  }

  private static LSTMCell dropping() {
    return new LSTMCell(2, 8, 0, 0, 0.3, 0.3, true, Activation.TANH, Activation.SIGMOID);
  }

  @Test
  void dropOutCostsNothingInsideTheLoop() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, TFloat64.class, 1);
      Operand<TFloat64> x = tf.zeros(tf.array(B, T, 2), TFloat64.class);
      new RNN(dropping()).run(w.in("training"), Signal.of(x));
      assertThat(graph.toGraphDef().getNodeList().stream().map(NodeDef::getOp))
          .anyMatch(op -> op.contains("Random"));
      assertThat(
              graph.toGraphDef().getLibrary().getFunctionList().stream()
                  .flatMap(f -> f.getNodeDefList().stream().map(NodeDef::getOp)))
          .isNotEmpty()
          .noneMatch(op -> op.contains("Random"));
    }
  }

  @Test
  void evaluationDrawsNothing() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat64> x = tf.zeros(tf.array(B, T, 2), TFloat64.class);
      Weights variables = Weights.restored(tf, TFloat64.class);
      new RNN(dropping()).run(variables.in("a").forEvaluation(), Signal.of(x));
      new RNN(dropping()).run(variables.in("b").forInference(), Signal.of(x));
      assertThat(graph.toGraphDef().getNodeList().stream().map(NodeDef::getOp))
          .noneMatch(op -> op.contains("Random"));
    }
  }

  @Test
  void trainingWithDropOutIsRepeatableAndExportsWithoutIt(@TempDir Path folder) throws Exception {
    Sequences data = Sequences.of(new float[][][] {{{1, 0}, {0, 1}}, {{0, 1}}}).labels(0, 1);
    float[][] trained = new float[2][];
    for (int k = 0; k < 2; k++) {
      Layer layers = new Sequential(new RNN(dropping()).last(), new Dense(8, 2));
      try (Model model = Model.of(layers, 5)) {
        model.fit(
            data, new Adam(0.01), Loss.softmaxCrossEntropy(), Epochs.of(3).progress(Progress.NONE));
        trained[k] = model.weight("rnn/cell/U");
        assertThat(model.predict(data)).isDeepEqualTo(model.predict(data));
        View noisy = model.stochastic();
        assertThat(noisy.predict(data)[0]).isNotEqualTo(noisy.predict(data)[0]);
        if (k == 0) {
          model.export(folder.resolve("model"));
        }
      }
    }
    assertThat(trained[0]).containsExactly(trained[1]);
    byte[] exported = Files.readAllBytes(folder.resolve("model/saved_model.pb"));
    assertThat(
            SavedModel.parseFrom(exported).getMetaGraphs(0).getGraphDef().getNodeList().stream()
                .map(NodeDef::getOp))
        .noneMatch(op -> op.contains("Random"));
  }

  /** Reads the mean of a memory, weighted by how like the state its entries are. */
  private record Reader(boolean linear) implements Cell {
    @Override
    public Shape input() {
      return Shape.of(2);
    }

    @Override
    public List<Slot> state() {
      return List.of(Slot.of("h", 2));
    }

    @Override
    public Step step(Weights w, Expr x, State s) {
      Requests.PerRow memory = w.perRow("memory", 5, 2);
      Expr M = memory.value();
      Expr h = s.get("h");
      Expr gate = M.matmul(w.input("G", 2, 1).plus(M.transpose().matmul(M).split(-1, 1, 1).get(0)));
      Expr asked = linear ? gate : M.matmul(h.reshape(2, 1)).plus(gate);
      Expr share = asked.reshape(5).softmax().times(memory.valid());
      Expr read = share.reshape(1, 5).matmul(M).reshape(2);
      Expr next = h.times(0.5).plus(read.times(x.sigmoid())).plus(w.input("b", 2));
      return new Step(next, State.of("h", next));
    }
  }

  private static Stream<List<Loop>> loops() {
    return Stream.of(
        List.of(new Loop(Loop.Form.WHILE, 1)),
        List.of(new Loop(Loop.Form.WHILE, 2)),
        List.of(new Loop(Loop.Form.UNROLLED, 2)),
        List.of(new Loop(Loop.Form.SCAN, 1)),
        List.of(new Loop(Loop.Form.SCAN, 2)));
  }

  @ParameterizedTest
  @MethodSource("loops")
  void aMemoryOfRowsHasItsGradientInEveryLoop(List<Loop> loop) {
    boolean linear = loop.get(0).form() == Loop.Form.SCAN;
    double[][] expected = read(new Reader(linear), Loop.UNROLLED, 3);
    double[][] actual = read(new Reader(linear), loop.get(0), 3);
    for (int k = 0; k < expected.length; k++) {
      assertThat(actual[k]).as("result %d", k).containsExactly(expected[k], within(1e-12));
    }
    // A longer memory of the same valid steps.
    double[][] padded = read(new Reader(linear), loop.get(0), 5);
    assertThat(padded[0]).containsExactly(expected[0], within(1e-12));
    assertThat(padded[2]).containsExactly(expected[2], within(1e-12));
  }

  private static double[] waves(int count, double phase) {
    double[] all = new double[count];
    Arrays.setAll(all, i -> Math.sin(1.3 * i + phase));
    return all;
  }

  /** Outputs, and gradients of their sum of squares by memory, input and a weight. */
  private static double[][] read(Cell cell, Loop loop, int steps) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat64> x = tf.reshape(tf.constant(waves(B * T * 2, 0)), tf.array(B, T, 2));
      Operand<TFloat64> three = tf.reshape(tf.constant(waves(B * 3 * 2, 1)), tf.array(B, 3, 2));
      Operand<TFloat64> memory =
          tf.concat(
              List.of(three, tf.fill(tf.array(B, steps - 3, 2), tf.constant(9.0))), tf.constant(1));
      Map<String, Operand<TFloat64>> values =
          Map.of(
              "cell/G", tf.constant(new double[][] {{0.3}, {-0.4}}),
              "cell/b", tf.constant(new double[] {0.1, 0.2}));
      Weights w = Weights.given(tf, TFloat64.class, values);
      Operand<TInt32> lengths = tf.array(3, 2, 0);
      Operand<?> y =
          new RNN(cell)
              .with(loop)
              .run(w, Signal.of(x).beside("memory", new Signal(memory, lengths)))
              .outputs();
      @SuppressWarnings("unchecked")
      Operand<TFloat64> out = (Operand<TFloat64>) y;
      Operand<TFloat64> loss = tf.reduceSum(tf.math.square(out), tf.array(0, 1, 2));
      Output<?>[] gradients =
          graph.addGradients(
              loss.asOutput(),
              new Output<?>[] {three.asOutput(), x.asOutput(), values.get("cell/G").asOutput()});
      try (Result result =
          session
              .runner()
              .fetch(out)
              .fetch(gradients[0])
              .fetch(gradients[1])
              .fetch(gradients[2])
              .run()) {
        return new double[][] {
          doubles(result.get(0)),
          doubles(result.get(1)),
          doubles(result.get(2)),
          doubles(result.get(3))
        };
      }
    }
  }

  @Test
  void aMemoryThatDoesNotFitIsRefused() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat64> x = tf.zeros(tf.array(B, T, 2), TFloat64.class);
      Weights w = Weights.restored(tf, TFloat64.class);
      RNN rnn = new RNN(new Reader(false));
      assertThatThrownBy(() -> rnn.run(w, Signal.of(x)))
          .hasMessage(
              "RNN(Reader): memory must stand beside the input, [3, ?, 2]; give it with"
                  + " Signal.beside(\"memory\", …), got null");
      assertThatThrownBy(
              () ->
                  rnn.run(
                      w,
                      Signal.of(x).beside("memory", tf.zeros(tf.array(B, 6, 2), TFloat64.class))))
          .hasMessage(
              "RNN(Reader): memory must have at most 5 steps, as the cell is made for, got 6");
    }
  }

  /** Counts the steps of training in a weight that no row is needed for. */
  private record Counting() implements RowLayer {
    @Override
    public Shape input() {
      return Shape.of(1);
    }

    @Override
    public Expr equation(Weights w, Expr x) {
      if (w.training()) {
        w.move("steps", Initializer.ZEROS, Level.WEIGHT, steps -> steps.plus(1), 1);
      }
      return x.times(w.get("a", Initializer.ONES, 1));
    }
  }

  @Test
  void aWeightMovesByItselfOnceAStepOfTraining() {
    Sequences data = Sequences.of(new float[][][] {{{1}}}).stepTargets(new float[][][] {{{3}}});
    try (Model model = Model.of(new Counting(), 1)) {
      model.fit(data, new Adam(0.1), Loss.meanSquaredError(), Epochs.of(7).progress(Progress.NONE));
      assertThat(model.weight("counting/steps")).containsExactly(7);
    }
  }

  /** Its weight should be small. */
  private record Modest() implements RowLayer {
    @Override
    public Shape input() {
      return Shape.of(1);
    }

    @Override
    public Expr equation(Weights w, Expr x) {
      Expr a = w.get("a", Initializer.constant(3), 1);
      if (w.training()) {
        w.penalty("size", a.square().sum().reshape());
      }
      return x.times(a);
    }
  }

  @Test
  void penaltiesAreAddedToTheLossOfTraining() {
    Sequences data = Sequences.of(new float[][][] {{{1}}}).stepTargets(new float[][][] {{{3}}});
    try (Model model = Model.of(new Modest(), 1)) {
      var history =
          model.fit(
              data, new Adam(0.1), Loss.meanSquaredError(), Epochs.of(200).progress(Progress.NONE));
      assertThat(history.epochs().get(0).training().loss()).isCloseTo(9, within(1e-5));
      // (a − 3)² + a² is least at 1.5.
      assertThat(model.weight("modest/a")[0]).isCloseTo(1.5f, within(0.01f));
      assertThat(model.evaluate(data, Loss.meanSquaredError()).loss())
          .isCloseTo(2.25, within(0.05));
    }
  }

  /** A layer whose gate is beside its input. */
  private record Gated() implements RowLayer {
    @Override
    public Shape input() {
      return Shape.of(2);
    }

    @Override
    public Expr equation(Weights w, Expr x) {
      return x.times(w.beside("gate", 1));
    }
  }

  @Test
  void layersOfRowsGetWhatStandsBesideTheirInput() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Weights w = Weights.variables(tf, TFloat64.class, 1);
      Signal x = Signal.of(tf.constant(new double[][][] {{{1, 2}, {3, 4}}}));
      Signal given = x.beside("gate", tf.constant(new int[][][] {{{2}, {-1}}}));
      assertThat(drawn(session, new Gated().apply(w, given).value())).containsExactly(2, 4, -3, -4);
      assertThatThrownBy(() -> new Gated().apply(w, x))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("beside it must stand one of []");
      Signal rows = x.beside("gate", tf.constant(new double[][] {{2}}));
      assertThatThrownBy(() -> new Gated().apply(w, rows))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Gated: gate must have a value for each row and step of [1, 2, 2], got [1, 1]");
    }
  }
}
