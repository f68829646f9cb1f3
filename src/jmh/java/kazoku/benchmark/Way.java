package kazoku.benchmark;

import java.time.Duration;
import kazoku.Loop;
import kazoku.RNN;
import kazoku.serve.Serving;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.RewriterConfig;

/**
 * How Kazoku is set up.
 *
 * @param loop how the loop over time is built
 * @param known whether the number of steps is known while building
 * @param wide whether one operation may have all threads, and not one only
 * @param frozen whether weights are constants of what is exported
 * @param batching whether concurrent calls share runs
 */
record Way(Loop loop, boolean known, boolean wide, boolean frozen, boolean batching) {
  /** How many calls share a run at most: as many as streams do by default. */
  private static final int ROWS = 256;

  /** TensorFlow makes products of bfloat16 of those of float32. */
  private static final GraphOptions ROUNDED =
      GraphOptions.newBuilder()
          .setRewriteOptions(
              RewriterConfig.newBuilder()
                  .setAutoMixedPrecisionOnednnBfloat16(RewriterConfig.Toggle.ON))
          .build();

  static final Way DEFAULT = new Way(Loop.DEFAULT, false, false, false, false);

  Way with(Loop other) {
    return new Way(other, known, wide, frozen, batching);
  }

  Way ofSteps() {
    return new Way(loop, true, wide, frozen, batching);
  }

  Way wideOperations() {
    return new Way(loop.shards(1), known, true, frozen, batching);
  }

  Way constants() {
    return new Way(loop, known, wide, true, batching);
  }

  Way batches() {
    return new Way(loop, known, wide, frozen, true);
  }

  /** Whether the batch stays in one part. */
  boolean whole() {
    return loop.shards() == 1;
  }

  RNN layer(Case what, int threads) {
    return new RNN(what.newCell()).with(threads == 1 ? loop.shards(1) : loop);
  }

  /** How many steps the graph is built for. */
  long steps(Case what) {
    return known || loop.form() == Loop.Form.UNROLLED ? what.steps() : Shape.UNKNOWN_SIZE;
  }

  Serving serving(int threads) {
    // What is frozen has the session on one thread that it gets by default.
    ConfigProto session = session(threads);
    if (loop.mixed()) {
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
