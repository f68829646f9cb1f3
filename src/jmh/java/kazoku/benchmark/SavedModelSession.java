package kazoku.benchmark;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import kazoku.train.Export;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** An exported model by TensorFlow-Java alone: tensors that are fed and fetched by name. */
final class SavedModelSession implements Peer {
  private final SavedModelBundle bundle;
  private final Signature signature;
  private final Case what;
  private final float[] x;
  private final Map<String, float[]> states = new LinkedHashMap<>();

  SavedModelSession(Path exported, Case what, Way way, int threads) {
    this.what = what;
    bundle =
        SavedModelBundle.loader(exported.toString())
            .withTags(SavedModelBundle.DEFAULT_TAG)
            .withConfigProto(session(way, threads))
            .load();
    boolean steps = what.kind() == Kind.STEP;
    signature = bundle.function(steps ? Export.STEP : Export.SERVING_DEFAULT).signature();
    x = Numbers.input(what);
    begin();
  }

  /** As a predictor has it for both forms. */
  private static ConfigProto session(Way way, int threads) {
    ConfigProto.Builder config = way.session(threads).toBuilder();
    if (way.frozen()) {
      config.getExperimentalBuilder().setExecutorType("SINGLE_THREADED_EXECUTOR");
    }
    return config.build();
  }

  /** States of zeros, for the signature of steps alone. */
  private void begin() {
    if (what.kind() == Kind.STEP) {
      signature
          .getInputs()
          .forEach(
              (name, input) -> {
                if (!name.equals(Export.INPUT)) {
                  states.put(name, new float[what.batch() * (int) input.shape.get(1)]);
                }
              });
    }
  }

  @Override
  public void run() {
    answer();
  }

  private float[] answer() {
    Map<String, Tensor> fed = new LinkedHashMap<>();
    Session.Runner runner = bundle.session().runner();
    try {
      fed.put(Export.INPUT, tensor(x, what.batch(), what.steps(), what.inputSize()));
      states.forEach(
          (name, state) -> fed.put(name, tensor(state, what.batch(), state.length / what.batch())));
      if (states.isEmpty()) {
        int[] lengths = new int[what.batch()];
        Arrays.fill(lengths, what.steps());
        fed.put(Export.LENGTHS, TInt32.vectorOf(lengths));
      }
      fed.forEach((name, tensor) -> runner.feed(signature.getInputs().get(name).name, tensor));
      runner.fetch(signature.getOutputs().get(Export.OUTPUT).name);
      states.keySet().forEach(name -> runner.fetch(signature.getOutputs().get(name).name));
      try (Result result = runner.run()) {
        int at = 1;
        for (String name : states.keySet()) {
          states.put(name, floats(result.get(at++)));
        }
        return floats(result.get(0));
      }
    } finally {
      fed.values().forEach(Tensor::close);
    }
  }

  private static TFloat32 tensor(float[] values, long... shape) {
    return TFloat32.tensorOf(Shape.of(shape), to -> to.copyFrom(DataBuffers.of(values)));
  }

  private static float[] floats(Tensor tensor) {
    float[] numbers = new float[(int) tensor.size()];
    ((TFloat32) tensor).copyTo(DataBuffers.of(numbers, false, false));
    return numbers;
  }

  @Override
  public Map<String, float[]> results() {
    if (what.kind() == Kind.STEP) {
      begin();
      answer();
    }
    return Map.of(OUTPUT, answer());
  }

  @Override
  public void close() {
    bundle.close();
  }
}
