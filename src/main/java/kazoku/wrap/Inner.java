package kazoku.wrap;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Expr;
import kazoku.Slot;
import kazoku.State;
import kazoku.Trace;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/** What wrappers ask of the cell inside. */
final class Inner {
  private Inner() {}

  /** The slots of a cell under a path, and what its wrapper adds to them. */
  static List<Slot> slots(String path, Cell cell, List<Slot> own) {
    List<Slot> slots = new ArrayList<>(cell.state().stream().map(slot -> slot.in(path)).toList());
    slots.addAll(own);
    return slots;
  }

  /** The slots of cells under {@code 0}, {@code 1} … */
  static List<Slot> slots(List<Cell> cells) {
    List<Slot> slots = new ArrayList<>();
    for (int k = 0; k < cells.size(); k++) {
      slots.addAll(slots(Integer.toString(k), cells.get(k), List.of()));
    }
    return slots;
  }

  /** The first states of cells under {@code 0}, {@code 1} … */
  static State initial(Weights w, List<Cell> cells) {
    State initial = State.of(Map.of());
    for (int k = 0; k < cells.size(); k++) {
      String path = Integer.toString(k);
      initial = initial.with(path, cells.get(k).initial(w.in(path)));
    }
    return initial;
  }

  /** The state of a cell under a path. */
  static State state(String path, State inner) {
    return State.of(Map.of()).with(path, inner);
  }

  /** The first state of a cell under {@code cell}, and where the slots of its wrapper start. */
  static State initial(Weights w, Cell cell, List<Slot> own) {
    State initial = state("cell", cell.initial(w.in("cell")));
    for (Slot slot : own) {
      initial = initial.with(slot.name(), Expr.constant(slot.start()));
    }
    return initial;
  }

  /** Cells in a row, at least one. */
  static List<Cell> cells(String who, List<Cell> cells) {
    Checks.given(who, "cells", cells);
    Checks.require(!cells.isEmpty(), who, "there must be at least one cell", cells);
    cells.forEach(cell -> Checks.given(who, "each of the cells", cell));
    return List.copyOf(cells);
  }

  /** The names of the slots that hold units; a counter is one number a row. */
  static List<String> units(Cell cell) {
    return cell.state().stream()
        .filter(slot -> slot.shape().numDimensions() > 0)
        .map(Slot::name)
        .toList();
  }

  /** The size of a row that must be a vector. */
  static int vector(String who, String what, Shape shape) {
    Checks.require(shape.numDimensions() == 1, who, what + " must be a vector", shape);
    return Math.toIntExact(shape.get(0));
  }

  static void checkAxis(String who, String what, Shape shape) {
    Checks.require(shape.numDimensions() > 0, who, what + " must have an axis", shape);
  }

  static void checkSameShape(String who, Cell cell) {
    Shape output = Trace.of(cell).outputShape();
    Checks.require(
        output.equals(cell.input()),
        who,
        "the cell's output must have the shape of its input, "
            + Checks.text(cell.input())
            + "; bring the input to it by an InputProjectionWrapper",
        output);
  }

  static void checkSlot(String who, String what, Cell cell, String slot) {
    List<String> slots = cell.state().stream().map(Slot::name).toList();
    Checks.require(
        slots.contains(slot), who, what + " must name slots of the cell, " + slots, slot);
  }

  /** The last part of a name with a path. */
  static String symbol(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
