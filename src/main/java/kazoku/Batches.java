package kazoku;

import java.util.Arrays;
import java.util.List;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/** Padded batches of sequences: what layers over time share. */
final class Batches {
  private Batches() {}

  /**
   * Checks the input of a layer.
   *
   * @param who the layer
   * @param row the shape of one step
   * @param timeMajor whether it must be {@code [T, B, …]} in the place of {@code [B, T, …]}
   * @param x the input
   */
  static void check(String who, Shape row, boolean timeMajor, Signal x) {
    Shape shape = x.value().asOutput().shape();
    boolean fits =
        !shape.isUnknown()
            && shape.numDimensions() == row.numDimensions() + 2
            && shape.takeLast(row.numDimensions()).isCompatibleWith(row);
    Checks.require(
        fits,
        who,
        "input must be " + (timeMajor ? "[T, B, " : "[B, T, ") + Checks.text(row).substring(1),
        shape);
    if (x.lengths() != null) {
      Shape given = x.lengths().asOutput().shape();
      Shape one = Shape.of(shape.get(timeMajor ? 1 : 0));
      Checks.require(
          given.isUnknown() || given.isCompatibleWith(one),
          who,
          "lengths must have one number a row, " + Checks.text(one),
          given);
    }
    if (x.mask() != null) {
      Shape given = x.mask().asOutput().shape();
      Checks.require(
          !given.isUnknown() && given.isCompatibleWith(shape.take(2)),
          who,
          "a mask must have one value a step, " + Checks.text(shape.take(2)),
          given);
    }
  }

  /** Lengths between 0 and T, one a row: the reshape fails in a run where there are not. */
  static Operand<TInt32> lengths(
      Ops tf, Operand<TInt32> lengths, Operand<TInt32> length, Operand<TInt32> rows) {
    Operand<TInt32> oneEach =
        tf.withName("lengths_must_have_one_number_a_row").reshape(lengths, rows);
    return tf.math.maximum(tf.math.minimum(oneEach, length), tf.constant(0));
  }

  /**
   * The values of some steps, and zeros in the others.
   *
   * @param which the steps; null for all
   * @param values their values, with the same two first axes
   */
  static Operand<TNumber> zeroElsewhere(Ops tf, Operand<TBool> which, Operand<TNumber> values) {
    if (which == null) {
      return values;
    }
    Operand<TInt32> row = tf.slice(tf.shape(values), tf.array(2), tf.array(-1));
    Operand<TNumber> rows =
        tf.reshape(values, tf.concat(List.of(tf.array(-1), row), tf.constant(0)));
    Operand<TNumber> chosen =
        Vocabulary.rows(tf, tf.reshape(which, tf.array(-1)), rows, tf.zerosLike(rows));
    return tf.reshape(chosen, tf.shape(values));
  }

  static Operand<TInt32> sizes(Ops tf, Shape row) {
    return tf.constant(Arrays.stream(row.asArray()).mapToInt(n -> (int) n).toArray());
  }

  static Operand<TInt32> size(Ops tf, Operand<? extends TType> value, int axis) {
    return tf.slice(tf.shape(value), tf.array(axis), tf.array(1));
  }
}
