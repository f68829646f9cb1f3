package kazoku;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.Qr;
import org.tensorflow.types.family.TNumber;

/**
 * The first value of a weight, as operations of the graph.
 *
 * <p>Random initialisers are repeatable: the seed is derived from the model's seed and the weight's
 * full name, so adding a layer does not change the others. (Those of {@code tensorflow-framework}
 * are not used: its {@code Orthogonal} fails on matrices wider than high, and its {@code Glorot}
 * counts the fans of convolution kernels wrongly.)
 */
@FunctionalInterface
public interface Initializer {

  /** All zeros; the default of biases and shifts. */
  Initializer ZEROS = constant(0);

  /** All ones; the default of gains. */
  Initializer ONES = constant(1);

  /** Uniform in ±√(6/(fan in + fan out)); the default of input matrices. */
  Initializer GLOROT_UNIFORM =
      (tf, shape, type, seed) -> {
        double limit = Math.sqrt(6 / (fan(shape, -2) + fan(shape, -1)));
        return uniform(-limit, limit).value(tf, shape, type, seed);
      };

  /** Normally distributed with variance 2/(fan in + fan out). */
  Initializer GLOROT_NORMAL =
      (tf, shape, type, seed) -> {
        double deviation = Math.sqrt(2 / (fan(shape, -2) + fan(shape, -1)));
        return normal(deviation).value(tf, shape, type, seed);
      };

  /**
   * Orthonormal rows or columns, whichever are fewer, drawn for the whole matrix at once; the
   * default of recurrent matrices.
   */
  Initializer ORTHOGONAL =
      (tf, shape, type, seed) -> {
        long columns = shape.get(-1);
        long rows = shape.size() / columns;
        long[] tall = {Math.max(rows, columns), Math.min(rows, columns)};
        Operand<TNumber> normal = normal(1).value(tf, Shape.of(tall), type, seed);
        Qr<TNumber> qr = tf.linalg.qr(normal, Qr.fullMatrices(false));
        // The signs make the factorisation unique, and the draw uniform among rotations.
        Operand<TNumber> diagonal =
            tf.linalg.matrixDiagPart(qr.r(), tf.constant(0), scalar(tf, type, 0));
        Operand<TNumber> q = tf.math.mul(qr.q(), tf.math.sign(diagonal));
        Operand<TNumber> wide =
            rows < columns ? tf.linalg.transpose(q, tf.constant(new int[] {1, 0})) : q;
        return tf.reshape(wide, tf.constant(shape.asArray()));
      };

  /**
   * Builds the value.
   *
   * @param tf where to build it
   * @param shape its shape
   * @param type its type
   * @param seed the weight's own seed
   * @return the value
   */
  Operand<TNumber> value(Ops tf, Shape shape, Class<? extends TNumber> type, long seed);

  /**
   * One number everywhere.
   *
   * @param number the number
   * @return the initialiser
   */
  static Initializer constant(double number) {
    return (tf, shape, type, seed) ->
        tf.fill(tf.constant(shape.asArray()), scalar(tf, type, number));
  }

  /**
   * The last axis in equal blocks, each with its own number: {@code blocks(0, 1, 0, 0)} is an
   * LSTM's bias with the forget block at 1.
   *
   * @param numbers one number a block; their count divides the last axis
   * @return the initialiser
   */
  static Initializer blocks(double... numbers) {
    return computed(
        shape -> {
          double[] values = new double[Math.toIntExact(shape.size())];
          int columns = Math.toIntExact(shape.get(-1));
          Arrays.setAll(values, i -> numbers[i % columns / (columns / numbers.length)]);
          return values;
        });
  }

  /**
   * The last axis in equal blocks, each drawn by its own initialiser: {@code columns(ZEROS,
   * chrono(100))}.
   *
   * @param initializers one a block; their count divides the last axis
   * @return the initialiser
   */
  static Initializer columns(Initializer... initializers) {
    return (tf, shape, type, seed) -> {
      long[] sizes = shape.asArray();
      sizes[sizes.length - 1] /= initializers.length;
      List<Operand<TNumber>> blocks = new ArrayList<>();
      for (int k = 0; k < initializers.length; k++) {
        blocks.add(initializers[k].value(tf, Shape.of(sizes), type, seed + k));
      }
      return tf.concat(blocks, tf.constant(-1));
    };
  }

