package kazoku.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import kazoku.Carried;
import kazoku.Layer;
import kazoku.Signal;
import kazoku.Weights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.SessionFunction;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Writes the signature step. */
final class StepExport {
  private StepExport() {}

  static Path export(Layer layer, int inputSize, long seed, Path folder) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Signature.Builder signature = Signature.builder().key("step");
      Placeholder<TBool> fresh =
          tf.withName("fresh").placeholder(TBool.class, Placeholder.shape(Shape.of(-1)));
      signature.input("fresh", fresh);
      Carried carried =
          new Carried() {
            @Override
            @SuppressWarnings("unchecked")
            public Operand<TNumber> begin(String state, Shape row, Operand<TNumber> first) {
              Placeholder<TFloat32> fed =
                  tf.placeholder(TFloat32.class, Placeholder.shape(row.prepend(-1)));
              signature.input(state, fed);
              Operand<TBool> rows = fresh;
              for (int axis = 0; axis < row.numDimensions(); axis++) {
                rows = tf.expandDims(rows, tf.constant(-1));
              }
              return tf.select(rows, first, (Operand<TNumber>) (Operand<?>) fed);
            }

            @Override
            public void end(String state, Operand<TNumber> last) {
              signature.output(state, tf.identity(last));
            }
          };
      Weights weights = Weights.variables(tf, seed).forInference().carrying(carried);
      Operand<? extends TNumber> x;
      if (inputSize == 0) {
        Placeholder<TInt32> input = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
        signature.input("input", input);
        x = tf.expandDims(input, tf.constant(1));
      } else {
        Placeholder<TFloat32> input =
            tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, inputSize)));
        signature.input("input", input);
        x = tf.expandDims(input, tf.constant(1));
      }
      Operand<? extends TNumber> y = layer.apply(weights, Signal.of(x)).value();
      int axes = y.asOutput().shape().numDimensions();
      signature.output(
          "output", axes == 3 ? tf.squeeze(y, Squeeze.axis(List.of(1L))) : tf.identity(y));
      session.initialize();
      SavedModelBundle.exporter(folder.toString())
          .withFunction(SessionFunction.create(signature.build(), session))
          .export();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
