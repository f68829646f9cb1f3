package kazoku.benchmark;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.train.Export;

/** What {@code Onnx.write} has written, in ONNX Runtime. */
final class OnnxRuntime implements Peer {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final Case what;
  private final float[] x;

  OnnxRuntime(Path file, Case what, int threads) throws OrtException {
    this.what = what;
    x = Numbers.input(what);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      session = environment.createSession(file.toString(), options);
    }
  }

  @Override
  public void run() throws OrtException {
    answer();
  }

  private float[] answer() throws OrtException {
    int[] lengths = new int[what.batch()];
    Arrays.fill(lengths, what.steps());
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    try {
      inputs.put(
          Export.INPUT,
          OnnxTensor.createTensor(
              environment,
              FloatBuffer.wrap(x),
              new long[] {what.batch(), what.steps(), what.inputSize()}));
      if (session.getInputNames().contains(Export.LENGTHS)) {
        inputs.put(
            Export.LENGTHS,
            OnnxTensor.createTensor(
                environment, IntBuffer.wrap(lengths), new long[] {what.batch()}));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] numbers = new float[y.remaining()];
        y.get(numbers);
        return numbers;
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public Map<String, float[]> results() throws OrtException {
    return Map.of(OUTPUT, answer());
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
