package kazoku.wrap;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.State;
import kazoku.Step;
import kazoku.Weights;

/**
 * Keeps some units of the state as they were, drawn at every step, where drop-out would make them
 * zeros.
 *
 * <pre>
 * y, s^ = cell(x, s)                          the cell's own step
 * s'_k  = m⊙s_k + (1−m)⊙s^_k                  in training, m is 1 with probability p_k
 * s'_k  = p_k·s_k + (1−p_k)·s^_k              in evaluation
 * </pre>
 *
 * <p>The masks are named as the slots, {@code h}, with dots in a path: {@code cell.h}. Where the
 * cell's output is a slot, the wrapper's output is that slot with zoneout. Weights and slots are
 * the cell's, under {@code cell/}.
 *
 * <p>Source: D. Krueger et al., "Zoneout: Regularizing RNNs by Randomly Preserving Hidden
 * Activations", ICLR 2017, <a href="https://arxiv.org/abs/1606.01305">arXiv:1606.01305</a>. MXNet
 * draws for output and state apart, and keeps an output of its own; in the authors' snippet the
 * output is the one without zoneout.
 *
 * @param cell the cell inside
 * @param zoneout slot → p, in [0, 1); slots that are not named have none
 */
public record ZoneoutWrapper(Cell cell, Map<String, Double> zoneout) implements Wrapper {

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
   * Zoneout of all slots alike but counters, which have no axis.
   *
   * @param cell the cell inside
   * @param p the probability that a unit stays
   */
  public ZoneoutWrapper(Cell cell, double p) {
    this(cell, ofAll(cell, p));
  }

  private static Map<String, Double> ofAll(Cell cell, double p) {
    Checks.given("ZoneoutWrapper", "cell", cell);
    Map<String, Double> all = new LinkedHashMap<>();
    Inner.units(cell).forEach(slot -> all.put(slot, p));
    return all;
  }

  @Override
  public Step step(Weights w, Expr x, State s) {
    State before = s.in("cell");
    Step inner = w.in("cell").step(cell, x, before);
    State next = inner.next();
    Expr output = inner.output();
    for (Map.Entry<String, Double> entry : zoneout.entrySet()) {
      String slot = entry.getKey();
      Expr after = inner.next().get(slot);
      Expr stayed = stayed(w, slot, entry.getValue(), before.get(slot), after);
      next = next.with(slot, stayed);
      output = after == inner.output() ? stayed : output;
    }
    return new Step(output, Inner.state("cell", next));
  }

  private static Expr stayed(Weights w, String slot, double p, Expr before, Expr after) {
    if (p == 0) {
      return after;
    }
    if (!w.training()) {
      return before.times(p).plus(after.times(1 - p));
    }
    Expr mask = w.mask(slot.replace('/', '.'), p, Weights.Draw.EACH_STEP, before.shape().asArray());
    return mask.times(before).plus(mask.oneMinus().times(after));
  }
}
