package kazoku;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.ndarray.Shape;

/**
 * A recurrent cell: one step in time, as a pure function from expressions to expressions.
 *
 * <p>A cell is a record: its header is the configuration, {@link #state()} names the state, and
 * {@link #step} is the equations. It knows nothing of batches, time, graphs or sessions; {@link
 * RNN} lays it over a sequence, and a wrapper is a cell around a cell.
 */
public interface Cell {

  /**
   * The shape of the input of one step, for one row.
   *
   * @return {@code [I]}, or {@code [S.., C]} for images
   */
  Shape input();

  /**
   * The parts of the state.
   *
   * @return the slots, in order
   */
  List<Slot> state();

  /**
   * The state before the first step, where nobody gives one.
   *
   * @param w the weights, asked for by symbol
   * @return for each slot a value that depends on weights only; by default the number {@link
   *     Slot#start()}
   */
  default State initial(Weights w) {
    Map<String, Expr> starts = new LinkedHashMap<>();
    state().forEach(slot -> starts.put(slot.name(), Expr.constant(slot.start())));
    return State.of(starts);
  }

  /**
   * One step.
   *
   * @param w the weights, asked for by symbol
   * @param x the input, of shape {@link #input()}
   * @param s the state before the step
   * @return the output, and the state after the step
   */
  Step step(Weights w, Expr x, State s);

  /**
   * An operation of TensorFlow that computes all steps at once.
   *
   * @return what layers use where no gradient is asked for; by default nothing
   */
  default Optional<Kernel> kernel() {
    return Optional.empty();
  }
}
