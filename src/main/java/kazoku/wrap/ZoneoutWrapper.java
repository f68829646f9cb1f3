package kazoku.wrap;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * Keeps units as they were, at random: where drop-out sets a unit to zero, zoneout leaves it at its
 * value of the step before.
 *
 * <pre>
 * y, ŝ = cell(x, s)                           the cell's own step
 * s' = mask⊙s + (1−mask)⊙ŝ                    in training, a part p of the mask is 1
 * s' = p·s + (1−p)·ŝ                          otherwise
 * y' = s'                                     where y is the slot ŝ; y elsewhere
 * </pre>
 *
 * <p>Each slot has its own p. Masks are drawn for each row and step, and named as the slot (with
 * dots for the slashes of its path). Weights and slots are the cell's, under {@code cell/}.
 *
 * <p>Source: D. Krueger et al., "Zoneout: Regularizing RNNs by Randomly Preserving Hidden
 * Activations", ICLR 2017, <a href="https://arxiv.org/abs/1606.01305">arXiv:1606.01305</a>; for an
 * LSTM the paper has 0.5 for c and 0.05 for h. In the authors' snippet the output is the cell's,
 * before zoneout; MXNet's ZoneoutCell treats outputs as one more part, with its own memory.
 *
 * @param cell the cell inside
 * @param zoneout the part p that stays as it was, in [0, 1), by the name of the cell's slot; slots
 *     that are not named have 0
 */
public record ZoneoutWrapper(Cell cell, Map<String, Double> zoneout) implements Cell {

  public ZoneoutWrapper {
    Checks.given("ZoneoutWrapper", "cell", cell);
    Checks.given("ZoneoutWrapper", "zoneout", zoneout);
    zoneout = Collections.unmodifiableMap(new LinkedHashMap<>(zoneout));
    zoneout.forEach(
        (slot, p) -> {
          Inner.checkSlot("ZoneoutWrapper", "zoneout", cell, slot);
          Checks.require(
              p != null && p >= 0 && p < 1,
              "ZoneoutWrapper",
              "zoneout of " + slot + " must be in [0, 1)",
              p);
        });
  }

  /**
   * The wrapper with one p for all slots but counters, which have no axis.
   *
   * @param cell the cell inside
   * @param zoneout the part of the state that stays as it was
   */
  public ZoneoutWrapper(Cell cell, double zoneout) {
    this(cell, everywhere(cell, zoneout));
  }

  private static Map<String, Double> everywhere(Cell cell, double p) {
    Checks.given("ZoneoutWrapper", "cell", cell);
    Map<String, Double> all = new LinkedHashMap<>();
    cell.state().stream()
        .filter(slot -> slot.shape().numDimensions() > 0)
        .forEach(slot -> all.put(slot.name(), p));
    return all;
  }

  @Override
  public Shape input() {
    return cell.input();
  }

  @Override
  public List<Slot> state() {
    return Inner.slots("cell", cell);
  }

  @Override
  public State initial(Weights w) {
    return Inner.initial(w, cell);
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    State before = s.in("cell");
    Step inner = cell.step(w.in("cell"), x, before);
    State next = inner.next();
    Expr y = inner.output();
    for (String slot : zoneout.keySet()) {
      Expr after = inner.next().get(slot);
      Expr mixed = mixed(w, slot, before.get(slot), after);
      next = next.with(slot, mixed);
      y = after == inner.output() ? mixed : y;
    }
    return new Step(y, Inner.state("cell", next));
  }

  private Expr mixed(Weights w, String slot, Expr before, Expr after) {
    double p = zoneout.get(slot);
    if (p == 0) {
      return after;
    }
    Expr stays =
        w.training()
            ? w.mask(slot.replace('/', '.'), p, Weights.Draw.EACH_STEP, after.shape().asArray())
            : Expr.constant(p);
    return stays.times(before).plus(stays.oneMinus().times(after));
  }
}
