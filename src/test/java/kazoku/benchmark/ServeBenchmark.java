package kazoku.benchmark;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import kazoku.Activation;
import kazoku.Cell;
import kazoku.Initializer;
import kazoku.RNN;
import kazoku.Sequential;
import kazoku.internal.files.Aside;
import kazoku.io.Onnx;
import kazoku.layers.Dense;
import kazoku.serve.Limits;
import kazoku.serve.Predictor;
import kazoku.serve.Serving;
import kazoku.serve.Stream;
import kazoku.serve.Streams;
import kazoku.train.Export;
import kazoku.train.Model;
import org.bytedeco.javacpp.Pointer;
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

/**
 * Times what serves a model, beside the bare session of the same SavedModel and beside ONNX
 * Runtime, in turns in the same run: calls of one sequence, calls of four threads, steps of one
 * stream and of many; and says what they take of the memory.
 *
 * <p>Arguments: a cell that can be made of an input and a hidden size, then I H T, the number of
 * calls that are timed and the number of streams; LSTMCell 12 100 16 4000 1000 if there are none.
 * The model is the cell over time, its last output, and a dense layer of nine units. Ratios are of
 * the medians, to the bare session of the same form; of calls and steps a second, to the first
 * line.
 */
public final class ServeBenchmark {
  private static final int CALLERS = 4;
  private static final int CLASSES = 9;
  private static final int TURNS = 5;

  /** How many calls one has before it is the next one's turn. */
  private static final int TURN = 100;

  private static final Duration LOAD = Duration.ofSeconds(1);

  /** Sessions as Serving has them for both forms. */
  private static final ConfigProto USUAL =
      ConfigProto.newBuilder()
          .setIntraOpParallelismThreads(1)
          .setInterOpParallelismThreads(Runtime.getRuntime().availableProcessors())
          .build();

  private static final ConfigProto ONE_THREAD =
      USUAL.toBuilder()
          .setExperimental(
              ConfigProto.Experimental.newBuilder().setExecutorType("SINGLE_THREADED_EXECUTOR"))
          .build();

  private final int inputSize;
  private final int steps;
  private final int calls;
  private final int streams;
  private final Path folder;

  private ServeBenchmark(int inputSize, int steps, int calls, int streams, Path folder) {
    this.inputSize = inputSize;
    this.steps = steps;
    this.calls = calls;
    this.streams = streams;
    this.folder = folder;
  }

  /** Something that is timed. */
  private interface Call {
    void run() throws Exception;
  }

  /**
   * Runs the benchmark.
   *
   * @param args cell I H T calls streams
   * @throws Exception if there is no such cell, or something fails
   */
  public static void main(String[] args) throws Exception {
    Arguments arguments = Arguments.of(args, 12, 100, 16, 4000, 1000);
    int[] sizes = arguments.sizes();
    Cell cell = arguments.cell(sizes[0], sizes[1]);
    System.out.printf(
        Locale.ROOT,
        "%s I=%d H=%d T=%d, %d calls, %d streams, %d cores; oneDNN %s%n",
        arguments.cell(),
        sizes[0],
        sizes[1],
        sizes[2],
        sizes[3],
        sizes[4],
        Runtime.getRuntime().availableProcessors(),
        Arguments.oneDnn());
    Path folder = Files.createTempDirectory("serve-benchmark");
    try (Model model =
        Model.of(
            new Sequential(
                new RNN(cell).last(),
                new Dense(sizes[1], CLASSES, Activation.IDENTITY, Initializer.GLOROT_UNIFORM)),
            42)) {
      model.export(folder.resolve("variables"));
      model.export(folder.resolve("frozen"), Export.frozen());
      Onnx.write(folder.resolve("model.onnx"), model);
      new ServeBenchmark(sizes[0], sizes[2], sizes[3], sizes[4], folder).run();
    } finally {
      Aside.delete(folder);
    }
  }

