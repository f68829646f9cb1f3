package kazoku.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kazoku.family.Sessions;
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
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A graph with placeholders of which only the last axis is known, and what is fed to them. Numbers
 * have the working type of the test.
 */
final class Fed implements AutoCloseable {
  private final Graph graph = new Graph();
  private final Class<? extends TNumber> type;
  private final List<Operand<?>> inputs = new ArrayList<>();
  private final List<Object> values = new ArrayList<>();
  private final List<Shape> shapes = new ArrayList<>();
  final Ops tf = Ops.create(graph);

  Fed(Class<? extends TNumber> type) {
    this.type = type;
  }

  /** Numbers whose leading axes are not known before the run. */
  Operand<TNumber> numbers(double[] numbers, long... shape) {
    long[] known = new long[shape.length];
    java.util.Arrays.fill(known, -1);
    known[shape.length - 1] = shape[shape.length - 1];
    return numbers(numbers, Shape.of(known), shape);
  }

  /** Numbers of a known shape. */
  Operand<TNumber> weights(double[] numbers, long... shape) {
    return numbers(numbers, Shape.of(shape), shape);
  }

  private Operand<TNumber> numbers(double[] numbers, Shape known, long... shape) {
    return fed(number(tf.placeholder(type, Placeholder.shape(known))), numbers, shape);
  }

  Operand<TInt32> ints(int[] ints, long... shape) {
    long[] known = new long[shape.length];
    java.util.Arrays.fill(known, -1);
    return fed(tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(known))), ints, shape);
  }

  private <O extends Operand<?>> O fed(O placeholder, Object value, long... shape) {
    inputs.add(placeholder);
    values.add(value);
    shapes.add(Shape.of(shape));
    return placeholder;
  }

  /** The gradients of {@code Σ factor_b·each_b}, with factors of 1, 2, …. */
  List<Operand<?>> gradients(Operand<TNumber> each, List<Operand<TNumber>> by) {
    Operand<TInt32> rows = tf.reshape(tf.shape(each), tf.constant(new int[0]));
    Operand<TInt32> factors =
        tf.range(tf.constant(1), tf.math.add(rows, tf.constant(1)), tf.constant(1));
    Operand<TNumber> loss =
        tf.reduceSum(
            tf.math.mul(each, number(tf.dtypes.cast(factors, type))), tf.constant(new int[] {0}));
    Output<?>[] all =
        graph.addGradients(
            loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
    return List.of(all);
  }

  /** What the operands are, as numbers in row-major order. */
  List<double[]> run(List<? extends Operand<?>> fetched) {
    return runs(fetched, 1).get(0);
  }

  /** The same, run after run. */
  List<List<double[]>> runs(List<? extends Operand<?>> fetched, int times) {
    List<Tensor> fed = new ArrayList<>();
    try (Session session = new Session(graph, Sessions.plain())) {
      session.initialize();
      for (int k = 0; k < inputs.size(); k++) {
        fed.add(tensor(values.get(k), shapes.get(k)));
      }
      List<List<double[]>> all = new ArrayList<>();
      for (int n = 0; n < times; n++) {
        Session.Runner runner = session.runner();
        for (int k = 0; k < inputs.size(); k++) {
          runner.feed(inputs.get(k), fed.get(k));
        }
        fetched.forEach(runner::fetch);
        try (Result result = runner.run()) {
          all.add(IntStream.range(0, fetched.size()).mapToObj(k -> read(result.get(k))).toList());
        }
      }
      return all;
    } finally {
      fed.forEach(Tensor::close);
    }
  }

  private Tensor tensor(Object value, Shape shape) {
    if (value instanceof int[] ints) {
      return TInt32.tensorOf(shape, DataBuffers.of(ints));
    }
    double[] numbers = (double[]) value;
    if (type == TFloat64.class) {
      return TFloat64.tensorOf(shape, DataBuffers.of(numbers));
    }
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return TFloat32.tensorOf(shape, DataBuffers.of(floats));
  }

  private static double[] read(Tensor tensor) {
    List<Double> all = new ArrayList<>();
    if (tensor instanceof TFloat32 floats) {
      floats.scalars().forEach(v -> all.add((double) v.getFloat()));
    } else if (tensor instanceof TFloat64 doubles) {
      doubles.scalars().forEach(v -> all.add(v.getDouble()));
    } else {
      ((TInt32) tensor).scalars().forEach(v -> all.add((double) v.getInt()));
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Which steps are valid, where each row has its steps at 1, 3, 5 …, {@code [B, 2T + 1]}. */
  Operand<TBool> oddSteps(int[] lengths, int steps) {
    int[] mask = new int[lengths.length * (2 * steps + 1)];
    for (int b = 0; b < lengths.length; b++) {
      for (int t = 0; t < lengths[b]; t++) {
        mask[b * (2 * steps + 1) + 2 * t + 1] = 1;
      }
    }
    return tf.math.equal(ints(mask, lengths.length, 2 * steps + 1), tf.constant(1));
  }

  /** Steps of some numbers at 1, 3, 5 …, with a filler between them. */
  static double[] apart(double[] numbers, int rows, int steps, int size, double filler) {
    double[] wide = new double[rows * (2 * steps + 1) * size];
    java.util.Arrays.fill(wide, filler);
    for (int b = 0; b < rows; b++) {
      for (int t = 0; t < steps; t++) {
        int to = (b * (2 * steps + 1) + 2 * t + 1) * size;
        System.arraycopy(numbers, (b * steps + t) * size, wide, to, size);
      }
    }
    return wide;
  }

  /** All sequences of a length over some labels. */
  static List<int[]> sequences(int length, int labels) {
    List<int[]> all = List.of(new int[0]);
    for (int t = 0; t < length; t++) {
      all =
          all.stream()
              .flatMap(
                  s ->
                      IntStream.range(0, labels)
                          .mapToObj(
                              k -> {
                                int[] longer = java.util.Arrays.copyOf(s, s.length + 1);
                                longer[s.length] = k;
                                return longer;
                              }))
              .toList();
    }
    return all;
  }

  /** Central differences of a function of numbers, which are changed and put back. */
  static double[] differences(double[] numbers, java.util.function.DoubleSupplier function) {
    double step = 1e-5;
    double[] result = new double[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      double before = numbers[i];
      numbers[i] = before + step;
      double up = function.getAsDouble();
      numbers[i] = before - step;
      double down = function.getAsDouble();
      numbers[i] = before;
      result[i] = (up - down) / (2 * step);
    }
    return result;
  }

  /** Distinct numbers. */
  static double[] spread(int count, double size, double phase) {
    double[] all = new double[count];
    java.util.Arrays.setAll(all, i -> size * Math.sin(1.7 * i * i + phase));
    return all;
  }

  @SuppressWarnings("unchecked") // The type is the test's own.
  static Operand<TNumber> number(Operand<?> operand) {
    return (Operand<TNumber>) operand;
  }

  @Override
  public void close() {
    graph.close();
  }
}
