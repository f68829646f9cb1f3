package kazoku.wrap;

import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Fast cells that follow each other within one step, and a slow one that is touched once a step:
 * the fast ones learn complex transitions, the slow one long-term dependencies.
 *
 * <pre>
 * y_1, F_1 = fast_0(x, F)                     the first fast cell
 * y_s, S'  = slow(y_1, S)                     the slow cell
 * y_2, F_2 = fast_1(y_s, F_1)                 the second fast cell
 * y_i, F_i = fast_{i−1}(0, F_{i−1})           for i = 3..k, with zeros for an input
 * F' = F_k                                    one state for all fast cells
 * y  = y_k                                    output
 * </pre>
 *
 * <p>The weights are those of the cells, under {@code fast/0/}, {@code fast/1/} … and {@code
 * slow/}, the slots are under {@code fast/} and {@code slow/}. An input matrix that sees zeros only
 * stays as it started.
 *
 * <p>In training x ({@code input}), y_1 on its way to the slow cell ({@code fast}), y_s ({@code
 * slow}) and y ({@code output}) are dropped out, by masks that are drawn for each step.
 *
 * <p>Source: A. Mujika, F. Meier, A. Steger, "Fast-Slow Recurrent Neural Networks", NIPS 2017, <a
 * href="https://arxiv.org/abs/1705.08639">arXiv:1705.08639</a>, and the authors' code, where the
 * cells without an input have one of width 1. RecurrentLayers.jl gives the third and later fast
 * cells the output of the one before.
 *
 * @param fast the fast cells, at least two, with the same state; the second takes the output of the
 *     slow cell, those after it zeros, for which an input of width 1 is enough
 * @param slow the slow cell, which takes the output of the first fast cell
 * @param keepProb the part that drop-out keeps in training, in (0, 1]; 1 by default
 */
public record FastSlowCell(List<Cell> fast, Cell slow, double keepProb) implements Cell {

  public FastSlowCell {
    Checks.given("FastSlowCell", "fast", fast);
    fast = List.copyOf(fast);
    Checks.given("FastSlowCell", "slow", slow);
    Checks.require(
        fast.size() >= 2, "FastSlowCell", "there must be at least two fast cells", fast.size());
    List<Slot> state = fast.get(0).state();
    for (int i = 1; i < fast.size(); i++) {
      Checks.require(
          fast.get(i).state().equals(state),
          "FastSlowCell",
          "all fast cells must have the state of the first, " + state + ", as they share it",
          fast.get(i).state());
    }
    fits("the slow cell's input must be the first fast cell's output", fast.get(0), slow);
    fits("the second fast cell's input must be the slow cell's output", slow, fast.get(1));
    Checks.kept("FastSlowCell", "keepProb", keepProb);
  }

  /**
   * The cell without drop-out.
   *
   * @param fast the fast cells
   * @param slow the slow cell
   */
  public FastSlowCell(List<Cell> fast, Cell slow) {
    this(fast, slow, 1);
  }

  private static void fits(String rule, Cell from, Cell to) {
    Shape output = Trace.of(from).outputShape();
    Checks.require(
        to.input().equals(output), "FastSlowCell", rule + " " + Checks.text(output), to.input());
  }

  @Override
  public Shape input() {
    return fast.get(0).input();
  }

  @Override
  public List<Slot> state() {
    List<Slot> slots = Inner.slots("fast", fast.get(0), List.of());
    slots.addAll(Inner.slots("slow", slow, List.of()));
    return slots;
  }

  @Override
  public State initial(Weights w) {
    State fastest = fast.get(0).initial(w.in("fast/0"));
    return Inner.state("fast", fastest).with("slow", slow.initial(w.in("slow")));
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step first = w.in("fast/0").step(fast.get(0), keep(w, "input", x), s.in("fast"));
    Step slowly = w.in("slow").step(slow, keep(w, "fast", first.output()), s.in("slow"));
    Step last = w.in("fast/1").step(fast.get(1), keep(w, "slow", slowly.output()), first.next());
    for (int i = 2; i < fast.size(); i++) {
      Shape input = fast.get(i).input();
      Expr zeros = Expr.constant(new double[Math.toIntExact(input.size())], input.asArray());
      last = w.in("fast/" + i).step(fast.get(i), zeros, last.next());
    }
    State next = Inner.state("fast", last.next()).with("slow", slowly.next());
    return new Step(keep(w, "output", last.output()), next);
  }

  private Expr keep(Weights w, String name, Expr value) {
    return w.dropOut(name, keepProb, Weights.Draw.EACH_STEP, value);
  }
}
