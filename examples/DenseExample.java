import java.util.Random;
import kazoku.Activation;
import kazoku.Layer;
import kazoku.Weights;
import kazoku.layers.Dense;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * The Python program that Kazoku began with: a dense layer with sigmoid on a random input. Prints
 * the shapes of input and output.
 */
public final class DenseExample {
  private DenseExample() {}

  /**
   * Runs the example.
   *
   * @param args none
   */
  public static void main(String[] args) {
    Random random = new Random();
    try (Graph graph = new Graph();
        TFloat32 input =
            TFloat32.tensorOf(
                Shape.of(1, 2),
                data -> data.scalars().forEach(value -> value.setFloat(random.nextFloat())))) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
      Weights weights = Weights.variables(tf, 42);
      Layer dense = new Dense(2, 3, Activation.SIGMOID);
      Operand<TFloat32> y = dense.apply(weights.in("dense"), x);

      try (Session session = new Session(graph)) {
        session.initialize();
        try (Result result = session.runner().feed(x, input).fetch(y).run()) {
          print(input.shape());
          print(result.get(0).shape());
        }
      }
    }
  }

  private static void print(Shape shape) {
    System.out.println("(" + shape.get(0) + ", " + shape.get(1) + ")");
  }
}
