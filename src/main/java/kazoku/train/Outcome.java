package kazoku.train;

import java.util.stream.IntStream;
import kazoku.Checks;

/**
 * What a model gave for one row, and what was right: pairs of an output and its target, one for a
 * row without steps, and one for each valid step otherwise.
 */
public final class Outcome {
  private final String metric;
  private final float[][] outputs;
  private final int[] tokens;
  private final int[] labels;
  private final float[][] targets;

  /**
   * An outcome.
   *
   * @param metric who looks at it
   * @param outputs {@code [N][O]}; null where there are tokens
   * @param tokens {@code [N]}; null where there are outputs
   * @param labels {@code [N]}; null where there are targets
   * @param targets {@code [N][O]}; null where there are labels
   */
  Outcome(String metric, float[][] outputs, int[] tokens, int[] labels, float[][] targets) {
    this.metric = metric;
    this.outputs = outputs;
    this.tokens = tokens;
    this.labels = labels;
    this.targets = targets;
  }

  /**
   * The number of pairs.
   *
   * @return N, at least 0
   * @throws IllegalArgumentException if there are not as many outputs as targets: in sequences of
   *     their own
   */
  public int size() {
    int given = tokens != null ? tokens.length : outputs.length;
    int right = labels != null ? labels.length : targets.length;
    if (given != right) {
      throw new IllegalArgumentException(
          metric
              + ": a row must have as many outputs as targets, got "
              + given
              + " and "
              + right
              + "; a token error rate compares such sequences");
    }
    return given;
  }

  /**
   * Whether targets are labels; they are numbers otherwise.
   *
   * @return true for labels
   */
  public boolean hasLabels() {
    return labels != null;
  }

  /**
   * An output.
   *
   * @param index of the pair
   * @return {@code [O]}; not to be changed
   * @throws IllegalArgumentException if the model gives tokens
   */
  public float[] output(int index) {
    require(outputs != null, "outputs must be numbers", "tokens");
    return outputs[index];
  }

  /**
   * The class that the model says.
   *
   * @param index of the pair
   * @return where the output is largest, the first of equal ones; or the token that it is
   */
  public int predicted(int index) {
    return tokens != null ? tokens[index] : largest(outputs[index]);
  }

  /**
   * A target that is a label.
   *
   * @param index of the pair
   * @return the label
   * @throws IllegalArgumentException if targets are numbers
   */
  public int label(int index) {
    return labels()[index];
  }

  /**
   * A target of numbers.
   *
   * @param index of the pair
   * @return {@code [O]}; not to be changed
   * @throws IllegalArgumentException if targets are labels
   */
  public float[] target(int index) {
    require(targets != null, "targets must be numbers", "labels");
    return targets[index];
  }

  /**
   * All tokens that a decoder gave for the row.
   *
   * @return as many as it gave; not to be changed
   * @throws IllegalArgumentException if outputs are numbers
   */
  public int[] tokens() {
    require(
        tokens != null,
        "outputs must be tokens, of a layer that decodes: model.view(decoding).measure(…)",
        "numbers");
    return tokens;
  }

  /**
   * All labels of the row.
   *
   * @return as many as there are; not to be changed
   * @throws IllegalArgumentException if targets are numbers
   */
  public int[] labels() {
    require(labels != null, "targets must be labels", "numbers");
    return labels;
  }

  /** O, or 0 for tokens. */
  int classes() {
    return outputs == null || outputs.length == 0 ? 0 : outputs[0].length;
  }

  /** Whether an output says yes. */
  boolean saidYes(int index, int output) {
    return output(index)[output] > 0;
  }

  /** Whether an output should say yes. */
  boolean yes(int index, int output) {
    float target = target(index)[output];
    Checks.require(target == 0 || target == 1, metric, "targets must be 0 or 1", target);
    return target == 1;
  }

  private void require(boolean holds, String rule, String value) {
    Checks.require(holds, metric, rule, value);
  }

  static int largest(float[] y) {
    return IntStream.range(0, y.length).reduce(0, (best, k) -> y[k] > y[best] ? k : best);
  }
}
