package kazoku.internal;

import java.util.List;
import kazoku.Requests;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/** Draws random values: each is a function of the key of the run and of its own name. */
final class Draws {
  private Draws() {}

  /**
   * Builds a random value.
   *
   * @param weights the cell's weights, whose key it is
   * @param name its name under their path
   * @param random what is drawn
   * @param length the number of steps, {@code [1]}
   * @param rows the number of rows, {@code [1]}
   * @return {@code [T, B, …]}; {@code [B, …]} if drawn for each row, {@code […]} if drawn once
   */
  static Operand<TNumber> draw(
      Weights weights,
      String name,
      Requests.Random random,
      Operand<TInt32> length,
      Operand<TInt32> rows) {
    Operand<TNumber> given = weights.givenRandom(name);
    if (given != null) {
      return given;
    }
    Ops tf = weights.tf();
    Operand<TInt32> row = tf.constant(Walk.ints(random.leaf().shape()));
    Operand<TInt32> shape =
        switch (random.draw()) {
          case EACH_STEP -> tf.concat(List.of(length, rows, row), tf.constant(0));
          case EACH_ROW -> tf.concat(List.of(rows, row), tf.constant(0));
          case ONCE -> row;
        };
    // TensorFlow mixes all bits of the two numbers by itself.
    Operand<TInt64> seed = tf.bitwise.bitwiseXor(weights.key(), tf.array(weights.seedOf(name), 0L));
    Operand<TNumber> drawn =
        switch (random.distribution()) {
          case NORMAL ->
              Vocabulary.number(tf.random.statelessRandomNormal(shape, seed, weights.type()));
          case UNIFORM -> uniform(tf, weights, shape, seed);
          case MASK -> {
            Operand<TNumber> keep =
                Vocabulary.number(tf.dtypes.cast(tf.constant(random.keep()), weights.type()));
            yield Vocabulary.number(
                tf.dtypes.cast(
                    tf.math.less(uniform(tf, weights, shape, seed), keep), weights.type()));
          }
        };
    // Its shape is made of the input's, and TensorFlow would look for a gradient on that way.
    return tf.stopGradient(drawn);
  }

  private static Operand<TNumber> uniform(
      Ops tf, Weights weights, Operand<TInt32> shape, Operand<TInt64> seed) {
    return Vocabulary.number(tf.random.statelessRandomUniform(shape, seed, weights.type()));
  }
}
