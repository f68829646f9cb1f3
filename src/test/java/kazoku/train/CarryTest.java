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
import java.util.stream.Stream;
import kazoku.Bidirectional;
import kazoku.Carried;
import kazoku.Cell;
import kazoku.DilatedLayer;
import kazoku.Layer;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Stacked;
import kazoku.Weights;
import kazoku.cells.ClockworkRNNCell;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.cells.QRNNCell;
import kazoku.cells.SLSTMCell;
import kazoku.decode.Crf;
import kazoku.decode.Decoder;
import kazoku.decode.EncoderDecoder;
import kazoku.layers.Conv1D;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.layers.LayerNorm;
import kazoku.layers.Pooling;
import kazoku.layers.Repeat;
import kazoku.layers.Residual;
import kazoku.layers.TimeDistributed;
import kazoku.wrap.AttentionDecoderWrapper;
import kazoku.wrap.AttentionDecoderWrapper.Attention;
import kazoku.wrap.StackedCell;
import kazoku.wrap.TrainableInitialState;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Sequences that are read in parts. */
class CarryTest {
  private static final int[] LENGTHS = {7, 0, 3, 5};
  private static final int STEPS = 7;
  private static final int[] CUTS = {0, 3, 4, 7};

  /** A layer in a graph of its own, with states that are carried. */
  private static final class Net implements AutoCloseable {
    final Graph graph = new Graph();
    final Ops tf = Ops.create(graph);
    final Weights weights = Weights.variables(tf, 7);
    final Carry carry = new Carry(tf);
    final Pass pass;
    final Session session = new Session(graph, Toys.config());

    Net(Layer layer, Inputs inputs, boolean training) {
      Weights used = training ? weights.forEvaluation() : weights.forInference();
      pass = Pass.build(tf, used.carrying(carry), layer, inputs, -1);
      session.initialize();
    }

    /**
     * Runs some steps of all rows, and puts the states that they end with in the place of those.
     */
    float[][] run(float[] all, int size, int from, int to, Map<String, Tensor> states) {
      int rows = LENGTHS.length;
      float[] part = new float[rows * (to - from) * size];
      for (int row = 0; row < rows; row++) {
        int count = (to - from) * size;
        System.arraycopy(all, (row * STEPS + from) * size, part, row * count, count);
      }
      int[] lengths =
          Arrays.stream(LENGTHS).map(n -> Math.max(0, Math.min(n - from, to - from))).toArray();
      Pass.Port port = pass.ports().get(Inputs.FIRST);
      boolean tokens = port.value().type() == TInt32.class;
      Session.Runner runner = session.runner().fetch(tf.identity(pass.output().value()));
      carry.slots().values().forEach(slot -> runner.fetch(slot.end()));
      List<Tensor> fed = new ArrayList<>();
      Shape shape = tokens ? Shape.of(rows, to - from) : Shape.of(rows, to - from, size);
      fed.add(tokens ? TInt32.tensorOf(shape) : TFloat32.tensorOf(shape, DataBuffers.of(part)));
      if (fed.get(0) instanceof TInt32 whole) {
        for (int i = 0; i < part.length; i++) {
          whole.setInt((int) part[i], i / (to - from), i % (to - from));
        }
      }
      runner.feed(port.value(), fed.get(0));
      fed.add(TInt32.vectorOf(lengths));
      runner.feed(port.lengths(), fed.get(1));
      if (!states.isEmpty()) {
        fed.add(TBool.vectorOf(new boolean[rows]));
        runner.feed(carry.fresh(), fed.get(2));
        states.forEach((name, state) -> runner.feed(carry.slots().get(name).begin(), state));
      }
      try (Result result = runner.run()) {
        int index = 1;
        for (String name : carry.slots().keySet()) {
          TFloat32 end = (TFloat32) result.get(index++);
          Tensor old = states.put(name, TFloat32.tensorOf(end.shape(), end::copyTo));
          if (old != null) {
            old.close();
          }
        }
        return rows((TFloat32) result.get(0));
      } finally {
        fed.forEach(Tensor::close);
      }
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  private static float[][] rows(TFloat32 tensor) {
    float[] flat = Model.floats(tensor);
    int rows = (int) tensor.shape().get(0);
    float[][] split = new float[rows][];
    for (int row = 0; row < rows; row++) {
      split[row] =
          Arrays.copyOfRange(flat, row * (flat.length / rows), (row + 1) * (flat.length / rows));
    }
    return split;
  }

  private static float[] numbers(int count, int most) {
    Random random = new Random(3);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = most > 0 ? random.nextInt(most) : random.nextFloat() * 2 - 1;
    }
    return numbers;
  }

