package kazoku.internal;

import java.util.List;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.random.RandomUniform;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Draws random masks: repeatable from the seed of the weights, anew in every run of a session. */
final class Masks {
  private Masks() {}

  /**
   * Builds a mask.
   *
   * @param weights the cell's weights, whose seed it is
   * @param name its name under their path
   * @param mask what is drawn
   * @param length the number of steps, {@code [1]}
   * @param rows the number of rows, {@code [1]}
   * @return ones and zeros: {@code [T, B, …]}, or {@code […]} if drawn once
   */
  static Operand<TNumber> draw(
      Weights weights,
      String name,
      Weights.Mask mask,
      Operand<TInt32> length,
      Operand<TInt32> rows) {
    Ops tf = weights.tf();
    Operand<TInt32> row = tf.constant(Walk.ints(mask.leaf().shape()));
    Operand<TInt32> one = tf.constant(new int[] {1});
    Operand<TInt32> drawn =
        switch (mask.draw()) {
          case EACH_STEP -> tf.concat(List.of(length, rows, row), tf.constant(0));
          case EACH_ROW -> tf.concat(List.of(one, rows, row), tf.constant(0));
          case ONCE -> row;
        };
    long seed = weights.seedOf(name);
    Operand<TNumber> uniform =
        Vocabulary.number(
            RandomUniform.create(
                tf.scope(),
                drawn,
                weights.type(),
                RandomUniform.seed(seed),
                // two seeds of zero would mean: any
                RandomUniform.seed2(1L)));
    Operand<TNumber> keep =
        Vocabulary.number(tf.dtypes.cast(tf.constant(mask.keep()), weights.type()));
    Operand<TNumber> ones =
        Vocabulary.number(tf.dtypes.cast(tf.math.less(uniform, keep), weights.type()));
    return mask.draw() == Weights.Draw.EACH_ROW
        ? tf.broadcastTo(ones, tf.concat(List.of(length, rows, row), tf.constant(0)))
        : ones;
  }
}
