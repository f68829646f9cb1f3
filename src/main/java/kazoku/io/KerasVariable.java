package kazoku.io;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.Shape;

/**
 * One variable of a Keras layer and what it is here. Blocks of gates stand in the same order there
 * and here: i, f, c, o of an LSTM, z, r, h of a GRU.
 *
 * @param place the object that has it, below the layer: {@code forward_layer/cell}; empty for the
 *     layer itself. Variables of one place are counted in their order
 * @param paths the paths of weights here, below the layer: one, or one for each row of the variable
 * @param shape its shape there
 * @param trained whether it is trained
 */
record KerasVariable(String place, List<String> paths, Shape shape, boolean trained) {

  static KerasVariable of(String path, long... shape) {
    return new KerasVariable("", List.of(path), Shape.of(shape), true);
  }

  KerasVariable fixed() {
    return new KerasVariable(place, paths, shape, false);
  }

  /** The same below an object there, and below a path here. */
  KerasVariable in(String object, String path) {
    return new KerasVariable(
        place.isEmpty() ? object : object + "/" + place,
        paths.stream().map(below -> path + "/" + below).toList(),
        shape,
        trained);
  }

  /** What stands in a file becomes weights. */
  void read(Values values, Map<String, Values> weights) {
    if (paths.size() == 1) {
      weights.put(paths.get(0), values);
      return;
    }
    for (int row = 0; row < paths.size(); row++) {
      int size = values.size(-1);
      float[] part = Arrays.copyOfRange(values.numbers(), row * size, (row + 1) * size);
      weights.put(paths.get(row), Values.of(part, size));
    }
  }

  /** The way back. */
  Values written(Map<String, Values> weights) {
    float[] all = new float[(int) shape.size()];
    int at = 0;
    for (String path : paths) {
      float[] part = weights.get(path).numbers();
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return new Values(shape, all);
  }
}
