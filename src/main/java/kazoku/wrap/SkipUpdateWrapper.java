package kazoku.wrap;

import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;

/**
 * Decides at every step whether the state is updated or copied, and learns when.
 *
 * <pre>
 * q~ = q + min(p, 1−q)                        what has accumulated    [1]
 * u  = round(q~)                              whether to update       [1]
 * y^, s^ = cell(x, s)                         the step that may be taken
 * p^ = σ(ŝ·w + b)                             how soon to update next [1]
 * s' = u⊙s^ + (1−u)⊙s                         state
 * p' = u⊙p^ + (1−u)⊙p                         update probability      [1]
 * q' = (1−u)⊙q~                               accumulated             [1]
 * y' = u⊙y^ + (1−u)⊙y                         output
 * </pre>
 *
 * <p>ŝ is the slot that {@code read} names. The gradient of u passes the rounding as if it were not
 * there; ½ rounds to 0. y is the output of the step before: most cells show one of their slots,
 * whose old value it is; for another cell there is one slot more, {@code y}.
 *
 * <p>w {@code [H,1]} starts glorot-uniform, b {@code [1]} at {@code updateBias}; the cell's weights
 * are under {@code cell/}. p starts at 1, so that the first step updates, and q at 0.
 *
 * <p>Source: V. Campos, B. Jou, X. Giró-i-Nieto, J. Torres, S.-F. Chang, "Skip RNN: Learning to
 * Skip State Updates in Recurrent Neural Networks", ICLR 2018, <a
 * href="https://arxiv.org/abs/1708.06834">arXiv:1708.06834</a>. In the authors' code an LSTM's ŝ is
 * c and a GRU's h, and a stack has one u, by its top cell. Theirs also shows u.
 *
 * @param cell the cell inside
 * @param read the name of ŝ among the cell's slots; by default the last called {@code c}, or {@code
 *     h} where there is none, or else the last
 * @param updateBias where b starts; 1 by default
 */
public record SkipUpdateWrapper(Cell cell, String read, double updateBias) implements Wrapper {

  public SkipUpdateWrapper {
    Checks.given("SkipUpdateWrapper", "cell", cell);
    List<String> slots = cell.state().stream().map(Slot::name).toList();
    Checks.require(
        slots.contains(read), "SkipUpdateWrapper", "read must be one of the slots " + slots, read);
  }

  /**
   * The wrapper as in the authors' code.
   *
   * @param cell the cell inside
   */
  public SkipUpdateWrapper(Cell cell) {
    this(cell, memory(cell), 1);
  }

  private static String memory(Cell cell) {
    Checks.given("SkipUpdateWrapper", "cell", cell);
    List<String> slots = cell.state().stream().map(Slot::name).toList();
    String last = slots.get(slots.size() - 1);
    for (String symbol : List.of("h", "c")) {
      for (String slot : slots) {
        last = Inner.symbol(slot).equals(symbol) ? slot : last;
      }
    }
    return last;
  }

  @Override
  public List<Slot> own() {
    Trace trace = Trace.of(cell);
    Slot p = Slot.of("p", 1).startingAt(1);
    Slot q = Slot.of("q", 1);
    return shown(trace) == null ? List.of(p, q, new Slot("y", trace.outputShape())) : List.of(p, q);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr p = s.get("p");
    Expr q = s.get("q");
    State before = s.in("cell");

    Expr sum = q.plus(p.minimum(q.oneMinus()));
    Expr u = rounded(sum);
    Step inner = w.in("cell").step(cell, x, before);
    Expr told = inner.next().get(read);
    int size = Math.toIntExact(told.shape().size());
    Expr b = w.get("b", Initializer.constant(updateBias), 1);
    Expr pNext = told.reshape(size).dot(w.input("w", size, 1)).plus(b).sigmoid();

    State after = State.of(Map.of());
    for (Map.Entry<String, Expr> slot : before.values().entrySet()) {
      Expr value = inner.next().get(slot.getKey());
      after = after.with(slot.getKey(), chosen(u, value, slot.getValue()));
    }
    State next =
        Inner.state("cell", after)
            .with("p", chosen(u, pNext, p))
            .with("q", u.oneMinus().times(sum));

    String shown = shown(Trace.of(cell));
    if (shown != null && inner.output() == inner.next().get(shown)) {
      return new Step(after.get(shown), next);
    }
    Expr output = chosen(u, inner.output(), shown == null ? s.get("y") : before.get(shown));
    return new Step(output, shown == null ? next.with("y", output) : next);
  }

  /** The slot that is the output; null if none is. */
  private static String shown(Trace trace) {
    return trace.next().entrySet().stream()
        .filter(slot -> slot.getValue() == trace.output())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /** 0 or 1, with the gradient of the value that is rounded. */
  private static Expr rounded(Expr value) {
    Expr hard = value.greaterThan(0.5).where(Expr.constant(1), Expr.constant(0));
    return hard.plus(value.minus(value.stopGradient()));
  }

  private static Expr chosen(Expr u, Expr yes, Expr no) {
    Expr each = u.toMeet(no);
    return each.times(yes).plus(each.oneMinus().times(no));
  }
}
