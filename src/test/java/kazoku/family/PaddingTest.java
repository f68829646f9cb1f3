package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Bidirectional;
import kazoku.Bidirectional.Merge;
import kazoku.Cell;
import kazoku.DilatedLayer;
import kazoku.Expr;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RNN.MaskedOutput;
import kazoku.RecurrentLayer;
import kazoku.Requests;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.Stacked;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.BatchNormLSTMCell;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.ElmanRNNCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.cells.ProjectedLSTMCell;
import kazoku.internal.Vocabulary;
import kazoku.wrap.AttentionDecoderWrapper;
import kazoku.wrap.TrainableInitialState;
import org.junit.jupiter.api.DynamicTest;
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
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The amount of padding, what stands in it, and how it is said what is padding change nothing, for
 * every kind of recurrent layer: outputs of valid steps, final states, and the gradients by input,
 * initial states and weights. They are those of each row alone.
 */
class PaddingTest {
  private static final int[] LENGTHS = {3, 0, 5, 1};
  private static final int MEMORY = 3;
  private static final Loop ONE = Loop.DEFAULT;
  private static final Loop TWO = Loop.DEFAULT.shards(2);

  private static final Map<String, Cell> CELLS = new LinkedHashMap<>();

  static {
    CELLS.put("Elman", new ElmanRNNCell(2, 3));
    CELLS.put("LSTM", new LSTMCell(2, 3));
    CELLS.put("GRU", new GRUCell(2, 3));
    CELLS.put("projected LSTM", new ProjectedLSTMCell(2, 4, 3));
    CELLS.put("LSTM of images", new ConvLSTMCell(1, 2, List.of(2, 3), List.of(2, 2)));
    CELLS.put("min GRU, scanned", new MinGRUCell(2, 3));
    CELLS.put("phased LSTM, with time", new PhasedLSTMCell(2, 3));
    CELLS.put("trained start", new TrainableInitialState(new GRUCell(2, 3)));
    CELLS.put(
        "attention to a memory",
        new AttentionDecoderWrapper(
            new GRUCell(4, 3), AttentionDecoderWrapper.Attention.BAHDANAU, MEMORY + 1, 2));
  }

  @TestFactory
  Stream<DynamicTest> recurrences() {
    Map<String, RecurrentLayer> layers = new LinkedHashMap<>();
    CELLS.forEach(
        (name, cell) -> {
          RNN rnn = new RNN(cell).with(TWO);
          layers.put(name, rnn);
          layers.put(name + ", reversed, the last again", repeating(rnn.reversed()));
        });
    for (String name : List.of("LSTM", "GRU")) {
      for (Loop loop : List.of(ONE, TWO)) {
        RNN rnn = new RNN(CELLS.get(name)).with(loop);
        String with = name + ", shards " + loop.shards();
        layers.put(with + ", last", rnn.last());
        layers.put(with + ", reversed", rnn.reversed());
        layers.put(with + ", reversed, last", rnn.reversed().last());
        layers.put(with + ", the last again", repeating(rnn));
      }
    }
    return tests(layers);
  }

  private static RNN repeating(RNN rnn) {
    return rnn.with(MaskedOutput.REPEAT);
  }

  @TestFactory
  Stream<DynamicTest> bidirectional() {
    Map<String, RecurrentLayer> layers = new LinkedHashMap<>();
    CELLS.forEach((name, cell) -> layers.put(name, new Bidirectional(cell).with(TWO)));
    for (String name : List.of("LSTM", "GRU", "projected LSTM", "LSTM of images")) {
      for (Merge merge : Merge.values()) {
        Bidirectional layer = new Bidirectional(CELLS.get(name)).with(merge);
        layers.put(name + ", " + merge, layer);
        layers.put(name + ", " + merge + ", last", layer.last());
      }
    }
    Bidirectional two = new Bidirectional(CELLS.get("LSTM"), CELLS.get("projected LSTM"));
    layers.put("two cells", two);
    layers.put("two cells, the last again", two.with(MaskedOutput.REPEAT).with(TWO));
    return tests(layers);
  }

