package kazoku.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Requests;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.family.Family;
import kazoku.family.Sessions;
import kazoku.internal.Vocabulary;
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
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/**
 * Every wrapper around every cell, and around every wrapper: built for training, the loop gives
 * what the unrolled steps give, outputs, final states, and the gradients by everything that is
 * given. A cell that a wrapper has no use for is refused.
 *
 * <p>By default a part of the pairs is tried, in which every wrapper and every cell has its turn
 * with several others; {@code -Dkazoku.pairs=all} tries all.
 */
class WrapperTest {
  private static final int ROWS = 2;
  private static final int STEPS = 3;
  private static final double TOLERANCE = 1e-9;

  /** All pairs take minutes; otherwise all wrappers meet all kinds, and every fifth other cell. */
  private static final boolean ALL = System.getProperty("kazoku.pairs", "").equals("all");

  private static final Set<Class<?>> KINDS =
      Trial.everyKind().stream().map(Object::getClass).collect(Collectors.toSet());

  @Test
  void allWrappersAreHere() {
    assertThat(Wrapping.all().stream().<Class<?>>map(Wrapping::wrapper).toList())
        .containsExactlyInAnyOrderElementsOf(Family.allWrappers());
  }

  @TestFactory
  Stream<DynamicTest> aroundEveryCell() {
    List<Wrapping> wrappings = Wrapping.all();
    List<Cell> cells = Family.examples();
    return pairs(wrappings.size(), cells.size())
        .filter(
            pair ->
                ALL
                    || (pair.outer() + pair.inner()) % 5 == 0
                    || KINDS.contains(cells.get(pair.inner()).getClass()))
        .map(pair -> test(wrappings.get(pair.outer()), cells.get(pair.inner())));
  }

  @TestFactory
  Stream<DynamicTest> aroundEveryWrapper() {
    List<Wrapping> wrappings = Wrapping.all();
    List<Cell> cells = List.of(new GRUCell(3, 4), new LSTMCell(3, 4));
    return pairs(wrappings.size(), wrappings.size())
        .flatMap(
            pair ->
                cells.stream()
                    .filter(cell -> ALL || cells.indexOf(cell) == (pair.outer() + pair.inner()) % 2)
                    .map(cell -> wrappings.get(pair.inner()).around().apply(cell))
                    .filter(inner -> !wrappings.get(pair.outer()).computesWithTokens(inner))
                    .map(inner -> test(wrappings.get(pair.outer()), inner)));
  }

  private record Pair(int outer, int inner) {}

  private static Stream<Pair> pairs(int outer, int inner) {
    return IntStream.range(0, outer * inner).mapToObj(k -> new Pair(k / inner, k % inner));
  }

