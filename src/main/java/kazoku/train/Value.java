package kazoku.train;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * A value in a graph, with arithmetic that reads as the equations of optimizers do.
 *
 * @param tf operations of the graph
 * @param operand the value
 */
record Value<T extends TNumber>(Ops tf, Operand<T> operand) {

  private Value<T> of(Operand<T> result) {
    return new Value<>(tf, result);
  }

  private Operand<T> number(double number) {
    return tf.constant(operand.type(), number);
  }

  Value<T> plus(Value<T> other) {
    return of(tf.math.add(operand, other.operand));
  }

  Value<T> plus(double number) {
    return of(tf.math.add(operand, number(number)));
  }

  Value<T> minus(Value<T> other) {
    return of(tf.math.sub(operand, other.operand));
  }

  /** {@code number − this}. */
  Value<T> from(double number) {
    return of(tf.math.sub(number(number), operand));
  }

  Value<T> times(Value<T> other) {
    return of(tf.math.mul(operand, other.operand));
  }

  Value<T> times(double number) {
    return of(tf.math.mul(operand, number(number)));
  }

  Value<T> over(Value<T> other) {
    return of(tf.math.div(operand, other.operand));
  }

  Value<T> over(double number) {
    return of(tf.math.div(operand, number(number)));
  }

  /** {@code number / this}. */
  Value<T> under(double number) {
    return of(tf.math.div(number(number), operand));
  }

  Value<T> pow(double exponent) {
    return of(tf.math.pow(operand, number(exponent)));
  }

  /** {@code base} to the power of this. */
  Value<T> exponentOf(double base) {
    return of(tf.math.pow(number(base), operand));
  }

  Value<T> sqrt() {
    return of(tf.math.sqrt(operand));
  }

  Value<T> square() {
    return of(tf.math.square(operand));
  }

  Value<T> sign() {
    return of(tf.math.sign(operand));
  }

  Value<T> log() {
    return of(tf.math.log(operand));
  }

  Value<T> cos() {
    return of(tf.math.cos(operand));
  }

  Value<T> floor() {
    return of(tf.math.floor(operand));
  }

  Value<T> min(double number) {
    return of(tf.math.minimum(operand, number(number)));
  }

  Value<T> min(Value<T> other) {
    return of(tf.math.minimum(operand, other.operand));
  }

  Value<T> max(double number) {
    return of(tf.math.maximum(operand, number(number)));
  }

  Value<T> max(Value<T> other) {
    return of(tf.math.maximum(operand, other.operand));
  }

  /** The sum of all elements. */
  Value<T> sum() {
    return of(tf.reduceSum(flat(), tf.constant(0)));
  }

  /** The mean of all elements. */
  Value<T> mean() {
    return of(tf.math.mean(flat(), tf.constant(0)));
  }

  Value<T> mean(int axis, boolean keep) {
    return of(tf.math.mean(operand, tf.constant(axis), Mean.keepDims(keep)));
  }

  Value<T> expand(int axis) {
    return of(tf.expandDims(operand, tf.constant(axis)));
  }

  private Operand<T> flat() {
    return tf.reshape(operand, tf.array(-1));
  }

  Operand<TBool> atMost(double number) {
    return tf.math.lessEqual(operand, number(number));
  }

  Operand<TBool> atLeast(double number) {
    return tf.math.greaterEqual(operand, number(number));
  }

  /** Another value where a condition holds. */
  Value<T> orIf(Operand<TBool> condition, Value<T> other) {
    return of(tf.select(condition, other.operand, operand));
  }

  Value<T> orIf(Operand<TBool> condition, double number) {
    return of(tf.select(condition, number(number), operand));
  }

  Value<TFloat32> float32() {
    return new Value<>(tf, tf.dtypes.cast(operand, TFloat32.class));
  }
}
