package kazoku;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TNumber;

/**
 * Where recurrences take the state that they begin with, and leave the one that they end with, so
 * that a sequence can be read in parts: truncated back-propagation, stateful training, streams.
 *
 * <p>Layers that are built with {@link Weights#carrying} ask for each slot of each cell, wherever
 * it stands. A state is named as weights are, by the path of its cell and the slot: {@code
 * rnn/cell/h}, {@code stacked/1/cell/c}. What a row ends with is its state after its last valid
 * step; a row of length 0 ends with what it begins with.
 */
public interface Carried {

  /**
   * What a slot begins with.
   *
   * @param state the state's name
   * @param row its shape for one row
   * @param first what it begins with where nothing is carried, {@code [B, …]}: what is given, or
   *     the cell's own first state, which may be made of weights
   * @return {@code [B, …]}
   */
  Operand<TNumber> begin(String state, Shape row, Operand<TNumber> first);

  /**
   * What a slot ends with; to begin with it is to go on.
   *
   * @param state the state's name
   * @param last {@code [B, …]}
   */
  void end(String state, Operand<TNumber> last);

  /**
   * Whether sequences come step by step, or a few steps at a time, at least one: such runs are too
   * short to be split over cores.
   *
   * @return false unless it is said otherwise
   */
  default boolean stepByStep() {
    return false;
  }

  /**
   * A layer cannot be given its sequences in parts.
   *
   * @param who the layer
   * @throws IllegalArgumentException unless it is kept for later
   */
  default void refuse(String who) {
    throw new IllegalArgumentException(refusal(who));
  }

  /**
   * Why a layer cannot be given its sequences in parts.
   *
   * @param who the layer
   * @return a sentence
   */
  static String refusal(String who) {
    return who
        + ": looks across the steps of a sequence and cannot go on from a carried state; give it"
        + " whole sequences, or windows that stand for themselves";
  }
}