  private void run() throws Exception {
    // The first session says how many threads the process has; all are as Serving has them.
    try (Bare variables = new Bare(folder.resolve("variables"), USUAL, 1);
        Bare frozen = new Bare(folder.resolve("frozen"), ONE_THREAD, 1);
        Predictor predictor = Predictor.load(folder.resolve("variables"));
        Predictor fast = Predictor.load(folder.resolve("frozen"));
        OnnxRuntime onnx = new OnnxRuntime(folder.resolve("model.onnx"))) {
      float[][] x = random(1)[0];
      System.out.printf("%none sequence, one caller%n");
      Map<String, Call> single = new LinkedHashMap<>();
      single.put("bare session", () -> variables.predict(x));
      single.put("Predictor", () -> predictor.predict(x));
      single.put("bare session, frozen", () -> frozen.predict(x));
      single.put("Predictor, frozen", () -> fast.predict(x));
      single.put("ONNX Runtime", () -> onnx.predict(x));
      latencies(single);

      System.out.printf("%none sequence, %d callers%n", CALLERS);
      Map<String, Callable<Double>> load = new LinkedHashMap<>();
      load.put("bare session", () -> underLoad(variables::predict));
      load.put("Predictor", () -> underLoad(predictor::predict));
      load.put("Predictor, batching(32, 0)", () -> loaded("variables", 32, 0));
      load.put("Predictor, batching(32, 1 ms)", () -> loaded("variables", 32, 1));
      load.put("Predictor, batching(4, 1 ms)", () -> loaded("variables", 4, 1));
      load.put("bare session, frozen", () -> underLoad(frozen::predict));
      load.put("Predictor, frozen", () -> underLoad(fast::predict));
      load.put("  batching(32, 0)", () -> loaded("frozen", 32, 0));
      load.put("  batching(4, 1 ms)", () -> loaded("frozen", 4, 1));
      load.put("ONNX Runtime", () -> underLoad(onnx::predict));
      rates("calls", load);
    }
    streams();
    memory();
  }

  private double loaded(String form, int rows, int wait) throws Exception {
    Serving serving = Serving.DEFAULT.batching(rows, Duration.ofMillis(wait));
    try (Predictor predictor = Predictor.load(folder.resolve(form), serving)) {
      return underLoad(predictor::predict);
    }
  }

  /** What answers one sequence. */
  private interface Answer {
    Object to(float[][] sequence) throws Exception;
  }

  private double underLoad(Answer answer) throws Exception {
    float[][][] rows = random(CALLERS);
    return rate(
        CALLERS,
        1,
        caller -> {
          answer.to(rows[caller]);
        });
  }

  /** What a thread does again and again. */
  private interface Work {
    void of(int thread) throws Exception;
  }

