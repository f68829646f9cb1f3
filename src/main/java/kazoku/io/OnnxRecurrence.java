package kazoku.io;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kazoku.Cell;
import kazoku.Expr;
import kazoku.Level;
import kazoku.Requests;
import kazoku.State;
import kazoku.Step;
import kazoku.Trace;
import kazoku.Weights;

/**
 * A cell whose recurrences are operators of ONNX, alone or inside of wrappers: what stands before,
 * between and after them looks at no state, and so is computed for all steps at once.
 *
 * @param trace one step of the cell
 * @param parts the operators, each after those whose outputs it takes
 */
record OnnxRecurrence(Trace trace, List<Part> parts) {

  /**
   * A cell that an operator stands for.
   *
   * @param operator the operator
   * @param step the cell's step
   * @param slots the cell's slots, and as which the whole has them
   */
  record Part(OnnxOperator operator, Requests.Inner step, Map<String, String> slots) {}

  /** The operators of a cell; null if its state needs more than these. */
  static OnnxRecurrence of(Cell cell) {
    Trace trace = Trace.of(cell, Weights.symbolic().forInference());
    Requests requests = trace.requests();
    if (!requests.beside().isEmpty() || !requests.perRow().isEmpty() || requests.valid() != null) {
      return null;
    }
    Requests.Inner whole =
        new Requests.Inner(
            trace.weights(),
            cell,
            trace.input(),
            State.of(trace.state()),
            new Step(trace.output(), State.of(trace.next())));
    List<Requests.Inner> steps = new ArrayList<>(requests.inner());
    steps.add(whole);
    Set<Expr> given = new HashSet<>();
    List<Part> parts = new ArrayList<>();
    for (Requests.Inner step : steps) {
      OnnxOperator operator = OnnxOperator.of(step.cell());
      Map<String, String> slots = slots(trace, step);
      if (operator != null && slots != null && isGiven(step.input(), given)) {
        parts.add(new Part(operator, step, slots));
        given.add(step.step().output());
      }
    }
    long slots = parts.stream().flatMap(part -> part.slots.values().stream()).distinct().count();
    boolean all = slots == trace.state().size() && isGiven(trace.output(), given);
    return all ? new OnnxRecurrence(trace, parts) : null;
  }

  /** Whether operators are all there is: nothing is computed before or between them. */
  boolean isBare() {
    return parts.stream()
        .map(part -> part.step.input())
        .allMatch(input -> input == trace.input() || gives(input));
  }

  /** Whether a value is what an operator gives. */
  boolean gives(Expr value) {
    return parts.stream().anyMatch(part -> part.step.step().output() == value);
  }

  /**
   * The slots of a cell inside, which must keep its state as it is; null if something changes it.
   */
  private static Map<String, String> slots(Trace trace, Requests.Inner inner) {
    Map<String, String> slots = new LinkedHashMap<>();
    inner
        .state()
        .values()
        .forEach(
            (slot, before) ->
                trace.state().entrySet().stream()
                    .filter(e -> e.getValue() == before)
                    .map(Map.Entry::getKey)
                    .filter(name -> trace.next().get(name) == inner.step().next().get(slot))
                    .forEach(name -> slots.put(slot, name)));
    return slots.keySet().equals(inner.state().values().keySet()) ? slots : null;
  }

  /** Whether a value of each step looks at no state but through values that are given. */
  private static boolean isGiven(Expr expr, Set<Expr> given) {
    return expr.level().compareTo(Level.SEQUENCE) >= 0 && isGiven(expr, given, new HashMap<>());
  }

  private static boolean isGiven(Expr expr, Set<Expr> given, Map<Expr, Boolean> found) {
    Boolean known = found.get(expr);
    if (known == null) {
      known =
          expr.level() != Level.STEP
              || given.contains(expr)
              || !expr.inputs().isEmpty()
                  && expr.inputs().stream().allMatch(input -> isGiven(input, given, found));
      found.put(expr, known);
    }
    return known;
  }
}
