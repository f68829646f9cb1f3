package kazoku.layers;

import java.util.Arrays;
import kazoku.Checks;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import kazoku.internal.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

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
    Shape shape = x.value().asOutput().shape();
    Checks.require(
        !shape.isUnknown() && shape.numDimensions() > 0,
        "Repeat",
        "input must be rows [B, …]",
        shape);
    int[] times = new int[shape.numDimensions() + 1];
    Arrays.fill(times, 1);
    times[1] = steps;
    Operand<TNumber> row = tf.expandDims(Vocabulary.number(x.value()), tf.constant(1));
    return x.withRows(tf.tile(row, tf.constant(times)));
  }
}
