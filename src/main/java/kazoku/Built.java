package kazoku;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TNumber;

/**
 * A layer, or a cell laid over time, that stands in a graph: what a {@linkplain Weights#observed
 * listener} hears of it.
 *
 * @param path where its weights are, {@code encoder} or {@code encoder/cell}
 * @param what the {@link Layer} or {@link Cell}
 * @param input what it takes, with what stands beside it, and for a cell the states that it is
 *     given
 * @param output what it gives
 * @param steps how a cell is laid over time; null for a layer
 */
public record Built(String path, Object what, Signal input, Signal output, Steps steps) {

  public Built {
    Checks.given("Built", "what", what);
    Checks.given("Built", "input", input);
    Checks.given("Built", "output", output);
  }

  /**
   * A cell laid over time.
   *
   * @param state the slots of its state
   * @param loop in which form, and why
   * @param perturbations zeros that are added to the slots after each step, {@code [B, T, …]}, by
   *     slot; none but with {@link Weights#perturbed()}
   * @param probe what is computed at each step; null but with {@link Weights#probed()}
   */
  public record Steps(
      List<Slot> state,
      Loop.Choice loop,
      Map<String, Operand<TNumber>> perturbations,
      Probe probe) {

    public Steps {
      state = List.copyOf(state);
      perturbations = Collections.unmodifiableMap(new LinkedHashMap<>(perturbations));
    }
  }

  /**
   * What a cell computes at each step, in the order of the input.
   *
   * @param valid which steps are valid, ones and zeros {@code [B, T]}
   * @param quantities the {@linkplain Trace#quantities() quantities} of each step, {@code [B, T,
   *     …]}, by name; zeros in steps that are not valid
   */
  public record Probe(Operand<TNumber> valid, Map<String, Operand<TNumber>> quantities) {

    public Probe {
      quantities = Collections.unmodifiableMap(new LinkedHashMap<>(quantities));
    }
  }
}
