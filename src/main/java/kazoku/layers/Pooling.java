package kazoku.layers;

import kazoku.Checks;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * A sequence becomes one row: {@code [B, T, …]} becomes {@code [B, …]}, by what its valid steps
 * have in common. A row without valid steps gives zeros.
 *
 * <pre>
 * max    y = max_t x_t          elementwise; steps that are equally large share the gradient
 * mean   y = 1/n·Σ_t x_t        n the number of valid steps
 * sum    y = Σ_t x_t
 * first  y = x_t, t the first valid step
 * last   y = x_t, t the last valid step
 * </pre>
 *
 * @param kind what is taken
 */
public record Pooling(Kind kind) implements Layer {

  /** What a pooling takes of the valid steps. */
  public enum Kind {
    /** The largest value of each element. */
    MAX,
    /** The mean of each element. */
    MEAN,
    /** The sum of each element. */
    SUM,
    /** The first step. */
    FIRST,
    /** The last step. */
    LAST
  }

  public Pooling {
    Checks.given("Pooling", "kind", kind);
  }

  /**
   * The largest over time.
   *
   * @return the layer
   */
  public static Pooling max() {
    return new Pooling(Kind.MAX);
  }

  /**
   * The mean over time.
   *
   * @return the layer
   */
  public static Pooling mean() {
    return new Pooling(Kind.MEAN);
  }

  /**
   * The sum over time.
   *
   * @return the layer
   */
  public static Pooling sum() {
    return new Pooling(Kind.SUM);
  }

  /**
   * The first valid step.
   *
   * @return the layer
   */
  public static Pooling first() {
    return new Pooling(Kind.FIRST);
  }

  /**
   * The last valid step.
   *
   * @return the layer
   */
  public static Pooling last() {
    return new Pooling(Kind.LAST);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Ops tf = w.tf();
    w.acrossSteps("Pooling");
    Steps.shape("Pooling", x, 3);
    Operand<TNumber> value = Walk.numbers("Pooling", w, x.value());
    Operand<TBool> valid = x.validSteps(tf);
    return x.withRows(
        switch (kind) {
          case MAX -> max(tf, value, valid);
          case MEAN -> tf.math.div(sum(tf, value, valid), count(tf, value, valid));
          case SUM -> sum(tf, value, valid);
          case FIRST -> sum(tf, value, only(tf, valid, true));
          case LAST -> sum(tf, value, only(tf, valid, false));
        });
  }

  private static Operand<TNumber> max(Ops tf, Operand<TNumber> value, Operand<TBool> valid) {
    int axes = value.asOutput().shape().numDimensions();
    Operand<TNumber> lowest = constant(tf, Double.NEGATIVE_INFINITY, value);
    Operand<TNumber> steps = tf.select(Steps.beside(tf, valid, axes), value, lowest);
    Operand<TNumber> largest = tf.max(steps, tf.constant(1));
    Operand<TBool> any = Steps.beside(tf, tf.reduceAny(valid, tf.constant(1)), axes - 1);
    return tf.select(any, largest, constant(tf, 0, value));
  }

  private static Operand<TNumber> sum(Ops tf, Operand<TNumber> value, Operand<TBool> chosen) {
    int axes = value.asOutput().shape().numDimensions();
    Operand<TNumber> zero = constant(tf, 0, value);
    return tf.sum(tf.select(Steps.beside(tf, chosen, axes), value, zero), tf.constant(1));
  }

  /** The number of valid steps; 1 where there is none. */
  private static Operand<TNumber> count(Ops tf, Operand<TNumber> value, Operand<TBool> valid) {
    int axes = value.asOutput().shape().numDimensions();
    Operand<TNumber> ones = Vocabulary.number(tf.dtypes.cast(valid, value.type()));
    Operand<TNumber> count = tf.sum(ones, tf.constant(1));
    return Steps.beside(tf, tf.math.maximum(count, constant(tf, 1, value)), axes - 1);
  }

  /** The first of the valid steps, or the last. */
  private static Operand<TBool> only(Ops tf, Operand<TBool> valid, boolean first) {
    Operand<TInt32> steps = Steps.size(tf, valid, 1);
    Operand<TInt32> time = tf.range(tf.constant(0), steps, tf.constant(1));
    Operand<TInt32> none = first ? steps : tf.constant(-1);
    Operand<TInt32> places = tf.select(valid, tf.expandDims(time, tf.constant(0)), none);
    Operand<TInt32> place = first ? tf.min(places, tf.constant(1)) : tf.max(places, tf.constant(1));
    return tf.math.equal(tf.expandDims(time, tf.constant(0)), tf.expandDims(place, tf.constant(1)));
  }

  private static Operand<TNumber> constant(Ops tf, double number, Operand<TNumber> like) {
    return Vocabulary.number(tf.dtypes.cast(tf.constant(number), like.type()));
  }
}
