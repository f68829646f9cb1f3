package kazoku.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kazoku.Checks;
import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/** What layers over time share. */
final class Steps {
  private Steps() {}

  /** The shape of a sequence of a certain number of axes at least. */
  static Shape shape(String who, Signal x, int axes) {
    Shape shape = x.value().asOutput().shape();
    Checks.require(
        !shape.isUnknown() && shape.numDimensions() >= axes,
        who,
        "input must be a sequence [B, T, …]" + (axes > 2 ? " of " + axes + " axes or more" : ""),
        shape);
    return shape;
  }

  /** One size, a constant where it is known while building: then other shapes are known as well. */
  static Operand<TInt32> size(Ops tf, Operand<? extends TType> value, int axis) {
    long size = value.asOutput().shape().get(axis);
    return size >= 0
        ? tf.constant(Math.toIntExact(size))
        : tf.reshape(
            tf.slice(tf.shape(value), tf.array(axis), tf.array(1)), tf.constant(new int[0]));
  }

  /** A row at each of a number of steps, by a sum: oneDNN complains of the gradient of a tile. */
  static Operand<TNumber> repeated(Ops tf, Operand<TNumber> row, Operand<TInt32> steps) {
    int axes = row.asOutput().shape().numDimensions();
    List<Operand<TInt32>> sizes = new ArrayList<>(Collections.nCopies(axes, tf.constant(1)));
    sizes.set(0, steps);
    Operand<TNumber> zeros = tf.zeros(tf.stack(sizes), row.type());
    return tf.math.add(tf.expandDims(row, tf.constant(1)), zeros);
  }

  /** A value of each step beside the last axes of a value of so many axes. */
  static <T extends TType> Operand<T> beside(Ops tf, Operand<T> steps, int axes) {
    Operand<T> each = steps;
    for (int k = steps.asOutput().shape().numDimensions(); k < axes; k++) {
      each = tf.expandDims(each, tf.constant(-1));
    }
    return each;
  }
}