  private static DynamicTest test(Wrapping wrapping, Cell cell) {
    return DynamicTest.dynamicTest(
        wrapping.wrapper().getSimpleName() + " around " + cell,
        () -> {
          if (!wrapping.fits().test(cell)) {
            assertThatThrownBy(() -> wrapping.around().apply(cell))
                .as("needs %s", wrapping.rule())
                .isInstanceOf(IllegalArgumentException.class);
          } else if (wrapping.comesTooLate(cell)) {
            assertThatThrownBy(() -> Trace.of(wrapping.around().apply(cell)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not depend on the state");
          } else {
            agree(wrapping.around().apply(cell));
          }
        });
  }

  private static void agree(Cell cell) {
    try (Graph graph = new Graph()) {
      Given given = new Given(graph, cell);
      Map<String, Operand<?>> loop = given.results(Loop.Form.WHILE);
      Map<String, Operand<?>> steps = given.results(Loop.Form.UNROLLED);
      assertThat(loop.keySet()).isEqualTo(steps.keySet());
      try (Session session = new Session(graph, Sessions.plain())) {
        Session.Runner runner = session.runner();
        loop.values().forEach(runner::fetch);
        steps.values().forEach(runner::fetch);
        try (Result result = runner.run()) {
          List<String> names = List.copyOf(loop.keySet());
          boolean differentiates = false;
          for (int k = 0; k < names.size(); k++) {
            double[] values = numbers(result.get(k));
            same(names.get(k), values, numbers(result.get(k + names.size())));
            differentiates |= names.get(k).startsWith("d cell/") && anyNonZero(values);
          }
          assertThat(differentiates).as("any gradient by a weight").isTrue();
        }
      }
    }
  }

  private static double[] numbers(Tensor tensor) {
    double[] numbers = new double[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asDoubles().read(numbers);
    return numbers;
  }

  private static boolean anyNonZero(double[] values) {
    for (double value : values) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }

  private static void same(String what, double[] actual, double[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      double scale = Math.max(1, Math.abs(expected[i]));
      if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * scale)) {
        throw new AssertionError(
            what + "[" + i + "]: unrolled " + expected[i] + ", in a loop " + actual[i]);
      }
    }
  }

  /** Everything that a cell needs, as constants of a graph. */
  private static final class Given {
    private final Graph graph;
    private final Ops tf;
    private final Cell cell;
    private final Weights weights;
    private final Signal x;
    private final Map<String, Operand<TFloat64>> values = new LinkedHashMap<>();
    private final Random random = new Random(8);

    Given(Graph graph, Cell cell) {
      this.graph = graph;
      this.tf = Ops.create(graph);
      this.cell = cell;
      Trace trace = Trace.of(cell);
      trace
          .weights()
          .asked()
          .forEach((name, leaf) -> give("cell/" + name, weight(name, leaf.shape())));
      this.weights = Weights.given(tf, TFloat64.class, Map.copyOf(values), 4);
      boolean tokens = Wrapping.readsTokens(cell);
      Signal signal =
          Signal.of(give("input", steps(cell.input(), tokens ? Wrapping.TOKENS : 1, tokens)));
      for (Map.Entry<String, Expr> e : trace.requests().beside().entrySet()) {
        boolean choice = e.getKey().equals("reset");
        signal =
            signal.beside(
                e.getKey(), give(e.getKey(), steps(e.getValue().shape(), choice ? 2 : 1, choice)));
      }
      for (Map.Entry<String, Requests.PerRow> e : trace.requests().perRow().entrySet()) {
        Shape shape = e.getValue().value().shape().prepend(ROWS);
        signal = signal.beside(e.getKey(), give(e.getKey(), constant(shape, -1, 1, false)));
      }
      this.x = signal;
      if (tokens) {
        values.remove("input");
      }
    }

    private Operand<TFloat64> give(String name, Operand<TFloat64> value) {
      values.put(name, value);
      return value;
    }

    /** Matrices of both signs; vectors may be variances, and states shares, which have one. */
    private Operand<TFloat64> weight(String name, Shape shape) {
      boolean any = shape.numDimensions() > 1 && !name.contains("initial/");
      return constant(shape, any ? -0.6 : 0.1, 0.6, false);
    }

    private Operand<TFloat64> steps(Shape row, double limit, boolean whole) {
      return constant(row.prepend(STEPS).prepend(ROWS), whole ? 0 : -limit, limit, whole);
    }

    private Operand<TFloat64> constant(Shape shape, double low, double high, boolean whole) {
      double[] numbers = random.doubles(shape.size(), low, high).toArray();
      for (int i = 0; whole && i < numbers.length; i++) {
        numbers[i] = Math.floor(numbers[i]);
      }
      return tf.reshape(tf.constant(numbers), tf.constant(shape.asArray()));
    }

    /** Outputs, final states, and the gradients of a loss by everything that reaches it. */
    Map<String, Operand<?>> results(Loop.Form form) {
      RecurrentLayer.Result result = new RNN(cell).with(new Loop(form, 1)).run(weights, x);
      Map<String, Operand<?>> all = new LinkedHashMap<>();
      all.put("output", result.outputs());
      Operand<TNumber> loss = sum(result.outputs());
      for (Map.Entry<String, Operand<TNumber>> last : result.finalState().entrySet()) {
        all.put("final " + last.getKey(), last.getValue());
        loss = tf.math.add(loss, sum(last.getValue()));
      }
      var reached = graph.subgraphTo(Set.of(loss));
      List<String> by =
          values.keySet().stream().filter(n -> reached.contains(values.get(n).op())).toList();
      Output<?>[] xs = by.stream().map(n -> values.get(n).asOutput()).toArray(Output<?>[]::new);
      Output<?>[] gradients = graph.addGradients(loss.asOutput(), xs);
      values.forEach(
          (name, value) -> {
            // TensorFlow gives nothing where no gradient flows.
            int k = by.indexOf(name);
            boolean flows = k >= 0 && !gradients[k].isClosed();
            all.put("d " + name, flows ? gradients[k] : tf.zerosLike(value));
          });
      return all;
    }

    private Operand<TNumber> sum(Operand<TNumber> value) {
      Operand<TNumber> sines = Vocabulary.number(tf.math.sin(value));
      return tf.reduceSum(
          tf.reshape(sines, tf.constant(new int[] {-1})), tf.constant(new int[] {0}));
    }
  }
}
