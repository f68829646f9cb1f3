package kazoku.train;

import kazoku.Checks;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What is to be learnt about each row or each step: labels or values, the other is null.
 *
 * @param labels {@code [B][1]} or {@code [B][T]}
 * @param values {@code [B][1][O]} or {@code [B][T][O]}
 * @param perStep whether each step has a target
 */
record Targets(int[][] labels, float[][][] values, boolean perStep) {

  Targets(int[][] labels) {
    this(labels, null, false);
  }

  boolean hasLabels() {
    return labels != null;
  }

  String text() {
    return (labels != null ? "labels" : "numbers") + (perStep ? " for each step" : " for each row");
  }

  void check(float[][][] inputs) {
    int rows = labels != null ? labels.length : values.length;
    require(
        rows == inputs.length, "targets must be given for all " + inputs.length + " rows", rows);
    int size = -1;
    for (int row = 0; row < rows; row++) {
      int count = labels != null ? labels[row].length : values[row].length;
      require(
          !perStep || count == inputs[row].length,
          "row " + row + " must have a target for each of its " + inputs[row].length + " steps",
          count);
      for (int t = 0; t < count; t++) {
        if (labels != null) {
          require(
              labels[row][t] >= 0,
              "labels must be 0 or more, but row " + row + " has another",
              labels[row][t]);
        } else {
          size = size < 0 ? values[row][t].length : size;
          require(
              values[row][t].length == size,
              "every target must have "
                  + size
                  + " numbers as the first one has, but row "
                  + row
                  + " has another",
              values[row][t].length);
        }
      }
    }
  }

  /** Refuses targets that a model with so many outputs cannot give. */
  void checkOutputs(long outputs) {
    for (int row = 0; row < (labels != null ? labels.length : values.length); row++) {
      for (int t = 0; t < (labels != null ? labels[row].length : values[row].length); t++) {
        if (labels != null) {
          require(
              labels[row][t] < outputs,
              "labels must be in 0.."
                  + (outputs - 1)
                  + " for a model with "
                  + outputs
                  + " outputs, but row "
                  + row
                  + " has another",
              labels[row][t]);
        } else {
          require(
              values[row][t].length == outputs,
              "targets must have " + outputs + " numbers, as the model's output has",
              values[row][t].length);
        }
      }
    }
  }

  /** The targets of some rows, padded with zeros. */
  Tensor tensor(int[] rows, int[] lengths, int steps) {
    int slots = perStep ? steps : 1;
    int size = labels != null ? 1 : width();
    Shape shape = perStep ? Shape.of(rows.length, steps) : Shape.of(rows.length);
    int[] classes = new int[labels != null ? rows.length * slots : 0];
    float[] numbers = new float[labels != null ? 0 : rows.length * slots * size];
    for (int i = 0; i < rows.length; i++) {
      for (int t = 0; t < (perStep ? lengths[i] : 1); t++) {
        if (labels != null) {
          classes[i * slots + t] = labels[rows[i]][t];
        } else {
          System.arraycopy(values[rows[i]][t], 0, numbers, (i * slots + t) * size, size);
        }
      }
    }
    return labels != null
        ? TInt32.tensorOf(shape, DataBuffers.of(classes))
        : TFloat32.tensorOf(shape.append(size), DataBuffers.of(numbers));
  }

  private int width() {
    for (float[][] row : values) {
      if (row.length > 0) {
        return row[0].length;
      }
    }
    return 0;
  }

  private static void require(boolean holds, String rule, Object value) {
    Checks.require(holds, "Sequences", rule, value);
  }
}
