package kazoku.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kazoku.Built;
import kazoku.Cell;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Trace;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/** A model's layer once more, with recurrences that tell what they compute at each step. */
final class Probes {
  private final Pass pass;
  private final Map<String, Built> cells = new LinkedHashMap<>();

  /**
   * Builds the layer.
   *
   * @param same the weights of the model, given
   * @param inference what is evaluated
   * @param layer its layer
   */
  Probes(Weights same, Pass inference, Layer layer) {
    this.pass = inference.again(same.forInference().probed(), layer);
    for (Built built : pass.built()) {
      if (built.steps() != null) {
        Names.put(cells, built.path(), built);
      }
    }
  }

  /**
   * Runs one sequence.
   *
   * @param layer the path of a cell, or of a layer that has one
   */
  Activity activity(Session session, String layer, Sequences data) {
    Checks.given("Model", "layer", layer);
    Checks.given("Model", "data", data);
    String path = path(layer);
    pass.check(data);
    Checks.require(
        data.size() == 1,
        "Model",
        "activity is that of one sequence; give it with data.select(row)",
        data.size() + " rows");
    Built built = cells.get(path);
    Built.Probe probe = built.steps().probe();
    Shape output = Trace.of((Cell) built.what()).outputShape();
    Session.Runner runner = session.runner().fetch(probe.valid());
    probe.quantities().values().forEach(runner::fetch);
    try (Batch batch = pass.batch(Course.Rows.all(data, 0))) {
      pass.feed(runner, batch);
      try (Result result = runner.run()) {
        return read(path, output, probe.quantities(), result);
      }
    }
  }

  private static Activity read(
      String path, Shape output, Map<String, Operand<TNumber>> quantities, Result result) {
    long rows = result.get(0).shape().get(0);
    Checks.require(
        rows == 1, "Model", path + " must compute one row for each row of data", rows + " rows");
    float[] valid = Model.floats((TFloat32) result.get(0));
    int steps = valid.length;
    while (steps > 0 && valid[steps - 1] == 0) {
      steps--;
    }
    Map<String, Activity.Quantity> all = new LinkedHashMap<>();
    for (String name : quantities.keySet()) {
      Tensor tensor = result.get(1 + all.size());
      Shape shape = tensor.shape();
      Shape row = shape.takeLast(shape.numDimensions() - 2);
      int size = Math.toIntExact(row.size());
      float[] flat = Model.floats((TFloat32) tensor);
      float[][] values = new float[steps][];
      Arrays.setAll(values, t -> Arrays.copyOfRange(flat, t * size, (t + 1) * size));
      all.put(name, new Activity.Quantity(row, values));
    }
    return new Activity(path, steps, output, all);
  }

  private String path(String layer) {
    List<String> found = new ArrayList<>(cells.keySet());
    found.removeIf(path -> !path.equals(layer) && !path.startsWith(layer + "/"));
    Checks.require(
        found.size() == 1,
        "Model",
        "layer must name one cell, "
            + (found.isEmpty()
                ? "of those that are laid over time, " + cells.keySet()
                : "one of " + found),
        layer);
    return found.get(0);
  }
}
