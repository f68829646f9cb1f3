import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.Weights;
import kazoku.cells.LSTMCell;
import kazoku.layers.Dense;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.SessionFunction;
import org.tensorflow.Signature;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * Kazoku's layers inside somebody's own graph: placeholders, loss, optimizer, session and export
 * are plain TensorFlow-Java. The task: the mean of a sequence of random numbers.
 *
 * <p>Arguments, both optional: number of batches, folder of the SavedModel.
 */
public final class EmbeddedExample {
  private static final int ROWS = 32;
  private static final int STEPS = 10;

  private EmbeddedExample() {}

  /**
   * Runs the example.
   *
   * @param args batches (300), folder (target/embedded-model)
   * @throws IOException if the SavedModel cannot be written
   */
  public static void main(String[] args) throws IOException {
    int batches = args.length > 0 ? Integer.parseInt(args[0]) : 300;
    String folder = Path.of(args.length > 1 ? args[1] : "target/embedded-model").toString();
    Random random = new Random(42);
    float[][][] asked = sequences(random);
    float[][] answered;

    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x =
          tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, 1)));
      Operand<TFloat32> target =
          tf.withName("target").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 1)));

      // With dots in the names, for the framework's Adam refuses Variables with a slash.
      Weights weights = Weights.variables(tf, 42).dotted();
      Layer layers =
          new Sequential(
              new RNN(new LSTMCell(1, 16)).last(),
              new Dense(16, 1, Activation.IDENTITY, Initializer.GLOROT_UNIFORM));
      Operand<TFloat32> y = layers.apply(weights.in("mean"), x);

      Operand<TFloat32> loss = tf.math.mean(tf.math.squaredDifference(y, target), tf.array(0, 1));
      Op train = new Adam(graph, 0.01f).minimize(loss);

      try (Session session = new Session(graph)) {
        session.initialize();
        for (int batch = 1; batch <= batches; batch++) {
          float[][][] inputs = sequences(random);
          try (TFloat32 xs = TFloat32.tensorOf(StdArrays.ndCopyOf(inputs));
              TFloat32 means = TFloat32.tensorOf(StdArrays.ndCopyOf(means(inputs)));
              Result result =
                  session
                      .runner()
                      .feed(x, xs)
                      .feed(target, means)
                      .addTarget(train)
                      .fetch(loss)
                      .run()) {
            if (batch % 100 == 0) {
              System.out.printf(
                  "batch %d: loss %.5f%n", batch, ((TFloat32) result.get(0)).getFloat());
            }
          }
        }
        Signature signature =
            Signature.builder().key("serving_default").input("x", x).output("mean", y).build();
        SessionFunction function = SessionFunction.create(signature, session);
        try (TFloat32 xs = TFloat32.tensorOf(StdArrays.ndCopyOf(asked));
            Result result = function.call(Map.of("x", xs))) {
          answered = copy(result);
        }
        SavedModelBundle.exporter(folder).withFunction(function).export();
      }
    }

    try (SavedModelBundle bundle = SavedModelBundle.load(folder);
        TFloat32 xs = TFloat32.tensorOf(StdArrays.ndCopyOf(asked));
        Result result = bundle.function("serving_default").call(Map.of("x", xs))) {
      float[][] served = copy(result);
      float[][] means = means(asked);
      for (int row = 0; row < 3; row++) {
        System.out.printf("mean %6.3f, answered %6.3f%n", means[row][0], served[row][0]);
      }
      System.out.println(
          folder
              + ", loaded again, gives the same outputs: "
              + java.util.Arrays.deepEquals(answered, served));
    }
  }

  private static float[][][] sequences(Random random) {
    float[][][] inputs = new float[ROWS][STEPS][1];
    for (float[][] sequence : inputs) {
      for (float[] step : sequence) {
        step[0] = random.nextFloat() * 2 - 1;
      }
    }
    return inputs;
  }

  private static float[][] means(float[][][] inputs) {
    float[][] means = new float[inputs.length][1];
    for (int row = 0; row < inputs.length; row++) {
      for (float[] step : inputs[row]) {
        means[row][0] += step[0] / inputs[row].length;
      }
    }
    return means;
  }

  private static float[][] copy(Result result) {
    float[][] values = new float[ROWS][1];
    StdArrays.copyFrom((TFloat32) result.get(0), values);
    return values;
  }
}
