package kazoku.train;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kazoku.Checks;

/**
 * What is to be learnt about rows or their steps: class labels, counted from 0, or numbers. {@link
 * Sequences} has a short form for the targets of a model's first output; these are for the others.
 */
public final class Targets {
  private final Column column;
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

  Targets(Column column, Form form) {
    this.column = column;
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
        new Column.Tokens(Views.beside(labels, new int[labels.length][], 1), true), Form.ROW);
  }

  /**
   * Numbers for each row.
   *
   * @param values {@code [B][O]}
   * @return the targets
   */
  public static Targets ofRows(float[][] values) {
    return new Targets(Column.Vectors.ofRows(values, "target"), Form.ROW);
  }

  /**
   * One class for each step; −1 where there is none.
   *
   * @param labels {@code [B][T]}
   * @return the targets
   */
  public static Targets ofSteps(int[][] labels) {
    return new Targets(Column.Tokens.of(labels), Form.STEP);
  }

  /**
   * Numbers for each step; NaN where there is no target.
   *
   * @param values {@code [B][T][O]}
   * @return the targets
   */
  public static Targets ofSteps(float[][][] values) {
    return new Targets(Column.Vectors.of(values, "target"), Form.STEP);
  }

  /**
   * A sequence of classes for each row, of its own length.
   *
   * @param labels {@code [B][L]}
   * @return the targets
   */
  public static Targets ofSequences(int[][] labels) {
    return new Targets(Column.Tokens.of(labels), Form.SEQUENCE);
  }

  Form form() {
    return form;
  }

  Column column() {
    return column;
  }

  boolean hasLabels() {
    return column instanceof Column.Tokens;
  }

  String text() {
    return (hasLabels() ? "labels " : "numbers ") + form.text();
  }

  /** How many targets a row has. */
  int count(int row) {
    return column.views().lengths()[row];
  }

  /** The labels of some steps of a row; null where there are numbers. */
  int[] labels(int row, int[] steps) {
    return column instanceof Column.Tokens labels
        ? Arrays.stream(steps).map(t -> labels.step(row, t)).toArray()
        : null;
  }

  /** The numbers of some steps of a row; null where there are labels. */
  float[][] values(int row, int[] steps) {
    return column instanceof Column.Vectors values
        ? Arrays.stream(steps).mapToObj(t -> values.step(row, t)).toArray(float[][]::new)
        : null;
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

  /** The same, of the valid steps of some inputs; refuses targets that do not fit them. */
  Targets of(Column inputs) {
    require(
        column.rows() == inputs.rows(),
        "targets must be given for all " + inputs.rows() + " rows",
        column.rows());
    for (int row = 0; row < inputs.rows() && form == Form.STEP; row++) {
      int steps = inputs.views().given()[row];
      require(
          count(row) == steps,
          "row " + row + " must have a target for each of its " + steps + " steps",
          count(row));
    }
    int least = form == Form.STEP ? -1 : 0;
    String rule = "labels must be 0 or more" + (least < 0 ? ", or -1 for none" : "");
    eachLabel(
        (row, label) -> require(label >= least, rule + ", but row " + row + " has another", label));
    return form == Form.STEP ? new Targets(column.shortened(inputs.views().lengths()), form) : this;
  }

  /** Whether there is a target at a step. */
  boolean has(int row, int step) {
    if (form != Form.STEP) {
      return true;
    }
    if (column instanceof Column.Vectors values) {
      for (float number : values.step(row, step)) {
        if (Float.isNaN(number)) {
          return false;
        }
      }
      return true;
    }
    return ((Column.Tokens) column).step(row, step) >= 0;
  }

  /** Refuses steps without a target, where rows count as a whole. */
  void requireAll(Loss loss) {
    for (int row = 0; row < column.rows(); row++) {
      for (int t = 0; t < count(row); t++) {
        if (!has(row, t)) {
          throw Checks.refusal("Loss", loss + " needs a target at each step", "none in row " + row);
        }
      }
    }
  }

  /** Refuses targets that a model with so many outputs cannot give. */
  void checkOutputs(long outputs) {
    require(
        hasLabels() || column.size() < 0 || column.size() == outputs,
        "targets must have " + outputs + " numbers, as the model's output has",
        column.size());
    eachLabel(
        (row, label) ->
            require(
                label < outputs,
                "labels must be in 0.."
                    + (outputs - 1)
                    + " for a model with "
                    + outputs
                    + " outputs, but row "
                    + row
                    + " has another",
                label));
  }

  private interface Look {
    void at(int row, int label);
  }

  /** Looks at all labels; at those that overlapping rows share, once. */
  private void eachLabel(Look look) {
    if (!(column instanceof Column.Tokens labels)) {
      return;
    }
    Views<int[]> views = labels.views();
    for (int row = 0; row < column.rows(); row++) {
      boolean goesOn =
          row > 0
              && views.arrays()[row] == views.arrays()[row - 1]
              && views.starts()[row] >= views.starts()[row - 1];
      int seen = goesOn ? views.starts()[row - 1] + count(row - 1) - views.starts()[row] : 0;
      for (int t = Math.max(0, seen); t < count(row); t++) {
        look.at(row, labels.step(row, t));
      }
    }
  }

  /**
   * The targets of some rows, padded with zeros.
   *
   * @param fixedSteps to which number of steps, or −1
   */
  Batch.Part part(int[] rows, int fixedSteps) {
    int longest = column.longest(rows);
    int steps = form == Form.STEP && fixedSteps >= 0 ? fixedSteps : longest;
    return new Batch.Part(
        column.tensor(rows, steps, Math.max(0, column.size())),
        form == Form.ROW ? null : Sequences.lengths(column, rows));
  }

  Targets select(int[] rows) {
    return new Targets(column.select(rows), form);
  }

  /** Targets of parts of rows: a row's own is that of each part. */
  Targets cut(Views.Cut cut) {
    require(
        form != Form.SEQUENCE,
        "rows that have label sequences must stay whole",
        "targets " + text());
    return new Targets(column.cut(cut), form);
  }

  /** The targets of each row's last step. */
  Targets last() {
    int[] lengths = column.views().lengths();
    int[] rows = IntStream.range(0, lengths.length).toArray();
    int[] last = Arrays.stream(lengths).map(length -> length - 1).toArray();
    int[] ones = Arrays.stream(lengths).map(length -> 1).toArray();
    return new Targets(column.cut(new Views.Cut(rows, last, ones)).withoutSteps(), Form.ROW);
  }

  Targets concat(List<Targets> all) {
    return new Targets(column.concat(all.stream().map(Targets::column).toList()), form);
  }

  /** Whether rows with other targets can stand among those with these. */
  boolean like(Targets other) {
    return form == other.form && column.like(other.column);
  }

  private static void require(boolean holds, String rule, Object value) {
    Checks.require(holds, "Sequences", rule, value);
  }
}
