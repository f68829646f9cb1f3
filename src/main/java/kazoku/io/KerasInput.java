package kazoku.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * An input of a Keras model.
 *
 * @param name its name
 * @param flow its axes
 * @param whole whether it is of whole numbers
 */
record KerasInput(String name, Flow flow, boolean whole) {

  /** What an InputLayer says, or the first layer of a Sequential. */
  static KerasInput of(KerasConfig c) {
    JsonNode shape = null;
    for (String key : List.of("batch_shape", "batch_input_shape", "build_input_shape")) {
      shape = shape == null && c.has(key) ? c.config().get(key) : shape;
    }
    c.require(shape != null && shape.isArray() && shape.size() > 1, "must say the input's shape");
    List<Integer> sizes = new ArrayList<>();
    for (int k = 1; k < shape.size(); k++) {
      JsonNode size = shape.get(k);
      c.require(
          size.isNull() || size.canConvertToInt() && size.intValue() > 0,
          "has an input with an axis of " + size);
      sizes.add(size.isNull() ? -1 : size.intValue());
    }
    boolean whole = c.config().path("dtype").asText().matches("u?int\\d+");
    return new KerasInput(c.name(), new Flow(sizes, false), whole);
  }

  /** Whether it has steps, as far as it says itself: one axis of a known size may be a row. */
  boolean surelyHasSteps() {
    return flow.rank() > 1 || whole || flow.last() < 0;
  }
}
