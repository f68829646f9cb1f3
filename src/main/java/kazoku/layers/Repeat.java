package kazoku.layers;

import kazoku.Checks;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;

/**
 * Each row becomes a sequence of equal steps: {@code [B, …]} becomes {@code [B, T, …]}. Keras calls
 * it RepeatVector. For as many steps as another sequence has, use {@link Merge#atEachStep}.
 *
 * @param steps T, at least 1
 */
public record Repeat(int steps) implements Layer {

  public Repeat {
    Checks.atLeastOne("Repeat", "steps", steps);
  }

  @Override
  public Signal apply(Weights w, Signal x) {
    Ops tf = w.tf();
    w.acrossSteps("Repeat");
    Shape shape = x.value().asOutput().shape();
    Checks.require(
        !shape.isUnknown() && shape.numDimensions() > 0,
        "Repeat",
        "input must be rows [B, …]",
        shape);
    return x.withRows(Steps.repeated(tf, Vocabulary.number(x.value()), tf.constant(steps)));
  }
}
