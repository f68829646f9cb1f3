package kazoku.cells;

import java.util.ArrayList;
import java.util.List;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Slot;
import org.tensorflow.ndarray.Shape;

/** The cell inside a memory cell: it sees the input and what was read. */
final class Controllers {
  private Controllers() {}

  static void check(String who, Cell controller, int inputSize, int readHeads, int wordSize) {
    Checks.given(who, "controller", controller);
    Checks.require(
        controller.input().equals(Shape.of(inputSize + readHeads * wordSize)),
        who,
        "the controller's input must be [inputSize + readHeads·wordSize] = ["
            + (inputSize + readHeads * wordSize)
            + "]",
        controller.input());
  }

  /** The controller's slots, for the memory's to be added. */
  static List<Slot> slots(Cell controller) {
    return new ArrayList<>(controller.state().stream().map(slot -> slot.in("controller")).toList());
  }
}
