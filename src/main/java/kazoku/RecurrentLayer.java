package kazoku;

import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TNumber;

/**
 * A layer that has a state: it may begin with one that is given, and gives the state it ends with.
 */
public interface RecurrentLayer extends Layer {

  /**
   * The shape of the input of one step, for one row.
   *
   * @return for example {@code [I]}
   */
  @Override
  Shape input();

  /**
   * What a recurrence gives.
   *
   * @param outputs the outputs of all steps, or of each row's last valid step if the layer gives
   *     {@linkplain #lastOnly() no others}
   * @param finalState each row's state after its last valid step, by slot, {@code [B, …]}
   */
  record Result(Operand<TNumber> outputs, Map<String, Operand<TNumber>> finalState) {}

  /**
   * Builds the recurrence.
   *
   * @param w the weights, at the layer's path
   * @param x the input, with lengths or a mask where not all steps are valid
   * @param initialState the state to begin with, by slot, {@code [B, …]}; a slot that is missing
   *     begins as the cell has it, at zero if it says nothing else
   * @return outputs and final states
   * @throws IllegalArgumentException if a rank, size, type or slot does not fit
   */
  Result run(Weights w, Signal x, Map<String, ? extends Operand<?>> initialState);

  /**
   * Builds the recurrence from the cell's own first state.
   *
   * @param w the weights, at the layer's path
   * @param x the input, with lengths or a mask where not all steps are valid
   * @return outputs and final states
   */
  default Result run(Weights w, Signal x) {
    return run(w, x, Map.of());
  }

  /**
   * Whether the layer gives each row's last valid output only.
   *
   * @return true if outputs are {@code [B, …]}
   */
  boolean lastOnly();

  /**
   * Whether sequences are {@code [T, B, …]} in the place of {@code [B, T, …]}.
   *
   * @return false by default
   */
  default boolean timeMajor() {
    return false;
  }

  /**
   * What the layer gives, as a signal.
   *
   * @param x what it took
   * @param outputs its outputs
   * @return the outputs, with what stands beside the input, and with its lengths and mask if they
   *     are of all steps
   */
  default Signal given(Signal x, Operand<TNumber> outputs) {
    return lastOnly() ? x.withRows(outputs) : x.with(outputs);
  }

  @Override
  default Signal apply(Weights w, Signal x) {
    Signal y = given(x, run(w, x).outputs());
    w.built(this, x, y);
    return y;
  }
}
