package kazoku.family;

import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.RewriterConfig;

/** Session settings of the tests. */
public final class Sessions {
  private Sessions() {}

  /**
   * One thread for stable digits; no meta-optimiser, which takes longer than the small graphs.
   *
   * @return the settings
   */
  public static ConfigProto plain() {
    return ConfigProto.newBuilder()
        .setIntraOpParallelismThreads(1)
        .setInterOpParallelismThreads(1)
        .setGraphOptions(
            GraphOptions.newBuilder()
                .setRewriteOptions(RewriterConfig.newBuilder().setDisableMetaOptimizer(true)))
        .build();
  }
}
