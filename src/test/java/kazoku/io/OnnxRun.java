package kazoku.io;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import kazoku.RNN;
import kazoku.family.Sessions;
import kazoku.train.Frozen;
import kazoku.train.Model;
import kazoku.train.View;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A model in TensorFlow and, from its file, in ONNX Runtime. */
final class OnnxRun implements AutoCloseable {
  private static final OrtEnvironment ENVIRONMENT =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);

  private final Path file;
  private final Random random = new Random(7);
  private final Graph graph = new Graph();
  private final Session session = new Session(graph, Sessions.plain());
  private final Frozen frozen;
  private final OrtSession onnx;

  OnnxRun(Model model, Path folder) {
    this(model, model.view(), folder);
  }

  OnnxRun(Model model, View view, Path folder) {
    this.file = folder.resolve("model.onnx");
    shake(model);
    Onnx.write(file, view);
    this.frozen = view.frozen(Ops.create(graph), RNN::runAt);
    this.onnx = open();
  }

  private OrtSession open() {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      return ENVIRONMENT.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    session.close();
    graph.close();
    try {
      onnx.close();
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** No weight is where it starts: zeros would hide what is wrong. */
  private void shake(Model model) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (String name : model.weights()) {
      float[] numbers = model.weight(name);
      for (int k = 0; k < numbers.length; k++) {
        numbers[k] += 0.1f * (float) random.nextGaussian();
      }
      values.put(name, numbers);
    }
    model.weights(values);
  }

  /** The operators of the file's outermost graph. */
  List<String> operators() {
    return texts(field(graph(), 1), 4);
  }

  /** Those of them that go over steps, in the order in which layers were built. */
  List<String> recurrences() {
    return operators().stream().filter(o -> o.matches("RNN|GRU|LSTM|Scan|Loop")).toList();
  }

  /** The names of arrays in the file. */
  List<String> arrays() {
    return texts(field(graph(), 5), 8);
  }

  private UnknownFieldSet graph() {
    try {
      return field(UnknownFieldSet.parseFrom(Files.readAllBytes(file)), 7).get(0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<UnknownFieldSet> field(UnknownFieldSet message, int field) {
    List<UnknownFieldSet> all = new ArrayList<>();
    message
        .getField(field)
        .getLengthDelimitedList()
        .forEach(
            bytes -> {
              try {
                all.add(UnknownFieldSet.parseFrom(bytes));
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    return all;
  }

  private static List<String> texts(List<UnknownFieldSet> messages, int field) {
    return messages.stream()
        .map(m -> m.getField(field).getLengthDelimitedList().get(0).toStringUtf8())
        .toList();
  }

  /** Both give the same for some rows and steps of random input, with these lengths. */
  OnnxRun check(int steps, int... lengths) {
    Map<String, Object> fed = new LinkedHashMap<>();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    Map<String, float[]> expected = new LinkedHashMap<>();
    Map<String, long[]> sizes = new LinkedHashMap<>();
    Session.Runner runner = session.runner();
    List<Tensor> open = new ArrayList<>();
    frozen
        .inputs()
        .forEach(
            (name, placeholder) -> {
              Tensor tensor = tensor(name, placeholder, steps, lengths, fed, shapes);
              open.add(tensor);
              runner.feed(placeholder, tensor);
            });
    frozen.outputs().values().forEach(runner::fetch);
    try (Result result = runner.run()) {
      int k = 0;
      for (String name : frozen.outputs().keySet()) {
        Tensor value = result.get(k++);
        expected.put(name, numbers(value));
        sizes.put(name, value.shape().asArray());
      }
    }
    open.forEach(Tensor::close);
    compare(fed, shapes, expected, sizes);
    return this;
  }

  private static float[] numbers(Tensor value) {
    float[] numbers = new float[Math.toIntExact(value.size())];
    if (value instanceof TInt32 whole) {
      int[] values = new int[numbers.length];
      whole.copyTo(DataBuffers.of(values, false, false));
      for (int k = 0; k < values.length; k++) {
        numbers[k] = values[k];
      }
    } else {
      ((TFloat32) value).copyTo(DataBuffers.of(numbers, false, false));
    }
    return numbers;
  }

  private static float[] numbers(OnnxTensor value) {
    float[] numbers = new float[Math.toIntExact(value.getInfo().getNumElements())];
    if (value.getInfo().type == OnnxJavaType.INT32) {
      IntBuffer whole = value.getIntBuffer();
      for (int k = 0; k < numbers.length; k++) {
        numbers[k] = whole.get(k);
      }
    } else {
      value.getFloatBuffer().get(numbers);
    }
    return numbers;
  }

  private Tensor tensor(
      String name,
      Operand<?> placeholder,
      int steps,
      int[] lengths,
      Map<String, Object> fed,
      Map<String, long[]> shapes) {
    if (name.endsWith("lengths")) {
      fed.put(name, lengths);
      shapes.put(name, new long[] {lengths.length});
      return TInt32.vectorOf(lengths);
    }
    long[] sizes = placeholder.asOutput().shape().asArray();
    sizes[0] = lengths.length;
    if (sizes.length > 1 && sizes[1] < 0) {
      sizes[1] = steps;
    }
    int count = (int) Shape.of(sizes).size();
    shapes.put(name, sizes);
    if (placeholder.asOutput().dataType() == org.tensorflow.proto.DataType.DT_INT32) {
      int[] tokens = random.ints(count, 0, 4).toArray();
      fed.put(name, tokens);
      return TInt32.tensorOf(Shape.of(sizes), DataBuffers.of(tokens));
    }
    float[] numbers = new float[count];
    for (int k = 0; k < count; k++) {
      numbers[k] =
          name.equals("mask")
              ? random.nextInt(2)
              : name.equals("time") ? 0.7f * (k % steps) : (float) random.nextGaussian();
    }
    if (frozen.inputs().containsKey(lengthsOf(name))) {
      padding(sizes, lengths).forEach(k -> numbers[k] = Float.NaN);
    }
    fed.put(name, numbers);
    return TFloat32.tensorOf(Shape.of(sizes), DataBuffers.of(numbers));
  }

  private static String lengthsOf(String name) {
    return name.equals("input") ? "lengths" : name + "_lengths";
  }

  /** The places past the lengths of rows: what stands there is nobody's. */
  private static IntStream padding(long[] sizes, int[] lengths) {
    int step = (int) Arrays.stream(sizes).skip(2).reduce(1, (a, b) -> a * b);
    int steps = (int) sizes[1];
    return IntStream.range(0, lengths.length * steps * step)
        .filter(k -> k / step % steps >= lengths[k / step / steps]);
  }

  private void compare(
      Map<String, Object> fed,
      Map<String, long[]> shapes,
      Map<String, float[]> expected,
      Map<String, long[]> sizes) {
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    try {
      for (String name : onnx.getInputNames()) {
        Object value = fed.get(name);
        inputs.put(
            name,
            value instanceof int[] whole
                ? OnnxTensor.createTensor(ENVIRONMENT, IntBuffer.wrap(whole), shapes.get(name))
                : OnnxTensor.createTensor(
                    ENVIRONMENT, FloatBuffer.wrap((float[]) value), shapes.get(name)));
      }
      try (OrtSession.Result result = onnx.run(inputs)) {
        assertThat(onnx.getOutputNames()).containsExactlyElementsOf(expected.keySet());
        for (String name : expected.keySet()) {
          OnnxTensor value = (OnnxTensor) result.get(name).orElseThrow();
          assertThat(value.getInfo().getShape()).as(name).isEqualTo(sizes.get(name));
          same(name, numbers(value), expected.get(name));
        }
      }
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static void same(String what, float[] numbers, float[] expected) {
    for (int k = 0; k < numbers.length; k++) {
      float scale = Math.max(1, Math.abs(expected[k]));
      boolean same =
          Float.compare(numbers[k], expected[k]) == 0; // Infinities, and what was padding.
      if (!same && !(Math.abs(numbers[k] - expected[k]) <= 1e-5f * scale)) {
        throw new AssertionError(
            what
                + "["
                + k
                + "]: expected "
                + expected[k]
                + ", got "
                + numbers[k]
                + " in "
                + Arrays.toString(numbers));
      }
    }
  }
}