  @TestFactory
  Stream<DynamicTest> stacked() {
    Map<String, RecurrentLayer> layers = new LinkedHashMap<>();
    RNN low = new RNN(new LSTMCell(2, 3)).with(TWO);
    RNN high = new RNN(new GRUCell(3, 3)).reversed();
    layers.put("one above the other", new Stacked(low, high));
    layers.put("with residuals", new Stacked(low, high).withResiduals());
    layers.put("the last again, last", new Stacked(repeating(low), repeating(high).last()));
    layers.put(
        "bidirectional", Stacked.bidirectional(new GRUCell(2, 3), new ProjectedLSTMCell(6, 4, 2)));
    layers.put(
        "dilated and bidirectional",
        new Stacked(
            new DilatedLayer(new GRUCell(2, 3), new GRUCell(3, 3)),
            new Bidirectional(new LSTMCell(3, 2)).last()));
    return tests(layers);
  }

  @TestFactory
  Stream<DynamicTest> dilated() {
    Map<String, RecurrentLayer> layers = new LinkedHashMap<>();
    CELLS.forEach(
        (name, cell) -> layers.put(name, new DilatedLayer(List.of(cell), List.of(2)).with(TWO)));
    for (int dilation : new int[] {1, 3, 7}) {
      layers.put("by " + dilation, new DilatedLayer(List.of(CELLS.get("LSTM")), List.of(dilation)));
    }
    DilatedLayer levels =
        new DilatedLayer(new LSTMCell(2, 3), new GRUCell(3, 4), new ElmanRNNCell(4, 2));
    layers.put("three levels", levels);
    layers.put("three levels, last", levels.last().with(TWO));
    layers.put(
        "images, last", new DilatedLayer(List.of(CELLS.get("LSTM of images")), List.of(2)).last());
    return tests(layers);
  }

