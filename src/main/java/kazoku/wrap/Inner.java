package kazoku.wrap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/** What wrappers ask of the cell inside. */
final class Inner {
  private Inner() {}

  /** The slots of a cell under a path, and what its wrapper adds to them. */
  static List<Slot> slots(String path, Cell cell, Slot... own) {
    List<Slot> slots = new ArrayList<>(cell.state().stream().map(slot -> slot.in(path)).toList());
    slots.addAll(Arrays.asList(own));
    return slots;
  }

  /** The state of a cell under a path. */
  static State state(String path, State inner) {
    return State.of(Map.of()).with(path, inner);
  }

  /** The first state of a cell under {@code cell}, and where the slots of its wrapper start. */
  static State initial(Weights w, Cell cell, Slot... own) {
    State initial = state("cell", cell.initial(w.in("cell")));
    for (Slot slot : own) {
      initial = initial.with(slot.name(), Expr.constant(slot.start()));
    }
    return initial;
  }

  /** The size of a row that must be a vector. */
  static int vector(String who, String what, Shape shape) {
    Checks.require(shape.numDimensions() == 1, who, what + " must be a vector", shape);
    return Math.toIntExact(shape.get(0));
  }

  static void checkKept(String who, String what, double keep) {
    Checks.require(keep > 0 && keep <= 1, who, what + " must be in (0, 1]", keep);
  }

  /** Drop-out in training: what is kept is divided by its share. */
  static Expr keep(Weights w, String name, double keep, Weights.Draw draw, Expr value) {
    if (keep == 1 || !w.training()) {
      return value;
    }
    return value.times(w.mask(name, keep, draw, value.shape().asArray()).times(1 / keep));
  }

  /** One number a row, with as many axes as a value has: it meets every element. */
  static Expr toMeet(Expr number, Expr value) {
    long[] ones = new long[value.shape().numDimensions()];
    Arrays.fill(ones, 1);
    return number.reshape(ones);
  }

  /** The last part of a name with a path. */
  static String symbol(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
