package kazoku;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;

/**
 * One step of a cell, recorded: what the loop, its gradient, shapes, figures and equations are made
 * from. Needs no TensorFlow.
 *
 * @param input the input of the step
 * @param state the state before the step, by slot
 * @param initial the state before the first step where nobody gives one, by slot
 * @param weights the weights that the step asked for, by name, symbolic
 * @param output the output
 * @param next the state after the step, by slot, in the order of {@code state}
 */
public record Trace(
    Expr input,
    Map<String, Expr> state,
    Map<String, Expr> initial,
    Weights weights,
    Expr output,
    Map<String, Expr> next) {

  /**
   * Records one step.
   *
   * @param cell the cell
   * @return the trace
   * @throws IllegalArgumentException if shapes do not fit, or the step's state is not the one
   *     declared
   */
  public static Trace of(Cell cell) {
    return of(cell, Weights.symbolic());
  }

  /**
   * Records one step as layers with certain weights are built: for training, or for evaluation.
   *
   * @param cell the cell
   * @param weights {@link Weights#symbolic()} weights, {@link Weights#forEvaluation()} or not
   * @return the trace
   * @throws IllegalArgumentException if shapes do not fit, or the step's state is not the one
   *     declared
   */
  public static Trace of(Cell cell, Weights weights) {
    String who = cell.getClass().getSimpleName();
    Checks.require(
        !cell.state().isEmpty(), who, "a cell must have a state of at least one slot", "none");
    Expr input = Vocabulary.leaf("x", cell.input(), Level.SEQUENCE);
    Map<String, Expr> state = new LinkedHashMap<>();
    for (Slot slot : cell.state()) {
      state.put(slot.name(), Vocabulary.leaf(slot.name(), slot.shape(), Level.STEP));
    }
    Step step = cell.step(weights, input, State.of(state));
    Map<String, Expr> given = step.next().values();
    Checks.require(
        given.keySet().equals(state.keySet()),
        who,
        "a step must give the slots that state() names, " + state.keySet(),
        given.keySet());
    Map<String, Expr> next = new LinkedHashMap<>();
    state.forEach(
        (slot, before) -> {
          Expr after = given.get(slot);
          Checks.require(
              after.shape().equals(before.shape()),
              who,
              "slot " + slot + " must keep its shape " + before,
              after);
          next.put(slot, after);
        });
    Map<String, Expr> initial = initial(who, cell, weights, state);
    return new Trace(input, state, initial, weights, step.output(), next);
  }

  private static Map<String, Expr> initial(
      String who, Cell cell, Weights weights, Map<String, Expr> state) {
    Map<String, Expr> initial = cell.initial(weights).values();
    state.forEach(
        (slot, before) -> {
          Expr start = initial.get(slot);
          int rank = before.shape().numDimensions();
          Checks.require(
              start != null
                  && start.level() == Level.WEIGHT
                  && start.shape().equals(before.shape().takeLast(start.shape().numDimensions())),
              who,
              "initial must give slot "
                  + slot
                  + " a value of weights, of at most "
                  + rank
                  + " axes",
              start);
        });
    return initial;
  }

  /**
   * What the step asked for beside its weights.
   *
   * @return other inputs, random values, moving weights
   */
  public Requests requests() {
    return weights.requests();
  }

  /**
   * The shape of one row of the output.
   *
   * @return the shape
   */
  public Shape outputShape() {
    return output.shape();
  }

  /**
   * The number of trained parameters.
   *
   * @return the sum of the sizes of the weights that are not fixed
   */
  public long parameters() {
    Map<String, Expr> trained = new LinkedHashMap<>(weights.asked());
    trained.keySet().removeAll(weights.untrained());
    return trained.values().stream().mapToLong(e -> e.shape().size()).sum();
  }

  /**
   * The cells inside the cell: of a wrapper, of a stack.
   *
   * @return path of their weights → cell, each before those inside of it: {@code cell}, {@code
   *     cell/0}
   */
  public Map<String, Cell> cells() {
    Map<String, Cell> cells = new TreeMap<>();
    for (Requests.Inner inner : requests().inner()) {
      String path = inner.weights().path();
      if (!path.isEmpty()) {
        cells.put(path.substring(0, path.length() - 1), inner.cell());
      }
    }
    return cells;
  }

  /**
   * What each step computes, by name: its input {@code x}; the quantities that the equations name,
   * {@link Expr#as}, those of a cell inside with its path, {@code cell/z}; the state after the
   * step, by slot; and the output, which is {@code y} if it has no other name. What depends on
   * weights only, and what is true or false, is none. Where equations give one name twice, it is
   * the value that is computed last.
   *
   * @return name → expression, in the order in which they are computed
   */
  public Map<String, Expr> quantities() {
    return new Quantities(requests(), input, new Step(output, State.of(next))).byName();
  }

  /**
   * Everything that a step computes.
   *
   * @return the output and the next states
   */
  public List<Expr> results() {
    java.util.ArrayList<Expr> all = new java.util.ArrayList<>(next.values());
    all.add(output);
    return all;
  }
}
