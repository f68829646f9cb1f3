package kazoku.wrap;

import java.util.List;
import kazoku.Cell;
import kazoku.Slot;
import kazoku.State;
import kazoku.Weights;
import org.tensorflow.ndarray.Shape;

/**
 * A cell around one cell. If it says nothing else it takes what that takes, and has its state under
 * {@code cell/}, with nothing beside it.
 */
public interface Wrapper extends Cell {

  /**
   * The cell inside.
   *
   * @return the cell
   */
  Cell cell();

  /**
   * The slots that the wrapper has beside those of the cell inside.
   *
   * @return none by default
   */
  default List<Slot> own() {
    return List.of();
  }

  @Override
  default Shape input() {
    return cell().input();
  }

  @Override
  default List<Slot> state() {
    return Inner.slots("cell", cell(), own());
  }

  @Override
  default State initial(Weights w) {
    return Inner.initial(w, cell(), own());
  }
}
