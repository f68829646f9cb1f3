package kazoku;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;
import kazoku.internal.Walk;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * Sequences cut into interleaved ones that stand side by side in a batch: of d lanes, lane j of a
 * row has its steps j, j + d, j + 2d …
 */
final class Lanes {
  private final Weights w;
  private final Ops tf;
  private final String who;
  private final int count;
  private final Operand<TInt32> rows;
  private final Operand<TInt32> steps;
  private final Operand<TInt32> allLanes;
  private final Operand<TInt32> stepsEach;

  /**
   * Lanes of a batch.
   *
   * @param who the layer
   * @param w its weights
   * @param count d
   * @param x the batch, {@code [B, T, …]}
   */
  Lanes(String who, Weights w, int count, Signal x) {
    this.w = w;
    this.tf = w.tf();
    this.who = who;
    this.count = count;
    Operand<TInt32> lanes = tf.array(count);
    this.rows = Batches.size(tf, x.value(), 0);
    this.allLanes = tf.math.mul(rows, lanes);
    long known = x.value().asOutput().shape().get(1);
    // Known where the steps are to be written out.
    this.steps = known < 0 ? Batches.size(tf, x.value(), 1) : tf.array((int) known);
    this.stepsEach =
        known < 0
            ? tf.math.floorDiv(tf.math.add(steps, tf.array(count - 1)), lanes)
            : tf.array((int) (known + count - 1) / count);
  }

  /** The batch in lanes, with what a cell asks for beside it. */
  Signal cut(Signal x, Shape row, Requests requests) {
    Operand<TBool> mask = x.mask() == null ? null : cut(x.mask());
    Signal lanes = new Signal(cut(x.value(), row), lengths(x), mask, Map.of());
    for (Map.Entry<String, Signal> entry : x.beside().entrySet()) {
      String name = entry.getKey();
      if (requests.beside().containsKey(name)) {
        Shape each = requests.beside().get(name).shape();
        lanes = lanes.beside(name, cut(entry.getValue().value(), each));
      } else if (requests.perRow().containsKey(name)) {
        lanes = lanes.beside(name, repeated(entry.getValue()));
      }
    }
    return lanes;
  }

  /** {@code [B, T, …]} to {@code [B·d, T/d, …]}, with zeros past the end. */
  private Operand<TNumber> cut(Operand<? extends TNumber> value, Shape row) {
    return cutNumbers(Walk.numbers(who, w, value), row);
  }

  private Operand<TBool> cut(Operand<TBool> mask) {
    Operand<TNumber> numbers = Axes.numbers(tf, mask, TFloat32.class);
    return tf.math.equal(cutNumbers(numbers, Shape.scalar()), Vocabulary.number(tf.constant(1f)));
  }

  private Operand<TNumber> cutNumbers(Operand<TNumber> numbers, Shape row) {
    Operand<TInt32> missing = tf.math.sub(tf.math.mul(stepsEach, tf.array(count)), steps);
    Operand<TNumber> zero = Vocabulary.number(tf.dtypes.cast(tf.constant(0), numbers.type()));
    Operand<TNumber> past = tf.fill(shape(List.of(rows, missing), row), zero);
    Operand<TNumber> whole = tf.concat(List.of(numbers, past), tf.constant(1));
    Operand<TNumber> apart =
        tf.reshape(whole, shape(List.of(rows, stepsEach, tf.array(count)), row));
    return tf.reshape(exchanged(apart, row), shape(List.of(allLanes, stepsEach), row));
  }

  /** {@code [B·d, T/d, …]} back to {@code [B, T, …]}. */
  Operand<TNumber> joined(Operand<TNumber> lanes, Shape row) {
    Operand<TNumber> apart =
        tf.reshape(lanes, shape(List.of(rows, tf.array(count), stepsEach), row));
    Operand<TInt32> padded = tf.math.mul(stepsEach, tf.array(count));
    Operand<TNumber> whole = tf.reshape(exchanged(apart, row), shape(List.of(rows, padded), row));
    int[] begin = new int[2 + row.numDimensions()];
    Operand<TInt32> size = shape(List.of(tf.array(-1), steps), row);
    return tf.slice(whole, tf.constant(begin), size);
  }

