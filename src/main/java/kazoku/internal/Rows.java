package kazoku.internal;

import kazoku.Checks;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** An equation of one row laid over all rows and steps of a batch. */
public final class Rows {
  private Rows() {}

  /**
   * Builds the equation.
   *
   * @param who the layer
   * @param asked the weights that the equation asked for, symbolic
   * @param input the equation's input
   * @param output its output
   * @param w the weights, at the layer's path
   * @param x the input, {@code [.., I]}
   * @return the output
   */
  public static Operand<TNumber> build(
      String who, Weights asked, Expr input, Expr output, Weights w, Signal x) {
    Ops tf = w.tf();
    int leading = leadingAxes(who, input.shape(), x.value());
    Operand<TNumber> value = Walk.numbers(who, w, x.value());
    Walk walk = Walk.batchMajor(tf, w.type(), leading, value);
    walk.bind(input, value);
    asked.asked().forEach((symbol, leaf) -> walk.bind(leaf, w.operand(symbol)));
    bindRequests(who, walk, asked, w, x, leading);
    Operand<TNumber> result = walk.at(output);
    if (w.training()) {
      asked.requests().penalties().forEach((name, penalty) -> w.addPenalty(name, walk.at(penalty)));
      asked
          .requests()
          .moves()
          .forEach(
              (symbol, move) -> {
                walk.bind(move.before(), () -> w.operand(symbol));
                w.update(
                    symbol,
                    () ->
                        first(
                            tf,
                            walk.at(move.after()),
                            leading(move.after(), leading),
                            move.before().shape()));
              });
    }
    return result;
  }

  private static void bindRequests(
      String who, Walk walk, Weights asked, Weights w, Signal x, int leading) {
    Ops tf = w.tf();
    asked
        .requests()
        .beside()
        .forEach((name, leaf) -> walk.bind(leaf, beside(who, name, leaf.shape(), w, x, leading)));
    if (asked.requests().valid() != null) {
      Operand<TNumber> ones = tf.fill(walk.site().fullShape(Shape.of(1)), walk.site().scalar(1));
      Operand<TBool> valid = leading == 1 ? null : x.valid(tf);
      for (int axis = 2; valid != null && axis <= leading; axis++) {
        valid = tf.expandDims(valid, tf.constant(-1));
      }
      walk.bind(
          asked.requests().valid(),
          valid == null
              ? ones
              : tf.math.mul(ones, Vocabulary.number(tf.dtypes.cast(valid, w.type()))));
    }
    Operand<TInt32> rows = tf.slice(walk.site().leadingShape(), tf.array(0), tf.array(1));
    Operand<TInt32> steps = tf.slice(walk.site().leadingShape(), tf.array(1), tf.array(-1));
    asked
        .requests()
        .random()
        .forEach(
            (name, random) -> {
              boolean eachStep = random.draw() == Weights.Draw.EACH_STEP;
              Operand<TInt32> last = eachStep ? steps : rows;
              walk.bind(random.leaf(), Draws.draw(w, name, random, rows, last));
            });
  }

  private static Operand<TNumber> beside(
      String who, String name, Shape row, Weights w, Signal x, int leading) {
    Operand<? extends TNumber> value = x.beside(name).value();
    Checks.require(
        leadingAxes(who + ": " + name, row, value) == leading,
        who,
        name + " must have a value for each row and step of " + Checks.text(x.value().shape()),
        value.shape());
    return Walk.numbers(who + ": " + name, w, value);
  }

  /** How many axes stand before those of a row: none, for a value of weights only. */
  static int leading(Expr value, int leading) {
    return value.level() == Level.WEIGHT ? 0 : leading;
  }

  /**
   * The value of the first row, where all are equal.
   *
   * @param leading how many axes stand before those of a row
   * @param row the shape of a row
   */
  static Operand<TNumber> first(Ops tf, Operand<TNumber> value, int leading, Shape row) {
    int[] begin = new int[leading + row.numDimensions()];
    int[] size = begin.clone();
    java.util.Arrays.fill(size, -1);
    java.util.Arrays.fill(size, 0, leading, 1);
    return tf.reshape(
        tf.slice(value, tf.constant(begin), tf.constant(size)), tf.constant(row.asArray()));
  }

  /**
   * The shape of a row that is a vector.
   *
   * @param who the layer
   * @param x its input
   * @return the size of the last axis
   * @throws IllegalArgumentException if it is not known
   */
  public static Shape lastAxis(String who, Operand<? extends TNumber> x) {
    Shape shape = x.asOutput().shape();
    boolean known = !shape.isUnknown() && shape.numDimensions() > 1 && shape.get(-1) >= 0;
    Checks.require(known, who, "the last axis of the input must have a known size, [.., I]", shape);
    return shape.takeLast(1);
  }

  /**
   * How many axes stand before those of a row.
   *
   * @param who the layer
   * @param row the shape of a row
   * @param x its input
   * @return the number of leading axes
   * @throws IllegalArgumentException if the input's last axes are not those of a row
   */
  public static int leadingAxes(String who, Shape row, Operand<? extends TNumber> x) {
    Shape shape = x.asOutput().shape();
    int leading = shape.isUnknown() ? -1 : shape.numDimensions() - row.numDimensions();
    if (leading < 0 || !shape.takeLast(row.numDimensions()).isCompatibleWith(row)) {
      throw new IllegalArgumentException(
          who
              + ": input must be [.., "
              + Checks.text(row).substring(1)
              + ", got "
              + Checks.text(shape));
    }
    return leading;
  }
}
