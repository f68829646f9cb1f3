package kazoku.wrap;

import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Initializer;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;

/**
 * Learns the state that a cell begins with.
 *
 * <pre>
 * s_0 = cell's own s_0 + initial              for every row           as the slot
 * y, s' = cell(x, s)                          the cell's own step
 * </pre>
 *
 * <p>There is a weight {@code initial/SLOT} for each slot of the cell, {@code [1,..]}, which starts
 * as zeros; a cell's own s_0 is zero if it says nothing else. A state that is given to the run
 * takes the place of s_0. The cell's weights and slots are under {@code cell/}.
 *
 * <p>Source: TrainableState of Sonnet.
 *
 * @param cell the cell inside
 */
public record TrainableInitialState(Cell cell) implements Wrapper {

  public TrainableInitialState {
    Checks.given("TrainableInitialState", "cell", cell);
  }

  @Override
  public State initial(Weights w) {
    State own = cell.initial(w.in("cell"));
    State learnt = State.of(Map.of());
    for (Slot slot : cell.state()) {
      long[] shape = slot.shape().asArray();
      long[] shared = slot.shape().prepend(1).asArray();
      Expr initial = w.get("initial/" + slot.name(), Initializer.ZEROS, shared).reshape(shape);
      learnt = learnt.with(slot.name(), initial.plus(own.get(slot.name())));
    }
    return Inner.state("cell", learnt);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    Step inner = w.in("cell").step(cell, x, s.in("cell"));
    return new Step(inner.output(), Inner.state("cell", inner.next()));
  }
}
