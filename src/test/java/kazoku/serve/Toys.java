package kazoku.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kazoku.Activation;
import kazoku.Initializer;
import kazoku.Layer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.cells.GRUCell;
import kazoku.cells.LSTMCell;
import kazoku.internal.files.Aside;
import kazoku.layers.Dense;
import kazoku.layers.Embedding;
import kazoku.train.Model;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;

/** Small models and their input. */
final class Toys {
  private static final Path MADE = temporary();
  private static final Map<List<Object>, Path> EXPORTED = new HashMap<>();

  private Toys() {}

  static Layer perRow() {
    return new Sequential(new RNN(new LSTMCell(3, 5)).last(), head());
  }

  static Layer perStep() {
    return new Sequential(new RNN(new GRUCell(3, 5)), head());
  }

  static Layer words() {
    return new Sequential(new Embedding(20, 3), new RNN(new LSTMCell(3, 5)).last(), head());
  }

  static Layer wordsPerStep() {
    return new Sequential(new Embedding(20, 3), new RNN(new LSTMCell(3, 5)), head());
  }

  private static Layer head() {
    return new Dense(5, 2, Activation.IDENTITY, Initializer.GLOROT_UNIFORM);
  }

  /** A SavedModel with Variables, to be read only: each is made once. */
  static synchronized Path exported(Layer layer, long seed) {
    return EXPORTED.computeIfAbsent(
        List.of(layer, seed),
        key -> {
          Path folder = MADE.resolve("model" + EXPORTED.size());
          try (Model model = Model.of(layer, seed)) {
            model.export(folder);
          }
          return folder;
        });
  }

  private static Path temporary() {
    try {
      Path folder = Files.createTempDirectory("serve");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try {
      Aside.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * As another library may have it: the inputs {@code marks [B, T, 2]} and {@code bias [B, 2]}, the
   * sum of which goes through a condition as TensorFlow 1 had them.
   */
  static Path foreign(Path folder) throws IOException {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Shape any = Shape.of(-1, -1, 2);
      var marks = tf.withName("marks").placeholder(TFloat32.class, Placeholder.shape(any));
      var bias = tf.withName("bias").placeholder(TFloat32.class, Placeholder.shape(any.tail()));
      var sum = tf.math.add(tf.reduceSum(marks, tf.constant(1)), bias);
      var ways = tf.switchCond(sum, tf.constant(true));
      var merged = tf.merge(List.<Operand<TFloat32>>of(ways.outputFalse(), ways.outputTrue()));
      SignatureDef signature =
          SignatureDef.newBuilder()
              .setMethodName("tensorflow/serving/predict")
              .putInputs("marks", info(marks, any))
              .putInputs("bias", info(bias, any.tail()))
              .putOutputs("sum", info(merged.output(), any.tail()))
              .build();
      MetaGraphDef.Builder meta =
          MetaGraphDef.newBuilder()
              .setGraphDef(graph.toGraphDef())
              .putSignatureDef("serving_default", signature);
      meta.getMetaInfoDefBuilder().addTags("serve");
      Files.createDirectories(folder);
      Files.write(
          folder.resolve("saved_model.pb"),
          SavedModel.newBuilder()
              .setSavedModelSchemaVersion(1)
              .addMetaGraphs(meta)
              .build()
              .toByteArray());
      return folder;
    }
  }

  private static TensorInfo info(Operand<TFloat32> operand, Shape shape) {
    TensorShapeProto.Builder sizes = TensorShapeProto.newBuilder();
    for (long size : shape.asArray()) {
      sizes.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return TensorInfo.newBuilder()
        .setName(operand.op().name() + ":" + operand.asOutput().index())
        .setDtype(DataType.DT_FLOAT)
        .setTensorShape(sizes)
        .build();
  }

  /** Rows of 1 to {@code longest} steps of 3 numbers. */
  static float[][][] rows(int rows, int longest, long seed) {
    Random random = new Random(seed);
    float[][][] all = new float[rows][][];
    for (int row = 0; row < rows; row++) {
      all[row] = steps(1 + random.nextInt(longest), random.nextLong());
    }
    return all;
  }

  /** One row of so many steps. */
  static float[][] steps(int steps, long seed) {
    Random random = new Random(seed);
    float[][] row = new float[steps][3];
    for (float[] step : row) {
      for (int i = 0; i < step.length; i++) {
        step[i] = random.nextFloat() * 2 - 1;
      }
    }
    return row;
  }
}
