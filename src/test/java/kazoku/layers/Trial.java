package kazoku.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
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
import org.tensorflow.types.family.TType;

/**
 * A layer in a graph of its own, in float64, with rows and steps that are not known while building:
 * its output, and its gradients beside central differences. Its weights are waves, not random ones.
 */
final class Trial implements AutoCloseable {
  private static final double STEP = 1e-5;

  /** What a layer is given. */
  record Given(double[] values, Shape shape, int[] lengths, boolean[] mask) {

    static Given of(double[] values, long... shape) {
      return new Given(values, Shape.of(shape), null, null);
    }

    /** Waves in a shape. */
    static Given waves(long... shape) {
      Shape all = Shape.of(shape);
      return new Given(Trial.waves(1, (int) all.size()), all, null, null);
    }

    Given lengths(int... some) {
      return new Given(values, shape, some, mask);
    }

    /** Ones and zeros. */
    Given mask(int... steps) {
      boolean[] valid = new boolean[steps.length];
      for (int i = 0; i < steps.length; i++) {
        valid[i] = steps[i] == 1;
      }
      return new Given(values, shape, lengths, valid);
    }

    /** Another number in all steps that are not valid. */
    Given padding(double number) {
      double[] other = values.clone();
      int steps = (int) shape.get(1);
      int size = (int) shape.size() / (int) (shape.get(0) * steps);
      for (int i = 0; i < other.length; i++) {
        int step = i / size;
        boolean within = lengths == null || step % steps < lengths[step / steps];
        if (!within || mask != null && !mask[step]) {
          other[i] = number;
        }
      }
      return new Given(other, shape, lengths, mask);
    }
  }

  private final Graph graph = new Graph();
  private final Session session = new Session(graph);
  private final Ops tf = Ops.create(graph);
  private final Map<String, Placeholder<TFloat64>> fed = new LinkedHashMap<>();
  private final Map<String, double[]> values = new LinkedHashMap<>();
  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final Signal output;

  Trial(Layer layer, Given given) {
    this(layer, given, true, Map.of());
  }

