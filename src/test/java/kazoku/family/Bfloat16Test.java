package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Sequential;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.cells.GRUResetAfterCell;
import kazoku.cells.LSTMCell;
import kazoku.cells.LayerNormLSTMCell;
import kazoku.cells.MinGRUCell;
import kazoku.layers.Dense;
import kazoku.train.Adam;
import kazoku.train.Epochs;
import kazoku.train.History;
import kazoku.train.Loss;
import kazoku.train.Model;
import kazoku.train.Sequences;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/**
 * Training in mixed precision is near to that in float32, and not the same; what is not trained is
 * the same.
 */
class Bfloat16Test {
  /** Of the largest number: products of 8 binary digits, of some steps one after the other. */
  private static final double NEAR = 0.03;

  static Stream<RNN> layers() {
    return Stream.of(
        new RNN(new LSTMCell(4, 6)),
        new RNN(new LSTMCell(4, 6)).with(new Loop(Loop.Form.WHILE, 2)),
        new RNN(new GRUResetAfterCell(4, 6)).reversed(),
        new RNN(new GRUResetAfterCell(4, 6)).with(Loop.DEFAULT.segments(2)),
        new RNN(new LayerNormLSTMCell(4, 6)).last(),
        new RNN(new LSTMCell(4, 6)).with(Loop.UNROLLED),
        new RNN(new MinGRUCell(4, 6)));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void trainingIsNearToFloat32(RNN rnn) {
    try (Graph graph = new Graph()) {
      Weights weights = Weights.variables(Ops.create(graph), 4);
      List<Operand<?>> fetched = results(graph, weights, rnn);
      int values = fetched.size();
      fetched.addAll(results(graph, weights, rnn.with(rnn.loop().bfloat16())));
      List<float[]> all = run(graph, fetched);
      double most = 0;
      for (int k = 0; k < values; k++) {
        double difference = difference(all.get(k), all.get(values + k));
        assertThat(difference).as("value %d", k).isLessThan(NEAR);
        most = Math.max(most, difference);
      }
      assertThat(most).isGreaterThan(1e-4);
    }
  }

  @Test
  void whatIsNotTrainedIsComputedInFloat32() {
    RNN rnn = new RNN(new GRUResetAfterCell(4, 6));
    try (Graph graph = new Graph()) {
      Weights weights = Weights.variables(Ops.create(graph), 4);
      Weights inference = weights.forInference();
      Signal x = input(weights.tf());
      List<Operand<?>> fetched =
          List.of(
              rnn.run(inference, x).outputs(),
              rnn.with(Loop.DEFAULT.bfloat16()).run(inference, x).outputs());
      List<float[]> all = run(graph, fetched);
      assertThat(all.get(1)).isEqualTo(all.get(0));
    }
  }

  @Test
  void aModelLearnsAndSaysHow() {
    Random random = new Random(3);
    float[][][] rows = new float[64][5][2];
    int[] labels = new int[rows.length];
    for (int row = 0; row < rows.length; row++) {
      double sum = 0;
      for (float[] step : rows[row]) {
        step[0] = (float) random.nextGaussian();
        sum += step[0];
      }
      labels[row] = sum > 0 ? 1 : 0;
    }
    RNN rnn = new RNN(new LSTMCell(2, 8)).last().with(Loop.DEFAULT.shards(1).bfloat16());
    try (Model model = Model.of(new Sequential(rnn, new Dense(8, 2)), 42)) {
      assertThat(model.summary().toString()).contains("loop, products in bfloat16, since");
      History history =
          model.fit(
              Sequences.of(rows).labels(labels),
              new Adam(0.02),
              Loss.softmaxCrossEntropy(),
              Epochs.of(15).batchSize(16));
      assertThat(history.last().training().loss()).isLessThan(0.3);
    }
  }

  @Test
  void otherTypesAreRefused() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, TFloat64.class, 4);
      RNN rnn = new RNN(new LSTMCell(4, 6)).with(Loop.DEFAULT.bfloat16());
      assertThatThrownBy(() -> rnn.run(weights, Signal.of(tf.constant(new double[1][1][4]))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Loop: products in bfloat16 are for float32, got TFloat64");
    }
  }

  private static Signal input(Ops tf) {
    Random random = new Random(1);
    float[][][] x = new float[3][7][4];
    for (float[][] row : x) {
      for (float[] step : row) {
        for (int i = 0; i < step.length; i++) {
          step[i] = (float) random.nextGaussian();
        }
      }
    }
    return new Signal(tf.constant(x), tf.constant(new int[] {7, 2, 5}));
  }

  /** Outputs, final states, and the gradients of a loss by input and weights. */
  private static List<Operand<?>> results(Graph graph, Weights weights, RNN rnn) {
    Ops tf = weights.tf();
    Signal x = input(tf);
    RecurrentLayer.Result result = rnn.run(weights, x);
    List<Operand<?>> all = new ArrayList<>(List.of(result.outputs()));
    all.addAll(result.finalState().values());
    List<Operand<?>> by = new ArrayList<>(weights.trainable().values());
    by.add(x.value());
    Operand<TNumber> flat = tf.reshape(tf.math.sin(result.outputs()), tf.constant(new int[] {-1}));
    Operand<TNumber> loss = tf.reduceSum(flat, tf.constant(new int[] {0}));
    all.addAll(
        Arrays.asList(
            graph.addGradients(
                loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new))));
    return all;
  }

  private static List<float[]> run(Graph graph, List<Operand<?>> fetched) {
    try (Session session = new Session(graph, Sessions.plain())) {
      session.initialize();
      Session.Runner runner = session.runner();
      fetched.forEach(runner::fetch);
      List<float[]> all = new ArrayList<>();
      try (Result result = runner.run()) {
        for (int k = 0; k < fetched.size(); k++) {
          TFloat32 value = (TFloat32) result.get(k);
          float[] numbers = new float[(int) value.size()];
          value.copyTo(DataBuffers.of(numbers, false, false));
          all.add(numbers);
        }
      }
      return all;
    }
  }

  private static double difference(float[] some, float[] others) {
    assertThat(others).hasSameSizeAs(some);
    double largest = 0;
    double difference = 0;
    for (int k = 0; k < some.length; k++) {
      largest = Math.max(largest, Math.abs(some[k]));
      difference = Math.max(difference, Math.abs(some[k] - others[k]));
    }
    return largest == 0 ? difference : difference / largest;
  }
}
