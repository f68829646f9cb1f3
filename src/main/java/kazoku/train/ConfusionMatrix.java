package kazoku.train;

import java.util.Arrays;
import java.util.stream.IntStream;
import kazoku.Checks;

/**
 * How often which class was taken for which: {@code model.view().confusion(test)}.
 *
 * <p>It prints as a table, a line for each label, a column for each class that the model says.
 */
public final class ConfusionMatrix {
  private long[][] counts = {};

  ConfusionMatrix() {}

  /**
   * Of labels and predictions that are at hand.
   *
   * @param labels {@code [N]}, at least 0
   * @param predicted {@code [N]}, at least 0
   * @return the matrix
   * @throws IllegalArgumentException if there are not as many of both, or if one is negative
   */
  public static ConfusionMatrix of(int[] labels, int[] predicted) {
    Checks.require(
        labels.length == predicted.length,
        "ConfusionMatrix",
        "there must be as many predictions as labels, " + labels.length,
        predicted.length);
    ConfusionMatrix matrix = new ConfusionMatrix();
    for (int i = 0; i < labels.length; i++) {
      Checks.require(labels[i] >= 0, "ConfusionMatrix", "a label must be at least 0", labels[i]);
      Checks.require(
          predicted[i] >= 0, "ConfusionMatrix", "a prediction must be at least 0", predicted[i]);
      matrix.add(labels[i], predicted[i]);
    }
    return matrix;
  }

  /** Counts outcomes, in a matrix of all classes that the output has. */
  record Counting(ConfusionMatrix matrix) implements Metric, Metric.Tally {
    @Override
    public String name() {
      return "confusion";
    }

    @Override
    public Tally begin() {
      return this;
    }

    @Override
    public void add(Outcome o) {
      for (int i = 0; i < o.size(); i++) {
        matrix.grow(o.classes());
        matrix.add(o.label(i), o.predicted(i));
      }
    }

    @Override
    public double value() {
      return matrix.accuracy();
    }
  }

  private void add(int label, int predicted) {
    grow(Math.max(label, predicted) + 1);
    counts[label][predicted]++;
  }

  private void grow(int needed) {
    if (needed > counts.length) {
      long[][] larger = new long[needed][needed];
      for (int k = 0; k < counts.length; k++) {
        System.arraycopy(counts[k], 0, larger[k], 0, counts.length);
      }
      counts = larger;
    }
  }

  /**
   * The number of classes.
   *
   * @return as many as the model has outputs; for tokens, one more than the largest
   */
  public int classes() {
    return counts.length;
  }

  /**
   * How often a label was taken for a class.
   *
   * @param label the right class
   * @param predicted what the model says
   * @return the count
   */
  public long count(int label, int predicted) {
    return counts[label][predicted];
  }

  /**
   * All counts.
   *
   * @return {@code [label][predicted]}, a copy
   */
  public long[][] counts() {
    return Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
  }

  /**
   * How often the label was said.
   *
   * @return a part of all; NaN if there is nothing
   */
  public double accuracy() {
    long hits = IntStream.range(0, classes()).mapToLong(k -> counts[k][k]).sum();
    return (double) hits / IntStream.range(0, classes()).mapToLong(this::real).sum();
  }

  /**
   * How much of what is said to be of a class is.
   *
   * @param label the class
   * @return its precision; 0 if it is never said
   */
  public double precision(int label) {
    return rate(ClassRates.Rate.PRECISION, label);
  }

  /**
   * How much of what is of a class is said to be.
   *
   * @param label the class
   * @return its recall; 0 if it does not occur
   */
  public double recall(int label) {
    return rate(ClassRates.Rate.RECALL, label);
  }

  /**
   * The harmonic mean of precision and recall.
   *
   * @param label the class
   * @return its F1; 0 if it is never right
   */
  public double f1(int label) {
    return rate(ClassRates.Rate.F1, label);
  }

  private double rate(ClassRates.Rate rate, int k) {
    return rate.of(counts[k][k], said(k), real(k));
  }

  private long said(int k) {
    return Arrays.stream(counts).mapToLong(row -> row[k]).sum();
  }

  private long real(int k) {
    return Arrays.stream(counts[k]).sum();
  }

  @Override
  public String toString() {
    long most = Arrays.stream(counts).flatMapToLong(Arrays::stream).max().orElse(0);
    int width = Math.max(String.valueOf(most).length(), String.valueOf(classes()).length()) + 2;
    StringBuilder text = new StringBuilder(" ".repeat(width));
    for (int k = 0; k < classes(); k++) {
      text.append(("%" + width + "d").formatted(k));
    }
    for (int label = 0; label < classes(); label++) {
      text.append(("%n%" + width + "d").formatted(label));
      for (long count : counts[label]) {
        text.append(("%" + width + "d").formatted(count));
      }
    }
    return text.toString();
  }
}
