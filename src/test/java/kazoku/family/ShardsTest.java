package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import kazoku.Cell;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.LTCCell;
import kazoku.cells.MinGRUCell;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/**
 * Into how many parts a batch is split where nobody says it, and that neither this nor several
 * steps a turn make a difference.
 */
class ShardsTest {
  private static final int CORES = Math.min(8, Runtime.getRuntime().availableProcessors());

  @Test
  void asManyAsSuit() {
    assertThat(shards(new GRUCell(3, 8), Loop.DEFAULT)).isEqualTo(1);
    assertThat(shards(new GRUCell(8, 128), Loop.DEFAULT)).isEqualTo(CORES);
    assertThat(shards(new GRUCell(8, 128), Loop.DEFAULT.shards(3))).isEqualTo(3);
    assertThat(shards(new GRUCell(8, 128), Loop.UNROLLED)).isEqualTo(1);
  }

  private static int shards(Cell cell, Loop loop) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      int inputs = (int) cell.input().get(0);
      return choice(tf, cell, loop, tf.zeros(tf.array(9, 2, inputs), TFloat64.class)).shards();
    }
  }

  private static Loop.Choice choice(Ops tf, Cell cell, Loop loop, Operand<TFloat64> x) {
    List<Loop.Choice> choices = new ArrayList<>();
    Weights weights =
        Weights.variables(tf, TFloat64.class, 1)
            .observed(built -> choices.add(built.steps().loop()));
    new RNN(cell).with(loop).run(weights, Signal.of(x));
    return choices.get(0);
  }

  @Test
  void theyMakeNoDifference() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 4);
      Operand<TFloat64> x = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, -1, 5)));
      List<Operand<?>> whole = results(tf, graph, weights, x, Loop.DEFAULT.shards(1));
      List<Operand<?>> suit = results(tf, graph, weights, x, Loop.DEFAULT);
      try (Session session = new Session(graph, Sessions.plain())) {
        session.initialize();
        for (int rows : new int[] {0, 1, 2, 9, 10, 23}) {
          double[][] expected = run(session, x, whole, rows, 4);
          double[][] actual = run(session, x, suit, rows, 4);
          for (int k = 0; k < expected.length; k++) {
            assertThat(actual[k]).as("%d rows", rows).containsExactly(expected[k], within(1e-11));
          }
        }
      }
    }
  }

  @Test
  void asManyStepsATurnAsSuit() {
    assertThat(unroll(new GRUCell(3, 8), 99, Loop.DEFAULT)).isEqualTo(4);
    assertThat(unroll(new LTCCell(3, 8), 99, Loop.DEFAULT)).isEqualTo(1);
    assertThat(unroll(new GRUCell(3, 8), 9, Loop.DEFAULT)).isEqualTo(1);
    assertThat(unroll(new GRUCell(3, 8), Shape.UNKNOWN_SIZE, Loop.DEFAULT)).isEqualTo(1);
    assertThat(unroll(new GRUCell(3, 8), Shape.UNKNOWN_SIZE, Loop.DEFAULT.unroll(7))).isEqualTo(7);
    assertThat(unroll(new MinGRUCell(3, 8), 99, Loop.DEFAULT.unroll(7))).isEqualTo(1);
  }

  private static int unroll(Cell cell, long steps, Loop loop) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Shape shape = Shape.of(Shape.UNKNOWN_SIZE, steps, 3);
      Operand<TFloat64> x = tf.placeholder(TFloat64.class, Placeholder.shape(shape));
      return choice(tf, cell, loop, x).unroll();
    }
  }

  @Test
  void norDoSeveralStepsATurn() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 4);
      Operand<TFloat64> x = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, -1, 5)));
      List<Operand<?>> single = results(tf, graph, weights, x, Loop.DEFAULT.unroll(1));
      List<Operand<?>> several = results(tf, graph, weights, x, Loop.DEFAULT.unroll(3));
      try (Session session = new Session(graph, Sessions.plain())) {
        session.initialize();
        for (int steps = 0; steps < 8; steps++) {
          double[][] expected = run(session, x, single, 2, steps);
          double[][] actual = run(session, x, several, 2, steps);
          for (int k = 0; k < expected.length; k++) {
            assertThat(actual[k]).as("%d steps", steps).containsExactly(expected[k], within(1e-11));
          }
        }
      }
    }
  }

  /** Outputs, final states, and the gradients of their sum by input and weights. */
  private static List<Operand<?>> results(
      Ops tf, Graph graph, Weights weights, Operand<TFloat64> x, Loop loop) {
    RecurrentLayer.Result result =
        new RNN(new LSTMCell(5, 64)).with(loop).run(weights, Signal.of(x));
    List<Operand<TNumber>> values = new ArrayList<>(List.of(result.outputs()));
    values.addAll(result.finalState().values());
    Operand<TNumber> loss = null;
    for (Operand<TNumber> value : values) {
      Operand<TNumber> flat = tf.reshape(tf.math.sin(value), tf.array(-1));
      Operand<TNumber> sum = tf.reduceSum(flat, tf.array(0));
      loss = loss == null ? sum : tf.math.add(loss, sum);
    }
    List<Operand<?>> by = new ArrayList<>(weights.trainable().values());
    by.add(x);
    Output<?>[] gradients =
        graph.addGradients(
            loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
    List<Operand<?>> all = new ArrayList<>(values);
    all.addAll(Arrays.asList(gradients));
    return all;
  }

  private static double[][] run(
      Session session, Operand<TFloat64> x, List<Operand<?>> fetched, int rows, int steps) {
    double[] values = new Random(5).doubles((long) rows * steps * 5, -1, 1).toArray();
    try (TFloat64 input = TFloat64.tensorOf(Shape.of(rows, steps, 5), DataBuffers.of(values))) {
      Session.Runner runner = session.runner().feed(x, input);
      fetched.forEach(runner::fetch);
      try (Result result = runner.run()) {
        double[][] all = new double[fetched.size()][];
        for (int k = 0; k < all.length; k++) {
          all[k] = new double[(int) result.get(k).shape().size()];
          result.get(k).asRawTensor().data().asDoubles().read(all[k]);
        }
        return all;
      }
    }
  }
}
