package kazoku.train;

import java.util.Arrays;
import kazoku.Checks;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What is to be learnt about rows or their steps: class labels, counted from 0, or numbers. {@link
 * Sequences} has a short form for the targets of a model's first output; these are for the others.
 */
public final class Targets {
  private final int[][] labels;
  private final float[][][] values;
  private final Form form;

  /** For what there is a target. */
  enum Form {
    ROW,
    STEP,
    SEQUENCE;

    String text() {
      return switch (this) {
        case ROW -> "for each row";
        case STEP -> "for each step";
        case SEQUENCE -> "in sequences of their own";
      };
    }
  }

  private Targets(int[][] labels, float[][][] values, Form form) {
    this.labels = labels;
    this.values = values;
    this.form = form;
  }

  /**
   * One class for each row.
   *
   * @param labels {@code [B]}
   * @return the targets
   */
  public static Targets ofRows(int[] labels) {
    return new Targets(
        Arrays.stream(labels).mapToObj(l -> new int[] {l}).toArray(int[][]::new), null, Form.ROW);
  }

  /**
   * Numbers for each row.
   *
   * @param values {@code [B][O]}
   * @return the targets
   */
  public static Targets ofRows(float[][] values) {
    float[][][] rows = Arrays.stream(values).map(v -> new float[][] {v}).toArray(float[][][]::new);
    return new Targets(null, rows, Form.ROW);
  }

  /**
   * One class for each step.
   *
   * @param labels {@code [B][T]}
   * @return the targets
   */
  public static Targets ofSteps(int[][] labels) {
    return new Targets(labels, null, Form.STEP);
  }

  /**
   * Numbers for each step.
   *
   * @param values {@code [B][T][O]}
   * @return the targets
   */
  public static Targets ofSteps(float[][][] values) {
    return new Targets(null, values, Form.STEP);
  }

  /**
   * A sequence of classes for each row, of its own length.
   *
   * @param labels {@code [B][L]}
   * @return the targets
   */
  public static Targets ofSequences(int[][] labels) {
    return new Targets(labels, null, Form.SEQUENCE);
  }

  Form form() {
    return form;
  }

  boolean hasLabels() {
    return labels != null;
  }

  String text() {
    return (labels != null ? "labels " : "numbers ") + form.text();
  }

  private int rows() {
    return labels != null ? labels.length : values.length;
  }

  /** How many targets a row has. */
  int count(int row) {
    return labels != null ? labels[row].length : values[row].length;
  }

  /** The labels of some steps of a row; null where there are numbers. */
  int[] labels(int row, int[] steps) {
    return labels == null ? null : Arrays.stream(steps).map(t -> labels[row][t]).toArray();
  }

  /** The numbers of some steps of a row; null where there are labels. */
  float[][] values(int row, int[] steps) {
    return values == null
        ? null
        : Arrays.stream(steps).mapToObj(t -> values[row][t]).toArray(float[][]::new);
  }

  /**
   * Refuses targets for rows where an output of some rank is for steps, and the other way round.
   */
  void checkRank(int rank) {
    if (rank != (form == Form.ROW ? 2 : 3)) {
      throw new IllegalArgumentException(
          "Model: targets are "
              + text()
              + ", but the output is "
              + (rank == 3 ? "for each step, [B, T, O]; use rnn.last()" : "for each row, [B, O]"));
    }
  }

  void check(Column inputs) {
    require(
        rows() == inputs.rows(),
        "targets must be given for all " + inputs.rows() + " rows",
        rows());
    int size = -1;
    for (int row = 0; row < rows(); row++) {
      int steps = inputs instanceof Column.Vectors v ? v.values()[row].length : inputs.length(row);
      require(
          form != Form.STEP || count(row) == steps,
          "row " + row + " must have a target for each of its " + steps + " steps",
          count(row));
      for (int t = 0; t < count(row); t++) {
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
    for (int row = 0; row < rows(); row++) {
      for (int t = 0; t < count(row); t++) {
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

  /**
   * The targets of some rows, padded with zeros.
   *
   * @param inputs the first input, whose lengths those of targets for steps are
   * @param fixedSteps to which number of steps, or −1
   */
  Batch.Part part(Column inputs, int[] rows, int fixedSteps) {
    if (form == Form.ROW) {
      return new Batch.Part(tensor(rows, new int[rows.length], 0), null);
    }
    int[] lengths =
        Arrays.stream(rows)
            .map(row -> form == Form.STEP ? inputs.length(row) : count(row))
            .toArray();
    int longest = Arrays.stream(lengths).max().orElse(0);
    int steps = form == Form.STEP && fixedSteps >= 0 ? fixedSteps : longest;
    return new Batch.Part(
        tensor(rows, lengths, steps),
        TInt32.tensorOf(Shape.of(rows.length), DataBuffers.of(lengths)));
  }

  private Tensor tensor(int[] rows, int[] lengths, int steps) {
    boolean perRow = form == Form.ROW;
    int slots = perRow ? 1 : steps;
    int size = labels != null ? 1 : width();
    Shape shape = perRow ? Shape.of(rows.length) : Shape.of(rows.length, steps);
    int[] classes = new int[labels != null ? rows.length * slots : 0];
    float[] numbers = new float[labels != null ? 0 : rows.length * slots * size];
    for (int i = 0; i < rows.length; i++) {
      for (int t = 0; t < (perRow ? 1 : lengths[i]); t++) {
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
