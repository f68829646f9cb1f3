package kazoku;

import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TNumber;

/**
 * A cell laid over time. (To be completed: only the signatures stand.)
 *
 * @param cell the cell
 * @param reverse whether rows are read from their last valid step to their first
 * @param timeMajor whether sequences are {@code [T, B, …]} in the place of {@code [B, T, …]}
 * @param maskedOutput what the outputs past a row's length are
 * @param lastOnly whether the layer gives the last valid output only
 * @param loop how the steps are built
 */
public record RNN(
    Cell cell,
    boolean reverse,
    boolean timeMajor,
    MaskedOutput maskedOutput,
    boolean lastOnly,
    Loop loop)
    implements Layer {

  /** What stands in the outputs of steps past a row's length. */
  public enum MaskedOutput {
    /** Zeros, as TensorFlow's {@code dynamic_rnn} does. */
    ZERO,
    /** The last valid output again, as Keras does; zeros where there is none. */
    REPEAT
  }

  /**
   * A cell over all steps, from the first to the last.
   *
   * @param cell the cell
   */
  public RNN(Cell cell) {
    this(cell, false, false, MaskedOutput.ZERO, false, Loop.DEFAULT);
  }

  /**
   * The same layer, giving the output of each row's last valid step only.
   *
   * @return the layer, whose output is {@code [B, …]}
   */
  public RNN last() {
    return new RNN(cell, reverse, timeMajor, maskedOutput, true, loop);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    throw new UnsupportedOperationException();
  }

  /**
   * What a recurrence gives.
   *
   * @param outputs outputs of all steps
   * @param finalState each row's state after its last valid step, by slot
   */
  public record Result(Operand<TNumber> outputs, Map<String, Operand<TNumber>> finalState) {}
}
