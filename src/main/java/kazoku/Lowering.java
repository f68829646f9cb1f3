package kazoku;

import java.util.Map;
import org.tensorflow.Operand;

/**
 * Lays cells over time in a form of its own, in the place of {@link RNN}: with the operators of a
 * runtime that a graph is written down for. {@code RNN::runAt} is the one that changes nothing.
 */
@FunctionalInterface
public interface Lowering {

  /**
   * Builds a recurrence.
   *
   * @param rnn the cell, and how it is laid over time
   * @param w the cell's weights, with which {@link RNN#runAt} builds its own form
   * @param x the input, {@code [B, T, …]}, with lengths or a mask where not all steps are valid
   * @param initialState the state to begin with, by slot
   * @return outputs and final states, as {@link RNN} gives them
   */
  RecurrentLayer.Result run(
      RNN rnn, Weights w, Signal x, Map<String, ? extends Operand<?>> initialState);
}
