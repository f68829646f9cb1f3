package kazoku.serve;

import kazoku.Checks;
import kazoku.train.Inputs;
import org.tensorflow.ndarray.Shape;

/**
 * What a model takes or gives under one name.
 *
 * @param kind what it is made of
 * @param shape {@code [B, T, …]} of vectors, {@code [B, T]} or {@code [B]} of tokens, {@code [B,
 *     …]} of rows; −1 where any size will do
 */
public record TensorSpec(Inputs.Kind kind, Shape shape) {

  public TensorSpec {
    Checks.given("TensorSpec", "kind", kind);
    Checks.given("TensorSpec", "shape", shape);
  }

  /**
   * How many numbers a step has, or a row that has no steps.
   *
   * @return the number, or −1 if any will do
   */
  public int size() {
    int before = kind == Inputs.Kind.VECTORS ? 2 : 1;
    if (kind == Inputs.Kind.TOKENS || shape.numDimensions() <= before) {
      return 1;
    }
    Shape step = shape.takeLast(shape.numDimensions() - before);
    return step.hasUnknownDimension() ? -1 : Math.toIntExact(step.size());
  }

  /**
   * Whether there is one for each step of a row, not one for the whole row.
   *
   * @return whether rows have steps
   */
  public boolean perStep() {
    return kind == Inputs.Kind.VECTORS || kind == Inputs.Kind.TOKENS && shape.numDimensions() > 1;
  }

  /** For people: {@code vectors [?, ?, 12]}. */
  @Override
  public String toString() {
    return kind + " " + Checks.text(shape);
  }
}