  /** {@code [B, d, …]} to {@code [B·d, …]}. */
  Operand<TNumber> cutState(Operand<?> state, Shape row) {
    return tf.withName("initial_state_must_have_one_entry_a_row")
        .reshape(Vocabulary.number(state), shape(List.of(allLanes), row));
  }

  /** {@code [B·d, …]} back to {@code [B, d, …]}. */
  Operand<TNumber> joinedState(Operand<TNumber> lanes, Shape row) {
    return tf.reshape(lanes, shape(List.of(rows, tf.array(count)), row));
  }

  /** States that are carried for rows, and not for lanes. */
  Carried carried(Signal x) {
    Carried whole = w.carried();
    if (whole == null || count == 1) {
      return whole;
    }
    return new Carried() {
      @Override
      public Operand<TNumber> begin(String state, Shape row, Operand<TNumber> first) {
        Shape all = row.prepend(count);
        return cutState(whole.begin(state, all, joinedState(first, row)), row);
      }

      @Override
      public void end(String state, Operand<TNumber> last) {
        Shape shape = last.asOutput().shape();
        Shape row = shape.takeLast(shape.numDimensions() - 1);
        whole.end(state, turned(joinedState(last, row), x));
      }

      @Override
      public boolean stepByStep() {
        return whole.stepByStep();
      }

      @Override
      public void refuse(String who) {
        whole.refuse(who);
      }
    };
  }

  /** {@code [B, d, …]}, with the lane first that the step after a row's last one is in. */
  private Operand<TNumber> turned(Operand<TNumber> state, Signal x) {
    int[] lanes = IntStream.range(0, count).toArray();
    Operand<TInt32> from =
        tf.math.floorMod(
            tf.math.add(tf.expandDims(lengthsOfRows(x), tf.constant(1)), tf.constant(lanes)),
            tf.constant(count));
    return tf.gather(state, from, tf.constant(1), Gather.batchDims(1L));
  }

  private Operand<TInt32> lengthsOfRows(Signal x) {
    return x.lengths() == null
        ? tf.fill(rows, tf.reshape(steps, tf.constant(new int[0])))
        : Batches.lengths(tf, x.lengths(), steps, rows);
  }

  /** How many steps of each lane are valid. */
  private Operand<TInt32> lengths(Signal x) {
    if (count == 1) {
      return x.lengths();
    }
    Operand<TInt32> lengths = lengthsOfRows(x);
    int[] head = IntStream.range(0, count).map(j -> count - 1 - j).toArray();
    Operand<TInt32> each =
        tf.math.floorDiv(
            tf.math.add(tf.expandDims(lengths, tf.constant(1)), tf.constant(head)),
            tf.constant(count));
    return tf.reshape(each, allLanes);
  }

  /** What stands beside a row stands beside each of its lanes. */
  private Signal repeated(Signal x) {
    return new Signal(
        repeated(Walk.numbers(who, w, x.value())),
        x.lengths() == null ? null : repeated(x.lengths()),
        x.mask() == null ? null : repeated(x.mask()),
        Map.of());
  }

  private <T extends TType> Operand<T> repeated(Operand<T> value) {
    Operand<T> each = tf.stack(Collections.nCopies(count, value), Stack.axis(1L));
    Operand<TInt32> rest = tf.slice(tf.shape(value), tf.array(1), tf.array(-1));
    return tf.reshape(each, tf.concat(List.of(allLanes, rest), tf.constant(0)));
  }

  private Operand<TInt32> shape(List<Operand<TInt32>> leading, Shape row) {
    List<Operand<TInt32>> all = new ArrayList<>(leading);
    all.add(Batches.sizes(tf, row));
    return tf.concat(all, tf.constant(0));
  }

  private Operand<TNumber> exchanged(Operand<TNumber> value, Shape row) {
    int[] order = new int[3 + row.numDimensions()];
    Arrays.setAll(order, i -> i);
    order[1] = 2;
    order[2] = 1;
    return tf.linalg.transpose(value, tf.constant(order));
  }
}
