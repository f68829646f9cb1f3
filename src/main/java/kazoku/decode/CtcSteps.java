package kazoku.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kazoku.Signal;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Cumsum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Scores in the form that TensorFlow's CTC takes: time-major, the blank last.
 *
 * <p>TensorFlow refuses batches without rows or steps. So there is one row more, and one step more,
 * which no row's length reaches.
 *
 * @param tf operations of the graph
 * @param x scores, {@code [B, T, C]}
 * @param lengths how many steps of each row are valid
 * @param outputs C
 * @param blank which of them is the blank's
 */
record CtcSteps(Ops tf, Operand<TNumber> x, Operand<TInt32> lengths, int outputs, int blank) {

  /** A score that leaves no probability. */
  private static final double NEVER = -1e9;

  static CtcSteps of(Ops tf, Signal scores, int outputs, int blank) {
    Operand<TInt32> lengths = Padding.count(tf, scores.validSteps(tf));
    Operand<TNumber> x = number(scores.value());
    return new CtcSteps(
        tf, scores.mask() == null ? x : closedUp(tf, scores, x), lengths, outputs, blank);
  }

  /** {@code [B]}. */
  Operand<TInt32> rows() {
    return Padding.size(tf, x, 0);
  }

  /** The valid steps of each row side by side, and zeros behind them. */
  private static Operand<TNumber> closedUp(Ops tf, Signal scores, Operand<TNumber> x) {
    Operand<TBool> valid = scores.validSteps(tf);
    Operand<TInt32> after =
        tf.math.cumsum(tf.dtypes.cast(valid, TInt32.class), tf.constant(1), Cumsum.exclusive(true));
    Operand<TInt32> from = tf.dtypes.cast(tf.where(valid), TInt32.class);
    Operand<TInt32> row = tf.slice(from, tf.array(0, 0), tf.array(-1, 1));
    Operand<TInt32> place = tf.expandDims(tf.gatherNd(after, from), tf.constant(1));
    Operand<TInt32> to = tf.concat(List.of(row, place), tf.constant(1));
    return tf.scatterNd(to, tf.gatherNd(x, from), tf.shape(x));
  }

  /** {@code [B, T]}. */
  Operand<TInt32> rowsAndSteps() {
    return Padding.rowsAndSteps(tf, x);
  }

  /** Lengths of all rows, with that of the row that is added. */
  Operand<TInt32> allLengths() {
    return oneMore(lengths);
  }

  /** {@code ln softmax} of the scores, {@code [T + 1, B + 1, C]}; no gradient flows through it. */
  Operand<TNumber> logarithms() {
    return timeMajor(longer(blankLast(tf.stopGradient(tf.nn.logSoftmax(x)), List.of())));
  }

  /**
   * Scores for the loss, {@code [T + 1, B + 1, C + 1]}. TensorFlow's loss refuses rows without
   * labels or steps, too. So each row, right behind its last step, has a step that can be nothing
   * but one label more, "end", which no other step can be. No probability changes.
   */
  Operand<TNumber> withEnd() {
    Operand<TNumber> never =
        tf.fill(tf.concat(List.of(rowsAndSteps(), tf.array(1)), tf.constant(0)), scalar(NEVER));
    Operand<TNumber> steps = longer(blankLast(x, List.of(never)));
    double[] end = new double[outputs + 1];
    Arrays.fill(end, NEVER);
    end[endLabel()] = 0;
    Operand<TBool> valid = Padding.first(tf, allLengths(), Padding.size(tf, steps, 1));
    return timeMajor(
        tf.select(
            tf.expandDims(valid, tf.constant(-1)),
            steps,
            number(tf.dtypes.cast(tf.constant(end), x.type()))));
  }

  /** The label "end": between all others and the blank. */
  int endLabel() {
    return outputs - 1;
  }

  /** Labels as they are numbered where the blank is last. */
  Operand<TInt32> numbered(Operand<TInt32> labels) {
    return tf.select(
        tf.math.greater(labels, tf.constant(blank)), tf.math.sub(labels, tf.constant(1)), labels);
  }

  /** The converse of {@link #numbered}. */
  Operand<TInt32> named(Operand<TInt32> numbered) {
    return tf.select(
        tf.math.less(numbered, tf.constant(blank)),
        numbered,
        tf.math.add(numbered, tf.constant(1)));
  }

  /** One row more, of length 0. */
  Operand<TInt32> oneMore(Operand<TInt32> counts) {
    return tf.pad(counts, tf.constant(new int[][] {{0, 1}}), tf.constant(0));
  }

  private Operand<TNumber> blankLast(Operand<TNumber> steps, List<Operand<TNumber>> before) {
    List<Operand<TNumber>> parts = new ArrayList<>();
    parts.add(tf.slice(steps, tf.array(0, 0, 0), tf.array(-1, -1, blank)));
    parts.add(tf.slice(steps, tf.array(0, 0, blank + 1), tf.array(-1, -1, -1)));
    parts.addAll(before);
    parts.add(tf.slice(steps, tf.array(0, 0, blank), tf.array(-1, -1, 1)));
    return tf.concat(parts, tf.constant(-1));
  }

  /** One row and one step more, of zeros. */
  private Operand<TNumber> longer(Operand<TNumber> steps) {
    return tf.pad(steps, tf.constant(new int[][] {{0, 1}, {0, 1}, {0, 0}}), scalar(0));
  }

  private Operand<TNumber> timeMajor(Operand<TNumber> steps) {
    return tf.linalg.transpose(steps, tf.array(1, 0, 2));
  }

  private Operand<TNumber> scalar(double value) {
    return number(tf.dtypes.cast(tf.constant(value), x.type()));
  }

  @SuppressWarnings("unchecked") // All operations here work on any floating type.
  private static Operand<TNumber> number(Operand<? extends TNumber> operand) {
    return (Operand<TNumber>) operand;
  }
}
