package kazoku.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import kazoku.Built;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * What was the first number that is not finite, in a batch that could not be learnt from: in the
 * order in which numbers depend on each other, from weights and data to layers, loss and gradients.
 *
 * @param weights the weights
 * @param pass the pass that is trained
 * @param means what is made small
 * @param gradients the gradients, unchecked
 */
record Culprit(Weights weights, Pass pass, Objective.Means means, Gradients gradients) {

  private static final String REMEDY =
      "; lower the learning rate or clip the gradients (optimizer.clip(1))";

  /** What stands in TensorFlow's own sentence. */
  private static final String SIGN = " : Tensor had ";

  /** Whether a run failed since a loss or a gradient was not finite. */
  static boolean of(TFInvalidArgumentException failure) {
    return failure.getMessage() != null && failure.getMessage().contains(SIGN);
  }

  /**
   * Where a batch is from.
   *
   * @param when in which epoch, as which batch of it
   * @param rows the rows' indices in their data
   * @param from the first of the steps that are seen
   */
  record Place(String when, int[] rows, int from) {
    Place from(int step) {
      return new Place(when, rows, step);
    }
  }

  /** A batch that cannot be learnt from. */
  static final class NotFinite extends IllegalStateException {
    private static final long serialVersionUID = 1;

    NotFinite(String sentence) {
      super(sentence);
    }
  }

  /**
   * Says what it was.
   *
   * @param fed makes a run to which the batch is fed
   * @param batch the batch
   * @param place where it is from
   * @return what is to be thrown
   */
  NotFinite found(Supplier<Session.Runner> fed, Batch batch, Place place) {
    String what =
        inWeights(fed)
            .or(() -> inData(batch.inputs(), place, "input"))
            .or(() -> inData(batch.targets(), place, "target"))
            .orElseGet(() -> computed(fed));
    return new NotFinite("Model: in " + place.when + ", " + what + "; the update was not made");
  }

  private Optional<String> inWeights(Supplier<Session.Runner> fed) {
    Map<Output<?>, String> probes = new LinkedHashMap<>();
    weights.operands().forEach((name, weight) -> add(probes, "the weight " + name, weight));
    return first(fed, probes)
        .map(
            found ->
                found
                    + " already; begin with a new model, a lower learning rate or clipped"
                    + " gradients (optimizer.clip(1))");
  }

  private String computed(Supplier<Session.Runner> fed) {
    Map<Output<?>, String> probes = new LinkedHashMap<>();
    for (Built built : pass.built()) {
      add(probes, "the output of " + built.path(), built.output().value());
    }
    weights.penalties().forEach((name, value) -> add(probes, "the penalty " + name, value));
    add(probes, "the loss", means.total());
    for (Gradient gradient : gradients.each()) {
      add(probes, "the gradient of " + gradient.name(), gradient.value());
    }
    return first(fed, probes)
        .map(found -> found + ", and all before it is finite" + REMEDY)
        .orElse("the loss or a gradient was not finite, but is when it is computed again" + REMEDY);
  }

  /**
   * Of a layer and what stands in it, which give the same, the layer is named. What is fed is none.
   */
  private static void add(Map<Output<?>, String> probes, String name, Operand<?> operand) {
    if (operand.type() == TFloat32.class && !operand.op().type().equals(Placeholder.OP_NAME)) {
      probes.put(operand.asOutput(), name);
    }
  }

  private static Optional<String> first(
      Supplier<Session.Runner> fed, Map<Output<?>, String> probes) {
    Session.Runner runner = fed.get();
    probes.keySet().forEach(runner::fetch);
    try (Result result = runner.run()) {
      int next = 0;
      for (String name : probes.values()) {
        float[] values = Model.floats((TFloat32) result.get(next++));
        int at = notFinite(values, 0, values.length);
        if (at >= 0) {
          return Optional.of(name + " is " + values[at]);
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> inData(Map<String, Batch.Part> parts, Place place, String what) {
    int[] rows = place.rows;
    for (Map.Entry<String, Batch.Part> part : parts.entrySet()) {
      Tensor value = part.getValue().value();
      if (value instanceof TFloat32 numbers && rows.length > 0) {
        float[] values = Model.floats(numbers);
        int row = values.length / rows.length;
        boolean steps = value.shape().numDimensions() > 2;
        int step = steps ? row / Math.max(1, (int) value.shape().get(1)) : row;
        for (int i = 0; i < rows.length; i++) {
          int valid =
              steps && part.getValue().lengths() != null
                  ? part.getValue().lengths().getInt(i) * step
                  : row;
          int at = notFinite(values, i * row, i * row + valid);
          if (at >= 0) {
            boolean first = part.getKey().isEmpty() || part.getKey().equals(Inputs.FIRST);
            String name = first ? what : what + " " + part.getKey();
            String where =
                " in row "
                    + rows[i]
                    + (steps ? ", step " + (place.from + (at - i * row) / step) : "");
            return Optional.of("the " + name + " is " + values[at] + where + "; correct the data");
          }
        }
      }
    }
    return Optional.empty();
  }

  /** The place of the first number that is not finite; −1 if there is none. */
  private static int notFinite(float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!Float.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }
}
