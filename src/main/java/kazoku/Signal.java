package kazoku;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * What flows between layers: a value and, where it is a padded batch of sequences, the length of
 * each row.
 *
 * @param value rows {@code [B, …]} or sequences {@code [B, T, …]}
 * @param lengths {@code [B]}, how many steps of each row are valid; null if all are, or if the
 *     value has no time axis
 * @param beside what stands beside the value at every step, by name: time stamps, intervals, masks
 */
public record Signal(
    Operand<? extends TNumber> value,
    Operand<TInt32> lengths,
    Map<String, Operand<? extends TNumber>> beside) {

  public Signal {
    beside = Collections.unmodifiableMap(new LinkedHashMap<>(beside));
  }

  /**
   * A value alone.
   *
   * @param value rows {@code [B, …]} or sequences {@code [B, T, …]}
   * @param lengths how many steps of each row are valid; null if all are
   */
  public Signal(Operand<? extends TNumber> value, Operand<TInt32> lengths) {
    this(value, lengths, Map.of());
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
    return new Signal(other, lengths, beside);
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
    Map<String, Operand<? extends TNumber>> more = new LinkedHashMap<>(beside);
    more.put(name, sequence);
    return new Signal(value, lengths, more);
  }
}
