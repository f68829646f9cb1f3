package kazoku.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Requests;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
import kazoku.cells.BatchNormLSTMCell;
import kazoku.cells.ConvLSTMCell;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.NTMCell;
import kazoku.cells.PhasedLSTMCell;
import kazoku.cells.ProjectedLSTMCell;
import kazoku.cells.RHNCell;
import kazoku.internal.Vocabulary;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/** A cell in a graph of its own, with random inputs for two rows, all in float64. */
final class Trial implements AutoCloseable {
  static final int ROWS = 2;
  static final Cell IMAGES = new ConvLSTMCell(2, 3, List.of(4, 5), List.of(3, 3));

  final Graph graph = new Graph();
  final Ops tf = Ops.create(graph);
  final Weights weights;
  private final Random random = new Random(3);

  Trial() {
    this.weights = Weights.variables(tf, TFloat64.class, 5);
  }

  /** With these values for weights. */
  Trial(Map<String, double[]> values, Cell cell) {
    this(values, cell, Map.of());
  }

  /** With these values for weights and for what would be drawn. */
  Trial(Map<String, double[]> values, Cell cell, Map<String, Shape> random) {
    Map<String, Shape> shapes = new LinkedHashMap<>(random);
    Trace.of(cell).weights().asked().forEach((name, leaf) -> shapes.put(name, leaf.shape()));
    Map<String, Operand<TFloat64>> given = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> given.put("cell/" + name, constant(values.get(name), shape)));
    this.weights = Weights.given(tf, TFloat64.class, given);
  }

  /** Some of the steps of a sequence. */
  Operand<TFloat64> cut(Operand<? extends TNumber> sequence, int from, int to) {
    int[] begin = new int[sequence.asOutput().shape().numDimensions()];
    int[] size = begin.clone();
    Arrays.fill(size, -1);
    begin[1] = from;
    size[1] = to - from;
    @SuppressWarnings("unchecked") // All trials are in float64.
    Operand<TFloat64> numbers = (Operand<TFloat64>) sequence;
    return tf.slice(numbers, tf.constant(begin), tf.constant(size));
  }

  Operand<TFloat64> constant(double[] values, Shape shape) {
    return tf.reshape(tf.constant(values), tf.constant(shape.asArray()));
  }

  /** Normally distributed numbers for some steps. */
  Operand<TFloat64> random(int steps, Shape row) {
    Shape shape = row.prepend(steps).prepend(ROWS);
    double[] values = new double[(int) shape.size()];
    Arrays.setAll(values, i -> random.nextGaussian());
    return constant(values, shape);
  }

  /** Random input, and what the cell asks for beside it. */
  Signal input(Cell cell, int steps) {
    Signal signal = Signal.of(random(steps, cell.input()));
    for (Map.Entry<String, Expr> beside : Trace.of(cell).requests().beside().entrySet()) {
      signal = signal.beside(beside.getKey(), random(steps, beside.getValue().shape()));
    }
    for (Map.Entry<String, Requests.PerRow> row : Trace.of(cell).requests().perRow().entrySet()) {
      signal = signal.beside(row.getKey(), memory(row.getValue().value().shape()));
    }
    return signal;
  }

  /** A sequence of one step less than it may have; the second row ends early. */
  private Signal memory(Shape shape) {
    Shape row = shape.takeLast(shape.numDimensions() - 1);
    int steps = (int) shape.get(0) - 1;
    return new Signal(random(steps, row), tf.constant(new int[] {steps, 1}));
  }

  RecurrentLayer.Result run(Cell cell, Signal x) {
    return new RNN(cell).run(weights, x);
  }

  RecurrentLayer.Result evaluated(Cell cell, Signal x) {
    return new RNN(cell).run(weights.forEvaluation(), x);
  }

  /** The values of operands, in one run. */
  List<double[]> values(List<? extends Operand<?>> operands) {
    try (Session session = new Session(graph)) {
      session.initialize();
      Session.Runner runner = session.runner();
      operands.forEach(runner::fetch);
      List<double[]> values = new ArrayList<>();
      try (Result results = runner.run()) {
        results.forEach(
            entry -> {
              double[] all = new double[(int) entry.getValue().shape().size()];
              entry.getValue().asRawTensor().data().asDoubles().read(all);
              values.add(all);
            });
      }
      return values;
    }
  }

  double[] value(Operand<?> operand) {
    return values(List.of(operand)).get(0);
  }

  /** Cells of every kind: projected, with images, without a slot for an output, with times. */
  static List<Cell> everyKind() {
    return List.of(
        new LSTMCell(3, 4),
        new GRUCell(3, 4),
        new RHNCell(3, 4),
        new ProjectedLSTMCell(3, 5, 2),
        new BatchNormLSTMCell(3, 4),
        new PhasedLSTMCell(3, 4),
        new NTMCell(3, 4, 5, 2, 1, 1),
        IMAGES);
  }

  /** Cells that are built for training and have gradients, with finite numbers everywhere. */
  static Stream<DynamicTest> around(Stream<? extends Cell> cells) {
    return cells.map(
        cell ->
            DynamicTest.dynamicTest(
                cell.toString(),
                () -> {
                  Map<String, double[]> values = trained(cell, 3);
                  values.forEach(
                      (name, all) ->
                          assertThat(Arrays.stream(all).allMatch(Double::isFinite))
                              .as(name)
                              .isTrue());
                  assertThat(values.keySet()).anyMatch(name -> name.startsWith("d "));
                }));
  }

  static void says(String sentence, ThrowingCallable mistake) {
    assertThatThrownBy(mistake).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }

  /** The weights of the cell that is wrapped. */
  static Map<String, double[]> inside(Map<String, double[]> values) {
    Map<String, double[]> inside = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith("cell/")) {
            inside.put(name.substring("cell/".length()), value);
          }
        });
    return inside;
  }

  /** The first values of a cell's weights. */
  static Map<String, double[]> first(Cell cell) {
    try (Trial trial = new Trial()) {
      trial.run(cell, trial.input(cell, 1));
      Map<String, double[]> first = new LinkedHashMap<>();
      List<String> names = new ArrayList<>(trial.weights.operands().keySet());
      List<double[]> values = trial.values(new ArrayList<>(trial.weights.operands().values()));
      for (int k = 0; k < names.size(); k++) {
        first.put(names.get(k).substring("cell/".length()), values.get(k));
      }
      return first;
    }
  }

  /**
   * Trains nothing, but computes what training needs: outputs, final states, and the gradients of
   * their sum of sines by all weights that reach it.
   */
  static Map<String, double[]> trained(Cell cell, int steps) {
    try (Trial trial = new Trial()) {
      Ops tf = trial.tf;
      RecurrentLayer.Result result = trial.run(cell, trial.input(cell, steps));
      Map<String, Operand<?>> fetched = new LinkedHashMap<>();
      fetched.put("output", result.outputs());
      Operand<TNumber> loss = trial.sum(tf.math.sin(result.outputs()));
      for (Map.Entry<String, Operand<TNumber>> last : result.finalState().entrySet()) {
        fetched.put("final " + last.getKey(), last.getValue());
        loss = tf.math.add(loss, trial.sum(tf.math.sin(last.getValue())));
      }
      List<String> names = new ArrayList<>(trial.weights.trainable().keySet());
      Output<?>[] by =
          names.stream()
              .map(n -> trial.weights.trainable().get(n).asOutput())
              .toArray(Output<?>[]::new);
      Output<?>[] gradients = trial.graph.addGradients(loss.asOutput(), by);
      for (int k = 0; k < by.length; k++) {
        if (!gradients[k].isClosed()) {
          fetched.put("d " + names.get(k).substring("cell/".length()), gradients[k]);
        }
      }
      List<double[]> values = trial.values(List.copyOf(fetched.values()));
      Map<String, double[]> named = new LinkedHashMap<>();
      int k = 0;
      for (String name : fetched.keySet()) {
        named.put(name, values.get(k++));
      }
      return named;
    }
  }

  private Operand<TNumber> sum(Operand<TNumber> value) {
    return tf.reduceSum(
        tf.reshape(Vocabulary.number(value), tf.constant(new int[] {-1})),
        tf.constant(new int[] {0}));
  }

  @Override
  public void close() {
    graph.close();
  }
}
