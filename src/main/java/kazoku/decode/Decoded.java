package kazoku.decode;

import org.tensorflow.Operand;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Labels that were found for the rows of a batch. No gradient flows through them.
 *
 * @param labels {@code [B, T]}, with −1 where there is none
 * @param lengths {@code [B]}, how many labels each row has
 * @param score {@code [B]}, how well each row's labels fit; what it is, says the method that found
 *     them
 */
public record Decoded(Operand<TInt32> labels, Operand<TInt32> lengths, Operand<TNumber> score) {

  /** What stands where there is no label. */
  public static final int NONE = -1;
}
