package kazoku.train;

import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A layer in a graph, from placeholders to its output.
 *
 * @param input {@code [B, T, I]}
 * @param lengths {@code [B]}
 * @param output {@code [B, O]} or {@code [B, T, O]}
 */
record Pass(Placeholder<TFloat32> input, Placeholder<TInt32> lengths, Operand<TFloat32> output) {

  /**
   * Builds a pass.
   *
   * @param steps T, or −1 for any
   */
  static Pass build(Ops tf, Weights weights, Layer layer, long steps) {
    Shape row = layer.input();
    if (!row.isUnknown() && row.numDimensions() != 1) {
      throw new IllegalArgumentException(
          "Model: steps must be vectors [I], but " + layer.name() + " takes " + row);
    }
    long size = row.isUnknown() ? Shape.UNKNOWN_SIZE : row.get(0);
    Shape shape = Shape.of(Shape.UNKNOWN_SIZE, steps, size);
    Placeholder<TFloat32> input =
        tf.withName("input").placeholder(TFloat32.class, Placeholder.shape(shape));
    Placeholder<TInt32> lengths =
        tf.withName("lengths")
            .placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
    return new Pass(input, lengths, output(weights, layer, input, lengths));
  }

  /** The same input through the layer again, with weights of another use. */
  Pass again(Weights weights, Layer layer) {
    return new Pass(input, lengths, output(weights, layer, input, lengths));
  }

  @SuppressWarnings("unchecked") // A layer gives back the type that it is given.
  private static Operand<TFloat32> output(
      Weights weights, Layer layer, Operand<TFloat32> input, Operand<TInt32> lengths) {
    Signal signal = layer.apply(weights, new Signal(input, lengths));
    return (Operand<TFloat32>) signal.value();
  }

  /** The number of axes of the output, or −1. */
  int rank() {
    Shape shape = output.asOutput().shape();
    return shape.isUnknown() ? -1 : shape.numDimensions();
  }

  /** O, or −1. */
  long outputSize() {
    return rank() < 1 ? -1 : output.asOutput().shape().get(-1);
  }

  /** Raises data that does not fit the input. */
  void check(Sequences data) {
    long size = input.asOutput().shape().get(2);
    if (size >= 0 && data.inputSize() >= 0 && size != data.inputSize()) {
      throw new IllegalArgumentException(
          "Model: steps must have "
              + size
              + " numbers, as the first layer takes, got "
              + data.inputSize());
    }
    long steps = input.asOutput().shape().get(1);
    if (steps >= 0 && data.longest() > steps) {
      throw new IllegalArgumentException(
          "Model: rows must have at most "
              + steps
              + " steps, as the model was made for, got "
              + data.longest());
    }
  }

  /** Some rows of data, padded to the longest, or to the number of steps of this pass. */
  Batch batch(Sequences data, int[] rows) {
    Shape shape = input.asOutput().shape();
    long columns = shape.get(2) >= 0 ? shape.get(2) : Math.max(0, data.inputSize());
    return data.batch(rows, (int) shape.get(1), (int) columns);
  }
}