  /**
   * A layer for training or for evaluation.
   *
   * @param own values of weights and random values in the place of waves, with shapes
   */
  Trial(Layer layer, Given given, boolean training, Map<String, Given> own) {
    try (Graph other = new Graph()) {
      Weights asked = Weights.variables(Ops.create(other), TFloat64.class, 1);
      asked = training ? asked : asked.forEvaluation();
      Ops there = asked.tf();
      Operand<TFloat64> zeros = there.zeros(there.constant(given.shape), TFloat64.class);
      layer.apply(asked.in("it"), signal(there, zeros, given));
      asked.operands().forEach((name, w) -> feed(name, w.asOutput().shape()));
    }
    own.forEach((name, value) -> feed("it/" + name, value.values(), value.shape()));
    long[] open = given.shape.asArray();
    for (int axis = 0; axis < (open.length > 2 ? 2 : 1); axis++) {
      open[axis] = Shape.UNKNOWN_SIZE;
    }
    values.put("x", given.values);
    shapes.put("x", given.shape);
    Placeholder<TFloat64> x = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(open)));
    Weights weights = Weights.given(tf, TFloat64.class, Map.copyOf(fed));
    fed.put("x", x);
    output =
        layer.apply((training ? weights : weights.forEvaluation()).in("it"), signal(tf, x, given));
  }

  private void feed(String name, double[] value, Shape shape) {
    values.put(name, value);
    shapes.put(name, shape);
    fed.put(name, tf.placeholder(TFloat64.class, Placeholder.shape(shape)));
  }

  private void feed(String name, Shape shape) {
    feed(name, waves(2, (int) shape.size()), shape);
  }

  private static Signal signal(Ops tf, Operand<TFloat64> x, Given given) {
    Signal signal = new Signal(x, given.lengths == null ? null : tf.constant(given.lengths));
    if (given.mask == null) {
      return signal;
    }
    Operand<TBool> mask = tf.constant(given.mask);
    return signal.masked(tf.reshape(mask, tf.constant(given.shape.take(2))));
  }

  @SuppressWarnings("unchecked") // All values of a trial are float64.
  private static Operand<TFloat64> typed(Operand<?> operand) {
    return (Operand<TFloat64>) operand;
  }

  /** Numbers between −1 and 1, no two alike. */
  static double[] waves(double phase, int size) {
    double[] wave = new double[size];
    Arrays.setAll(wave, i -> Math.sin(phase + 1.7 * i + 0.3 * i * i));
    return wave;
  }

  Signal signal() {
    return output;
  }

  Ops tf() {
    return tf;
  }

  double[] output() {
    return doubles(typed(output.value()));
  }

  double[] doubles(Operand<TFloat64> operand) {
    try (Result result = run(List.of(operand))) {
      return copy(result.get(0));
    }
  }

  int[] lengths() {
    try (Result result = run(List.of(output.lengths()))) {
      int[] copy = new int[(int) result.get(0).size()];
      ((TInt32) result.get(0)).copyTo(DataBuffers.of(copy, false, false));
      return copy;
    }
  }

  /** The shape that a run gives. */
  Shape shape() {
    try (Result result = run(List.of(output.value()))) {
      return result.get(0).shape();
    }
  }

  /** Which steps of the output are valid, as ones and zeros; null if all are. */
  double[] valid() {
    Operand<TBool> valid = output.valid(tf);
    return valid == null ? null : doubles(tf.dtypes.cast(valid, TFloat64.class));
  }

  private Result run(List<? extends Operand<? extends TType>> fetched) {
    Session.Runner runner = session.runner();
    List<Tensor> tensors = new ArrayList<>();
    fed.forEach(
        (name, placeholder) -> {
          TFloat64 tensor =
              TFloat64.tensorOf(shapes.get(name), DataBuffers.of(values.get(name), true, false));
          tensors.add(tensor);
          runner.feed(placeholder, tensor);
        });
    fetched.forEach(runner::fetch);
    try {
      return runner.run();
    } finally {
      tensors.forEach(Tensor::close);
    }
  }

  private static double[] copy(Tensor tensor) {
    double[] copy = new double[(int) tensor.size()];
    ((TFloat64) tensor).copyTo(DataBuffers.of(copy, false, false));
    return copy;
  }

  /** A weighted sum of the output's valid steps. */
  private Operand<TFloat64> loss() {
    boolean steps = output.value().asOutput().shape().numDimensions() > 1;
    Signal padded = steps ? output.zeroPadded(tf) : output;
    Operand<TFloat64> flat = tf.reshape(typed(padded.value()), tf.constant(new int[] {-1}));
    Operand<TInt32> places = tf.range(tf.constant(0), tf.size(flat), tf.constant(1));
    Operand<TFloat64> waves =
        tf.math.cos(tf.math.mul(tf.constant(1.3), tf.dtypes.cast(places, TFloat64.class)));
    return tf.sum(tf.math.mul(flat, waves), tf.constant(0));
  }

  /** The gradient of a weighted sum of the valid outputs, by name: {@code x}, {@code it/W}. */
  Map<String, double[]> gradients(String... names) {
    Output<?>[] by =
        Arrays.stream(names).map(name -> fed.get(name).asOutput()).toArray(Output<?>[]::new);
    List<Operand<? extends TType>> found =
        new ArrayList<>(Arrays.asList(graph.addGradients(loss().asOutput(), by)));
    Map<String, double[]> gradients = new LinkedHashMap<>();
    try (Result result = run(found)) {
      int k = 0;
      for (String name : names) {
        gradients.put(name, copy(result.get(k++)));
      }
    }
    return gradients;
  }

  /** The gradient by the input and by every weight is what central differences say. */
  void checkGradients(String... names) {
    Map<String, double[]> gradients = gradients(names);
    Operand<TFloat64> loss = loss();
    for (String name : names) {
      double[] value = values.get(name);
      for (int i = 0; i < value.length; i++) {
        double before = value[i];
        value[i] = before + STEP;
        double above = doubles(loss)[0];
        value[i] = before - STEP;
        double below = doubles(loss)[0];
        value[i] = before;
        assertThat(gradients.get(name)[i])
            .as(name + " " + i)
            .isCloseTo((above - below) / (2 * STEP), within(1e-7));
      }
    }
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }

  /** Each element close to the other's. */
  static void close(double[] actual, double... expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("element " + i).isCloseTo(expected[i], within(1e-10));
    }
  }

  /** The operand of a signal, for those who know its type. */
  @SuppressWarnings("unchecked")
  static <T extends TNumber> Operand<T> value(Signal signal, Class<T> type) {
    assertThat(signal.value().type()).isEqualTo(type);
    return (Operand<T>) signal.value();
  }
}