  @TestFactory
  Stream<DynamicTest> partsAreAsGoodAsTheWhole() {
    Map<String, Layer> layers = new LinkedHashMap<>();
    RNN lstm = new RNN(new LSTMCell(2, 3));
    layers.put("LSTM", lstm);
    layers.put("unlike LSTM", new RNN(new SLSTMCell(2, 4)));
    layers.put("in shards", lstm.with(new Loop(Loop.Form.AUTO, 2)));
    layers.put("scanned", new RNN(new LRUCell(2, 3)));
    layers.put(
        "scanned in shards", new RNN(new MinGRUCell(2, 3)).with(new Loop(Loop.Form.SCAN, 2)));
    layers.put("with a window of inputs", new RNN(new QRNNCell(2, 3)));
    layers.put("with a clock", new RNN(new ClockworkRNNCell(2, 8)));
    layers.put("stack", new Stacked(lstm, new RNN(new GRUCell(3, 3))).withResiduals());
    layers.put("stacked cell", new RNN(new StackedCell(new LSTMCell(2, 3), new GRUCell(3, 2))));
    layers.put("own start", new RNN(new TrainableInitialState(new GRUCell(2, 3))));
    layers.put(
        "dilated", new DilatedLayer(new LSTMCell(2, 3), new GRUCell(3, 4), new GRUCell(4, 2)));
    layers.put(
        "dilated by more than there are steps",
        new Stacked(lstm, new DilatedLayer(List.of(new GRUCell(3, 3)), List.of(5))));
    layers.put(
        "among others",
        new Sequential(
            new Conv1D(2, 3, 1),
            new LayerNorm(3),
            new Residual(new RNN(new GRUCell(3, 3))),
            new Dense(3, 2)));
    layers.put(
        "steps apart",
        new Sequential(
            new Dense(2, 6),
            (w, x) -> x.with(w.tf().reshape(x.value(), w.tf().array(LENGTHS.length, -1, 3, 2))),
            new TimeDistributed(new RNN(new GRUCell(2, 3)).last()),
            new RNN(new GRUCell(3, 2))));
    layers.put("tokens", new Sequential(new Embedding(5, 2), lstm));
    layers.put("decoder", new Decoder(new GRUCell(3, 4), 5, 0, 1, 9));
    return layers.entrySet().stream()
        .flatMap(
            e ->
                Stream.of(true, false)
                    .map(
                        training ->
                            DynamicTest.dynamicTest(
                                e.getKey() + (training ? "" : ", without gradients"),
                                () -> comparesParts(e.getValue(), training))));
  }

  private static void comparesParts(Layer layer, boolean training) {
    boolean tokens = layer.input().numDimensions() == 0;
    int size = tokens ? 1 : 2;
    Inputs inputs = tokens ? Inputs.tokens() : Inputs.vectors(2);
    float[] x = numbers(LENGTHS.length * STEPS * size, tokens ? 5 : 0);
    try (Net net = new Net(layer, inputs, training)) {
      net.carry.require();
      Map<String, Tensor> expectedStates = new LinkedHashMap<>();
      float[][] expected = net.run(x, size, 0, STEPS, expectedStates);
      int width = expected[0].length / STEPS;
      Map<String, Tensor> states = new LinkedHashMap<>();
      for (int part = 1; part < CUTS.length; part++) {
        int from = CUTS[part - 1];
        float[][] actual = net.run(x, size, from, CUTS[part], states);
        for (int row = 0; row < LENGTHS.length; row++) {
          int to = Math.max(from, Math.min(LENGTHS[row], CUTS[part]));
          assertThat(Arrays.copyOf(actual[row], (to - from) * width))
              .as("row %d from step %d", row, from)
              .containsExactly(
                  Arrays.copyOfRange(expected[row], from * width, to * width), within(2e-6f));
        }
      }
      assertThat(states).isNotEmpty();
      states.forEach(
          (name, state) -> {
            float[] last = Model.floats((TFloat32) expectedStates.get(name));
            assertThat(Model.floats((TFloat32) state))
                .as(name)
                .containsExactly(last, within(2e-6f));
          });
      states.values().forEach(Tensor::close);
      expectedStates.values().forEach(Tensor::close);
    }
  }

