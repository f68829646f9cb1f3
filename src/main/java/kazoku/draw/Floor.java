package kazoku.draw;

import java.util.ArrayList;
import java.util.List;
import kazoku.Bidirectional;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.RecurrentLayer;
import kazoku.Stacked;
import org.tensorflow.ndarray.Shape;

/**
 * One of the layers that stand above each other in an {@link Unrolled} layer.
 *
 * @param rows one cell, or one for each direction, the forward one first
 * @param lastOnly whether it gives no output but the last
 * @param residual whether what it takes is added to what it gives
 * @param merge how the outputs of both directions become one; null if there is one direction
 */
record Floor(List<Row> rows, boolean lastOnly, boolean residual, Bidirectional.Merge merge) {

  /** Whether a layer can be drawn over time. */
  static boolean draws(Layer layer) {
    return layer instanceof RNN
        || layer instanceof Bidirectional
        || layer instanceof Stacked stacked && stacked.layers().stream().allMatch(Floor::draws);
  }

  /** The layers of a layer, the lowest first. */
  static List<Floor> of(RecurrentLayer layer) {
    List<Floor> floors = new ArrayList<>();
    add(layer, "", false, floors);
    return floors;
  }

  private static void add(RecurrentLayer layer, String path, boolean residual, List<Floor> floors) {
    if (layer instanceof RNN rnn) {
      Row row = new Row(rnn.cell(), rnn.reverse(), path);
      floors.add(new Floor(List.of(row), rnn.lastOnly(), residual, null));
    } else if (layer instanceof Bidirectional both) {
      String before = path.isEmpty() ? "" : path + "/";
      Row ahead = new Row(both.forward(), false, before + "forward");
      Row back = new Row(both.backward(), true, before + "backward");
      floors.add(new Floor(List.of(ahead, back), both.lastOnly(), residual, both.merge()));
    } else {
      Stacked stacked = (Stacked) layer;
      for (int k = 0; k < stacked.layers().size(); k++) {
        String inner = path.isEmpty() ? "" + k : path + "/" + k;
        add(stacked.layers().get(k), inner, stacked.residual() && k > 0, floors);
      }
    }
  }

  boolean both() {
    return rows.size() == 2;
  }

  /** Whether something is done with the outputs of cells. */
  boolean joins() {
    return both() || residual;
  }

  /** The shape of an output. */
  Shape output() {
    Shape one = rows.get(0).trace().outputShape();
    if (merge != Bidirectional.Merge.CONCAT) {
      return one;
    }
    long[] sizes = one.asArray();
    sizes[sizes.length - 1] += rows.get(1).trace().outputShape().get(-1);
    return Shape.of(sizes);
  }

  /** What is written where both directions become one. */
  String sign() {
    return switch (merge) {
      case CONCAT -> "[ , ]";
      case SUM -> "+";
      case AVE -> "½+";
      case MUL -> "×";
      case NONE -> "( , )";
    };
  }
}