  /** Rows see each other in training, and are not those of a row alone. */
  @TestFactory
  Stream<DynamicTest> batchStatistics() {
    Map<String, RecurrentLayer> layers = new LinkedHashMap<>();
    BatchNormLSTMCell cell = new BatchNormLSTMCell(2, 3);
    layers.put("one direction", new RNN(cell));
    layers.put("both directions", new Bidirectional(cell));
    return layers.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> check(e.getValue(), true)));
  }

  private static Stream<DynamicTest> tests(Map<String, RecurrentLayer> layers) {
    return layers.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> check(e.getValue(), false)));
  }

  private static void check(RecurrentLayer layer, boolean training) {
    try (Net net = new Net(layer, training)) {
      Batch batch = net.batch(LENGTHS);
      Places tight = Places.first(5, LENGTHS);
      Found expected = net.run(Kind.LENGTHS, batch, tight, 0);
      Places loose = Places.first(8, LENGTHS);
      Found padded = net.run(Kind.LENGTHS, batch, loose, Double.NaN);
      padded.same(expected);
      net.run(Kind.LENGTHS, batch, tight, 1e300).same(expected);
      // Statistics are of rows that step together, which a mask does not move.
      if (!training || layer instanceof RNN) {
        Found masked = net.run(Kind.MASK, batch, loose, -7);
        masked.same(expected);
        assertThat(masked.outputs).as("all outputs").containsExactly(padded.outputs);
      }
      if (!training && layers(layer).noneMatch(DilatedLayer.class::isInstance)) {
        Places holes = new Places(8, new int[][] {{1, 2, 6}, {}, {0, 3, 4, 6, 7}, {5}});
        net.run(Kind.MASK, batch, holes, Double.NaN).same(expected);
        net.run(Kind.BOTH, batch, holes, 3).same(expected);
      }
      if (!training) {
        List<Found> rows = new ArrayList<>();
        for (int row = 0; row < LENGTHS.length; row++) {
          int[] length = {LENGTHS[row]};
          Places whole = Places.first(length[0], length);
          rows.add(net.run(Kind.PLAIN, batch.row(row), whole, 0));
        }
        Found.sum(rows).same(expected);
      }
    }
  }

  // Layers

  private static Stream<RecurrentLayer> layers(RecurrentLayer layer) {
    return layer instanceof Stacked stack
        ? Stream.concat(Stream.of(layer), stack.layers().stream().flatMap(PaddingTest::layers))
        : Stream.of(layer);
  }

  /** The state of a layer by its names. */
  private static List<Slot> slots(RecurrentLayer layer) {
    List<Slot> slots = new ArrayList<>();
    if (layer instanceof RNN rnn) {
      slots.addAll(rnn.cell().state());
    } else if (layer instanceof Bidirectional both) {
      both.forward().state().forEach(s -> slots.add(s.in("forward")));
      both.backward().state().forEach(s -> slots.add(s.in("backward")));
    } else if (layer instanceof DilatedLayer dilated) {
      for (int k = 0; k < dilated.cells().size(); k++) {
        for (Slot slot : dilated.cells().get(k).state()) {
          slots.add(
              new Slot(k + "/" + slot.name(), slot.shape().prepend(dilated.dilations().get(k))));
        }
      }
    } else if (layer instanceof Stacked stack) {
      for (int k = 0; k < stack.layers().size(); k++) {
        String path = Integer.toString(k);
        slots(stack.layers().get(k)).forEach(s -> slots.add(s.in(path)));
      }
    }
    return slots;
  }

  /** What the lowest cell of a layer asks for. */
  private static Requests requests(RecurrentLayer layer) {
    if (layer instanceof RNN rnn) {
      return Trace.of(rnn.cell()).requests();
    }
    if (layer instanceof Bidirectional both) {
      return Trace.of(both.forward()).requests();
    }
    return layer instanceof DilatedLayer dilated
        ? Trace.of(dilated.cells().get(0)).requests()
        : requests(((Stacked) layer).layers().get(0));
  }

  // Numbers

  /** How it is said what is valid. */
  private enum Kind {
    PLAIN,
    LENGTHS,
    MASK,
    BOTH
  }

  /** Where in T steps those of each row stand. */
  private record Places(int steps, int[][] of) {

    static Places first(int steps, int[] lengths) {
      return new Places(
          steps,
          Arrays.stream(lengths)
              .mapToObj(n -> IntStream.range(0, n).toArray())
              .toArray(int[][]::new));
    }
  }

  /** The values of each row: of its steps, one after the other, of its states and its memory. */
  private record Batch(
      int[] rows,
      int[] lengths,
      double[][] x,
      Map<String, double[][]> beside,
      Map<String, double[][]> states,
      double[][] memory) {

    Batch row(int row) {
      return new Batch(
          new int[] {rows[row]},
          new int[] {lengths[row]},
          new double[][] {x[row]},
          row(beside, row),
          row(states, row),
          new double[][] {memory[row]});
    }

    private static Map<String, double[][]> row(Map<String, double[][]> all, int row) {
      Map<String, double[][]> one = new LinkedHashMap<>();
      all.forEach((name, values) -> one.put(name, new double[][] {values[row]}));
      return one;
    }
  }

  /** What a run gave, without padding: row by row, and summed over rows. */
  private record Found(double[] outputs, List<double[]> byRow, List<double[]> summed) {

    void same(Found expected) {
      same(byRow, expected.byRow);
      same(summed, expected.summed);
    }

    private static void same(List<double[]> actual, List<double[]> expected) {
      for (int k = 0; k < expected.size(); k++) {
        double[] a = actual.get(k);
        double[] e = expected.get(k);
        assertThat(a).as("value %d", k).hasSameSizeAs(e);
        for (int i = 0; i < a.length; i++) {
          assertThat(Math.abs(a[i] - e[i]))
              .as("value %d, element %d: %s", k, i, a[i])
              .isLessThanOrEqualTo(1e-10 * Math.max(1, Math.abs(e[i])));
        }
      }
    }

    static Found sum(List<Found> rows) {
      List<double[]> byRow = new ArrayList<>();
      List<double[]> summed = new ArrayList<>();
      for (int k = 0; k < rows.get(0).byRow.size(); k++) {
        int value = k;
        byRow.add(rows.stream().flatMapToDouble(r -> Arrays.stream(r.byRow.get(value))).toArray());
      }
      for (int k = 0; k < rows.get(0).summed.size(); k++) {
        double[] sum = new double[rows.get(0).summed.get(k).length];
        for (Found row : rows) {
          for (int i = 0; i < sum.length; i++) {
            sum[i] += row.summed.get(k)[i];
          }
        }
        summed.add(sum);
      }
      return new Found(new double[0], byRow, summed);
    }
  }

  /** A layer in a graph, once for each kind of padding, with the same weights. */
  private static final class Net implements AutoCloseable {
    private final RecurrentLayer layer;
    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final Session session;
    private final Placeholder<TFloat64> x;
    private final Placeholder<TInt32> lengths = tf.placeholder(TInt32.class);
    private final Placeholder<TBool> mask =
        tf.placeholder(TBool.class, Placeholder.shape(Shape.of(-1, -1)));
    private final Placeholder<TFloat64> lossWeights = tf.placeholder(TFloat64.class);
    private final Map<String, Placeholder<TFloat64>> beside = new LinkedHashMap<>();
    private final List<String> slots = new ArrayList<>();
    private final Map<String, Placeholder<TFloat64>> states = new LinkedHashMap<>();
    private final Placeholder<TFloat64> memory =
        tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, -1, 2)));
    private final Placeholder<TInt32> memoryLengths = tf.placeholder(TInt32.class);
    private final Map<Kind, List<Operand<?>>> results = new LinkedHashMap<>();
    private final int directions;
    private final int outputRank;

    Net(RecurrentLayer layer, boolean training) {
      this.layer = layer;
      boolean pair = layer instanceof Bidirectional both && both.merge() == Merge.NONE;
      this.directions = pair ? 2 : 1;
      this.x = placeholder(layer.input(), 2);
      Requests requests = requests(layer);
      requests.beside().forEach((name, leaf) -> beside.put(name, placeholder(leaf.shape(), 2)));
      for (Slot slot : slots(layer)) {
        slots.add(slot.name());
        // A start that is trained is not given.
        if (!layer.toString().contains("TrainableInitialState")) {
          states.put(slot.name(), placeholder(slot.shape(), 1));
        }
      }
      Weights variables = Weights.variables(tf, TFloat64.class, 4);
      Weights w = training ? variables : variables.forEvaluation();
      for (Kind kind : Kind.values()) {
        results.put(kind, build(w.in("layer"), signal(kind, requests)));
      }
      this.outputRank = results.get(Kind.PLAIN).get(0).asOutput().shape().numDimensions();
      this.session = new Session(graph, Sessions.plain());
      session.initialize();
    }

    private Placeholder<TFloat64> placeholder(Shape row, int leading) {
      Shape shape = row;
      for (int k = 0; k < leading; k++) {
        shape = shape.prepend(Shape.UNKNOWN_SIZE);
      }
      return tf.placeholder(TFloat64.class, Placeholder.shape(shape));
    }

    private Signal signal(Kind kind, Requests requests) {
      boolean counted = kind == Kind.LENGTHS || kind == Kind.BOTH;
      Signal signal = new Signal(x, counted ? lengths : null);
      if (kind == Kind.MASK || kind == Kind.BOTH) {
        signal = signal.masked(mask);
      }
      for (Map.Entry<String, Placeholder<TFloat64>> e : beside.entrySet()) {
        signal = signal.beside(e.getKey(), e.getValue());
      }
      return requests.perRow().isEmpty()
          ? signal
          : signal.beside("memory", new Signal(memory, memoryLengths));
    }

    /** Outputs, final states, gradients by input, initial states and weights. */
    private List<Operand<?>> build(Weights w, Signal signal) {
      RecurrentLayer.Result result = layer.run(w, signal, states);
      assertThat(result.finalState().keySet()).containsExactlyElementsOf(slots);
      Operand<TNumber> loss =
          sum(tf.math.mul(tf.math.sin(result.outputs()), Vocabulary.number(lossWeights)));
      for (Operand<TNumber> last : result.finalState().values()) {
        loss = tf.math.add(loss, sum(tf.math.sin(last)));
      }
      List<Operand<?>> by = new ArrayList<>(List.of(x));
      by.addAll(states.values());
      by.addAll(w.trainable().values());
      Output<?>[] gradients =
          graph.addGradients(
              loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
      List<Operand<?>> all = new ArrayList<>(List.of(result.outputs()));
      all.addAll(result.finalState().values());
      for (int k = 0; k < gradients.length; k++) {
        all.add(gradients[k].isClosed() ? tf.zerosLike(by.get(k)) : gradients[k]);
      }
      return all;
    }

    private Operand<TNumber> sum(Operand<TNumber> value) {
      return tf.reduceSum(tf.reshape(value, tf.array(-1)), tf.array(0));
    }

    Batch batch(int[] lengths) {
      Random random = new Random(3);
      int rows = lengths.length;
      Map<String, double[][]> besides = new LinkedHashMap<>();
      for (Map.Entry<String, Expr> e : requests(layer).beside().entrySet()) {
        besides.put(e.getKey(), numbers(random, lengths, e.getValue().shape()));
      }
      Map<String, double[][]> firsts = new LinkedHashMap<>();
      int[] once = new int[rows];
      Arrays.fill(once, 1);
      for (Slot slot : slots(layer)) {
        // A counter begins at zero.
        Arrays.fill(once, slot.shape().numDimensions() == 0 ? 0 : 1);
        double[][] values = numbers(random, once, slot.shape());
        firsts.put(slot.name(), slot.shape().numDimensions() == 0 ? new double[rows][1] : values);
      }
      Arrays.fill(once, MEMORY);
      return new Batch(
          IntStream.range(0, rows).toArray(),
          lengths,
          numbers(random, lengths, layer.input()),
          besides,
          firsts,
          numbers(random, once, Shape.of(2)));
    }

    private static double[][] numbers(Random random, int[] lengths, Shape row) {
      return Arrays.stream(lengths)
          .mapToObj(n -> random.doubles(n * row.size(), -1, 1).toArray())
          .toArray(double[][]::new);
    }

    Found run(Kind kind, Batch batch, Places places, double garbage) {
      int rows = batch.rows.length;
      List<Tensor> fed = new ArrayList<>();
      Session.Runner runner = session.runner();
      feed(runner, fed, x, steps(batch.x, places, layer.input(), garbage));
      beside.forEach(
          (name, leaf) -> {
            Shape row = leaf.asOutput().shape();
            Shape each = row.takeLast(row.numDimensions() - 2);
            feed(runner, fed, leaf, steps(batch.beside.get(name), places, each, garbage));
          });
      states.forEach(
          (name, leaf) -> {
            Shape row = leaf.asOutput().shape();
            Shape each = row.takeLast(row.numDimensions() - 1);
            double[] all =
                Arrays.stream(batch.states.get(name)).flatMapToDouble(Arrays::stream).toArray();
            feed(runner, fed, leaf, TFloat64.tensorOf(each.prepend(rows), DataBuffers.of(all)));
          });
      int[] counts = new int[rows];
      boolean[] valid = new boolean[rows * places.steps];
      for (int b = 0; b < rows; b++) {
        for (int t : places.of[b]) {
          counts[b] = t + 1;
          valid[b * places.steps + t] = true;
        }
        // Past a row's length a mask has no say.
        Arrays.fill(valid, b * places.steps + counts[b], (b + 1) * places.steps, kind == Kind.BOTH);
      }
      feed(runner, fed, lengths, TInt32.vectorOf(counts));
      feed(
          runner,
          fed,
          mask,
          TBool.tensorOf(Shape.of(rows, places.steps), DataBuffers.of(valid, true, false)));
      int[] remembered = Arrays.stream(batch.rows).map(b -> b % (MEMORY + 1)).toArray();
      feed(runner, fed, memoryLengths, TInt32.vectorOf(remembered));
      Places memories = Places.first(MEMORY, remembered);
      feed(runner, fed, memory, steps(batch.memory, memories, Shape.of(2), garbage));
      long[] sizes = outputSizes(rows, places.steps);
      feed(runner, fed, lossWeights, lossWeights(batch, places, sizes));
      results.get(kind).forEach(runner::fetch);
      try (Result result = runner.run()) {
        return found(result, batch, places);
      } finally {
        fed.forEach(Tensor::close);
      }
    }

    private static void feed(
        Session.Runner runner, List<Tensor> fed, Operand<?> placeholder, Tensor value) {
      fed.add(value);
      runner.feed(placeholder, value);
    }

    private static TFloat64 steps(double[][] rows, Places places, Shape row, double garbage) {
      int size = Math.toIntExact(row.size());
      double[] all = new double[rows.length * places.steps * size];
      Arrays.fill(all, garbage);
      for (int b = 0; b < rows.length; b++) {
        for (int i = 0; i < places.of[b].length; i++) {
          int at = (b * places.steps + places.of[b][i]) * size;
          System.arraycopy(rows[b], i * size, all, at, size);
        }
      }
      return TFloat64.tensorOf(row.prepend(places.steps).prepend(rows.length), DataBuffers.of(all));
    }

    private long[] outputSizes(int rows, int steps) {
      Shape shape = results.get(Kind.PLAIN).get(0).asOutput().shape();
      long[] sizes = shape.asArray().clone();
      int at = directions - 1;
      sizes[at++] = rows;
      if (!layer.lastOnly()) {
        sizes[at] = steps;
      }
      return sizes;
    }

    /** Others for each valid step, none for the rest. */
    private TFloat64 lossWeights(Batch batch, Places places, long[] sizes) {
      double[] all = new double[Math.toIntExact(Shape.of(sizes).size())];
      each(
          batch,
          places,
          all.length,
          (b, i, at, size) -> {
            for (int k = 0; k < size; k++) {
              all[at + k] = Math.cos(1 + 7 * batch.rows[b] + 3 * i + k);
            }
          });
      return TFloat64.tensorOf(Shape.of(sizes), DataBuffers.of(all));
    }

    private interface Visit {
      void at(int row, int step, int from, int size);
    }

    /** Goes to each valid step of a value of the outputs' shape. */
    private void each(Batch batch, Places places, int length, Visit visit) {
      int rows = batch.rows.length;
      int steps = layer.lastOnly() ? 1 : places.steps;
      if (length == 0) {
        return;
      }
      int size = length / (directions * rows * steps);
      for (int b = 0; b < rows; b++) {
        for (int d = 0; d < directions; d++) {
          int[] at = layer.lastOnly() ? new int[] {0} : places.of[b];
          for (int i = 0; i < at.length; i++) {
            visit.at(b, i, ((d * rows + b) * steps + at[i]) * size, size);
          }
        }
      }
    }

    private Found found(Result result, Batch batch, Places places) {
      double[] outputs = values(result.get(0));
      List<double[]> byRow = new ArrayList<>();
      List<Double> valid = new ArrayList<>();
      each(
          batch,
          places,
          outputs.length,
          (b, i, at, size) -> {
            for (int k = 0; k < size; k++) {
              valid.add(outputs[at + k]);
            }
          });
      byRow.add(valid.stream().mapToDouble(v -> v).toArray());
      int k = 1;
      for (int s = 0; s < slots.size(); s++) {
        byRow.add(values(result.get(k++)));
      }
      byRow.add(validSteps(values(result.get(k++)), places));
      for (int s = 0; s < states.size(); s++) {
        byRow.add(values(result.get(k++)));
      }
      List<double[]> summed = new ArrayList<>();
      while (k < result.size()) {
        summed.add(values(result.get(k++)));
      }
      return new Found(outputs, byRow, summed);
    }

    /** The gradient by the input, which has nothing but zeros in padding. */
    private double[] validSteps(double[] gradient, Places places) {
      int size = Math.toIntExact(layer.input().size());
      List<Double> valid = new ArrayList<>();
      double[] rest = gradient.clone();
      for (int b = 0; b < places.of.length; b++) {
        for (int t : places.of[b]) {
          for (int k = 0; k < size; k++) {
            int at = (b * places.steps + t) * size + k;
            valid.add(gradient[at]);
            rest[at] = 0;
          }
        }
      }
      assertThat(rest).as("gradient by padding").containsOnly(new double[Math.min(1, rest.length)]);
      return valid.stream().mapToDouble(v -> v).toArray();
    }

    private static double[] values(Tensor tensor) {
      double[] copy = new double[Math.toIntExact(tensor.shape().size())];
      tensor.asRawTensor().data().asDoubles().read(copy);
      return copy;
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }
}
