package kazoku;

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
 */
public record Signal(Operand<? extends TNumber> value, Operand<TInt32> lengths) {

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
    return new Signal(other, lengths);
  }
}
