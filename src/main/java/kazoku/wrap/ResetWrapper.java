package kazoku.wrap;

import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;

/**
 * Begins anew in the middle of a sequence, where it is told to: several short sequences can be laid
 * end to end in one row.
 *
 * <pre>
 * s  = s_0 where r = 1                        before the step
 * y, s' = cell(x, s)                          the cell's own step
 * </pre>
 *
 * <p>r is given beside the input, {@code Signal.of(x).beside("reset", r)} with r {@code [B,T,1]},
 * ones and zeros. s_0 is the cell's own initial state, be it zeros or trained, and not a state that
 * the run was started from. The weights are the cell's, under {@code cell/}.
 *
 * <p>Source: ResetCore of Haiku.
 *
 * @param cell the cell inside
 */
public record ResetWrapper(Cell cell) implements Wrapper {

  public ResetWrapper {
    Checks.given("ResetWrapper", "cell", cell);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Expr r = w.beside("reset", 1);
    State initial = cell.initial(w.in("cell"));
    State before = State.of(Map.of());
    for (Map.Entry<String, Expr> slot : s.in("cell").values().entrySet()) {
      Expr each = r.toMeet(slot.getValue());
      Expr chosen = each.greaterThan(0.5).where(initial.get(slot.getKey()), slot.getValue());
      before = before.with(slot.getKey(), chosen);
    }
    Step inner = w.in("cell").step(cell, x, before);
    return new Step(inner.output(), Inner.state("cell", inner.next()));
  }
}