  /** How much is done in a second; what is done in the first moments is not counted. */
  private static double rate(int threads, int each, Work work) throws Exception {
    AtomicBoolean warm = new AtomicBoolean();
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Long>> counts = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int number = thread;
        counts.add(
            pool.submit(
                () -> {
                  long count = 0;
                  while (!stop.get()) {
                    work.of(number);
                    count += warm.get() ? each : 0;
                  }
                  return count;
                }));
      }
      Thread.sleep(300);
      long begin = System.nanoTime();
      warm.set(true);
      Thread.sleep(LOAD.toMillis());
      stop.set(true);
      long count = 0;
      for (Future<Long> future : counts) {
        count += future.get(1, TimeUnit.MINUTES);
      }
      return count * 1e9 / (System.nanoTime() - begin);
    } finally {
      pool.shutdownNow();
    }
  }

  private void streams() throws Exception {
    Limits limits = new Limits(streams + 1, Duration.ofHours(1));
    try (Bare variables = new Bare(folder.resolve("variables"), USUAL, 1);
        Bare frozen = new Bare(folder.resolve("frozen"), ONE_THREAD, 1);
        Bare together = new Bare(folder.resolve("variables"), USUAL, streams);
        Streams gathered = Streams.load(folder.resolve("variables"));
        Streams alone = Streams.load(folder.resolve("variables"), Serving.DEFAULT, limits);
        Streams fast = Streams.load(folder.resolve("frozen"), Serving.DEFAULT, limits);
        Streams fastGathered =
            Streams.load(
                folder.resolve("frozen"), Serving.DEFAULT.batching(256, Duration.ZERO), limits)) {
      float[] x = random(1)[0][0];
      System.out.printf("%na step of one stream, one caller%n");
      Map<String, Call> single = new LinkedHashMap<>();
      single.put("bare session", () -> variables.step(x));
      Stream own = alone.open();
      single.put("Stream, alone", () -> own.feed(x));
      Stream shared = gathered.open();
      single.put("Stream", () -> shared.feed(x));
      single.put("bare session, frozen", () -> frozen.step(x));
      Stream ownFast = fast.open();
      single.put("Stream, frozen, alone", () -> ownFast.feed(x));
      Stream sharedFast = fastGathered.open();
      single.put("Stream, frozen", () -> sharedFast.feed(x));
      latencies(single);

      System.out.printf("%nsteps of %,d streams%n", streams);
      Map<String, Callable<Double>> load = new LinkedHashMap<>();
      float[][] all = firstSteps();
      load.put("bare session, all in one run", () -> rate(1, streams, i -> together.step(all)));
      load.put("feed, a caller", () -> fed(alone, 1));
      load.put("feed, 4 callers, alone", () -> fed(alone, CALLERS));
      load.put("feed, 4 callers", () -> fed(gathered, CALLERS));
      load.put("feed, 64 callers", () -> fed(gathered, 64));
      load.put("feedAll", () -> fedTogether(gathered));
      load.put("frozen: feed, 4 callers, alone", () -> fed(fast, CALLERS));
      load.put("frozen: feed, 4 callers", () -> fed(fastGathered, CALLERS));
      load.put("frozen: feed, 64 callers", () -> fed(fastGathered, 64));
      load.put("frozen: feedAll", () -> fedTogether(fast));
      rates("steps", load);
    }
  }

  private void memory() {
    System.out.printf("%nmemory%n");
    try (Streams all = Streams.load(folder.resolve("variables"))) {
      long heap = heap();
      List<Stream> open = new ArrayList<>();
      for (int k = 0; k < streams; k++) {
        open.add(all.open());
      }
      all.feedAll(open, firstSteps());
      double stream = (double) (heap() - heap) / streams;
      int saved = open.get(0).save().length;
      System.out.printf(
          Locale.ROOT, "a stream %.0f bytes of the heap, saved %d bytes%n", stream, saved);
    }
    System.out.printf(
        Locale.ROOT,
        "the process %.0f MB, of which the heap %.0f MB%n",
        Pointer.physicalBytes() / 1e6,
        Runtime.getRuntime().totalMemory() / 1e6);
  }

  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private double fed(Streams all, int callers) throws Exception {
    Stream[][] open = new Stream[callers][Math.max(1, streams / callers)];
    for (Stream[] some : open) {
      Arrays.setAll(some, i -> all.open());
    }
    float[][] x = random(1)[0];
    int[] next = new int[callers * 16]; // 16: a caller's number has a cache line of its own
    double rate =
        rate(
            callers,
            1,
            caller -> {
              int number = next[caller * 16]++;
              open[caller][number % open[caller].length].feed(x[number % x.length]);
            });
    Arrays.stream(open).flatMap(Arrays::stream).forEach(Stream::close);
    return rate;
  }

  private double fedTogether(Streams all) throws Exception {
    List<Stream> open = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      open.add(all.open());
    }
    float[][] x = firstSteps();
    double rate = rate(1, streams, caller -> all.feedAll(open, x));
    open.forEach(Stream::close);
    return rate;
  }

  /** One for each stream. */
  private float[][] firstSteps() {
    return Arrays.stream(random(streams)).map(row -> row[0]).toArray(float[][]::new);
  }

  private float[][][] random(int rows) {
    Random random = new Random(rows);
    float[][][] x = new float[rows][steps][inputSize];
    for (float[][] row : x) {
      for (float[] step : row) {
        for (int i = 0; i < step.length; i++) {
          step[i] = random.nextFloat() * 2 - 1;
        }
      }
    }
    return x;
  }

  /** Takes turns, so that what else the machine does hits all of them; first to warm up. */
  private void latencies(Map<String, Call> all) throws Exception {
    Map<String, double[]> times = new LinkedHashMap<>();
    all.keySet().forEach(name -> times.put(name, new double[calls]));
    for (int pass = 0; pass < 2; pass++) {
      for (int from = 0; from < calls; from += TURN) {
        for (Map.Entry<String, Call> call : all.entrySet()) {
          for (int k = from; k < Math.min(from + TURN, calls); k++) {
            long begin = System.nanoTime();
            call.getValue().run();
            times.get(call.getKey())[k] = (System.nanoTime() - begin) / 1e3;
          }
        }
      }
    }
    double bare = 0;
    for (Map.Entry<String, double[]> time : times.entrySet()) {
      double[] sorted = time.getValue();
      Arrays.sort(sorted);
      double median = sorted[sorted.length / 2];
      bare = time.getKey().startsWith("bare") ? median : bare;
      System.out.printf(
          Locale.ROOT,
          "%-32s least %7.1f us   median %7.1f us   99 %% %7.1f us   ratio %.2f%n",
          time.getKey(),
          sorted[0],
          median,
          sorted[sorted.length * 99 / 100],
          median / bare);
    }
  }

  /** In turns, some times each. */
  private static void rates(String what, Map<String, Callable<Double>> all) throws Exception {
    Map<String, double[]> rates = new LinkedHashMap<>();
    all.keySet().forEach(name -> rates.put(name, new double[TURNS]));
    for (int turn = 0; turn < TURNS; turn++) {
      for (Map.Entry<String, Callable<Double>> load : all.entrySet()) {
        rates.get(load.getKey())[turn] = load.getValue().call();
      }
    }
    double first = 0;
    for (Map.Entry<String, double[]> rate : rates.entrySet()) {
      Arrays.sort(rate.getValue());
      double median = rate.getValue()[TURNS / 2];
      first = first == 0 ? median : first;
      System.out.printf(
          Locale.ROOT,
          "%-32s most %,9.0f   median %,9.0f %s/s   ratio %.2f%n",
          rate.getKey(),
          rate.getValue()[TURNS - 1],
          median,
          what,
          median / first);
    }
  }

  /** A SavedModel as one uses it without Kazoku: names of operations, tensors and results. */
  private static final class Bare implements AutoCloseable {
    private final SavedModelBundle bundle;
    private final Map<String, float[]> states = new LinkedHashMap<>();
    private final int rows;

    Bare(Path folder, ConfigProto session, int rows) {
      this.rows = rows;
      bundle =
          SavedModelBundle.loader(folder.toString())
              .withTags(SavedModelBundle.DEFAULT_TAG)
              .withConfigProto(session)
              .load();
      Signature step = bundle.function(Export.STEP).signature();
      step.getInputs()
          .forEach(
              (name, input) -> {
                if (!name.equals(Export.INPUT)) {
                  states.put(name, new float[rows * (int) input.shape.get(1)]);
                }
              });
    }

    float[] predict(float[][] x) {
      Signature signature = bundle.function(Export.SERVING_DEFAULT).signature();
      try (TFloat32 input = tensor(Shape.of(1, x.length, x[0].length), x);
          TInt32 lengths = TInt32.vectorOf(x.length);
          Result result =
              bundle
                  .session()
                  .runner()
                  .feed(signature.getInputs().get(Export.INPUT).name, input)
                  .feed(signature.getInputs().get(Export.LENGTHS).name, lengths)
                  .fetch(signature.getOutputs().get(Export.OUTPUT).name)
                  .run()) {
        return floats(result.get(0));
      }
    }

    void step(float[]... x) {
      Signature signature = bundle.function(Export.STEP).signature();
      List<Tensor> fed = new ArrayList<>();
      Session.Runner runner = bundle.session().runner();
      fed.add(tensor(Shape.of(rows, 1, x[0].length), x));
      runner.feed(signature.getInputs().get(Export.INPUT).name, fed.get(0));
      states.forEach(
          (name, state) -> {
            TFloat32 tensor = tensor(Shape.of(rows, state.length / rows), state);
            fed.add(tensor);
            runner.feed(signature.getInputs().get(name).name, tensor);
            runner.fetch(signature.getOutputs().get(name).name);
          });
      runner.fetch(signature.getOutputs().get(Export.OUTPUT).name);
      try (Result result = runner.run()) {
        int at = 0;
        for (String name : states.keySet()) {
          states.put(name, floats(result.get(at++)));
        }
        floats(result.get(at));
      } finally {
        fed.forEach(Tensor::close);
      }
    }

    private static TFloat32 tensor(Shape shape, float[]... rows) {
      return TFloat32.tensorOf(shape, to -> to.copyFrom(DataBuffers.of(flat(rows))));
    }

    private static float[] floats(Tensor tensor) {
      float[] numbers = new float[(int) tensor.size()];
      ((TFloat32) tensor).copyTo(DataBuffers.of(numbers, false, false));
      return numbers;
    }

    @Override
    public void close() {
      bundle.close();
    }
  }

  private static float[] flat(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * rows[0].length, rows[0].length);
    }
    return flat;
  }

  /** The same model in another runtime, on one thread, as the sessions are. */
  private static final class OnnxRuntime implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OnnxRuntime(Path file) throws OrtException {
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        session = environment.createSession(file.toString(), options);
      }
    }

    float[] predict(float[][] x) throws OrtException {
      try (OnnxTensor input =
              OnnxTensor.createTensor(
                  environment, FloatBuffer.wrap(flat(x)), new long[] {1, x.length, x[0].length});
          OnnxTensor lengths =
              OnnxTensor.createTensor(
                  environment, IntBuffer.wrap(new int[] {x.length}), new long[] {1});
          OrtSession.Result result =
              session.run(Map.of(Export.INPUT, input, Export.LENGTHS, lengths))) {
        float[] y = new float[CLASSES];
        ((OnnxTensor) result.get(0)).getFloatBuffer().get(y);
        return y;
      }
    }

    @Override
    public void close() throws OrtException {
      session.close();
    }
  }
}
