package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Slot;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.SessionFunction;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * What holds for every cell, beside its golden numbers. Finds the cells by itself, and takes sizes
 * and inputs from the first case of their golden files.
 */
class FamilyTest {
  @TempDir static Path folder;

  @TestFactory
  Stream<DynamicTest> everyCell() {
    return Stream.concat(Family.cells().stream(), Family.wrappers().stream())
        .flatMap(
            type -> {
              String name = type.getSimpleName();
              Golden.Case golden = Golden.read(name).evaluated();
              Cell cell = Configured.record(type, golden.config());
              Map<String, Check> checks = new LinkedHashMap<>();
              checks.put("asks for the weights of its catalogue entry", FamilyTest::names);
              checks.put("step by step gives the whole", FamilyTest::stepByStep);
              checks.put("rows do not see each other", FamilyTest::rowsAreIndependent);
              checks.put("a length is a truncation", FamilyTest::lengthsTruncate);
              checks.put("every weight has a gradient", FamilyTest::everyWeightHasAGradient);
              checks.put("the gradient is the slope", FamilyTest::gradientIsTheSlope);
              checks.put("one seed, one start", FamilyTest::seeds);
              checks.put("saved and loaded, it is the same", FamilyTest::savedAndLoaded);
              checks.put("exported, it is the same", FamilyTest::exported);
              if (Family.cells().contains(type)) {
                checks.put("refuses a size of 0", FamilyTest::refusesNothing);
              }
              return checks.entrySet().stream()
                  .map(
                      e ->
                          DynamicTest.dynamicTest(
                              name + ": " + e.getKey(), () -> e.getValue().run(cell, golden)));
            });
  }

  private interface Check {
    void run(Cell cell, Golden.Case golden) throws Exception;
  }

  private static void names(Cell cell, Golden.Case golden) {
    Trace trace = Trace.of(cell, Weights.symbolic().forEvaluation());
    Map<String, Shape> asked = new LinkedHashMap<>();
    trace.weights().asked().forEach((name, weight) -> asked.put(name, weight.shape()));
    Map<String, Shape> entry = new LinkedHashMap<>();
    golden.weights().forEach((name, values) -> entry.put(name, Shape.of(values.shape())));
    trace.requests().perRow().keySet().forEach(entry::remove);
    assertThat(asked).containsExactlyInAnyOrderEntriesOf(entry);
    assertThat(cell.state().stream().map(Slot::name))
        .containsExactlyInAnyOrderElementsOf(golden.finalState().keySet());
    long[] output = golden.output().shape();
    assertThat(trace.outputShape().asArray())
        .isEqualTo(Arrays.copyOfRange(output, 2, output.length));
  }

  private static void stepByStep(Cell cell, Golden.Case golden) {
    try (Net net = new Net(cell, golden)) {
      RecurrentLayer.Result whole = net.run(net.x, null, net.states);
      int steps = (int) golden.input().shape()[1];
      Map<String, ? extends Operand<?>> state = net.states;
      List<Operand<TNumber>> outputs = new ArrayList<>();
      for (int t = 0; t < steps; t++) {
        RecurrentLayer.Result one = net.run(net.steps(t, t + 1), null, state);
        outputs.add(one.outputs());
        state = one.finalState();
      }
      net.same(whole.outputs(), net.tf.concat(outputs, net.tf.constant(1)));
      for (Slot slot : cell.state()) {
        net.same(whole.finalState().get(slot.name()), Vocabulary.number(state.get(slot.name())));
      }
    }
  }

  private static void rowsAreIndependent(Cell cell, Golden.Case golden) {
    try (Net net = new Net(cell, golden)) {
      Map<String, Operand<TNumber>> first = new LinkedHashMap<>();
      net.states.forEach((slot, value) -> first.put(slot, net.cut(value, 0, 0, 1)));
      RecurrentLayer.Result alone = net.run(net.cut(net.x, 0, 0, 1), null, first);
      RecurrentLayer.Result both = net.run(net.x, null, net.states);
      net.same(alone.outputs(), net.cut(both.outputs(), 0, 0, 1));
    }
  }

