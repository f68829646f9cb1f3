package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.Trace;
import kazoku.Weights;

/** A cell at all steps of an {@link Unrolled} layer. */
final class Row {
  /** States of more slots are one line. */
  private static final int MOST_SLOTS = 4;

  private static final int MOST_WEIGHTS = 6;
  private static final double SLOT = 27;
  private static final double LEAST = 70;

  private final Trace trace;
  private final boolean backward;
  private final String path;
  private final Nest nest;
  private final List<Slot> slots;

  /**
   * A row.
   *
   * @param cell the cell
   * @param backward whether it goes from the last step to the first
   * @param path where its weights are; empty if there is no other row
   */
  Row(Cell cell, boolean backward, String path) {
    this.trace = Trace.of(cell, Weights.symbolic().forEvaluation());
    this.backward = backward;
    this.path = path;
    this.nest = Nest.of(cell, trace);
    this.slots = cell.state();
  }

  Trace trace() {
    return trace;
  }

  boolean backward() {
    return backward;
  }

  Nest nest() {
    return nest;
  }

  double width() {
    return Math.max(LEAST, nest.width());
  }

  double height() {
    return Math.max(nest.height(), SLOT * (lines().count() + 1) - 10);
  }

  /** The lines that the state is drawn as. */
  IntStream lines() {
    return IntStream.range(0, slots.size() > MOST_SLOTS ? 1 : slots.size());
  }

  /** What a line of the state is called at a moment; 0 is before the first step. */
  Lettering state(int line, int moment) {
    String slot = slots.size() > MOST_SLOTS ? "s" : slots.get(line).name();
    return Lettering.symbol(slot + "_" + moment);
  }

  /** How large it is. */
  Lettering stateShape(int line) {
    return Lettering.plain(
        slots.size() > MOST_SLOTS ? slots.size() + " slots" : Checks.text(slots.get(line).shape()));
  }

  /** What is said of the weights. */
  Lettering before() {
    String same = weights().isEmpty() ? "no weights" : "the same weights at every step";
    return Lettering.plain(path.isEmpty() ? same : path + ": " + same);
  }

  /** The weights, with their shapes. */
  List<Lettering> names() {
    List<Lettering> names = new ArrayList<>();
    weights()
        .forEach(
            (name, weight) ->
                names.add(
                    Lettering.symbol(name)
                        .then(Lettering.plain(" " + Checks.text(weight.shape())))));
    if (names.size() > MOST_WEIGHTS) {
      List<Lettering> some = new ArrayList<>(names.subList(0, MOST_WEIGHTS - 1));
      some.add(Lettering.plain("and " + (names.size() - some.size()) + " more"));
      return some;
    }
    return names;
  }

  /** How many numbers they have. */
  Lettering after() {
    return Lettering.plain(
        weights().isEmpty()
            ? ""
            : String.format(Locale.ROOT, "%,d numbers in all", trace.parameters()));
  }

  private Map<String, Expr> weights() {
    return trace.weights().asked();
  }
}