  @Test
  void imagesAreCarriedToo() {
    ConvLSTMCell cell = new ConvLSTMCell(1, 2, List.of(3, 3), List.of(3, 3));
    try (Net net = new Net(new RNN(cell), Inputs.vectors(3, 3, 1), true)) {
      assertThat(net.carry.slots().get("cell/h").row()).isEqualTo(Shape.of(3, 3, 2));
      float[] x = numbers(LENGTHS.length * STEPS * 9, 0);
      Map<String, Tensor> states = new LinkedHashMap<>();
      float[][] expected = net.run(x, 9, 0, STEPS, states);
      states.values().forEach(Tensor::close);
      states.clear();
      net.run(x, 9, 0, 2, states);
      float[][] actual = net.run(x, 9, 2, STEPS, states);
      states.values().forEach(Tensor::close);
      assertThat(actual[0])
          .containsExactly(
              Arrays.copyOfRange(expected[0], 2 * 18, expected[0].length), within(1e-6f));
    }
  }

  @Test
  void statesAreNamedByTheirCellsAndSlots() {
    Layer layer =
        new Sequential(
            new RNN(new LSTMCell(2, 3)),
            new Stacked(new RNN(new GRUCell(3, 3)), new DilatedLayer(new GRUCell(3, 3)))
                .named("upper"),
            new RNN(new StackedCell(new GRUCell(3, 2))).named("top"));
    try (Net net = new Net(layer, Inputs.vectors(2), true)) {
      assertThat(net.carry.slots().keySet())
          .containsExactly(
              "rnn/cell/c", "rnn/cell/h", "upper/0/cell/h", "upper/1/0/h", "top/cell/0/h");
    }
  }

  /** Two rows: one begins anew, from a state of weights, the other goes on from what is fed. */
  @Test
  void aRowThatBeginsAnewTakesTheCellsOwnStateAndTrainsIt() {
    Layer layer = new RNN(new TrainableInitialState(new ElmanRNNCell(1, 1)));
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Map<String, Operand<TFloat32>> values = new LinkedHashMap<>();
      values.put("cell/cell/W", tf.constant(new float[][] {{0.5f}}));
      values.put("cell/cell/U", tf.constant(new float[][] {{0.25f}}));
      values.put("cell/cell/b", tf.constant(new float[] {0}));
      values.put("cell/initial/h", tf.constant(new float[][] {{0.5f}}));
      Carry carry = new Carry(tf);
      Weights weights = Weights.given(tf, TFloat32.class, values).carrying(carry);
      Signal x = Signal.of(tf.constant(new float[][][] {{{0.5f}}, {{0.25f}}}));
      Operand<? extends TNumber> y = layer.apply(weights, x).value();
      Carry.Slot h = carry.slots().get("cell/cell/h");
      Operand<?> initial = values.get("cell/initial/h");
      Operand<?> recurrent = values.get("cell/cell/U");
      Output<?>[] gradients =
          graph.addGradients(
              y.asOutput(), new Output<?>[] {initial.asOutput(), recurrent.asOutput()});
      try (Session session = new Session(graph);
          TBool fresh = TBool.vectorOf(true, false);
          TFloat32 fed = TFloat32.tensorOf(Shape.of(2, 1), DataBuffers.of(-3f, 0.75f));
          Result result =
              session
                  .runner()
                  .feed(carry.fresh(), fresh)
                  .feed(h.begin(), fed)
                  .fetch(y)
                  .fetch(gradients[0])
                  .fetch(gradients[1])
                  .run()) {
        double anew = Math.tanh(0.5 * 0.5 + 0.25 * 0.5);
        double goesOn = Math.tanh(0.5 * 0.25 + 0.25 * 0.75);
        assertThat(Model.floats((TFloat32) result.get(0)))
            .containsExactly(new float[] {(float) anew, (float) goesOn}, within(1e-6f));
        assertThat(Model.floats((TFloat32) result.get(1)))
            .containsExactly(new float[] {(float) (0.25 * (1 - anew * anew))}, within(1e-6f));
        assertThat(Model.floats((TFloat32) result.get(2)))
            .containsExactly(
                new float[] {(float) (0.5 * (1 - anew * anew) + 0.75 * (1 - goesOn * goesOn))},
                within(1e-6f));
      }
    }
  }

  @Test
  void aGivenStateIsWhatARowBeginsWith() {
    Cell cell = new ElmanRNNCell(1, 1);
    Layer captions =
        (w, x) -> {
          Operand<TFloat32> first = w.tf().constant(new float[][] {{0.5f}, {0.5f}, {0.5f}, {0.5f}});
          return x.with(new RNN(cell).run(w, x, Map.of("h", first)).outputs());
        };
    comparesParts(new Sequential(new Dense(2, 1), captions), true);
  }