  /**
   * Biases of forget gates that remember for up to a given time: {@code ln(u)}, u uniform between 1
   * and {@code steps} − 1. C. Tallec, Y. Ollivier, "Can recurrent neural networks warp time?", ICLR
   * 2018, <a href="https://arxiv.org/abs/1804.11188">arXiv:1804.11188</a>.
   *
   * @param steps the longest time, in steps, more than 2
   * @return the initialiser
   */
  static Initializer chrono(double steps) {
    return (tf, shape, type, seed) ->
        tf.math.log(uniform(1, steps - 1).value(tf, shape, type, seed));
  }

  /**
   * Given numbers.
   *
   * @param values computes all elements for a shape, in row-major order
   * @return the initialiser
   */
  static Initializer computed(Function<Shape, double[]> values) {
    return (tf, shape, type, seed) ->
        cast(tf, tf.reshape(tf.constant(values.apply(shape)), tf.constant(shape.asArray())), type);
  }

  /**
   * Uniformly distributed numbers.
   *
   * @param low the smallest
   * @param high the largest, not reached
   * @return the initialiser
   */
  static Initializer uniform(double low, double high) {
    return (tf, shape, type, seed) ->
        scaled(
            tf,
            Vocabulary.number(
                tf.random.statelessRandomUniform(
                    tf.constant(shape.asArray()), tf.constant(new long[] {seed, 0}), type)),
            type,
            high - low,
            low);
  }

  /**
   * Normally distributed numbers around zero.
   *
   * @param standardDeviation their standard deviation
   * @return the initialiser
   */
  static Initializer normal(double standardDeviation) {
    return (tf, shape, type, seed) ->
        scaled(
            tf,
            Vocabulary.number(
                tf.random.statelessRandomNormal(
                    tf.constant(shape.asArray()), tf.constant(new long[] {seed, 0}), type)),
            type,
            standardDeviation,
            0);
  }

  /**
   * Normally distributed numbers around zero, drawn again where they are farther than two standard
   * deviations: what remains has a standard deviation of about 0.88 of the one given.
   *
   * @param standardDeviation standard deviation before the cut; 1 is {@code tf.truncated_normal}'s
   * @return the initialiser
   */
  static Initializer truncatedNormal(double standardDeviation) {
    return (tf, shape, type, seed) ->
        scaled(
            tf,
            Vocabulary.number(
                tf.random.statelessTruncatedNormal(
                    tf.constant(shape.asArray()), tf.constant(new long[] {seed, 0}), type)),
            type,
            standardDeviation,
            0);
  }

  /**
   * A value in the type of a weight, for initialisers that compute in another.
   *
   * @param tf where to build it
   * @param value the value
   * @param type the weight's type
   * @return the value, cast
   */
  static Operand<TNumber> cast(Ops tf, Operand<?> value, Class<? extends TNumber> type) {
    return Vocabulary.number(tf.dtypes.cast(value, type));
  }

  private static Operand<TNumber> scaled(
      Ops tf, Operand<TNumber> value, Class<? extends TNumber> type, double factor, double shift) {
    Operand<TNumber> product = factor == 1 ? value : tf.math.mul(value, scalar(tf, type, factor));
    return shift == 0 ? product : tf.math.add(product, scalar(tf, type, shift));
  }

  private static Operand<TNumber> scalar(Ops tf, Class<? extends TNumber> type, double number) {
    return cast(tf, tf.constant(number), type);
  }

  /** Connections into ({@code axis} −2) or out of (−1) one unit; a vector counts as its size. */
  private static double fan(Shape shape, int axis) {
    int rank = shape.numDimensions();
    if (rank == 0) {
      return 1;
    }
    if (rank == 1) {
      return shape.get(0);
    }
    return (double) shape.take(rank - 2).size() * shape.get(axis);
  }
}
