package kazoku.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Signal;
import kazoku.Trace;
import kazoku.Weights;
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
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * Every cell in float32 with its first weights: long sequences stay finite, forward and backward,
 * and extreme inputs make no NaN.
 */
class NumericsTest {
  private static final int ROWS = 2;

  @TestFactory
  Stream<DynamicTest> longSequencesStayFinite() {
    return tests(
        (name, run) -> run.forEach((k, v) -> assertThat(v).as(k).matches(Float::isFinite)),
        2000,
        1);
  }

  @TestFactory
  Stream<DynamicTest> extremeInputsMakeNoNaN() {
    return tests((name, run) -> run.forEach((k, v) -> assertThat(v).as(k).isNotNaN()), 6, 1e4);
  }

  private interface Verdict {
    void on(String name, Map<String, Float> worst);
  }

  private static Stream<DynamicTest> tests(Verdict verdict, int steps, double scale) {
    return Family.cells().stream()
        .map(
            type -> {
              String name = type.getSimpleName();
              Cell cell = Configured.record(type, Golden.read(name).evaluated().config());
              return DynamicTest.dynamicTest(
                  name, () -> verdict.on(name, worst(cell, steps, scale)));
            });
  }

  /** A number of each result that is not finite, or any number if all are. */
  private static Map<String, Float> worst(Cell cell, int steps, double scale) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Weights weights = Weights.variables(tf, 11);
      Map<Operand<TFloat32>, Tensor> feeds = new LinkedHashMap<>();
      Random random = new Random(7);
      Operand<TFloat32> x = fed(tf, feeds, cell.input(), steps, t -> scale * random.nextGaussian());
      Signal signal = Signal.of(x);
      for (Map.Entry<String, Expr> beside : Trace.of(cell).requests().beside().entrySet()) {
        String name = beside.getKey();
        Shape row = beside.getValue().shape();
        signal = signal.beside(name, fed(tf, feeds, row, steps, t -> beside(name, t, random)));
      }
      RecurrentLayer.Result result = new RNN(cell).run(weights, signal);
      Map<String, Operand<?>> fetched = new LinkedHashMap<>();
      fetched.put("output", result.outputs());
      result.finalState().forEach((slot, value) -> fetched.put("final " + slot, value));
      Operand<TNumber> loss =
          tf.math.mean(
              tf.reshape(result.outputs(), tf.constant(new int[] {-1})),
              tf.constant(new int[] {0}));
      List<String> names = new ArrayList<>(weights.trainable().keySet());
      var reached = graph.subgraphTo(java.util.Set.of(loss));
      names.removeIf(n -> !reached.contains(weights.trainable().get(n).op()));
      Output<?>[] by =
          names.stream().map(n -> weights.trainable().get(n).asOutput()).toArray(Output<?>[]::new);
      Output<?>[] gradients =
          by.length == 0 ? new Output<?>[0] : graph.addGradients(loss.asOutput(), by);
      for (int k = 0; k < gradients.length; k++) {
        if (!gradients[k].isClosed()) {
          fetched.put("d " + names.get(k), gradients[k]);
        }
      }
      try (Session session = new Session(graph, Sessions.plain())) {
        session.initialize();
        Session.Runner runner = session.runner();
        feeds.forEach(runner::feed);
        fetched.values().forEach(runner::fetch);
        try (Result run = runner.run()) {
          Map<String, Float> worst = new LinkedHashMap<>();
          int k = 0;
          for (String name : fetched.keySet()) {
            worst.put(name, worst(run.get(k++)));
          }
          return worst;
        }
      } finally {
        feeds.values().forEach(Tensor::close);
      }
    }
  }

  private static float worst(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asFloats().read(values);
    float worst = 0;
    for (float value : values) {
      worst = Float.isNaN(value) || Float.isInfinite(value) && !Float.isNaN(worst) ? value : worst;
    }
    return worst;
  }

  private interface Values {
    double at(int t);
  }

  /** Events come about one a step; half of the values are observed. */
  private static double beside(String name, int t, Random random) {
    return switch (name) {
      case "time" -> t + random.nextDouble();
      case "elapsed" -> 2 * random.nextDouble();
      case "mask" -> random.nextInt(2);
      default -> random.nextGaussian();
    };
  }

  private static Operand<TFloat32> fed(
      Ops tf, Map<Operand<TFloat32>, Tensor> feeds, Shape row, int steps, Values values) {
    Shape shape = row.prepend(steps).prepend(ROWS);
    float[] all = new float[Math.toIntExact(shape.size())];
    int size = Math.toIntExact(row.size());
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) values.at(i / size % steps);
    }
    Operand<TFloat32> placeholder =
        tf.placeholder(
            TFloat32.class,
            Placeholder.shape(row.prepend(Shape.UNKNOWN_SIZE).prepend(Shape.UNKNOWN_SIZE)));
    feeds.put(placeholder, TFloat32.tensorOf(shape, DataBuffers.of(all)));
    return placeholder;
  }
}
