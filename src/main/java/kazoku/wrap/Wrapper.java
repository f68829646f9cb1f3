package kazoku.wrap;

import java.util.List;
import kazoku.Cell;
import kazoku.Slot;
import kazoku.State;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * A cell around one cell. If it says nothing else it takes what that takes, and has its state and
 * no more, under {@code cell/}.
 */
public interface Wrapper extends Cell {

  /**
   * The cell inside.
   *
   * @return the cell
   */
  Cell cell();

  @Override
  default Shape input() {
    return cell().input();
  }

  @Override
  default List<Slot> state() {
    return Inner.slots("cell", cell());
  }

  @Override
  default State initial(Weights w) {
    return Inner.initial(w, cell());
  }
}
