package kazoku;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * What flows between layers: a value; where it is a padded batch of sequences, which of its steps
 * are valid; and other signals by name that stand beside it.
 *
 * <p>Which steps are valid is said by the length of each row, by a mask, or by both. It goes from
 * layer to layer and on to losses and metrics by itself.
 *
 * @param value rows {@code [B, …]} or sequences {@code [B, T, …]}
 * @param lengths {@code [B]}, how many steps of each row are valid; null if all are, or if the
 *     value has no time axis
 * @param mask {@code [B, T]}, which steps are valid; null if all are, as far as lengths say
 * @param beside other signals, by name: what a cell asks for at every step (time stamps,
 *     intervals), a memory, other inputs and outputs of a network
 */
public record Signal(
    Operand<? extends TNumber> value,
    Operand<TInt32> lengths,
    Operand<TBool> mask,
    Map<String, Signal> beside) {

  public Signal {
    Checks.given("Signal", "value", value);
    beside = Collections.unmodifiableMap(new LinkedHashMap<>(beside));
  }

  /**
   * Sequences with lengths.
   *
   * @param value rows {@code [B, …]} or sequences {@code [B, T, …]}
   * @param lengths how many steps of each row are valid; null if all are
   */
  public Signal(Operand<? extends TNumber> value, Operand<TInt32> lengths) {
    this(value, lengths, null, Map.of());
  }

  /**
   * A value all of whose steps are valid.
   *
   * @param value the value
   * @return the signal
   */
  public static Signal of(Operand<? extends TNumber> value) {
    return new Signal(value, null);
  }

  /**
   * Another value for the same rows and steps.
   *
   * @param other the value
   * @return the signal
   */
  public Signal with(Operand<? extends TNumber> other) {
    return new Signal(other, lengths, mask, beside);
  }

  /**
   * Another value for the same rows, without steps.
   *
   * @param rows the value, {@code [B, …]}
   * @return the signal, without lengths and mask
   */
  public Signal withRows(Operand<? extends TNumber> rows) {
    return new Signal(rows, null, null, beside);
  }

  /**
   * The same sequences, of which only the steps of a mask are valid.
   *
   * @param steps {@code [B, T]}
   * @return the signal
   */
  public Signal masked(Operand<TBool> steps) {
    return new Signal(value, lengths, steps, beside);
  }

  /**
   * The signal with something more beside its value, for cells that ask for it: {@code
   * Signal.of(x).beside("time", stamps)}.
   *
   * @param name what cells ask for, {@link Weights#beside}
   * @param sequence its value at every step, {@code [B, T, …]}
   * @return the signal
   */
  public Signal beside(String name, Operand<? extends TNumber> sequence) {
    return beside(name, Signal.of(sequence));
  }

  /**
   * The signal with another one beside it, which has lengths of its own.
   *
   * @param name the other signal's name
   * @param other the other signal
   * @return the signal
   */
  public Signal beside(String name, Signal other) {
    Map<String, Signal> more = new LinkedHashMap<>(beside);
    more.put(name, other);
    return new Signal(value, lengths, mask, more);
  }

  /**
   * A signal that stands beside this one.
   *
   * @param name its name
   * @return the signal
   * @throws IllegalArgumentException if there is none of this name
   */
  public Signal beside(String name) {
    Checks.require(
        beside.containsKey(name),
        "Signal",
        "beside it must stand one of " + beside.keySet() + "; give it with signal.beside(name, …)",
        name);
    return beside.get(name);
  }

  /**
   * Which steps are valid.
   *
   * @param tf operations of the graph
   * @return {@code [B, T]}; null if all are
   */
  public Operand<TBool> valid(Ops tf) {
    if (lengths == null) {
      return mask;
    }
    Operand<TInt32> steps =
        tf.reshape(
            tf.slice(tf.shape(value), tf.constant(new int[] {1}), tf.constant(new int[] {1})),
            tf.constant(new int[0]));
    Operand<TInt32> time = tf.range(tf.constant(0), steps, tf.constant(1));
    Operand<TBool> within =
        tf.math.less(tf.expandDims(time, tf.constant(0)), tf.expandDims(lengths, tf.constant(1)));
    return mask == null ? within : tf.math.logicalAnd(within, mask);
  }

  /**
   * Which steps are valid, also where all are.
   *
   * @param tf operations of the graph
   * @return {@code [B, T]}
   */
  public Operand<TBool> validSteps(Ops tf) {
    Operand<TBool> steps = valid(tf);
    return steps != null
        ? steps
        : tf.fill(tf.slice(tf.shape(value), tf.array(0), tf.array(2)), tf.constant(true));
  }

  /**
   * The value with zeros in the steps that are not valid.
   *
   * @param tf operations of the graph
   * @return the signal
   */
  public Signal zeroPadded(Ops tf) {
    Operand<TBool> steps = valid(tf);
    if (steps == null) {
      return this;
    }
    return with(Batches.zeroElsewhere(tf, steps, Vocabulary.number(value)));
  }
}