  /** Outside of a model, in a graph of one's own. */
  @Test
  void whoCarriesIsAskedForEachStateAndRaisesWhatCannotBeCarried() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Map<String, Operand<TNumber>> ended = new LinkedHashMap<>();
      Carried own =
          new Carried() {
            @Override
            public Operand<TNumber> begin(String state, Shape row, Operand<TNumber> first) {
              return ended.getOrDefault(state, first);
            }

            @Override
            public void end(String state, Operand<TNumber> last) {
              ended.put(state, last);
            }
          };
      Weights weights = Weights.variables(tf, 1);
      Operand<TFloat32> x = tf.constant(new float[][][] {{{1, 2}, {3, 4}, {5, 6}, {7, 8}}});
      Layer layer = new RNN(new GRUCell(2, 3));
      Signal whole = layer.apply(weights, Signal.of(x));
      List<Operand<? extends TNumber>> parts = new ArrayList<>();
      for (int from : new int[] {0, 2}) {
        Operand<TFloat32> part = tf.slice(x, tf.array(0, from, 0), tf.array(1, 2, 2));
        parts.add(layer.apply(weights.carrying(own), Signal.of(part)).value());
      }
      assertThat(ended).containsOnlyKeys("cell/h");
      try (Session session = new Session(graph)) {
        session.initialize();
        try (Result result =
            session.runner().fetch(whole.value()).fetch(parts.get(0)).fetch(parts.get(1)).run()) {
          float[] expected = Model.floats((TFloat32) result.get(0));
          assertThat(Model.floats((TFloat32) result.get(1)))
              .containsExactly(Arrays.copyOf(expected, 6), within(1e-6f));
          assertThat(Model.floats((TFloat32) result.get(2)))
              .containsExactly(Arrays.copyOfRange(expected, 6, 12), within(1e-6f));
        }
      }
      assertThatThrownBy(
              () -> Pooling.max().apply(weights.in("pooling").carrying(own), Signal.of(x)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Pooling: looks across the steps of a sequence and cannot go on from a carried state;"
                  + " give it whole sequences, or windows that stand for themselves");
    }
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatLooksAcrossSteps() {
    Cell gru = new GRUCell(2, 2);
    Map<String, Layer> layers = new LinkedHashMap<>();
    layers.put("RNN(GRUCell) reversed", new RNN(gru).reversed());
    layers.put("Bidirectional", new Bidirectional(gru));
    layers.put("Bidirectional ", Stacked.bidirectional(gru));
    layers.put("Bidirectional  ", new Bidirectional(gru).with(Bidirectional.Merge.NONE));
    layers.put("Conv1D", new Conv1D(2, 2, 3));
    layers.put("Pooling", Pooling.max());
    layers.put("Repeat", new Sequential(new RNN(gru).last(), new Repeat(3)));
    layers.put("Crf", new Sequential(new RNN(gru), new Crf(2)));
    layers.put(
        "RNN(AttentionDecoderWrapper): memory",
        (w, x) ->
            new RNN(new AttentionDecoderWrapper(new GRUCell(4, 4), Attention.BAHDANAU, 9, 2))
                .apply(w, x.beside("memory", x)));
    layers.put(
        "EncoderDecoder",
        (w, x) ->
            new EncoderDecoder((v, y) -> y, new RNN(gru), new Decoder(gru, 5, 0, 1, 9))
                .apply(w, x.beside("target", w.tf().constant(new int[4][3]))));
    layers.put(
        "Decoder: what it generates",
        (w, x) ->
            new Decoder(gru, 5, 0, 1, 9)
                .greedy()
                .apply(w.in("decoder"), Signal.of(w.tf().constant(new int[4][3]))));
    layers.put(
        "RNN(GRUCell) with masked outputs that are repeated",
        (w, x) ->
            new RNN(gru).with(RNN.MaskedOutput.REPEAT).apply(w, x.masked(x.validSteps(w.tf()))));
    return layers.entrySet().stream()
        .map(
            e ->
                DynamicTest.dynamicTest(
                    e.getKey(),
                    () -> {
                      try (Net net = new Net(e.getValue(), Inputs.vectors(2), true)) {
                        assertThatThrownBy(net.carry::require)
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage(Carried.refusal(e.getKey().strip()));
                      }
                    }));
  }
}
