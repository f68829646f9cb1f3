package kazoku.benchmark;

import ai.onnxruntime.OrtEnvironment;
import java.nio.file.Path;
import java.util.function.Predicate;
import kazoku.Loop;
import org.tensorflow.TensorFlow;

/** What does the work in this JVM: Kazoku, set up in several ways, and its peers. */
public enum Library {
  /** As {@code Model.of} and {@code Predictor.load} have it. */
  KAZOKU("Kazoku", Way.DEFAULT, true, what -> true),
  /** As {@code Model.ofSteps} has it, in training. */
  KAZOKU_OF_STEPS(
      "Kazoku, steps known", Way.DEFAULT.ofSteps(), true, what -> what.kind() == Kind.TRAINING),
  /** As it is asked for: by itself only where steps are known. */
  KAZOKU_FOUR_STEPS(
      "Kazoku, four steps a turn",
      Way.DEFAULT.with(Loop.DEFAULT.unroll(4)),
      true,
      what -> what.kind() == Kind.INFERENCE && !what.isLstm()),
  /** The batch is not split. */
  KAZOKU_ONE_SHARD(
      "Kazoku, one shard", Way.DEFAULT.with(Loop.DEFAULT.shards(1)), true, Library::splits),
  /** All threads for one operation. */
  KAZOKU_WIDE(
      "Kazoku, wide operations", Way.DEFAULT.wideOperations(), true, what -> what.callers() == 1),
  /** Weights are constants. */
  KAZOKU_FROZEN("Kazoku, frozen", Way.DEFAULT.constants(), true, what -> !what.kind().trains()),
  /** Calls at the same time share runs. */
  KAZOKU_BATCHING("Kazoku, batching", Way.DEFAULT.batches(), true, what -> what.callers() > 1),
  /** Both. */
  KAZOKU_FROZEN_BATCHING(
      "Kazoku, frozen, batching",
      Way.DEFAULT.constants().batches(),
      true,
      what -> what.callers() > 1),
  /** Not scanned. */
  KAZOKU_LOOP(
      "Kazoku, loop",
      Way.DEFAULT.with(new Loop(Loop.Form.WHILE, Loop.AUTO_SHARDS)),
      false,
      what -> true),
  /** Not scanned, and the batch is not split. */
  KAZOKU_LOOP_ONE_SHARD(
      "Kazoku, loop, one shard",
      Way.DEFAULT.with(new Loop(Loop.Form.WHILE, 1)),
      false,
      Library::splits),
  /** Every step written out. */
  KAZOKU_UNROLLED(
      "Kazoku, unrolled",
      Way.DEFAULT.with(Loop.UNROLLED),
      false,
      what -> what.kind().trains() && what.steps() <= 200),
  /** Steps are computed once more for their gradients. */
  KAZOKU_SEGMENTS(
      "Kazoku, segments",
      Way.DEFAULT.with(Loop.DEFAULT.segments()),
      false,
      what -> what.kind().trains()),
  /** Products of bfloat16: numbers that are near. */
  KAZOKU_BFLOAT16(
      "Kazoku, bfloat16",
      Way.DEFAULT.with(Loop.DEFAULT.bfloat16()),
      false,
      what -> what.kind().trains() || answers(what)),
  /** PyTorch's LSTM and GRU. */
  DJL("PyTorch by DJL", null, true, what -> what.isNative() && what.kind() != Kind.STREAMS),
  /** What Kazoku has written for it. */
  ONNX_RUNTIME("ONNX Runtime", null, true, Library::answers),
  /** No peer: the exported model without Kazoku. */
  SESSION(
      "Session.run of the model",
      Way.DEFAULT,
      false,
      what -> answers(what) || what.kind() == Kind.STEP),
  /** The same, where weights are constants. */
  SESSION_FROZEN("Session.run of the model, frozen", Way.DEFAULT.constants(), false, SESSION.can),
  /** No peer: the least that a call takes. */
  ONE_OPERATION("Session.run of one operation", null, true, what -> what.kind() == Kind.STEP);

  private final String title;
  private final Way way;
  private final boolean usual;
  private final Predicate<Case> can;

  Library(String title, Way way, boolean usual, Predicate<Case> can) {
    this.title = title;
    this.way = way;
    this.usual = usual;
    this.can = can;
  }

  private static boolean splits(Case what) {
    return what.batch() > 1 && what.kind() != Kind.STREAMS;
  }

  /** Whether whole sequences are asked for. */
  private static boolean answers(Case what) {
    return switch (what.kind()) {
      case INFERENCE, CALLERS, START -> true;
      default -> false;
    };
  }

  /** Whether it does the work of a case, in a way that no other one has with so many threads. */
  boolean can(Case what, int threads) {
    boolean isUsualOnOne = way != null && (way.whole() || way.wide());
    return can.test(what) && (threads > 1 || !isUsualOnOne);
  }

  /** Whether it takes part where nothing is said of peers. */
  boolean isUsual() {
    return usual;
  }

  /** How near to those of others its results must be, {@link Agreement}. */
  double tolerance() {
    return this == KAZOKU_BFLOAT16 ? Agreement.OF_BFLOAT16 : Agreement.OF_FLOAT32;
  }

  /** What the table calls it. */
  String title() {
    return title;
  }

  /** The work, ready to run. */
  Peer ready(Case what, int threads, Path folder) throws Exception {
    KazokuModel model = new KazokuModel(folder, what);
    return switch (this) {
      case DJL -> new Djl(what, threads);
      case ONNX_RUNTIME -> new OnnxRuntime(model.onnx(), what, threads);
      case SESSION, SESSION_FROZEN ->
          new SavedModelSession(model.exported(way, threads), what, way, threads);
      case ONE_OPERATION -> new OneOperation(what, Way.DEFAULT, threads);
      default ->
          switch (what.kind()) {
            case TRAINING, FIRST, MEMORY -> new KazokuTraining(what, way, threads);
            case STEP -> new KazokuStep(model.exported(way, threads), what, way, threads);
            case STREAMS -> new KazokuStreams(model.exported(way, threads), what, way, threads);
            case INFERENCE, CALLERS, START ->
                new KazokuInference(model.exported(way, threads), what, way, threads);
          };
    };
  }

  /** What has been measured. */
  String version() {
    return switch (this) {
      case DJL -> Djl.version();
      case ONNX_RUNTIME -> OrtEnvironment.getEnvironment().getVersion();
      default -> TensorFlow.version();
    };
  }
}
