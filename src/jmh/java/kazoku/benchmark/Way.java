package kazoku.benchmark;

import java.time.Duration;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.serve.Serving;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.RewriterConfig;

/**
 * How Kazoku is set up.
 *
 * @param form of the loop over time
 * @param whole whether the batch stays in one part
 * @param wide whether one operation may have all threads, and not one only
 * @param frozen whether weights are constants of what is exported
 * @param batching whether concurrent calls share runs
 * @param segments whether steps are computed once more for their gradients
 * @param mixed whether products are of bfloat16: Kazoku's own in training, else TensorFlow's
 */
record Way(
    Loop.Form form,
    boolean whole,
    boolean wide,
    boolean frozen,
    boolean batching,
    boolean segments,
    boolean mixed) {
  /** How many calls share a run at most: as many as streams do by default. */
  private static final int ROWS = 256;

  /** TensorFlow makes products of bfloat16 of those of float32. */
  private static final GraphOptions ROUNDED =
      GraphOptions.newBuilder()
          .setRewriteOptions(
              RewriterConfig.newBuilder()
                  .setAutoMixedPrecisionOnednnBfloat16(RewriterConfig.Toggle.ON))
          .build();

  static final Way DEFAULT = new Way(Loop.Form.AUTO, false, false, false, false, false, false);

  Way with(Loop.Form other) {
    return new Way(other, whole, wide, frozen, batching, segments, mixed);
  }

  Way inOneShard() {
    return new Way(form, true, wide, frozen, batching, segments, mixed);
  }

  Way wideOperations() {
    return new Way(form, true, true, frozen, batching, segments, mixed);
  }

  Way constants() {
    return new Way(form, whole, wide, true, batching, segments, mixed);
  }

  Way batches() {
    return new Way(form, whole, wide, frozen, true, segments, mixed);
  }

  Way inSegments() {
    return new Way(form, whole, wide, frozen, batching, true, mixed);
  }

  Way inBfloat16() {
    return new Way(form, whole, wide, frozen, batching, segments, true);
  }

  RNN layer(Case what, int threads) {
    Loop loop = new Loop(form, whole || threads == 1 ? 1 : Loop.AUTO_SHARDS);
    loop = segments ? loop.segments() : loop;
    return new RNN(what.newCell()).with(mixed ? loop.bfloat16() : loop);
  }

  /** Steps are written out for a number of them that is known. */
  boolean isForAnySteps() {
    return form != Loop.Form.UNROLLED;
  }

  Serving serving(int threads) {
    // What is frozen has the session on one thread that it gets by default.
    ConfigProto session = session(threads);
    if (mixed) {
      session = session.toBuilder().setGraphOptions(ROUNDED).build();
    }
    Serving serving = frozen ? Serving.DEFAULT : Serving.DEFAULT.session(session);
    return batching ? serving.batching(ROWS, Duration.ZERO) : serving;
  }

  ConfigProto session(int threads) {
    return ConfigProto.newBuilder()
        .setIntraOpParallelismThreads(wide ? threads : 1)
        .setInterOpParallelismThreads(threads)
        .build();
  }
}