  private static void lengthsTruncate(Cell cell, Golden.Case golden) {
    try (Net net = new Net(cell, golden)) {
      int rows = (int) golden.input().shape()[0];
      int[] lengths = new int[rows];
      Arrays.fill(lengths, 2);
      RecurrentLayer.Result padded = net.run(net.x, net.tf.constant(lengths), net.states);
      RecurrentLayer.Result cut = net.run(net.steps(0, 2), null, net.states);
      net.same(net.cut(padded.outputs(), 1, 0, 2), cut.outputs());
      int steps = (int) golden.input().shape()[1];
      Operand<TNumber> past = net.cut(padded.outputs(), 1, 2, steps);
      net.same(past, net.tf.zerosLike(past));
      for (Slot slot : cell.state()) {
        net.same(padded.finalState().get(slot.name()), cut.finalState().get(slot.name()));
      }
    }
  }

  private static void everyWeightHasAGradient(Cell cell, Golden.Case golden) {
    try (Net net = new Net(cell, golden)) {
      // From zero states: where a cell begins, its first values are read as well.
      RecurrentLayer.Result result = net.run(net.x, null, Map.of());
      Operand<TNumber> square = net.tf.math.square(result.outputs());
      Operand<TNumber> loss =
          net.tf.reduceSum(
              net.tf.reshape(square, net.tf.constant(new int[] {-1})),
              net.tf.constant(new int[] {0}));
      // Where even the golden gradient is zero, as behind a hard threshold, there is none to see.
      List<String> names =
          golden.weights().keySet().stream()
              .filter(n -> Arrays.stream(golden.gradient("weights/" + n)).anyMatch(g -> g != 0))
              .toList();
      Output<?>[] by =
          names.stream().map(n -> net.values.get("cell/" + n).asOutput()).toArray(Output<?>[]::new);
      Output<?>[] gradients = net.graph.addGradients(loss.asOutput(), by);
      for (int k = 0; k < names.size(); k++) {
        assertThat(Arrays.stream(net.values(gradients[k])).map(Math::abs).max().getAsDouble())
            .as(names.get(k))
            .isPositive();
      }
    }
  }

  /** Cells with a gradient that is not the derivative, by the intent of their authors. */
  private static final Map<String, String> NOT_THE_SLOPE =
      Map.of(
          "PhasedLSTMCell", "no gradient through the wrap of the phase, as in tf.contrib",
          "DNCCell", "no gradient from the usage into the write weights, as in the authors' code",
          "SkipUpdateWrapper", "the gradient passes the rounding");

  /** Along one direction, by everything at once. */
  private static void gradientIsTheSlope(Cell cell, Golden.Case golden) {
    if (NOT_THE_SLOPE.containsKey(cell.getClass().getSimpleName())) {
      return;
    }
    double step = 1e-6;
    double slope = (alongDirection(cell, golden, step)[0] - alongDirection(cell, golden, -step)[0]);
    double gradient = alongDirection(cell, golden, 0)[1];
    assertThat(gradient)
        .isCloseTo(slope / (2 * step), Offset.offset(1e-5 * (1 + Math.abs(gradient))));
  }

  /** A loss at a distance along a direction, and its derivative in that direction. */
  private static double[] alongDirection(Cell cell, Golden.Case golden, double distance) {
    try (Net net = new Net(cell, golden, distance)) {
      RecurrentLayer.Result result = net.run(net.x, null, net.states);
      Operand<TNumber> loss = net.sum(net.tf.math.sin(result.outputs()));
      for (Operand<TNumber> last : result.finalState().values()) {
        loss = net.tf.math.add(loss, net.sum(net.tf.math.sin(last)));
      }
      if (distance != 0) {
        return new double[] {net.values(loss)[0]};
      }
      List<Operand<TNumber>> by = net.moved(loss);
      Output<?>[] gradients =
          net.graph.addGradients(
              loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
      double derivative = 0;
      for (int k = 0; k < gradients.length; k++) {
        double[] g = net.values(gradients[k]);
        double[] direction = Net.direction(g.length);
        for (int i = 0; i < g.length; i++) {
          derivative += g[i] * direction[i];
        }
      }
      return new double[] {0, derivative};
    }
  }

  private static void savedAndLoaded(Cell cell, Golden.Case golden) {
    String path = folder.resolve(cell.getClass().getSimpleName() + "-weights").toString();
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat64> x = Net.constant(tf, golden.input());
      Weights weights = Weights.variables(tf, TFloat64.class, 6);
      Weights mode = weights.forInference();
      Operand<TNumber> y = new RNN(cell).run(mode, signal(tf, cell, golden, x)).outputs();
      double[] expected;
      try (Session session = new Session(graph, Sessions.plain())) {
        session.initialize();
        expected = Net.values(session, y);
        session.save(path);
      }
      try (Session session = new Session(graph, Sessions.plain())) {
        session.restore(path);
        assertThat(Net.values(session, y)).containsExactly(expected);
      }
    }
  }

  private static void seeds(Cell cell, Golden.Case golden) {
    List<double[]> once = firstValues(cell, golden, 3);
    List<double[]> again = firstValues(cell, golden, 3);
    List<double[]> other = firstValues(cell, golden, 4);
    boolean differs = false;
    for (int k = 0; k < once.size(); k++) {
      assertThat(again.get(k)).containsExactly(once.get(k));
      assertThat(Arrays.stream(once.get(k)).allMatch(Double::isFinite)).isTrue();
      differs |= !Arrays.equals(other.get(k), once.get(k));
    }
    assertThat(differs).isTrue();
  }

  private static List<double[]> firstValues(Cell cell, Golden.Case golden, long seed) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, seed);
      Operand<TFloat64> x = Net.constant(tf, golden.input());
      new RNN(cell).run(weights, signal(tf, cell, golden, x));
      try (Session session = new Session(graph, Sessions.plain())) {
        return weights.operands().values().stream().map(w -> Net.values(session, w)).toList();
      }
    }
  }

  private static void exported(Cell cell, Golden.Case golden) throws IOException {
    String path = folder.resolve(cell.getClass().getSimpleName()).toString();
    double[] expected;
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 5);
      long[] shape = golden.input().shape().clone();
      Arrays.fill(shape, 0, 2, Shape.UNKNOWN_SIZE);
      Operand<TFloat64> x =
          tf.withName("x")
              .placeholder(
                  TFloat64.class, org.tensorflow.op.core.Placeholder.shape(Shape.of(shape)));
      Signal signal = signal(tf, cell, golden, x);
      Operand<TNumber> y = new RNN(cell).run(weights.forInference(), signal).outputs();
      Signature signature = Signature.builder().input("x", x).output("y", y).build();
      try (Session session = new Session(graph, Sessions.plain());
          Tensor input = input(golden)) {
        session.initialize();
        expected = call(SessionFunction.create(signature, session), input);
        SavedModelBundle.exporter(path)
            .withFunction(SessionFunction.create(signature, session))
            .export();
      }
    }
    try (SavedModelBundle bundle =
            SavedModelBundle.loader(path).withConfigProto(Sessions.plain()).load();
        Tensor input = input(golden)) {
      assertThat(call(bundle.function("serving_default"), input)).containsExactly(expected);
    }
  }

  private static Signal signal(Ops tf, Cell cell, Golden.Case golden, Operand<TFloat64> x) {
    Golden.Values memory = golden.weights().get("memory");
    return Packed.remember(
        tf,
        Packed.unpack(tf, cell, x, null),
        golden,
        memory == null ? null : Net.constant(tf, memory));
  }

  private static double[] call(SessionFunction function, Tensor input) {
    try (Result result = function.call(Map.of("x", input))) {
      return Net.numbers(result.get(0));
    }
  }

  private static Tensor input(Golden.Case golden) {
    return TFloat64.tensorOf(
        Shape.of(golden.input().shape()), DataBuffers.of(golden.input().values()));
  }

  private static void refusesNothing(Cell cell, Golden.Case golden) {
    com.fasterxml.jackson.databind.node.ObjectNode config = golden.config().deepCopy();
    config.put("hiddenSize", 0);
    assertThatThrownBy(() -> Configured.record(cell.getClass(), config))
        .rootCause()
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("Cell: hiddenSize must be at least 1, got 0");
  }

  /** A cell with the golden weights, input and state as constants of a graph. */
  private static final class Net implements AutoCloseable {
    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final Cell cell;
    private final Weights weights;
    private final Operand<TNumber> x;
    private final Golden.Case golden;
    private final Map<String, Operand<TFloat64>> values = new LinkedHashMap<>();
    private final Map<String, Operand<TFloat64>> states = new LinkedHashMap<>();
    private final List<Operand<TNumber>> moved = new ArrayList<>();

    Net(Cell cell, Golden.Case golden) {
      this(cell, golden, 0);
    }

    /** All values moved along a direction; counters, which have no gradient, stay. */
    Net(Cell cell, Golden.Case golden, double distance) {
      this.cell = cell;
      this.golden = golden;
      golden
          .weights()
          .forEach(
              (name, value) -> values.put("cell/" + name, constant(tf, value.moved(distance))));
      golden
          .initialState()
          .forEach(
              (slot, value) -> {
                boolean counts = !golden.gradients().containsKey("initialState/" + slot);
                states.put(slot, constant(tf, counts ? value : value.moved(distance)));
              });
      Map<String, Operand<TFloat64>> given = new LinkedHashMap<>(values);
      golden
          .config()
          .path("epsilon")
          .fields()
          .forEachRemaining(
              e -> given.put("cell/" + e.getKey(), constant(tf, Golden.Values.of(e.getValue()))));
      this.weights = Weights.given(tf, TFloat64.class, given);
      boolean tokens = !golden.gradients().containsKey("input");
      this.x =
          Vocabulary.number(constant(tf, tokens ? golden.input() : golden.input().moved(distance)));
      values.values().forEach(v -> moved.add(Vocabulary.number(v)));
      states.forEach(
          (slot, v) -> {
            if (golden.gradients().containsKey("initialState/" + slot)) {
              moved.add(Vocabulary.number(v));
            }
          });
      if (!tokens) {
        moved.add(x);
      }
    }

    /** What was moved and reaches the loss. */
    List<Operand<TNumber>> moved(Operand<TNumber> loss) {
      var reached = graph.subgraphTo(java.util.Set.of(loss));
      return moved.stream().filter(v -> reached.contains(v.op())).toList();
    }

    /** A component of the direction for each element. */
    static double[] direction(int size) {
      return new Golden.Values(new long[] {size}, new double[size]).moved(1).values();
    }

    Operand<TNumber> sum(Operand<TNumber> value) {
      return tf.reduceSum(
          tf.reshape(value, tf.constant(new int[] {-1})), tf.constant(new int[] {0}));
    }

    static Operand<TFloat64> constant(Ops tf, Golden.Values v) {
      return tf.reshape(tf.constant(v.values()), tf.constant(v.shape()));
    }

    RecurrentLayer.Result run(
        Operand<TNumber> input,
        Operand<TInt32> lengths,
        Map<String, ? extends Operand<?>> initial) {
      Signal alone = Packed.unpack(tf, cell, input, lengths);
      Signal signal = Packed.remember(tf, alone, golden, values.get("cell/memory"));
      Weights mode = golden.training() ? weights : weights.forEvaluation();
      return new RNN(cell).run(mode, signal, initial);
    }

    Operand<TNumber> steps(int from, int to) {
      return cut(x, 1, from, to);
    }

    Operand<TNumber> cut(Operand<? extends TNumber> value, int axis, int from, int to) {
      int[] begin = {axis == 0 ? from : 0, axis == 1 ? from : 0};
      int[] size = {axis == 0 ? to - from : -1, axis == 1 ? to - from : -1};
      int rank = value.asOutput().shape().numDimensions();
      int[] begins = Arrays.copyOf(begin, rank);
      int[] sizes = new int[rank];
      Arrays.fill(sizes, -1);
      System.arraycopy(size, 0, sizes, 0, Math.min(2, rank));
      return tf.slice(Vocabulary.number(value), tf.constant(begins), tf.constant(sizes));
    }

    void same(Operand<TNumber> actual, Operand<TNumber> expected) {
      double[] a = values(actual);
      double[] b = values(expected);
      assertThat(a).hasSameSizeAs(b);
      for (int i = 0; i < a.length; i++) {
        assertThat(Math.abs(a[i] - b[i])).as("element %d", i).isLessThan(1e-12);
      }
    }

    double[] values(Operand<?> operand) {
      try (Session session = new Session(graph, Sessions.plain())) {
        return values(session, operand);
      }
    }

    static double[] values(Session session, Operand<?> operand) {
      try (Result result = session.runner().fetch(operand).run()) {
        return numbers(result.get(0));
      }
    }

    static double[] numbers(Tensor tensor) {
      double[] copy = new double[Math.toIntExact(tensor.shape().size())];
      tensor.asRawTensor().data().asDoubles().read(copy);
      return copy;
    }

    @Override
    public void close() {
      graph.close();
    }
  }
}
